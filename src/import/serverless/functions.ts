// The functions of a service: code, settings of their own, permissions and events.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Plain } from '../../base/located.ts';
import { isMap } from '../../base/plain.ts';
import { functionIds } from '../../cfn/names.ts';
import type { Cursor } from '../cursor.ts';
import { type Path, placeOf } from '../draft.ts';
import { hasLookups, textOfSub } from '../lookup-text.ts';
import { keepRole } from '../roles.ts';
import { environmentNameOf } from '../stages.ts';
import { eventRules } from './events/index.ts';
import { lambdaSettings, missingHandlerFile } from './lambda.ts';
import { packageOf } from './package.ts';
import { permissionsOf } from './permissions.ts';
import { idIn, type Service, withOurIds } from './service.ts';

export interface Shared {
  /** What every function may do, unless it has statements of its own. */
  readonly permissions: readonly Plain[];
  /** Whether `permissions` are already under `defaults`. */
  readonly isDefault: boolean;
  readonly role: Cursor | undefined;
  readonly managedPolicies: Plain | undefined;
  readonly boundary: Plain | undefined;
  /** The prebuilt artifact of all functions. */
  readonly artifact: Cursor | undefined;
}

export function convertFunctions(service: Service, functions: Cursor, shared: Shared): void {
  for (const [key, cursor] of functions.entries()) {
    const name = service.functions.get(key);
    if (name === undefined) continue;
    if (!cursor.isMap) {
      unknownFunction(service, name, cursor);
      continue;
    }
    convertFunction(service, { key, name, cursor, shared });
  }
}

/** A function whose definition is in a file that is not here: its name stays, with a handler to fill in. */
export function unknownFunction({ draft }: Service, name: string, cursor: Cursor): void {
  const path = ['functions', name];
  draft.set([...path, 'handler'], 'set-me.handler', placeOf(cursor));
  if (!draft.has(['defaults', 'runtime'])) draft.set([...path, 'runtime'], 'nodejs24.x');
  draft.dropped(placeOf(cursor), `the function "${name}" is defined in a file that is not here`, {
    remedy: 'set its handler, settings and events',
    beside: path,
  });
}

interface Converted {
  readonly key: string;
  readonly name: string;
  readonly cursor: Cursor;
  readonly shared: Shared;
}

export function convertFunction(service: Service, { key, name, cursor, shared }: Converted): void {
  const { draft } = service;
  const path: Path = ['functions', name];
  draft.set(path, {}, placeOf(cursor));
  if (name !== key) draft.changed(placeOf(cursor), `the function "${key}" is called "${name}" here`, { beside: path });
  code(service, { name, cursor, shared }, path);
  const set = (ours: string, value: Plain | undefined, from: Cursor) =>
    draft.set([...path, ours], value, placeOf(from));
  const description = cursor.child('description');
  if (description !== undefined) {
    const value = withOurIds(service, description.plain());
    set('description', textOfSub(value) ?? value, description);
  }
  const physical = cursor.child('name');
  if (physical !== undefined) {
    const value = physical.plain();
    set('functionName', textOfSub(value) ?? value, physical);
  }
  lambdaSettings(service, cursor, path);
  // an archive is packed as it is
  if (draft.has([...path, 'artifact']) && draft.has(['defaults', 'include'])) draft.set([...path, 'include'], null);
  const tracing = cursor.child('tracing');
  if (tracing !== undefined) set('tracing', tracingOf(tracing), tracing);
  access(service, { name, cursor, shared }, path);
  after(service, cursor, path);
  const url = cursor.child('url');
  if (url !== undefined) set('url', urlOf(url), url);
  const fileSystem = cursor.child('fileSystemConfig');
  if (fileSystem !== undefined) {
    const arn = fileSystem.child('arn');
    set(
      'fileSystem',
      {
        arn: arn === undefined ? null : withOurIds(service, arn.plain()),
        localMountPath: fileSystem.child('localMountPath')?.plain() ?? null,
      },
      fileSystem,
    );
  }
  const condition = cursor.child('condition');
  if (condition !== undefined) set('condition', condition.plain(), condition);
  const dependsOn = cursor.child('dependsOn');
  if (dependsOn !== undefined) set('dependsOn', [dependsOn.plain()].flat(), dependsOn);
  for (const ignored of ['versionFunction', 'tenancyConfig', 'durableConfig']) {
    const value = cursor.child(ignored);
    if (value === undefined) continue;
    value.plain();
    if (ignored === 'versionFunction') draft.carried(placeOf(value), 'fx publishes a version of every function');
    else
      draft.dropped(placeOf(value), `fx has no ${ignored}`, {
        remedy: `add it under extend: {${functionIds(name).function}: …}`,
      });
  }
  warmup(service, cursor.child('warmup'), path);
  draft.carried(placeOf(cursor), `the function "${name}"`);
  events(service, name, cursor.child('events'), path);
}

/** Handler, image or prebuilt artifact. */
function code(service: Service, { name, cursor, shared }: Omit<Converted, 'key'>, path: Path): void {
  const { draft, folder } = service;
  const image = cursor.child('image');
  if (image !== undefined) {
    draft.set([...path, 'image'], imageOf(service, image), placeOf(image));
    cursor.child('handler')?.plain();
    const runtime = cursor.child('runtime');
    runtime?.plain();
    if (draft.has(['defaults', 'layers'])) draft.set([...path, 'layers'], null);
    return;
  }
  const handler = cursor.child('handler');
  const artifact = packageOf(service, cursor.child('package'), path) ?? shared.artifact?.plain();
  const written = handler?.text();
  const theirs = cursor.child('runtime')?.text() ?? service.provider?.child('runtime')?.text() ?? 'nodejs';
  if (handler === undefined || written === undefined) {
    draft.dropped(placeOf(cursor), `the function "${name}" has no handler`, { remedy: 'set handler', beside: path });
    draft.set([...path, 'handler'], 'index.handler', placeOf(cursor));
    return;
  }
  const text = written.trim();
  if (/^(go1\.x|rust|haskell|provided(\.al2|\.al2023)?)$/.test(theirs)) {
    program(service, { name, handler, text, artifact }, path);
    return;
  }
  draft.set([...path, 'handler'], text.replace(/^\.\//, ''), placeOf(handler));
  if (artifact !== undefined && typeof artifact === 'string') {
    draft.set([...path, 'artifact'], artifact.replace(/^\.\//, ''), placeOf(handler));
    if (!draft.has(['defaults', 'runtime']) && cursor.child('runtime') === undefined)
      draft.set([...path, 'runtime'], 'nodejs24.x');
    if (!hasLookups(artifact) && !existsSync(join(folder, artifact))) {
      draft.changed(placeOf(handler), `${artifact} is not here yet`, {
        remedy: 'build it, or remove artifact: fx builds from the sources',
      });
    }
    return;
  }
  const missing = missingHandlerFile(folder, text.replace(/^\.\//, ''), runtimeInUse(service, path));
  if (missing !== undefined) {
    draft.changed(placeOf(handler), 'the file of a handler is not here', { remedy: 'add it before fx build' });
  }
}

const runtimeInUse = (service: Service, path: Path): string => {
  const own = service.draft.get([...path, 'runtime']) ?? service.draft.get(['defaults', 'runtime']);
  return typeof own === 'string' ? own : 'nodejs24.x';
};

/** A compiled program: fx builds it from its folder, or packs what is built already. */
function program(
  service: Service,
  { name, handler, text, artifact }: { name: string; handler: Cursor; text: string; artifact: Plain | undefined },
  path: Path,
): void {
  const { draft, folder } = service;
  const place = placeOf(handler);
  if (typeof artifact === 'string') {
    draft.set([...path, 'handler'], text, place);
    draft.set([...path, 'artifact'], artifact, place);
    draft.set([...path, 'runtime'], 'provided.al2023', place);
    return;
  }
  const base = text.split('/').at(-1) ?? name;
  const candidates = [
    base,
    `cmd/${base}`,
    `src/${base}`,
    `functions/${base}`,
    `handlers/${base}`,
    `src/handlers/${base}`,
    '.',
  ];
  const source = candidates.find((candidate) =>
    ['main.go', 'Cargo.toml'].some((marker) => existsSync(join(folder, candidate, marker))),
  );
  draft.set([...path, 'runtime'], 'provided.al2023', place);
  draft.set([...path, 'handler'], 'bootstrap', place);
  if (source !== undefined) {
    draft.set([...path, 'source'], source, place);
    draft.changed(place, `fx builds "${name}" from ${source} itself; ${text} is not needed`, { beside: path });
    return;
  }
  draft.set([...path, 'artifact'], `${text}.zip`, place);
  draft.changed(place, `the sources of ${text} are not where fx would find them`, {
    remedy: `replace artifact by source: the folder with main.go or Cargo.toml, or zip the program as bootstrap in ${text}.zip`,
    beside: [...path, 'artifact'],
  });
}

function imageOf(service: Service, image: Cursor): Plain {
  if (!image.isMap) {
    const text = image.text() ?? '';
    return builtImage(service, text) ?? text;
  }
  const name = image.child('name')?.text();
  const uri = image.child('uri');
  const optional = (key: string) => {
    const value = image.child(key)?.plain();
    return value === undefined ? {} : { [key]: value };
  };
  const made = name === undefined ? undefined : builtImage(service, name);
  const inline = image.child('path');
  const build =
    made !== undefined && isMap(made)
      ? made
      : inline === undefined
        ? { uri: uri === undefined ? null : withOurIds(service, uri.plain()) }
        : { build: { context: inline.plain(), ...fileOf(image) } };
  return { ...build, ...optional('command'), ...optional('entryPoint'), ...optional('workingDirectory') };
}

/** `provider.ecr.images.NAME`: a folder to build, or a URI. */
function builtImage(service: Service, name: string): Plain | undefined {
  const image = service.provider?.child('ecr')?.child('images')?.child(name);
  if (image === undefined) return undefined;
  if (!image.isMap) return { uri: image.plain() };
  const uri = image.child('uri');
  if (uri !== undefined) return { uri: uri.plain() };
  const context = image.child('path')?.text() ?? '.';
  const args = image.child('buildArgs')?.plain();
  const platform = image.child('platform')?.text();
  if (platform !== undefined) {
    service.draft.changed(
      placeOf(image),
      `fx builds the image for the architecture of its function, not for ${platform}`,
      {
        remedy: 'set architecture',
      },
    );
  }
  const cacheFrom = image.child('cacheFrom')?.plain();
  const options = image.child('buildOptions')?.plain();
  return {
    build: {
      context: context === './' ? '.' : context.replace(/^\.\/(?=.)/, ''),
      ...fileOf(image, context),
      ...(args === undefined ? {} : { args }),
      ...(cacheFrom === undefined ? {} : { cacheFrom: cacheFrom as Plain }),
      ...(options === undefined ? {} : { options: options as Plain }),
    },
  };
}

function fileOf(image: Cursor, context = '.'): Record<string, Plain> {
  const file = image.child('file')?.text();
  const folder = context.replace(/^\.\/?/, '').replace(/\/$/, '');
  return file === undefined
    ? folder === ''
      ? {}
      : { file: `${folder}/Dockerfile` }
    : { file: folder === '' ? file : `${folder}/${file}` };
}

export function tracingOf(cursor: Cursor): Plain {
  const flag = cursor.flag();
  return flag === undefined ? cursor.plain() : flag ? 'Active' : 'PassThrough';
}

/** The role, or statements for the one that fx makes. */
function access(service: Service, { name, cursor, shared }: Omit<Converted, 'key'>, path: Path): void {
  const { draft } = service;
  const ids = functionIds(name);
  const own = cursor.child('iam')?.child('role');
  const statements = cursor.child('iamRoleStatements') ?? own?.child('statements');
  const inherits =
    cursor.child('iamRoleStatementsInherit')?.flag() === true || own?.child('inheritStatements')?.flag() === true;
  const permissions = [
    ...(shared.isDefault || (statements !== undefined && !inherits) ? [] : shared.permissions),
    ...(statements === undefined ? [] : permissionsOf(service, statements)),
  ];
  if (permissions.length > 0) draft.set([...path, 'permissions'], permissions, placeOf(statements ?? cursor));
  for (const ignored of ['iamRoleStatementsName', 'iamPermissionsBoundary'] as const) {
    const value = cursor.child(ignored);
    if (value === undefined) continue;
    if (ignored === 'iamPermissionsBoundary') {
      draft.merge(
        ['extend', ids.role, 'Properties', 'PermissionsBoundary'],
        withOurIds(service, value.plain()),
        placeOf(value),
      );
    } else {
      value.plain();
      draft.changed(placeOf(value), 'fx names the role of a function itself');
    }
  }
  const managed = own?.child('managedPolicies')?.plain() ?? shared.managedPolicies;
  if (managed !== undefined) {
    draft.merge(
      ['extend', ids.role, 'Properties', 'ManagedPolicyArns'],
      withOurIds(service, managed),
      placeOf(own ?? cursor),
    );
  }
  if (shared.boundary !== undefined) {
    draft.merge(
      ['extend', ids.role, 'Properties', 'PermissionsBoundary'],
      withOurIds(service, shared.boundary),
      placeOf(cursor),
    );
  }
  const role = cursor.child('role') ?? (own !== undefined && !own.isMap ? own : undefined) ?? shared.role;
  if (role === undefined) return;
  const written = role.plain();
  const value = withOurIds(
    service,
    typeof written === 'string' && service.resources.has(written) ? { 'Fn::GetAtt': [written, 'Arn'] } : written,
  );
  keepRole(draft, { name, role: value, environment: environmentNameOf(service.stage) }, placeOf(role));
}

/** Asynchronous calls: dead letters and destinations. */
function after(service: Service, cursor: Cursor, path: Path): void {
  const { draft } = service;
  const onError = cursor.child('onError');
  if (onError !== undefined) {
    const value = onError.plain();
    const id = idIn(value);
    draft.set(
      [...path, 'deadLetterQueue'],
      id !== undefined && service.resources.has(id) ? id : withOurIds(service, value),
      placeOf(onError),
    );
  }
  const destinations = cursor.child('destinations');
  for (const key of ['onSuccess', 'onFailure'] as const) {
    const target = destinations?.child(key);
    if (target === undefined) continue;
    const inner = target.isMap && target.has('arn') ? target.child('arn') : target;
    const type = target.isMap ? target.child('type')?.text() : undefined;
    const plain = inner?.plain() ?? null;
    const named = typeof plain === 'string' ? (service.functions.get(plain) ?? plain) : undefined;
    const id = idIn(plain);
    const value: Plain =
      named ??
      (id !== undefined && service.resources.has(id)
        ? id
        : type === undefined
          ? withOurIds(service, plain)
          : { type, arn: withOurIds(service, plain) });
    draft.set([...path, 'destinations', key], value, placeOf(target));
  }
}

function urlOf(url: Cursor): Plain {
  if (!url.isMap) return url.flag() === false ? null : 'NONE';
  const authorizer = url.child('authorizer')?.text();
  const invokeMode = url.child('invokeMode')?.plain();
  const cors = url.child('cors');
  const corsSettings = cors === undefined ? undefined : corsOf(cors);
  return {
    authType: authorizer === 'aws_iam' ? 'AWS_IAM' : 'NONE',
    ...(invokeMode === undefined ? {} : { invokeMode }),
    ...(corsSettings === undefined ? {} : { cors: corsSettings }),
  };
}

function corsOf(cors: Cursor): Plain | undefined {
  if (!cors.isMap) {
    return cors.flag() === true ? { allowOrigins: ['*'], allowMethods: ['*'], allowHeaders: ['*'] } : undefined;
  }
  const take = (theirs: string, ours: string) => {
    const value = cors.child(theirs);
    return value === undefined
      ? {}
      : { [ours]: ours === 'maxAge' || ours === 'allowCredentials' ? value.plain() : [value.plain()].flat() };
  };
  return {
    ...take('allowedOrigins', 'allowOrigins'),
    ...take('allowedMethods', 'allowMethods'),
    ...take('allowedHeaders', 'allowHeaders'),
    ...take('exposedResponseHeaders', 'exposeHeaders'),
    ...take('allowCredentials', 'allowCredentials'),
    ...take('maxAge', 'maxAge'),
  };
}

/** serverless-plugin-warmup: a call every five minutes, unless it says otherwise. */
function warmup(service: Service, cursor: Cursor | undefined, path: Path): void {
  if (cursor === undefined) return;
  const isOn = cursor.isMap ? !JSON.stringify(cursor.plain()).includes('"enabled":false') : cursor.flag() !== false;
  cursor.plain();
  if (!isOn) return;
  service.draft.set([...path, 'warm'], '5m', placeOf(cursor));
  service.draft.changed(placeOf(cursor), 'fx warms the function itself, with the event {"source": "fx.warm"}', {
    remedy: 'change the handler if it asks for serverless-plugin-warmup',
    beside: [...path, 'warm'],
  });
}

function events(service: Service, name: string, cursor: Cursor | undefined, path: Path): void {
  const { draft } = service;
  for (const item of cursor?.each() ?? []) {
    const bare = item.text();
    const kinds: readonly (readonly [string, Cursor])[] =
      bare === undefined ? item.keys().map((key) => [key, item.child(key) ?? item] as const) : [[bare, item]];
    for (const [kind, config] of kinds) {
      const rule = Object.hasOwn(eventRules, kind) ? eventRules[kind] : undefined;
      if (rule === undefined) {
        config.plain();
        draft.dropped(placeOf(item), `fx has no event "${kind}"`, {
          remedy: 'add what it needs under resources',
          beside: path,
        });
        continue;
      }
      const before = draft.findings.filter((finding) => finding.kind === 'dropped').length;
      rule({ service, name, path: [...path, 'events'], config, bare: bare !== undefined || config === item });
      const isWhole = draft.findings.filter((finding) => finding.kind === 'dropped').length === before;
      if (isWhole) draft.carried(placeOf(item), `the event ${kind} of "${name}"`);
    }
  }
}
