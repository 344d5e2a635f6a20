// Reads the settings of a function from a request: checks limits and names as AWS does, and rejects what can't run here.
import type { FunctionConfiguration, LoggingConfig, VpcConfig } from '@aws-sdk/client-lambda';
import { AwsError, type Cloud } from '../cloud.ts';
import { type FunctionReference, functionArn } from './names.ts';
import { checkRuntime, runtimeBuild } from './runtimes.ts';
import { checkCombinations, checkLimits, checkPackage, checkVariables, type SettingsInput } from './settings-checks.ts';
import type { FunctionVersion, Settings } from './state.ts';

/** The settings after a request; `before` is absent at creation. */
export function readSettings(
  cloud: Cloud,
  name: string,
  input: SettingsInput,
  { before, layers = before?.layers }: { before?: Settings; layers?: Settings['layers'] | undefined } = {},
): Settings {
  checkLimits(input);
  const isImage = before === undefined ? input.PackageType === 'Image' : before.image !== undefined;
  checkPackage(input, isImage);
  const runtime = isImage ? '' : (input.Runtime ?? before?.runtime);
  const handler = isImage ? '' : (input.Handler ?? before?.handler);
  if (runtime === undefined || handler === undefined) {
    throw new AwsError(
      'InvalidParameterValueException',
      'Runtime and Handler are mandatory parameters for functions created with deployment packages.',
      400,
      { Type: 'User' },
    );
  }
  if (!isImage) checkRuntime(runtime, before === undefined ? 'create' : 'update', cloud.now());
  checkVariables(input.Environment?.Variables ?? {});
  const settings: Settings = {
    runtime,
    handler,
    role: input.Role ?? before?.role ?? '',
    description: input.Description ?? before?.description ?? '',
    timeout: input.Timeout ?? before?.timeout ?? 3,
    memorySize: input.MemorySize ?? before?.memorySize ?? 128,
    variables: input.Environment === undefined ? before?.variables : (input.Environment.Variables ?? {}),
    architecture: input.Architectures?.[0] ?? before?.architecture ?? 'x86_64',
    ephemeralStorage: input.EphemeralStorage?.Size ?? before?.ephemeralStorage ?? 512,
    tracing: input.TracingConfig?.Mode ?? before?.tracing ?? 'PassThrough',
    logGroup: input.LoggingConfig?.LogGroup ?? before?.logGroup ?? `/aws/lambda/${name}`,
    ...readLogging(input.LoggingConfig ?? {}, before),
    ...optional({
      deadLetterTarget: input.DeadLetterConfig?.TargetArn ?? before?.deadLetterTarget,
      kmsKeyArn: input.KMSKeyArn ?? before?.kmsKeyArn,
      vpc: input.VpcConfig === undefined ? before?.vpc : readVpc(input.VpcConfig, before?.vpc),
      snapStart: readSnapStart(input, before),
      image: isImage ? readImage(input, before) : undefined,
      layers: layers?.length === 0 ? undefined : layers,
    }),
  };
  checkCombinations(settings);
  return settings;
}

function readLogging({ LogFormat, ApplicationLogLevel, SystemLogLevel }: LoggingConfig, before: Settings | undefined) {
  const format = LogFormat ?? before?.logFormat;
  const isJson = format === 'JSON';
  return optional({
    logFormat: isJson ? ('JSON' as const) : undefined,
    // A function that changes to text logs loses its levels.
    applicationLogLevel: ApplicationLogLevel ?? (isJson ? before?.applicationLogLevel : undefined),
    systemLogLevel: SystemLogLevel ?? (isJson ? before?.systemLogLevel : undefined),
  });
}

function readVpc(input: VpcConfig, before: Settings['vpc']): Settings['vpc'] {
  const subnetIds = input.SubnetIds ?? before?.subnetIds ?? [];
  const securityGroupIds = input.SecurityGroupIds ?? before?.securityGroupIds ?? [];
  if (subnetIds.length === 0 && securityGroupIds.length === 0) return undefined;
  return { subnetIds, securityGroupIds, allowsIpv6: input.Ipv6AllowedForDualStack ?? before?.allowsIpv6 ?? false };
}

/** A request with an ImageConfig replaces all of it. */
function readImage({ ImageConfig }: SettingsInput, before: Settings | undefined): Settings['image'] {
  if (ImageConfig === undefined) return before?.image ?? {};
  const { Command, EntryPoint, WorkingDirectory } = ImageConfig;
  return optional({ command: Command, entryPoint: EntryPoint, workingDirectory: WorkingDirectory });
}

function readSnapStart({ SnapStart }: SettingsInput, before: Settings | undefined): Settings['snapStart'] {
  if (SnapStart?.ApplyOn === undefined) return before?.snapStart;
  return SnapStart.ApplyOn === 'None' ? undefined : SnapStart.ApplyOn;
}

/** Without unused settings: an empty string removes one. */
function optional<T extends object>(settings: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined && value !== ''),
  ) as never;
}

/** A function's configuration, as all operations return it. */
export function describeVersion(
  cloud: Cloud,
  reference: FunctionReference,
  { version, settings, code, lastModified, revisionId, progress }: FunctionVersion,
): FunctionConfiguration {
  return {
    FunctionName: reference.name,
    FunctionArn: functionArn(cloud, reference),
    ...(settings.image === undefined
      ? { Runtime: settings.runtime as FunctionConfiguration['Runtime'], Handler: settings.handler }
      : {}),
    Role: settings.role,
    CodeSize: code.size,
    Description: settings.description,
    Timeout: settings.timeout,
    MemorySize: settings.memorySize,
    LastModified: lastModified,
    CodeSha256: Buffer.from(code.sha256, 'hex').toString('base64'),
    Version: version,
    ...(settings.variables === undefined ? {} : { Environment: { Variables: { ...settings.variables } } }),
    TracingConfig: { Mode: settings.tracing },
    RevisionId: revisionId,
    ...progressShown[progress],
    PackageType: settings.image === undefined ? 'Zip' : 'Image',
    Architectures: [settings.architecture],
    EphemeralStorage: { Size: settings.ephemeralStorage },
    SnapStart: {
      ApplyOn: settings.snapStart ?? 'None',
      OptimizationStatus: settings.snapStart !== undefined && version !== '$LATEST' ? 'On' : 'Off',
    },
    LoggingConfig: describeLogging(settings),
    ...describeRuntime(cloud, settings),
    ...describeOptional(settings),
  };
}

/** The part of the configuration that lists contain.
 * https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html */
export function listVersion(
  cloud: Cloud,
  reference: FunctionReference,
  version: FunctionVersion,
): FunctionConfiguration {
  const {
    State,
    StateReason,
    StateReasonCode,
    LastUpdateStatus,
    LastUpdateStatusReason,
    LastUpdateStatusReasonCode,
    RuntimeVersionConfig,
    ...listed
  } = describeVersion(cloud, reference, version);
  return listed;
}

function describeLogging({ logFormat, logGroup, applicationLogLevel, systemLogLevel }: Settings): LoggingConfig {
  if (logFormat === undefined) return { LogFormat: 'Text', LogGroup: logGroup };
  const [ApplicationLogLevel, SystemLogLevel] = [applicationLogLevel ?? 'INFO', systemLogLevel ?? 'INFO'];
  return { LogFormat: logFormat, ApplicationLogLevel, SystemLogLevel, LogGroup: logGroup };
}

/** An image has none: it shows what overrides its configuration instead. */
function describeRuntime({ region }: Cloud, { runtime, image }: Settings): FunctionConfiguration {
  if (image === undefined) return { RuntimeVersionConfig: { RuntimeVersionArn: runtimeBuild(region, runtime).arn } };
  const { command, entryPoint, workingDirectory } = image;
  if (Object.keys(image).length === 0) return {};
  const ImageConfig = {
    ...(command === undefined ? {} : { Command: [...command] }),
    ...(entryPoint === undefined ? {} : { EntryPoint: [...entryPoint] }),
    ...(workingDirectory === undefined ? {} : { WorkingDirectory: workingDirectory }),
  };
  return { ImageConfigResponse: { ImageConfig } };
}

/** The settings that are shown only if used. */
function describeOptional({ deadLetterTarget, kmsKeyArn, layers, vpc }: Settings): FunctionConfiguration {
  return {
    ...(deadLetterTarget === undefined ? {} : { DeadLetterConfig: { TargetArn: deadLetterTarget } }),
    ...(kmsKeyArn === undefined ? {} : { KMSKeyArn: kmsKeyArn }),
    ...(layers === undefined ? {} : { Layers: layers.map(({ arn, code }) => ({ Arn: arn, CodeSize: code.size })) }),
    ...(vpc === undefined
      ? {}
      : {
          VpcConfig: {
            SubnetIds: [...vpc.subnetIds],
            SecurityGroupIds: [...vpc.securityGroupIds],
            Ipv6AllowedForDualStack: vpc.allowsIpv6,
          },
        }),
  };
}

const progressShown: Readonly<Record<FunctionVersion['progress'], FunctionConfiguration>> = {
  creating: { State: 'Pending', StateReason: 'The function is being created.', StateReasonCode: 'Creating' },
  updating: {
    State: 'Active',
    LastUpdateStatus: 'InProgress',
    LastUpdateStatusReason: 'The function is being created.',
    // Lambda returns this value, although it is not in the model's enumeration.
    LastUpdateStatusReasonCode: 'Creating' as NonNullable<FunctionConfiguration['LastUpdateStatusReasonCode']>,
  },
  ready: { State: 'Active', LastUpdateStatus: 'Successful' },
};
