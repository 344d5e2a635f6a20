// The functions of a service: code, settings of their own, permissions and events.
import type { Plain } from '../../base/located.ts';
import { functionIds } from '../../cfn/names.ts';
import type { Cursor } from '../cursor.ts';
import { type Path, placeOf } from '../draft.ts';
import { textOfSub } from '../lookup-text.ts';
import { keepManaged, keepRole } from '../roles.ts';
import { environmentNameOf } from '../stages.ts';
import { codeOf } from './code.ts';
import { eventRules } from './events/index.ts';
import { lambdaSettings } from './lambda.ts';
import { permissionsOf } from './permissions.ts';
import { idIn, type Service, withOurIds } from './service.ts';

export interface Shared {
  /** What every function may do, unless it has statements of its own. */
  readonly permissions: readonly Plain[];
  /** Whether `permissions` are already under `defaults`. */
  readonly isDefault: boolean;
  /** Each function has all of them, whatever it adds. */
  readonly isPerFunction: boolean;
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
export function unknownFunction({ draft, reasonFor }: Service, name: string, cursor: Cursor): void {
  const path = ['functions', name];
  const reason = reasonFor(cursor.plain());
  draft.set([...path, 'handler'], 'set-me.handler', placeOf(cursor));
  if (!draft.has(['defaults', 'runtime'])) draft.set([...path, 'runtime'], 'nodejs24.x');
  const what = reason === undefined ? 'is defined in a file that is not here' : `is not known: ${reason}`;
  draft.dropped(placeOf(cursor), `the function "${name}" ${what}`, {
    remedy: `${reason === undefined ? '' : 'put the file there and import again, or '}set its handler, settings and events`,
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
  codeOf(service, { name, cursor, artifact: shared.artifact }, path);
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
  const versions = cursor.child('versionFunction');
  versions?.plain();
  if (versions !== undefined) draft.carried(placeOf(versions), 'fx publishes a version of every function');
  extended(service, name, cursor);
  warmup(service, cursor.child('warmup'), path);
  draft.carried(placeOf(cursor), `the function "${name}"`);
  events(service, name, cursor.child('events'), path);
}

export function tracingOf(cursor: Cursor): Plain {
  const flag = cursor.flag();
  return flag === undefined ? cursor.plain() : flag ? 'Active' : 'PassThrough';
}

const durablePolicy: Plain = {
  'Fn::Sub': 'arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicDurableExecutionRolePolicy',
};

/** What Lambda has, and fx has no setting for. */
function extended({ draft }: Service, name: string, cursor: Cursor): void {
  const ids = functionIds(name);
  const properties = (id: string) => ['extend', id, 'Properties'];
  const tenancy = cursor.child('tenancy');
  if (tenancy !== undefined) {
    const mode = (tenancy.child('mode')?.text() ?? 'per_tenant').toUpperCase();
    draft.merge([...properties(ids.function), 'TenancyConfig'], { TenantIsolationMode: mode }, placeOf(tenancy));
    draft.carried(placeOf(tenancy), 'tenants of a function are apart, by extend');
  }
  const durable = cursor.child('durableConfig');
  if (durable !== undefined) {
    const days = durable.child('retentionPeriodInDays')?.plain();
    draft.merge(
      [...properties(ids.function), 'DurableConfig'],
      {
        ExecutionTimeout: durable.child('executionTimeout')?.plain() ?? null,
        ...(days === undefined ? {} : { RetentionPeriodInDays: days }),
      },
      placeOf(durable),
    );
    draft.push([...properties(ids.role), 'ManagedPolicyArns'], durablePolicy, placeOf(durable));
    draft.changed(placeOf(durable), `"${name}" is durable by extend; the local AWS runs it as any other`, {
      remedy: 'test it in an environment of AWS',
    });
  }
  for (const [key, message, remedy] of [
    [
      'capacityProvider',
      'fx runs functions on no instances of yours',
      `write CapacityProviderConfig under extend.${ids.function}.Properties`,
    ],
    [
      'alarms',
      'fx makes no alarms by itself',
      'add AWS::CloudWatch::Alarm under resources, or abortOn under deployment',
    ],
  ] as const) {
    const value = cursor.child(key);
    value?.plain();
    if (value !== undefined) draft.dropped(placeOf(value), message, { remedy });
  }
}

/** The role, or statements for the one that fx makes. */
function access(service: Service, { name, cursor, shared }: Omit<Converted, 'key'>, path: Path): void {
  const { draft } = service;
  const ids = functionIds(name);
  const own = cursor.child('iam')?.child('role');
  const statements = cursor.child('iamRoleStatements') ?? own?.child('statements');
  const inherits =
    cursor.child('iamRoleStatementsInherit')?.flag() === true ||
    own?.child('inheritStatements')?.flag() === true ||
    (cursor.child('iam')?.child('inheritStatements')?.flag() ?? shared.isPerFunction);
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
  for (const key of ['name', 'path', 'tags']) {
    const value = own?.child(key);
    value?.plain();
    if (value !== undefined) draft.changed(placeOf(value), 'fx names the role of a function itself');
  }
  const managed = own?.child('managedPolicies')?.plain() ?? shared.managedPolicies;
  if (managed !== undefined) keepManaged(draft, name, withOurIds(service, managed), placeOf(own ?? cursor));
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
  if (typeof written === 'string' && /^[A-Za-z0-9]+$/.test(written) && !service.resources.has(written)) {
    draft.dropped(placeOf(role), `the role ${written} is not known: it is none of the resources here`, {
      remedy: 'write what the functions may do under permissions',
    });
    return;
  }
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
