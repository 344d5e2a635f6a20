// A service, in one stage → a draft of project.yml.
import { FxError } from '../../base/error.ts';
import type { Entry, LocatedMap, Plain } from '../../base/located.ts';
import { isMap } from '../../base/plain.ts';
import { isOneIntrinsic } from '../../cfn/value-schema.ts';
import { Cursor, Reading, unreadIn } from '../cursor.ts';
import { Draft, placeOf } from '../draft.ts';
import { lookup, replaceLookups } from '../lookup-text.ts';
import type { PeerStack } from '../peer.ts';
import { projectNameOf } from '../project-name.ts';
import { convertAi } from './ai/agents.ts';
import { constructFunctions, constructValue, convertConstructs } from './constructs.ts';
import { providerDomains } from './domains.ts';
import { convertFunctions, type Shared, unknownFunction } from './functions.ts';
import { packageOf } from './package.ts';
import { permissionsOf } from './permissions.ts';
import { convertBuild, convertPlugins } from './plugins.ts';
import { convertProvider } from './provider.ts';
import { convertLayers, convertResources, templatesOf } from './resources.ts';
import { actualText, functionNameOf, normalized, type Service, withOurIds } from './service.ts';
import { convertStateMachines } from './state-machines.ts';
import { Variables, type World } from './variables.ts';

export interface Converted {
  readonly draft: Draft;
  readonly stage: string;
  readonly stack: PeerStack;
  readonly reading: Reading;
}

/** The function that stands for those of a file that is not here. */
const unknownName = 'unknown';

/** Sections that are resolved only where something refers to them. */
const lazy = new Set(['custom', 'params', 'stages']);

export async function convertService(world: World): Promise<Converted> {
  const variables = new Variables(world);
  await variables.start();
  const reading = new Reading();
  const raw = new Cursor(world.root, '', reading);
  refuseOthers(world.root);
  variables.construct = (address) => constructValue(raw.child('constructs'), address);
  variables.hasPseudoParameters = JSON.stringify(raw.child('plugins')?.plain() ?? []).includes(
    'serverless-pseudo-parameters',
  );
  const root = new Cursor(await resolved(world.root, variables), '', reading);
  const draft = new Draft();
  const functions = functionCursors(root);
  const names = new Map<string, string>();
  for (const key of functions.flatMap((cursor) => cursor.keys())) names.set(key, functionNameOf(key));
  const unknown =
    root
      .child('functions')
      ?.each()
      .filter((cursor) => !cursor.isMap) ?? [];
  if (names.size === 0 && unknown.length > 0) names.set(unknownName, unknownName);
  for (const [key] of constructFunctions(root.child('constructs'))) names.set(key, functionNameOf(key));
  const resources = new Map<string, Cursor>();
  const parameters = new Map<string, Plain>();
  const peek = new Reading();
  for (const template of templatesOf(new Cursor(root.child('resources')?.value ?? root.value, 'resources', peek))) {
    for (const [id, cursor] of template.child('Resources')?.entries() ?? []) resources.set(id, cursor);
    for (const [id, cursor] of template.child('Parameters')?.entries() ?? [])
      parameters.set(id, parameterValue(cursor));
  }
  const provider = root.child('provider');
  const service: Service = {
    draft,
    stage: variables.stage,
    region: variables.region,
    folder: world.folder,
    adopting: world.adopting ?? false,
    root,
    provider: provider?.isMap === true ? provider : undefined,
    plugins: new Set(),
    functions: names,
    resources: withoutGenerated(resources, names),
    made: new Map(),
    parameters,
    reasonFor: (value) => variables.reasonFor(value),
    assumed: variables.assumed,
    custom: async (key) => {
      const custom = raw.child('custom');
      if (custom?.isMap !== true || !custom.has(key)) return undefined;
      const entry = (custom.value as LocatedMap).entries.get(key) as Entry;
      reading.mark(entry);
      // what nothing else refers to may be incomplete
      const value = await variables.resolve(entry.value, `custom.${key}`);
      return new Cursor(value, `custom.${key}`, reading, entry.keyAt);
    },
  };
  header(service);
  if (service.provider !== undefined) convertProvider(service, service.provider);
  else if (provider !== undefined && provider.text() !== 'aws') provider.plain();
  const shared = await sharedOf(service, functions);
  for (const cursor of functions) convertFunctions(service, cursor, shared);
  for (const cursor of unknown) if (!draft.has(['functions'])) unknownFunction(service, unknownName, cursor);
  providerDomains(service);
  const constructs = root.child('constructs');
  if (constructs !== undefined) convertConstructs(service, constructs, shared);
  const layers = root.child('layers');
  if (layers !== undefined) convertLayers(service, layers);
  const own = root.child('resources');
  if (own !== undefined) convertResources(service, own);
  const ai = root.child('ai');
  if (ai !== undefined) convertAi(service, ai);
  const machines = root.child('stepFunctions');
  if (machines !== undefined) convertStateMachines(service, machines);
  const customKeys = await convertPlugins(service, root.child('plugins'));
  const build = root.child('build');
  if (build !== undefined) convertBuild(service, build);
  const sandboxes = root.child('sandboxes');
  for (const [name, sandbox] of sandboxes?.entries() ?? []) {
    sandbox.plain();
    draft.dropped(placeOf(sandbox), `fx makes no sandboxes, such as "${name}"`, {
      remedy: 'write an AWS::Lambda::MicrovmImage and its roles under resources',
      beside: ['name'],
    });
  }
  rest(service, raw, { customKeys, variables });
  // what refers to a bucket or a topic may come before the event that makes it
  for (const [key, value] of Object.entries(draft.root)) draft.root[key] = withOurIds(service, value as Plain) as never;
  finish(service, variables);
  const sections = ['params', 'stages'].flatMap((key) => {
    const section = raw.child(key);
    return section === undefined ? [] : [section];
  });
  for (const { value, path } of [root, ...sections]) {
    for (const unread of unreadIn(value, path, reading)) notAsked(draft, unread.path, unread.at);
  }
  return { draft, stage: variables.stage, stack: stackOf(service), reading };
}

/** https://www.serverless.com/framework/docs/providers/aws/guide/resources */
function stackOf(service: Service): PeerStack {
  const { root, stage, functions, provider } = service;
  const cursor = root.child('service');
  const name = (cursor?.isMap === true ? cursor.child('name')?.text() : cursor?.text()) ?? 'service';
  const written = provider?.child('stackName')?.text() ?? `${name}-${stage}`;
  return {
    name: actualText(service, written),
    functions: new Map([...functions].map(([key, ours]) => [ours, `${normalized(key)}LambdaFunction`])),
    resources: new Map(),
  };
}

/** The default of a parameter; that of one in SSM is a dynamic reference. */
function parameterValue(parameter: Cursor): Plain {
  const value = parameter.child('Default')?.plain() ?? '';
  const isInSsm = parameter.child('Type')?.text()?.startsWith('AWS::SSM::Parameter') === true;
  return isInSsm ? `{{resolve:ssm:${String(value)}}}` : value;
}

/** Everything but the lazy sections, resolved. */
async function resolved(root: LocatedMap, variables: Variables): Promise<LocatedMap> {
  const entries = new Map<string, Entry>();
  for (const [key, entry] of root.entries) {
    if (lazy.has(key)) continue;
    entries.set(key, { ...entry, value: await variables.resolve(entry.value, key) });
  }
  return { ...root, entries };
}

/** `functions` may be a list of maps. */
function functionCursors(root: Cursor): readonly Cursor[] {
  return (
    root
      .child('functions')
      ?.each()
      .filter((cursor) => cursor.isMap) ?? []
  );
}

/** Resources that only change what the service generates are none of their own. */
function withoutGenerated(
  resources: ReadonlyMap<string, Cursor>,
  names: ReadonlyMap<string, string>,
): ReadonlyMap<string, Cursor> {
  const prefixes = [...names.keys()].map((key) => {
    const text = key.replaceAll('-', 'Dash').replaceAll('_', 'Underscore');
    return text.charAt(0).toUpperCase() + text.slice(1);
  });
  const generated = new Set([
    'ApiGatewayRestApi',
    'HttpApi',
    'HttpApiStage',
    'WebsocketsApi',
    'WebsocketsDeploymentStage',
    ...(names.size > 0 ? ['IamRoleLambdaExecution'] : []),
    ...prefixes.flatMap((prefix) => [`${prefix}LambdaFunction`, `${prefix}LogGroup`]),
  ]);
  // of a file that is not here, nothing is known
  return new Map([...resources].filter(([id, cursor]) => !generated.has(id) && cursor.isMap));
}

/** Other clouds have nothing that fx could deploy. */
function refuseOthers(root: LocatedMap): void {
  const provider = root.entries.get('provider');
  const value = provider?.value;
  const name = value?.kind === 'map' ? value.entries.get('name')?.value : value;
  const written = name?.kind === 'scalar' && name.value !== null ? String(name.value) : undefined;
  const at = name?.at ?? provider?.keyAt ?? root.at;
  if (written !== undefined && written !== 'aws' && !written.startsWith('${')) {
    throw new FxError('IMPORT_FAILED', `the service is for "${written}", and fx deploys to AWS`, {
      problems: [{ at, message: `expected the provider aws, found "${written}"`, hint: 'there is nothing to import' }],
    });
  }
  const component = root.entries.get('component');
  if (component !== undefined && provider === undefined) {
    throw new FxError('IMPORT_FAILED', 'this is a component of Serverless Components, not a service', {
      problems: [
        { at: component.keyAt, message: 'expected a service with provider: aws', hint: 'there is nothing to import' },
      ],
    });
  }
  if (provider === undefined && !root.entries.has('functions') && !root.entries.has('resources')) {
    const hint = root.entries.has('services')
      ? 'import each service of it by its folder'
      : 'add provider: {name: aws} if it is one of the Serverless Framework; else there is nothing to import';
    throw new FxError('IMPORT_FAILED', 'there is no service in this file', {
      problems: [{ at: root.at, message: 'expected provider, functions or resources', hint }],
    });
  }
}

function header({ draft, root, stage, functions }: Service): void {
  const cursor = root.child('service');
  const name = (cursor?.isMap === true ? cursor.child('name')?.text() : cursor?.text()) ?? 'service';
  const place = cursor === undefined ? { path: 'service', at: root.at } : placeOf(cursor);
  const plain = replaceLookups(name, (inner) => (inner === 'env' ? stage : ''));
  const ours = projectNameOf(plain, 'service').replace(/-+$/, '');
  draft.set(['name'], ours, place);
  // the functions keep their names in AWS
  const longest = Math.max(0, ...[...functions.keys()].map((key) => key.length));
  if (ours !== name && plain === name && functions.size > 0 && `${plain}-${stage}-`.length + longest <= 64) {
    draft.set(['defaults', 'functionName'], `${plain}-${lookup('env')}-${lookup('function')}`, place);
  }
  if (ours !== name) {
    const message =
      plain === ''
        ? `the name of the service is not known here, so the project is called "${ours}"`
        : `the service "${plain}" is called "${ours}": lower-case letters, digits and -, at most 40`;
    draft.changed(place, message, { beside: ['name'] });
  }
  if (cursor?.isMap === true) {
    const key = cursor.child('awsKmsKeyArn');
    if (key !== undefined) draft.set(['defaults', 'kmsKeyArn'], key.plain(), placeOf(key));
  }
  const notNeeded: Readonly<Record<string, string>> = {
    frameworkVersion: 'fx has fxVersion',
    configValidationMode: 'fx always checks project.yml',
    useDotenv: 'fx reads .env and .env.<environment>',
    disabledDeprecations: 'fx has no such warnings',
    deprecationNotificationMode: 'fx has no such warnings',
    variablesResolutionMode: 'fx has lookups',
    unresolvedVariablesNotificationMode: 'fx reports every missing value',
    org: 'fx has no dashboard',
    app: 'fx has no dashboard',
    tenant: 'fx has no dashboard',
    dashboard: 'fx has no dashboard',
    console: 'fx has no dashboard',
    enabled: 'fx has no dashboard',
    licenseKey: 'fx needs no license key',
    outputs: 'fx has no dashboard: outputs of the stack are under outputs',
    projectDir: 'fx reads the folder of project.yml',
    excludeDevDependencies: 'fx packs no packages that only development needs',
  };
  for (const [key, message] of Object.entries(notNeeded)) {
    const value = root.child(key);
    if (value === undefined) continue;
    value.plain();
    draft.carried(placeOf(value), `${key} is not needed: ${message}`);
  }
}

async function sharedOf(service: Service, functions: readonly Cursor[]): Promise<Shared> {
  const { draft, provider, root } = service;
  const artifact = root.child('package')?.child('artifact');
  packageOf(service, root.child('package'), service.functions.size > 0 ? ['defaults'] : []);
  const iam = provider?.child('iam')?.child('role');
  const statements = provider?.child('iamRoleStatements') ?? iam?.child('statements');
  const permissions = statements === undefined ? [] : permissionsOf(service, statements);
  const hasOwn = functions.some((cursor) =>
    cursor.entries().some(([, value]) => value.has('iamRoleStatements') || value.has('iam')),
  );
  const isDefault = !hasOwn && service.functions.size > 0;
  if (isDefault && permissions.length > 0 && statements !== undefined) {
    draft.set(['defaults', 'permissions'], permissions, placeOf(statements));
    draft.carried(placeOf(statements), 'what every function may do');
  }
  for (const key of ['name', 'path', 'tags', 'mode'] as const) {
    const value = iam?.child(key);
    if (value === undefined) continue;
    value.plain();
    draft.changed(placeOf(value), 'each function has a role of its own, which fx names', {
      remedy: 'nothing, unless something refers to it',
    });
  }
  const managed = provider?.child('iamManagedPolicies') ?? iam?.child('managedPolicies');
  const boundary =
    provider?.child('rolePermissionsBoundary') ?? iam?.child('permissionsBoundary') ?? iam?.child('permissionBoundary');
  const role =
    provider?.child('role') ?? (iam !== undefined && (!iam.isMap || isOneIntrinsic(iam.keys())) ? iam : undefined);
  return {
    permissions,
    isDefault,
    isPerFunction: iam?.child('mode')?.text() === 'perFunction',
    role,
    managedPolicies: managed?.plain(),
    boundary: boundary?.plain(),
    artifact,
  };
}

/** What nothing has asked for. */
function notAsked(
  draft: Draft,
  path: string,
  at: Plain | { file: string; line: number; column: number; length: number },
): void {
  const last = path.split('.').at(-1) ?? path;
  draft.dropped({ path, at: at as never }, `fx has nothing for "${last}"`, {
    remedy: 'if it matters, write it in project.yml by hand',
  });
}

function rest(
  service: Service,
  raw: Cursor,
  { customKeys, variables }: { readonly customKeys: ReadonlySet<string>; readonly variables: Variables },
): void {
  const { draft } = service;
  const custom = raw.child('custom');
  for (const key of custom?.isMap === true ? custom.keys() : []) {
    if (customKeys.has(key)) continue;
    const value = custom?.child(key);
    if (value === undefined) continue;
    if (variables.referenced.has(`custom.${key}`))
      draft.carried(placeOf(value), `custom.${key} stands where it was used`);
    else
      draft.dropped(placeOf(value), `nothing here uses custom.${key}`, {
        remedy: 'if a plugin reads it, see what is said of the plugin',
      });
  }
  for (const [stage, params] of raw.child('params')?.entries() ?? []) paramsOf(service, stage, params, variables);
  for (const [stage, settings] of raw.child('stages')?.entries() ?? []) {
    for (const key of ['observability', 'integrations']) {
      const value = settings.child(key);
      value?.plain();
      if (value !== undefined) draft.carried(placeOf(value), `${key} is not needed: fx has no dashboard`);
    }
    const resolvers = settings.child('resolvers');
    resolvers?.plain();
    if (resolvers !== undefined) {
      draft.changed(placeOf(resolvers), 'fx has no resolvers', {
        remedy: 'set profile for credentials; values of other kinds are params',
      });
    }
    const params = settings.child('params');
    if (params !== undefined) paramsOf(service, stage, params, variables);
  }
}

/** Params stand under params and environments where something asks for them. */
function paramsOf({ draft }: Service, stage: string, params: Cursor, { usedParams }: Variables): void {
  if (!params.isMap) notAsked(draft, params.path, params.at);
  for (const [name, value] of params.entries()) {
    value.plain();
    if (usedParams.has(name)) draft.carried(placeOf(value), `the param ${name} of ${stage}`);
    else
      draft.dropped(placeOf(value), `nothing here uses the param ${name}`, {
        remedy: 'nothing, or add it under params',
      });
  }
}

/** Params, and what the local environment has instead of values in AWS. */
function finish(service: Service, variables: Variables): void {
  const { draft } = service;
  const used = JSON.stringify(draft.root);
  const isUsed = (name: string): boolean =>
    used.includes(lookup(`params.${name}`)) ||
    [...variables.params].some(
      ([, { value }]) => typeof value === 'string' && value.includes(lookup(`params.${name}`)),
    );
  for (const [name, { value, local, comment }] of variables.params) {
    if (!isUsed(name)) continue;
    draft.set(['params', name], value);
    if (comment !== undefined) draft.comment(['params', name], comment);
    if (local !== undefined) draft.set(['environments', 'local', 'params', name], local);
  }
  for (const { path, at, variable, reason, param } of variables.unresolved) {
    if (!isUsed(param)) continue;
    draft.dropped({ path: path === '' ? 'custom' : path, at }, `${variable} has no value: ${reason}`, {
      remedy: `set params.${param}, which is "set-me" now`,
    });
  }
  for (const { path, at, variable, reason } of variables.fallbacks) {
    draft.changed({ path, at }, `${reason}, so the other value of ${variable} stands`, {
      remedy: 'put the file there and import again, or write its value',
    });
  }
  secretsElsewhere(draft.root as Plain, draft);
}

/** A secret outside of variables: a dynamic reference, which CloudFormation resolves.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html */
function secretsElsewhere(value: Plain, draft: Draft): void {
  const replace = (node: Plain): Plain => {
    if (typeof node === 'string') {
      if (!node.includes('secret:')) return node;
      return replaceLookups(node, (name) => {
        const [kind, service, ...path] = name.split(':');
        if (kind !== 'secret') return lookup(name);
        return `{{resolve:${service === 'ssm' ? 'ssm-secure' : 'secretsmanager'}:${path.join(':')}}}`;
      });
    }
    if (Array.isArray(node)) return node.map((item: Plain) => replace(item));
    if (!isMap(node)) return node;
    return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, replace(item as Plain)]));
  };
  if (!JSON.stringify(value).includes('secret:')) return;
  for (const [key, item] of Object.entries(value as Record<string, Plain>)) draft.root[key] = replace(item) as never;
}
