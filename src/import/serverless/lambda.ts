// The settings that a provider and its functions share: size, variables, VPC, layers, logging, tracing → defaults or a function.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Plain } from '../../base/located.ts';
import { isMap } from '../../base/plain.ts';
import { retentionDays } from '../../cfn/log-retention.ts';
import { isOneIntrinsic } from '../../cfn/value-schema.ts';
import { families, runtimeIdentifiers } from '../../runtimes/index.ts';
import { lifecycleOf } from '../../runtimes/lifecycle.ts';
import { variableName } from '../../settings/variables.ts';
import type { Cursor } from '../cursor.ts';
import { type Draft, type Path, placeOf } from '../draft.ts';
import { hasLookups, partsOf } from '../lookup-text.ts';
import { idIn, type Names, type Service, withOurIds } from './service.ts';

/** Keys that mean the same in `provider` and in a function. */
export function lambdaSettings(service: Service, from: Cursor, to: Path): void {
  const { draft } = service;
  const set = (key: string, value: Plain | undefined, cursor: Cursor) =>
    draft.set([...to, key], value, placeOf(cursor));
  const copied = (theirs: string, ours: string = theirs) => {
    const cursor = from.child(theirs);
    if (cursor !== undefined) set(ours, withOurIds(service, cursor.plain()), cursor);
  };
  setRuntime(service.draft, from.child('runtime'), to);
  for (const [theirs, ours] of [
    ['memorySize', 'memory'],
    ['timeout', 'timeout'],
    ['ephemeralStorageSize', 'ephemeralStorage'],
  ] as const) {
    const cursor = from.child(theirs);
    if (cursor === undefined) continue;
    // 1536MB is 1536 to the Serverless Framework
    const megabytes = /^(\d+)\s*MB$/i.exec(cursor.text() ?? '')?.[1];
    set(ours, megabytes === undefined ? (cursor.number() ?? cursor.plain()) : Number(megabytes), cursor);
  }
  copied('architecture');
  copied('kmsKeyArn');
  copied('awsKmsKeyArn', 'kmsKeyArn');
  copied('reservedConcurrency');
  provisioned(from.child('provisionedConcurrency'), set);
  copied('maximumEventAge');
  copied('maximumRetryAttempts');
  copied('recursiveLoop');
  const snapStart = from.child('snapStart');
  if (snapStart !== undefined) set('snapStart', snapStart.flag() ?? snapStart.plain(), snapStart);
  const management = from.child('runtimeManagement');
  if (management !== undefined) set('runtimeManagement', runtimeManagement(management), management);
  environment(service, from.child('environment'), to);
  tags(service, from.child('tags'), to);
  vpc(service, from.child('vpc'), to);
  const layers = from.child('layers');
  if (layers !== undefined && to[0] === 'defaults' && layers.isMap) return;
  if (layers !== undefined) {
    const list = layerList(service, layers);
    if (list.length > 0 || layers.each().length === 0) set('layers', list, layers);
  }
  logs(service, from, to);
}

/** A number, or `{executions, alias}`. */
function provisioned(
  cursor: Cursor | undefined,
  set: (key: string, value: Plain | undefined, from: Cursor) => void,
): void {
  if (cursor === undefined) return;
  const executions = cursor.child('executions');
  // fx has one alias, which moves from release to release
  cursor.child('alias')?.plain();
  set('provisionedConcurrency', (executions ?? cursor).plain(), cursor);
}

function runtimeManagement(cursor: Cursor): Plain {
  const names: Readonly<Record<string, string>> = {
    auto: 'Auto',
    onFunctionUpdate: 'FunctionUpdate',
    manual: 'Manual',
  };
  const named = (text: string | undefined) => names[text ?? ''] ?? text ?? 'Auto';
  if (!cursor.isMap) return named(cursor.text());
  const arn = cursor.child('arn')?.plain();
  const mode = named(cursor.child('mode')?.text());
  return arn === undefined ? mode : { updateRuntimeOn: mode, runtimeVersionArn: arn };
}

/** AWS creates no more functions on it, or fx does not build it: the successor takes its place. */
export function setRuntime(draft: Draft, cursor: Cursor | undefined, to: Path): void {
  const name = cursor?.text();
  if (cursor === undefined || name === undefined) return;
  const path = [...to, 'runtime'];
  if (runtimeIdentifiers.includes(name) || hasLookups(name)) {
    draft.set(path, name, placeOf(cursor));
    return;
  }
  const lifecycle = lifecycleOf(name);
  // runtimes that plugins add
  const isProgram = name === 'rust' || name === 'haskell';
  const next = isProgram ? 'provided.al2023' : (lifecycle?.successor ?? newestLike(name));
  if (next === undefined) {
    draft.dropped(placeOf(cursor), `${name} is no runtime of Lambda that fx knows`, {
      remedy: `set runtime to one of ${runtimeIdentifiers.slice(0, 3).join(', ')}, …`,
      beside: to,
    });
    return;
  }
  draft.set(path, next, placeOf(cursor));
  const why =
    lifecycle === undefined
      ? 'is no runtime of Lambda'
      : `is one that fx no longer builds; AWS supported it until ${lifecycle.deprecated}`;
  draft.changed(placeOf(cursor), `${name} ${why}; the runtime is ${next} now`, {
    remedy: 'test the function on it',
    beside: path,
  });
}

/** The runtimes of a layer that fx knows; they only help to find the layer. */
export function compatibleRuntimes(draft: Draft, cursor: Cursor | undefined, to: Path): void {
  if (cursor === undefined) return;
  const all = [cursor.plain()].flat() as readonly Plain[];
  const known = all.filter((each) => typeof each !== 'string' || hasLookups(each) || runtimeIdentifiers.includes(each));
  if (known.length > 0) draft.set([...to, 'compatibleRuntimes'], known, placeOf(cursor));
  if (known.length === all.length) return;
  const others = all.filter((each) => !known.includes(each)).join(', ');
  draft.changed(placeOf(cursor), `the layer is no longer told to be for ${others}, which fx does not build`, {
    remedy: 'list what it is for under compatibleRuntimes, or nothing',
    beside: to,
  });
}

/** `nodejs99.x` → the newest runtime of Node.js. */
function newestLike(name: string): string | undefined {
  const language = /^[a-z]+/.exec(name)?.[0];
  return runtimeIdentifiers.find((identifier) => language !== undefined && identifier.startsWith(language));
}

export function environment(
  service: Names & Pick<Service, 'draft' | 'reasonFor'>,
  cursor: Cursor | undefined,
  to: Path,
): void {
  if (cursor === undefined) return;
  const { draft } = service;
  if (!cursor.isMap) {
    const reason = service.reasonFor(cursor.plain());
    draft.dropped(
      placeOf(cursor),
      `the environment variables are not known${reason === undefined ? ' here' : `: ${reason}`}`,
      {
        remedy: 'write them under variables',
        beside: [...to, 'variables'],
      },
    );
    return;
  }
  for (const key of cursor.keys()) {
    const value = cursor.child(key);
    const place = value === undefined ? { path: `${cursor.path}.${key}`, at: cursor.at } : placeOf(value);
    const plain = value === undefined ? null : withOurIds(service, value.plain());
    if (plain === null) {
      if (to[0] === 'functions' && draft.has(['defaults', 'variables', key]))
        draft.set([...to, 'variables', key], null, place);
      continue;
    }
    const secret = typeof plain === 'string' ? secretOf(plain) : undefined;
    if (secret !== undefined) {
      draft.set([...to, 'secrets', key], secret, place);
      draft.changed(place, `${key} is a secret: the function reads it when it starts, and no template contains it`, {
        beside: [...to, 'secrets', key],
      });
    } else if (!/^[A-Za-z][A-Za-z0-9_]+$/.test(key)) {
      draft.dropped(
        place,
        `"${key}" is no name of an environment variable: two characters or more, letters, digits and _`,
        { remedy: 'rename it' },
      );
    } else if (isMap(plain) && !isIntrinsic(plain)) {
      draft.set([...to, 'variables', key], JSON.stringify(plain), place);
      draft.changed(place, `${key} is a map; it is written as JSON`);
    } else if (Array.isArray(plain)) {
      draft.set([...to, 'variables', key], plain.join(','), place);
      draft.changed(place, `${key} is a list; it is written with commas`);
    } else if (!variableName.pattern.test(key)) {
      draft.dropped(place, `Lambda reserves the name ${key}`, { remedy: 'Lambda sets it itself; remove it' });
    } else draft.set([...to, 'variables', key], plain, place);
  }
}

function secretOf(text: string): string | undefined {
  const [part, ...more] = partsOf(text);
  if (part === undefined || typeof part === 'string' || more.length > 0) return undefined;
  return part.name.startsWith('secret:') ? part.name.slice('secret:'.length) : undefined;
}

export function isIntrinsic(value: Readonly<Record<string, unknown>>): boolean {
  return isOneIntrinsic(Object.keys(value));
}

function tags(service: Service, cursor: Cursor | undefined, to: Path): void {
  if (cursor === undefined) return;
  // tags of the provider are those of functions and, with stackTags, of all
  for (const [key, value] of cursor.entries()) {
    service.draft.set([...to, 'tags', key], withOurIds(service, value.plain()), placeOf(value));
  }
}

function vpc(service: Service, cursor: Cursor | undefined, to: Path): void {
  if (cursor === undefined) return;
  const path = [...to, 'vpc'];
  if (!cursor.isMap) {
    if (cursor.flag() === false) service.draft.set(path, null, placeOf(cursor));
    else {
      service.draft.dropped(placeOf(cursor), 'the VPC is not known here', {
        remedy: 'write subnetIds and securityGroupIds under vpc',
      });
    }
    return;
  }
  const list = (key: string) => {
    const ids = cursor.child(key);
    if (ids === undefined) return undefined;
    const plain = withOurIds(service, ids.plain());
    return typeof plain === 'string' && plain.includes(',')
      ? plain.split(',').map((id) => id.trim())
      : typeof plain === 'string'
        ? [plain]
        : plain;
  };
  const subnetIds = list('subnetIds');
  const securityGroupIds = list('securityGroupIds');
  const dual = cursor.child('ipv6AllowedForDualStack')?.plain();
  if (subnetIds === undefined && securityGroupIds === undefined) return;
  service.draft.set(
    path,
    {
      ...(subnetIds === undefined ? {} : { subnetIds }),
      ...(securityGroupIds === undefined ? {} : { securityGroupIds }),
      ...(dual === undefined ? {} : { ipv6AllowedForDualStack: dual }),
    },
    placeOf(cursor),
  );
}

/** `{Ref: FfmpegLambdaLayer}` is a layer of this service. */
function layerList(service: Service, cursor: Cursor): readonly Plain[] {
  const own = new Map(
    (service.root.child('layers')?.keys() ?? []).map((key) => [`${normalizedLayer(key)}LambdaLayer`, layerName(key)]),
  );
  return cursor.each().flatMap((item): Plain[] => {
    const plain = item.plain();
    const id = idIn(plain);
    if (id !== undefined && layersOfPlugins.has(id) && !service.resources.has(id)) {
      service.draft.changed(placeOf(item), 'fx packs what a function requires with it, not in a layer');
      return [];
    }
    const layer = id === undefined ? undefined : own.get(id);
    return [layer ?? withOurIds(service, plain)];
  });
}

/** Layers with the packages that a function requires. */
const layersOfPlugins = new Set(['PythonRequirementsLambdaLayer', 'GemLambdaLayer', 'NodeModulesLambdaLayer']);

const normalizedLayer = (key: string) => {
  const text = key.replaceAll('-', 'Dash').replaceAll('_', 'Underscore');
  return text.charAt(0).toUpperCase() + text.slice(1);
};

/** A layer's name in project.yml. */
export function layerName(key: string): string {
  const name = key.replace(/[^A-Za-z0-9]+(.)?/g, (_, next: string | undefined) => (next ?? '').toUpperCase());
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function logs(service: Service, from: Cursor, to: Path): void {
  const { draft } = service;
  const retention = from.child('logRetentionInDays');
  if (retention !== undefined) {
    const days = retention.number();
    const nearest = days === undefined ? undefined : [...retentionDays].find((choice) => choice >= days);
    draft.set([...to, 'logging', 'retentionInDays'], nearest ?? retention.plain(), placeOf(retention));
    if (nearest !== undefined && nearest !== days)
      draft.changed(placeOf(retention), `CloudWatch keeps logs for ${nearest} days, not ${days}`);
  }
  const policy = from.child('logDataProtectionPolicy');
  if (policy !== undefined) draft.set([...to, 'logging', 'dataProtectionPolicy'], policy.plain(), placeOf(policy));
  if (from.child('disableLogs')?.flag() === true) draft.set([...to, 'logging'], false, placeOf(from));
  const lambda = to[0] === 'defaults' ? from.child('logs')?.child('lambda') : from.child('logs');
  if (lambda === undefined) return;
  for (const key of ['logFormat', 'applicationLogLevel', 'systemLogLevel', 'logGroup'] as const) {
    const cursor = lambda.child(key);
    if (cursor !== undefined) draft.set([...to, 'logging', key], withOurIds(service, cursor.plain()), placeOf(cursor));
  }
}

/** The file of a handler such as `src/orders.handler`, without its ending; undefined if the language has none or it is there. */
export function missingHandlerFile(
  folder: string,
  handler: string,
  runtimeName: string | undefined,
): string | undefined {
  const family = Object.values(families).find(({ identifiers }) => identifiers.includes(runtimeName ?? ''));
  if (family === undefined || family.endings.length === 0 || hasLookups(handler)) return undefined;
  const slash = handler.lastIndexOf('/') + 1;
  const file = handler.slice(0, slash) + (handler.slice(slash).split('.')[0] ?? '');
  const dotted = handler.slice(0, Math.max(0, handler.lastIndexOf('.')));
  const isThere = [file, dotted].some((path) =>
    family.endings.some((ending) => existsSync(join(folder, path + ending))),
  );
  return isThere ? undefined : `${file}${family.endings.length === 1 ? family.endings[0] : '.*'}`;
}
