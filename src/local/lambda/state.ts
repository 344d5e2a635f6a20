// The records of Lambda: a function with its versions, aliases and resource policies.
import type { Cors } from '@aws-sdk/client-lambda';
import type { Collection } from '../store.ts';

export type LogLevel = 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL';

/** The parts of a version besides its code. */
export interface Settings {
  readonly runtime: string;
  readonly handler: string;
  readonly role: string;
  readonly description: string;
  readonly timeout: number;
  readonly memorySize: number;
  /** Undefined if the function never had any: AWS then leaves out Environment, instead of an empty one. */
  readonly variables: Readonly<Record<string, string>> | undefined;
  readonly architecture: 'x86_64' | 'arm64';
  readonly ephemeralStorage: number;
  readonly tracing: 'Active' | 'PassThrough';
  readonly logGroup: string;
  /** Absent: text. */
  readonly logFormat?: 'JSON';
  readonly applicationLogLevel?: LogLevel;
  readonly systemLogLevel?: 'DEBUG' | 'INFO' | 'WARN';
  /** The ARN of the dead-letter queue. */
  readonly deadLetterTarget?: string;
  readonly kmsKeyArn?: string;
  /** Recorded: functions are in no network here. */
  readonly vpc?: {
    readonly subnetIds: readonly string[];
    readonly securityGroupIds: readonly string[];
    readonly allowsIpv6: boolean;
  };
  readonly snapStart?: 'PublishedVersions';
  /** Of a container image, which has no runtime and no handler. */
  readonly image?: ImageSettings;
  /** In the function's order: later layers override earlier ones. */
  readonly layers?: readonly UsedLayer[];
}

/** With its content, since a version that uses a layer outlives the layer's deletion. */
export interface UsedLayer {
  readonly arn: string;
  readonly code: Code;
}

/** What overrides the configuration of an image. */
export interface ImageSettings {
  readonly command?: readonly string[];
  readonly entryPoint?: readonly string[];
  readonly workingDirectory?: string;
}

export interface Code {
  /** Hex; names the blob and the unpacked folder. Of an image, its digest. */
  readonly sha256: string;
  readonly size: number;
  readonly image?: { readonly uri: string; readonly repository: string; readonly digest: string };
}

export interface FunctionVersion {
  /** `$LATEST` or a number. */
  readonly version: string;
  readonly settings: Settings;
  readonly code: Code;
  readonly lastModified: string;
  readonly revisionId: string;
  /** `creating` and `updating` last until the code is unpacked. */
  readonly progress: 'creating' | 'updating' | 'ready';
}

/** A published version, with the fingerprint of the `$LATEST` it was made from. */
export interface PublishedVersion extends FunctionVersion {
  readonly source: string;
}

export interface Alias {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly revisionId: string;
  /** Share of the invocations that goes to another version. */
  readonly weights?: Readonly<Record<string, number>>;
}

export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Principal: '*' | { readonly Service: string } | { readonly AWS: string };
  readonly Action: string;
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Its revision is that of the function, version or alias. */
export interface ResourcePolicy {
  readonly statements: readonly Statement[];
}

/** By ARN. */
export interface Destinations {
  readonly onSuccess?: string;
  readonly onFailure?: string;
}

export interface EventInvokeConfig {
  readonly maximumRetryAttempts?: number;
  readonly maximumEventAgeSeconds?: number;
  readonly destinations: Destinations;
  readonly lastModified: number;
}

export interface RuntimeManagement {
  readonly updateRuntimeOn: 'Auto' | 'Manual' | 'FunctionUpdate';
  readonly runtimeVersionArn?: string;
}

export interface FunctionUrl {
  readonly id: string;
  /** The loopback port of its listener; stored, so the address survives a restart. */
  readonly port: number;
  readonly authType: 'NONE' | 'AWS_IAM';
  readonly invokeMode: 'BUFFERED' | 'RESPONSE_STREAM';
  readonly cors?: Cors;
  readonly created: string;
  readonly modified: string;
}

export interface Provisioned {
  readonly count: number;
  readonly lastModified: string;
}

export interface CodeSigningConfig {
  readonly id: string;
  readonly arn: string;
  readonly description: string;
  /** The ARNs of signing profile versions. */
  readonly publishers: readonly string[];
  readonly policy: 'Warn' | 'Enforce';
  readonly lastModified: string;
}

export interface LambdaFunction {
  readonly name: string;
  readonly latest: FunctionVersion;
  readonly versions: Readonly<Record<string, PublishedVersion>>;
  /** Numbers are never reused, not even after a version is deleted. */
  readonly nextVersion: number;
  readonly aliases: Readonly<Record<string, Alias>>;
  /** By qualifier; the empty one is the function itself. */
  readonly policies: Readonly<Record<string, ResourcePolicy>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly reservedConcurrency?: number;
  readonly codeSigningConfigArn?: string;
  /** By qualifier, `$LATEST` for the function itself. */
  readonly eventInvokeConfigs?: Readonly<Record<string, EventInvokeConfig>>;
  /** By qualifier, `$LATEST` for the function itself. */
  readonly runtimeManagement?: Readonly<Record<string, RuntimeManagement>>;
  readonly recursiveLoop?: 'Allow' | 'Terminate';
  /** By alias, `$LATEST` for the function itself. */
  readonly urls?: Readonly<Record<string, FunctionUrl>>;
  /** By alias or version. */
  readonly provisioned?: Readonly<Record<string, Provisioned>>;
}

export type LayerStatement = Omit<Statement, 'Principal'> & { readonly Principal: '*' | { readonly AWS: string } };

export interface LayerVersion {
  readonly number: number;
  readonly code: Code;
  readonly unzippedBytes: number;
  readonly created: string;
  readonly description: string;
  /** Absent if the request had no list: AWS shows an empty list only if the request had one. */
  readonly runtimes?: readonly string[];
  readonly architectures?: readonly string[];
  readonly license: string;
  readonly policy?: { readonly revisionId: string; readonly statements: readonly LayerStatement[] };
}

export interface Layer {
  readonly name: string;
  /** Oldest first. */
  readonly versions: readonly LayerVersion[];
  /** Numbers are never reused. */
  readonly nextNumber: number;
}

export type Functions = Collection<LambdaFunction>;
