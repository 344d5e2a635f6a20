// Lambda's checks of the settings in a request, alone and together, and the settings that are not supported here.
import type { CreateFunctionRequest, UpdateFunctionConfigurationRequest } from '@aws-sdk/client-lambda';
import { AwsError } from '../cloud.ts';
import { checkConstraints, notImplemented } from '../constraint.ts';
import { hasSnapStart } from './runtimes.ts';
import type { Settings } from './state.ts';

export type SettingsInput = Partial<CreateFunctionRequest> & Partial<UpdateFunctionConfigurationRequest>;

const arnPattern = '(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()';
const rolePattern = 'arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+';

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

export function checkLimits(input: SettingsInput): void {
  const tagCount = Object.keys(input.Tags ?? {}).length;
  checkConstraints('ValidationException', [
    ['role', input.Role, { pattern: rolePattern }],
    ['handler', input.Handler, { pattern: '[^\\s]+', max: 128 }],
    ['description', input.Description, { max: 256 }],
    // The model allows 5,400 s and 32,768 MB, but only on Lambda Managed Instances.
    ['timeout', input.Timeout, { min: 1, max: 1800 }],
    ['memorySize', input.MemorySize, { min: 128, max: 10_240 }],
    ['ephemeralStorage.size', input.EphemeralStorage?.Size, { min: 512, max: 10_240 }],
    ['architectures', input.Architectures, { min: 1, max: 1 }],
    ['architectures.1.member', input.Architectures?.[0], { oneOf: ['x86_64', 'arm64'] }],
    ['tracingConfig.mode', input.TracingConfig?.Mode, { oneOf: ['Active', 'PassThrough'] }],
    ['loggingConfig.logFormat', input.LoggingConfig?.LogFormat, { oneOf: ['JSON', 'Text'] }],
    [
      'loggingConfig.applicationLogLevel',
      input.LoggingConfig?.ApplicationLogLevel,
      { oneOf: ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] },
    ],
    ['loggingConfig.systemLogLevel', input.LoggingConfig?.SystemLogLevel, { oneOf: ['DEBUG', 'INFO', 'WARN'] }],
    ['kMSKeyArn', input.KMSKeyArn, { pattern: arnPattern }],
    ['snapStart.applyOn', input.SnapStart?.ApplyOn, { oneOf: ['PublishedVersions', 'None'] }],
    ['vpcConfig.subnetIds', input.VpcConfig?.SubnetIds, { max: 16, each: idOf('subnet-[0-9a-z]*') }],
    ['vpcConfig.securityGroupIds', input.VpcConfig?.SecurityGroupIds, { max: 5, each: idOf('sg-[0-9a-zA-Z]*') }],
    ['loggingConfig.logGroup', input.LoggingConfig?.LogGroup, { pattern: '[\\.\\-_/#A-Za-z0-9]+', min: 1, max: 512 }],
    ['deadLetterConfig.targetArn', input.DeadLetterConfig?.TargetArn, { pattern: arnPattern }],
    ['tags', tagCount, { max: 50 }],
  ]);
}

const idOf = (pattern: string) => ({ min: 0, max: 1024, pattern });

/** Checks settings that depend on each other. */
export function checkCombinations(settings: Settings): void {
  const { applicationLogLevel, systemLogLevel, logFormat, vpc, snapStart, runtime, ephemeralStorage, image } = settings;
  if (logFormat === undefined && (applicationLogLevel ?? systemLogLevel) !== undefined) {
    throw invalid('Log levels can be set only for the log format JSON.');
  }
  if (vpc !== undefined && (vpc.subnetIds.length === 0 || vpc.securityGroupIds.length === 0)) {
    throw invalid('SubnetIds and SecurityIds must coexist or be both empty list.');
  }
  if (snapStart === undefined) return;
  if (image !== undefined) throw invalid('ContainerImage is not supported for SnapStart enabled functions.');
  if (!hasSnapStart(runtime)) throw invalid(`${runtime} is not supported for SnapStart enabled functions.`);
  // https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html#snapstart-supported
  if (ephemeralStorage > 512) throw invalid('SnapStart does not support ephemeral storage of more than 512 MB.');
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message, 400, { Type: 'User' });
}

export function checkVariables(variables: Readonly<Record<string, string>>): void {
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
      400,
      { Type: 'User' },
    );
  }
  const measured = JSON.stringify(variables);
  if (keys.length > 0 && Buffer.byteLength(measured) > 4096) {
    throw new AwsError(
      'InvalidParameterValueException',
      `${unable} exceeded the 4KB limit. String measured: ${measured}`,
      400,
      { Type: 'User' },
    );
  }
}

/** An image contains its runtime, handler and layers. */
export function checkPackage(input: SettingsInput, isImage: boolean): void {
  const { Runtime, Handler, Layers = [], ImageConfig } = input;
  if (isImage && (Runtime !== undefined || Handler !== undefined || Layers.length > 0)) {
    throw invalid("Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.");
  }
  if (!isImage && ImageConfig !== undefined) throw notImplemented('ImageConfig of a function without an image');
  checkConstraints('ValidationException', [
    ['imageConfig.command', ImageConfig?.Command, { max: 1500 }],
    ['imageConfig.entryPoint', ImageConfig?.EntryPoint, { max: 1500 }],
    ['imageConfig.workingDirectory', ImageConfig?.WorkingDirectory, { max: 1000 }],
  ]);
}
