// Reads the settings of a function from a request: limits and reserved names as on AWS, and refusal of what can't be run here.
import type { FunctionConfiguration, LoggingConfig, VpcConfig } from '@aws-sdk/client-lambda';
import { AwsError, type Cloud } from '../cloud.ts';
import { type FunctionReference, functionArn } from './names.ts';
import { checkRuntime, runtimeBuild } from './runtimes.ts';
import {
  checkLimits,
  checkTogether,
  checkVariables,
  refuseUnsupported,
  type SettingsInput,
} from './settings-checks.ts';
import type { FunctionVersion, Settings } from './state.ts';

/** The settings after a request; `before` is absent at creation. */
export function readSettings(
  cloud: Cloud,
  name: string,
  input: SettingsInput,
  { before, layers = before?.layers }: { before?: Settings; layers?: Settings['layers'] | undefined } = {},
): Settings {
  refuseUnsupported(input);
  checkLimits(input);
  const runtime = input.Runtime ?? before?.runtime;
  const handler = input.Handler ?? before?.handler;
  if (runtime === undefined || handler === undefined) {
    throw new AwsError(
      'InvalidParameterValueException',
      'Runtime and Handler are mandatory parameters for functions created with deployment packages.',
      400,
      { Type: 'User' },
    );
  }
  checkRuntime(runtime, before === undefined ? 'create' : 'update', cloud.now());
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
      layers: layers?.length === 0 ? undefined : layers,
    }),
  };
  checkTogether(settings);
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
    ...(settings.variables === undefined ? {} : { Environment: { Variables: { ...settings.variables } } }),
    TracingConfig: { Mode: settings.tracing },
    RevisionId: revisionId,
    ...progressShown[progress],
    PackageType: 'Zip',
    Architectures: [settings.architecture],
    EphemeralStorage: { Size: settings.ephemeralStorage },
    SnapStart: {
      ApplyOn: settings.snapStart ?? 'None',
      OptimizationStatus: settings.snapStart !== undefined && version !== '$LATEST' ? 'On' : 'Off',
    },
    LoggingConfig: describeLogging(settings),
    RuntimeVersionConfig: { RuntimeVersionArn: runtimeBuild(cloud.region, settings.runtime).arn },
    ...describeOptional(settings),
  };
}

/** The part of it that a list has.
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
    // What Lambda answers, though its model's enumeration has no such value.
    LastUpdateStatusReasonCode: 'Creating' as NonNullable<FunctionConfiguration['LastUpdateStatusReasonCode']>,
  },
  ready: { State: 'Active', LastUpdateStatus: 'Successful' },
};
