// AWS::Serverless::Function and Globals.Function → functions and defaults.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Plain } from '../../base/located.ts';
import { functionIds } from '../../cfn/names.ts';
import type { Cursor } from '../cursor.ts';
import { type Path, placeOf } from '../draft.ts';
import { textOfSub } from '../lookup-text.ts';
import { environment, missingHandlerFile, setRuntime } from '../serverless/lambda.ts';
import { eventsOf } from './events.ts';
import { extended } from './extend.ts';
import { invokeOf } from './invoke.ts';
import { policiesOf } from './policies.ts';
import { idIn, reference, type SamTemplate, withOurIds } from './template.ts';

/** Of a function; Globals have none. */
interface Owner {
  readonly name: string;
  readonly globals: Cursor | undefined;
}

/** Properties that Globals and functions share. */
export function settingsOf(sam: SamTemplate, from: Cursor, to: Path, owner?: Owner): void {
  const { draft } = sam;
  const set = (ours: string, cursor: Cursor | undefined, value?: Plain) => {
    if (cursor !== undefined) draft.set([...to, ours], value ?? withOurIds(sam, cursor.plain()), placeOf(cursor));
  };
  setRuntime(draft, from.child('Runtime'), to);
  for (const [theirs, ours] of [
    ['MemorySize', 'memory'],
    ['Timeout', 'timeout'],
  ] as const) {
    const cursor = from.child(theirs);
    if (cursor !== undefined) set(ours, cursor, cursor.number());
  }
  const architectures = from.child('Architectures');
  if (architectures !== undefined)
    set('architecture', architectures, ([architectures.plain()].flat() as Plain[])[0] ?? 'x86_64');
  set('ephemeralStorage', from.child('EphemeralStorage')?.child('Size'));
  set('kmsKeyArn', from.child('KmsKeyArn'));
  set('reservedConcurrency', from.child('ReservedConcurrentExecutions'));
  set('provisionedConcurrency', from.child('ProvisionedConcurrencyConfig')?.child('ProvisionedConcurrentExecutions'));
  set('tracing', from.child('Tracing'));
  const loop = from.child('RecursiveLoop');
  const loopText = loop?.text();
  set('recursiveLoop', loop, loopText === undefined ? undefined : sentenceCase(loopText));
  const snap = from.child('SnapStart')?.child('ApplyOn');
  if (snap !== undefined) set('snapStart', snap, snap.text() === 'PublishedVersions');
  const management = from.child('RuntimeManagementConfig');
  if (management !== undefined) {
    const arn = management.child('RuntimeVersionArn')?.plain();
    const mode = management.child('UpdateRuntimeOn')?.plain() ?? 'Auto';
    set('runtimeManagement', management, arn === undefined ? mode : { updateRuntimeOn: mode, runtimeVersionArn: arn });
  }
  variables(sam, from.child('Environment')?.child('Variables'), to);
  for (const [key, value] of from.child('Tags')?.entries() ?? []) {
    draft.set([...to, 'tags', key], withOurIds(sam, value.plain()), placeOf(value));
  }
  const vpc = from.child('VpcConfig');
  if (vpc !== undefined) {
    // a map merges with that of Globals, and a list is added to theirs
    const ofGlobals = owner?.globals?.child('VpcConfig');
    const subnetIds = added(ofGlobals?.child('SubnetIds')?.plain(), vpc.child('SubnetIds')?.plain());
    const securityGroupIds = added(
      ofGlobals?.child('SecurityGroupIds')?.plain(),
      vpc.child('SecurityGroupIds')?.plain(),
    );
    const dual = (vpc.child('Ipv6AllowedForDualStack') ?? ofGlobals?.child('Ipv6AllowedForDualStack'))?.plain();
    // half of it is only there for functions with the other half
    const isWhole = subnetIds !== undefined && securityGroupIds !== undefined;
    if (owner !== undefined || isWhole)
      set('vpc', vpc, {
        subnetIds: listOf(sam, subnetIds),
        securityGroupIds: listOf(sam, securityGroupIds),
        ...(dual === undefined ? {} : { ipv6AllowedForDualStack: dual }),
      });
  }
  const layers = from.child('Layers');
  if (layers !== undefined) {
    const ofGlobals = owner?.globals?.child('Layers')?.each() ?? [];
    const list = [...ofGlobals, ...layers.each()].map((item) => {
      const plain = item.plain();
      const id = idIn(plain);
      const own = id === undefined ? undefined : sam.layers.get(id);
      return own ?? withOurIds(sam, plain);
    });
    draft.set([...to, 'layers'], list, placeOf(layers));
  }
  const logging = from.child('LoggingConfig');
  for (const [theirs, ours] of [
    ['LogFormat', 'logFormat'],
    ['ApplicationLogLevel', 'applicationLogLevel'],
    ['SystemLogLevel', 'systemLogLevel'],
    ['LogGroup', 'logGroup'],
  ] as const) {
    const value = logging?.child(theirs);
    if (value !== undefined) draft.set([...to, 'logging', ours], reference(sam, value.plain()) ?? null, placeOf(value));
  }
  invokeOf(sam, from, to, owner?.name);
  if (from.child('AutoPublishAlias') !== undefined) from.child('AutoPublishAlias')?.plain();
  for (const key of [
    'AutoPublishAliasAllProperties',
    'AutoPublishCodeSha256',
    'VersionDescription',
    'PublishToLatestPublished',
    'VersionDeletionPolicy',
    'PropagateTags',
  ])
    from.child(key)?.plain();
  const preference = from.child('DeploymentPreference');
  preference?.plain();
  if (preference !== undefined && preference.child('Enabled')?.flag() !== false) {
    const type = preference.child('Type')?.plain();
    draft.changed(placeOf(preference), 'fx moves traffic step by step for the whole environment', {
      remedy: `write deployment: {codeDeploy: {config: CodeDeployDefault.Lambda${typeof type === 'string' ? type : '…'}}}, or canary and linear`,
      beside: to,
    });
  }
}

function variables(sam: SamTemplate, cursor: Cursor | undefined, to: Path): void {
  if (cursor === undefined) return;
  // the rules for names are those of Lambda, whoever writes them
  const none = { functions: new Map(), resources: new Map(), parameters: new Map(), reasonFor: () => undefined };
  environment({ ...none, draft: sam.draft }, cursor, to);
  const path = [...to, 'variables'];
  for (const [key, value] of Object.entries((sam.draft.get(path) ?? {}) as Record<string, Plain>)) {
    if (value !== null && typeof value === 'object') sam.draft.set([...path, key], withOurIds(sam, value));
  }
}

const sentenceCase = (text: string) => `${text.slice(0, 1).toUpperCase()}${text.slice(1).toLowerCase()}`;

function added(first: Plain | undefined, second: Plain | undefined): Plain | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return Array.isArray(first) && Array.isArray(second) ? ([...first, ...second] as Plain) : second;
}

/** A parameter of a list type is one value. */
function listOf(sam: SamTemplate, value: Plain | undefined): Plain {
  if (value === undefined) return [];
  const id = Array.isArray(value) ? undefined : idIn(value);
  // a parameter of a list type is the list itself
  const type = id === undefined ? undefined : sam.root.child('Parameters')?.child(id)?.child('Type')?.text();
  const isList = type === 'CommaDelimitedList' || type?.startsWith('List<') === true;
  return withOurIds(sam, Array.isArray(value) || isList ? value : [value]);
}

export function convertFunction(sam: SamTemplate, id: string, resource: Cursor, globals: Cursor | undefined): void {
  const { draft } = sam;
  const name = sam.functions.get(id) ?? id;
  const path: Path = ['functions', name];
  const properties = resource.child('Properties') ?? resource;
  draft.set(path, {}, placeOf(resource));
  draft.carried(placeOf(resource), `the function ${id}, "${name}"`);
  const set = (ours: string, cursor: Cursor | undefined) => {
    if (cursor === undefined) return;
    const value = withOurIds(sam, cursor.plain());
    draft.set([...path, ours], textOfSub(value) ?? value, placeOf(cursor));
  };
  code(sam, { name, resource, properties, globals }, path);
  set('description', properties.child('Description'));
  set('functionName', properties.child('FunctionName'));
  settingsOf(sam, properties, path, { name, globals });
  url(sam, properties.child('FunctionUrlConfig'), path);
  const files = properties.child('FileSystemConfigs')?.items()[0];
  if (files !== undefined) {
    draft.set(
      [...path, 'fileSystem'],
      {
        arn: withOurIds(sam, files.child('Arn')?.plain() ?? null),
        localMountPath: files.child('LocalMountPath')?.plain() ?? null,
      },
      placeOf(files),
    );
  }
  set('condition', resource.child('Condition'));
  const depends = resource.child('DependsOn');
  if (depends !== undefined) {
    const list = ([depends.plain()].flat() as string[]).filter(
      (other) => sam.resources.get(other)?.child('Type')?.text()?.startsWith('AWS::Serverless::') !== true,
    );
    if (list.length > 0) draft.set([...path, 'dependsOn'], list, placeOf(depends));
  }
  extended(sam, { name, resource, properties, globals });
  const policies = properties.child('Policies');
  if (policies !== undefined) policiesOf(sam, policies, { name, path, role: functionIds(name).role });
  const events = properties.child('Events');
  if (events !== undefined) eventsOf(sam, events, [...path, 'events']);
}

interface Code {
  readonly name: string;
  readonly resource: Cursor;
  readonly properties: Cursor;
  readonly globals: Cursor | undefined;
}

function code(sam: SamTemplate, { name, resource, properties, globals }: Code, path: Path): void {
  const { draft, folder } = sam;
  const metadata = resource.child('Metadata');
  const isImage = (properties.child('PackageType') ?? globals?.child('PackageType'))?.text() === 'Image';
  const imageUri = properties.child('ImageUri') ?? globals?.child('ImageUri');
  const uri = properties.child('CodeUri') ?? globals?.child('CodeUri');
  const source = uri?.text()?.replace(/^\.\//, '').replace(/\/$/, '');
  if (isImage || imageUri !== undefined) {
    image(sam, { metadata, imageUri, properties }, path);
    return;
  }
  const method = metadata?.child('BuildMethod')?.text();
  const build = metadata?.child('BuildProperties');
  const external = build?.child('External')?.plain();
  if (Array.isArray(external))
    draft.set([...path, 'external'], external, metadata === undefined ? undefined : placeOf(metadata));
  if (build?.child('Minify')?.flag() === true) draft.set([...path, 'minify'], true);
  const entries = build?.child('EntryPoints')?.plain();
  for (const key of [
    'Target',
    'Sourcemap',
    'Format',
    'OutExtension',
    'MainFields',
    'Loader',
    'Banner',
    'UseNpmCi',
    'Binary',
  ])
    build?.child(key)?.plain();
  for (const key of ['SamResourceId', 'BuildArchitecture', 'aws:asset:path', 'aws:asset:property'])
    metadata?.child(key)?.plain();
  const handler = properties.child('Handler') ?? globals?.child('Handler');
  const inline = properties.child('InlineCode');
  if (inline !== undefined) {
    const text = inline.plain();
    draft.dropped(placeOf(inline), 'fx deploys code from files', {
      remedy: `write the inline code to a file, and name it as the handler of "${name}"`,
    });
    draft.comment(path, `The inline code:\n${typeof text === 'string' ? text : JSON.stringify(text)}`);
  }
  const runtime = properties.child('Runtime')?.text() ?? globals?.child('Runtime')?.text() ?? '';
  const isProgram = /^(provided|go1)/.test(runtime);
  if (uri?.isMap === true) {
    const bucket = uri.child('Bucket')?.plain();
    const key = uri.child('Key')?.plain();
    const version = uri.child('Version')?.plain();
    draft.set(
      [...path, 'artifact'],
      `s3://${String(bucket)}/${String(key)}${version === undefined ? '' : `?versionId=${String(version)}`}`,
      placeOf(uri),
    );
  } else if (source !== undefined && (source.startsWith('s3://') || /\.(zip|jar)$/.test(source))) {
    draft.set([...path, 'artifact'], source, uri === undefined ? undefined : placeOf(uri));
  } else if (source !== undefined && source !== '' && source !== '.') {
    if (source.startsWith('..')) {
      draft.dropped(
        uri === undefined ? placeOf(properties) : placeOf(uri),
        `the code of "${name}" is outside of the project`,
        {
          remedy: 'put project.yml in a folder above it',
          beside: path,
        },
      );
    } else draft.set([...path, 'source'], source, uri === undefined ? undefined : placeOf(uri));
  }
  const where = join(folder, source ?? '');
  const markers = ['go.mod', 'main.go', 'Cargo.toml', 'bootstrap'];
  if (isProgram && !draft.has([...path, 'artifact'])) {
    if (!markers.some((marker) => existsSync(join(where, marker)))) {
      draft.remove([...path, 'source']);
      draft.set([...path, 'artifact'], `${source === undefined || source === '' ? name : source}/bootstrap.zip`);
      draft.changed(placeOf(properties), `the sources of "${name}" are not here`, {
        remedy: `replace artifact by source: ${source === undefined || source === '' ? '.' : source}, and fx builds it${method === 'makefile' ? '; a Makefile runs in hooks.build' : ''}`,
        beside: [...path, 'artifact'],
      });
    } else if (method === 'makefile') {
      draft.changed(placeOf(properties), 'fx builds the program itself, without the Makefile', {
        remedy: 'or run make in hooks.build, and name its result under artifact',
      });
    }
    draft.set([...path, 'handler'], 'bootstrap');
    if (!draft.has(['defaults', 'runtime'])) draft.set([...path, 'runtime'], 'provided.al2023');
    handler?.plain();
    return;
  }
  const text = handler?.text();
  const bundled =
    Array.isArray(entries) && typeof entries[0] === 'string' ? entries[0].replace(/\.[mc]?[jt]sx?$/, '') : undefined;
  const exported = text?.split('.').at(-1) ?? 'handler';
  const written = bundled === undefined || method !== 'esbuild' ? text : `${bundled}.${exported}`;
  if (handler !== undefined && written !== undefined) {
    draft.set([...path, 'handler'], written, placeOf(handler));
    if (bundled !== undefined && written !== text)
      draft.changed(placeOf(handler), `the handler "${text}" of the bundle is ${written} of the sources`);
  } else {
    draft.set([...path, 'handler'], 'index.handler', placeOf(properties));
    draft.dropped(placeOf(properties), `the function "${name}" has no handler`, {
      remedy: 'set handler',
      beside: path,
    });
  }
  if (draft.has([...path, 'artifact']) || written === undefined) return;
  const today =
    runtime === ''
      ? undefined
      : String(draft.get([...path, 'runtime']) ?? draft.get(['defaults', 'runtime']) ?? runtime);
  if (missingHandlerFile(where, written, today) !== undefined) {
    draft.changed(placeOf(handler ?? properties), 'the file of a handler is not here', {
      remedy: 'add it before fx build',
    });
  }
}

function image(
  sam: SamTemplate,
  {
    metadata,
    imageUri,
    properties,
  }: { readonly metadata: Cursor | undefined; readonly imageUri: Cursor | undefined; readonly properties: Cursor },
  path: Path,
): void {
  const { draft } = sam;
  const config = properties.child('ImageConfig');
  const optional = (theirs: string, ours: string) => {
    const value = config?.child(theirs)?.plain();
    return value === undefined ? {} : { [ours]: withOurIds(sam, value) };
  };
  const more = {
    ...optional('Command', 'command'),
    ...optional('EntryPoint', 'entryPoint'),
    ...optional('WorkingDirectory', 'workingDirectory'),
  };
  const file = metadata?.child('Dockerfile')?.text();
  const context = (metadata?.child('DockerContext')?.text() ?? '.').replace(/^\.\/(?=.)/, '').replace(/\/$/, '');
  metadata?.child('DockerTag')?.plain();
  const args = metadata?.child('DockerBuildArgs')?.plain();
  const target = metadata?.child('DockerBuildTarget')?.plain();
  for (const key of ['SamResourceId']) metadata?.child(key)?.plain();
  const value: Plain =
    file === undefined && imageUri !== undefined
      ? { uri: withOurIds(sam, imageUri.plain()), ...more }
      : {
          build: {
            context,
            ...(file === undefined ? {} : { file: context === '.' || context === '' ? file : `${context}/${file}` }),
            ...(args === undefined ? {} : { args }),
            ...(target === undefined ? {} : { target }),
          },
          ...more,
        };
  imageUri?.plain();
  draft.set([...path, 'image'], value, placeOf(properties));
  if (draft.has(['defaults', 'layers'])) draft.set([...path, 'layers'], null);
}

function url(sam: SamTemplate, config: Cursor | undefined, path: Path): void {
  if (config === undefined) return;
  const cors = config.child('Cors');
  const names = {
    AllowOrigins: 'allowOrigins',
    AllowMethods: 'allowMethods',
    AllowHeaders: 'allowHeaders',
    ExposeHeaders: 'exposeHeaders',
    AllowCredentials: 'allowCredentials',
    MaxAge: 'maxAge',
  } as const;
  const settings = Object.fromEntries(
    Object.entries(names).flatMap(([theirs, ours]) => {
      const value = cors?.child(theirs)?.plain();
      return value === undefined ? [] : [[ours, withOurIds(sam, value)] as const];
    }),
  );
  const invokeMode = config.child('InvokeMode')?.plain();
  sam.draft.set(
    [...path, 'url'],
    {
      authType: withOurIds(sam, config.child('AuthType')?.plain() ?? 'NONE'),
      ...(invokeMode === undefined ? {} : { invokeMode }),
      ...(cors === undefined ? {} : { cors: settings }),
    },
    placeOf(config),
  );
}
