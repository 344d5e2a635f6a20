// AWS::Lambda::Function: created and updated through the API; each waits until the function is ready.
import { AwsError, type Cloud, type Input } from '../../cloud.ts';
import type { Properties } from '../stack.ts';
import { zipInline } from './inline-code.ts';
import { type Context, HandlerError, type Provider, type Provisioned } from './provider.ts';
import { pause, pick, tagChanges, tagMap, text } from './values.ts';

const sameInApi = [
  'DeadLetterConfig',
  'Description',
  'Environment',
  'EphemeralStorage',
  'Handler',
  'ImageConfig',
  'Layers',
  'LoggingConfig',
  'MemorySize',
  'Role',
  'Runtime',
  'SnapStart',
  'Timeout',
  'TracingConfig',
  'VpcConfig',
];

/** The defaults of settings: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html */
const defaults = (name: string): Properties => ({
  Description: '',
  Environment: { Variables: {} },
  EphemeralStorage: { Size: 512 },
  ImageConfig: {},
  Layers: [],
  LoggingConfig: { LogFormat: 'Text', LogGroup: `/aws/lambda/${name}` },
  MemorySize: 128,
  SnapStart: { ApplyOn: 'None' },
  Timeout: 3,
  TracingConfig: { Mode: 'PassThrough' },
  VpcConfig: { SubnetIds: [], SecurityGroupIds: [] },
  DeadLetterConfig: { TargetArn: '' },
  KMSKeyArn: '',
});

type RuntimeManagement = Omit<Input<'lambda', 'PutRuntimeManagementConfig'>, 'FunctionName'>;
type Code = Input<'lambda', 'CreateFunction'>['Code'];

async function codeOf(properties: Properties): Promise<NonNullable<Code>> {
  const { ZipFile, ...stored } = properties['Code'] as Record<string, string>;
  if (ZipFile === undefined) return stored;
  return { ...stored, ZipFile: await zipInline(ZipFile, text(properties, 'Runtime') ?? '') };
}

/** Waits until the function is created or updated. */
async function ready({ cloud, signal }: Context, FunctionName: string): Promise<Provisioned> {
  for (;;) {
    const configuration = await cloud.call('lambda', 'GetFunctionConfiguration', { FunctionName });
    const { State, LastUpdateStatus, StateReason, LastUpdateStatusReason } = configuration;
    if (State === 'Failed') throw new HandlerError('NotStabilized', StateReason ?? 'The function failed.');
    if (LastUpdateStatus === 'Failed') {
      throw new HandlerError('NotStabilized', LastUpdateStatusReason ?? 'The update of the function failed.');
    }
    if (State === 'Active' && LastUpdateStatus === 'Successful') {
      const { ApplyOn, OptimizationStatus } = configuration.SnapStart ?? {};
      const attributes = {
        Arn: configuration.FunctionArn,
        'SnapStartResponse.ApplyOn': ApplyOn,
        'SnapStartResponse.OptimizationStatus': OptimizationStatus,
      };
      return { physicalId: FunctionName, attributes };
    }
    await pause(signal);
  }
}

export const functionProvider: Provider = {
  service: 'Lambda',
  properties: [
    'Architectures',
    'Code',
    'FunctionName',
    'KmsKeyArn',
    'PackageType',
    'RecursiveLoop',
    'ReservedConcurrentExecutions',
    'RuntimeManagementConfig',
    'Tags',
    ...sameInApi,
  ],
  name: { property: 'FunctionName', limit: 64 },
  async create(request) {
    const { cloud, name, properties, initiated } = request;
    const { ReservedConcurrentExecutions, KmsKeyArn } = properties;
    await cloud.call('lambda', 'CreateFunction', {
      ...pick(properties, [...sameInApi, 'Architectures', 'PackageType']),
      ...(KmsKeyArn === undefined ? {} : { KMSKeyArn: String(KmsKeyArn) }),
      FunctionName: name,
      Role: text(properties, 'Role'),
      Code: await codeOf(properties),
      Tags: tagMap(properties),
    });
    initiated(name);
    const configuration = await ready(request, name);
    if (ReservedConcurrentExecutions !== undefined) await reserve(cloud, name, ReservedConcurrentExecutions);
    await manage(cloud, name, properties, new Set(Object.keys(properties)));
    return configuration;
  },
  async update(request) {
    const { cloud, physicalId: FunctionName, before, after, changed } = request;
    const isInline = Object.hasOwn(after['Code'] as object, 'ZipFile');
    // The runtime determines the file name of inline code.
    if (changed.has('Code') || changed.has('Architectures') || (isInline && changed.has('Runtime'))) {
      const Architectures = (after['Architectures'] ?? ['x86_64']) as ['x86_64'];
      await cloud.call('lambda', 'UpdateFunctionCode', { FunctionName, Architectures, ...(await codeOf(after)) });
      await ready(request, FunctionName);
    }
    const settings = changedSettings(FunctionName, after, changed);
    if (Object.keys(settings).length > 0) {
      await cloud.call('lambda', 'UpdateFunctionConfiguration', { FunctionName, ...settings });
    }
    const configuration = await ready(request, FunctionName);
    if (changed.has('ReservedConcurrentExecutions')) {
      const reserved = after['ReservedConcurrentExecutions'];
      if (reserved === undefined) await cloud.call('lambda', 'DeleteFunctionConcurrency', { FunctionName });
      else await reserve(cloud, FunctionName, reserved);
    }
    await manage(cloud, FunctionName, after, changed);
    if (changed.has('Tags')) {
      const { set, remove } = tagChanges(before, after);
      const Resource = String(configuration.attributes['Arn']);
      if (remove.length > 0) await cloud.call('lambda', 'UntagResource', { Resource, TagKeys: remove });
      if (Object.keys(set).length > 0) await cloud.call('lambda', 'TagResource', { Resource, Tags: set });
    }
    return configuration;
  },
  async delete({ cloud, physicalId }) {
    await cloud.call('lambda', 'DeleteFunction', { FunctionName: physicalId });
  },
  async read({ cloud, physicalId: FunctionName, properties }) {
    try {
      const { Configuration = {} } = await cloud.call('lambda', 'GetFunction', { FunctionName });
      const { MemorySize, Timeout, Handler, Runtime, Description, Environment } = Configuration;
      const now = { MemorySize, Timeout, Handler, Runtime, Description: Description ?? '', Environment };
      const written = Object.entries(now).filter(([name]) => Object.hasOwn(properties, name));
      return Object.fromEntries(written);
    } catch (error) {
      if (error instanceof AwsError && error.code === 'ResourceNotFoundException') return undefined;
      throw error;
    }
  },
};

function changedSettings(name: string, after: Properties, changed: ReadonlySet<string>): Properties {
  const usual = defaults(name);
  const settings = sameInApi
    .filter((property) => changed.has(property))
    .map((property) => [property, settingOf(property, after[property], usual[property])] as const);
  const key = changed.has('KmsKeyArn') ? [['KMSKeyArn', after['KmsKeyArn'] ?? usual['KMSKeyArn']] as const] : [];
  return Object.fromEntries([...settings, ...key]);
}

/** The complete logging settings, with defaults for what the template lacks. */
function settingOf(property: string, value: unknown, usual: unknown): unknown {
  if (value === undefined || property !== 'LoggingConfig') return value ?? usual;
  const { LogFormat } = value as { LogFormat?: string };
  const levels = LogFormat === 'JSON' ? { ApplicationLogLevel: 'INFO', SystemLogLevel: 'INFO' } : {};
  return { ...(usual as object), ...levels, ...(value as object) };
}

async function manage(
  cloud: Cloud,
  FunctionName: string,
  properties: Properties,
  changed: ReadonlySet<string>,
): Promise<void> {
  if (changed.has('RuntimeManagementConfig')) {
    const config = (properties['RuntimeManagementConfig'] ?? { UpdateRuntimeOn: 'Auto' }) as RuntimeManagement;
    await cloud.call('lambda', 'PutRuntimeManagementConfig', { FunctionName, ...config });
  }
  if (changed.has('RecursiveLoop')) {
    const RecursiveLoop = (properties['RecursiveLoop'] ?? 'Terminate') as 'Allow' | 'Terminate';
    await cloud.call('lambda', 'PutFunctionRecursionConfig', { FunctionName, RecursiveLoop });
  }
}

async function reserve(cloud: Cloud, FunctionName: string, reserved: unknown): Promise<void> {
  const ReservedConcurrentExecutions = Number(reserved);
  await cloud.call('lambda', 'PutFunctionConcurrency', { FunctionName, ReservedConcurrentExecutions });
}
