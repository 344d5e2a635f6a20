// Reads the settings of a function from a request: limits and reserved names as on AWS, and refusal of what can't be run here.
import type {
  CreateFunctionRequest,
  FunctionConfiguration,
  UpdateFunctionConfigurationRequest,
} from '@aws-sdk/client-lambda';
import { AwsError, type Cloud } from '../cloud.ts';
import { checkConstraints, notImplemented } from '../constraint.ts';
import { usedLayers } from './layers.ts';
import { type FunctionReference, functionArn } from './names.ts';
import { checkRuntime } from './runtimes.ts';
import type { FunctionVersion, Settings } from './state.ts';

type Given = Partial<CreateFunctionRequest> & Partial<UpdateFunctionConfigurationRequest>;

const rolePattern = 'arn:(aws[a-zA-Z\\-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+';

// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
const reservedVariables = [
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_DEFAULT_REGION',
  'AWS_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_LAMBDA_RUNTIME_API',
  'LAMBDA_TASK_ROOT',
  'LAMBDA_RUNTIME_DIR',
];

/** The settings after a request; `before` is absent at creation. */
export function readSettings(cloud: Cloud, name: string, given: Given, before?: Settings): Settings {
  refuseUnsupported(given);
  checkLimits(given);
  const runtime = given.Runtime ?? before?.runtime;
  const handler = given.Handler ?? before?.handler;
  if (runtime === undefined || handler === undefined) {
    throw new AwsError(
      'InvalidParameterValueException',
      'Runtime and Handler are mandatory parameters for functions created with deployment packages.',
    );
  }
  checkRuntime(runtime, before === undefined ? 'create' : 'update', cloud.now());
  checkVariables(given.Environment?.Variables ?? {});
  const layers = given.Layers === undefined ? (before?.layers ?? []) : usedLayers(cloud, given.Layers);
  return {
    runtime,
    handler,
    role: given.Role ?? before?.role ?? '',
    description: given.Description ?? before?.description ?? '',
    timeout: given.Timeout ?? before?.timeout ?? 3,
    memorySize: given.MemorySize ?? before?.memorySize ?? 128,
    variables: given.Environment === undefined ? (before?.variables ?? {}) : (given.Environment.Variables ?? {}),
    architecture: given.Architectures?.[0] ?? before?.architecture ?? 'x86_64',
    ephemeralStorage: given.EphemeralStorage?.Size ?? before?.ephemeralStorage ?? 512,
    tracing: given.TracingConfig?.Mode ?? before?.tracing ?? 'PassThrough',
    logGroup: given.LoggingConfig?.LogGroup ?? before?.logGroup ?? `/aws/lambda/${name}`,
    ...(layers.length === 0 ? {} : { layers }),
  };
}

function checkLimits(given: Given): void {
  const tagCount = Object.keys(given.Tags ?? {}).length;
  checkConstraints('ValidationException', [
    ['role', given.Role, { pattern: rolePattern }],
    ['handler', given.Handler, { pattern: '[^\\s]+', max: 128 }],
    ['description', given.Description, { max: 256 }],
    // The model allows 5,400 s and 32,768 MB, but only on Lambda Managed Instances.
    ['timeout', given.Timeout, { min: 1, max: 900 }],
    ['memorySize', given.MemorySize, { min: 128, max: 10_240 }],
    ['ephemeralStorage.size', given.EphemeralStorage?.Size, { min: 512, max: 10_240 }],
    ['architectures', given.Architectures, { min: 1, max: 1 }],
    ['architectures.1.member', given.Architectures?.[0], { oneOf: ['x86_64', 'arm64'] }],
    ['tracingConfig.mode', given.TracingConfig?.Mode, { oneOf: ['Active', 'PassThrough'] }],
    ['loggingConfig.logFormat', given.LoggingConfig?.LogFormat, { oneOf: ['JSON', 'Text'] }],
    ['loggingConfig.logGroup', given.LoggingConfig?.LogGroup, { pattern: '[\\.\\-_/#A-Za-z0-9]+', min: 1, max: 512 }],
    ['tags', tagCount, { max: 50 }],
  ]);
}

function checkVariables(variables: Readonly<Record<string, string>>): void {
  const keys = Object.keys(variables);
  const pattern = '[a-zA-Z]([a-zA-Z0-9_])+';
  if (keys.some((key) => !new RegExp(`^${pattern}$`).test(key))) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: ${pattern}]`,
    );
  }
  const reserved = keys.filter((key) => reservedVariables.includes(key));
  const unable =
    'Lambda was unable to configure your environment variables because the environment variables you have provided';
  if (reserved.length > 0) {
    throw new AwsError(
      'InvalidParameterValueException',
      `${unable} contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(', ')}`,
    );
  }
  const measured = JSON.stringify(variables);
  if (keys.length > 0 && Buffer.byteLength(measured) > 4096) {
    throw new AwsError(
      'InvalidParameterValueException',
      `${unable} exceeded the 4KB limit. String measured: ${measured}`,
    );
  }
}

function refuseUnsupported(given: Given): void {
  const present: Readonly<Record<string, unknown>> = {
    VpcConfig: given.VpcConfig?.SubnetIds?.length || given.VpcConfig?.SecurityGroupIds?.length,
    FileSystemConfigs: given.FileSystemConfigs?.length,
    ImageConfig: given.ImageConfig,
    'PackageType Image': given.PackageType === 'Image',
    DeadLetterConfig: given.DeadLetterConfig?.TargetArn,
    KMSKeyArn: given.KMSKeyArn,
    'SnapStart PublishedVersions': given.SnapStart?.ApplyOn === 'PublishedVersions',
    'LoggingConfig.LogFormat JSON': given.LoggingConfig?.LogFormat === 'JSON',
    'LoggingConfig.ApplicationLogLevel': given.LoggingConfig?.ApplicationLogLevel,
    'LoggingConfig.SystemLogLevel': given.LoggingConfig?.SystemLogLevel,
    CodeSigningConfigArn: given.CodeSigningConfigArn,
    PublishTo: given.PublishTo,
    TenancyConfig: given.TenancyConfig,
    CapacityProviderConfig: given.CapacityProviderConfig,
    DurableConfig: given.DurableConfig,
  };
  const refused = Object.keys(present).filter((key) => present[key]);
  if (refused.length > 0) throw notImplemented(`a Lambda function with ${refused.join(', ')}`);
}

/** What every operation that answers with a function's configuration shows. */
export function describeVersion(
  cloud: Cloud,
  reference: FunctionReference,
  { version, settings, code, lastModified, revisionId, progress }: FunctionVersion,
): FunctionConfiguration {
  return {
    FunctionName: reference.name,
    FunctionArn: functionArn(cloud, reference),
    Runtime: settings.runtime as FunctionConfiguration['Runtime'],
    Role: settings.role,
    Handler: settings.handler,
    CodeSize: code.size,
    Description: settings.description,
    Timeout: settings.timeout,
    MemorySize: settings.memorySize,
    LastModified: lastModified,
    CodeSha256: Buffer.from(code.sha256, 'hex').toString('base64'),
    Version: version,
    ...(Object.keys(settings.variables).length > 0 ? { Environment: { Variables: { ...settings.variables } } } : {}),
    TracingConfig: { Mode: settings.tracing },
    RevisionId: revisionId,
    ...progressShown[progress],
    PackageType: 'Zip',
    ...(settings.layers === undefined
      ? {}
      : { Layers: settings.layers.map((layer) => ({ Arn: layer.arn, CodeSize: layer.code.size })) }),
    Architectures: [settings.architecture],
    EphemeralStorage: { Size: settings.ephemeralStorage },
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    LoggingConfig: { LogFormat: 'Text', LogGroup: settings.logGroup },
  };
}

const progressShown: Readonly<Record<FunctionVersion['progress'], FunctionConfiguration>> = {
  creating: { State: 'Pending', StateReason: 'The function is being created.', StateReasonCode: 'Creating' },
  updating: {
    State: 'Active',
    LastUpdateStatus: 'InProgress',
    LastUpdateStatusReason: 'The function is being created.',
    // What Lambda answers, though its model's enumeration has no such value.
    LastUpdateStatusReasonCode: 'Creating' as NonNullable<FunctionConfiguration['LastUpdateStatusReasonCode']>,
  },
  ready: { State: 'Active', LastUpdateStatus: 'Successful' },
};
