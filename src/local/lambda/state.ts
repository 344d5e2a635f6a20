// The records of Lambda: a function with its versions, aliases and resource policies.
import type { Collection } from '../store.ts';

/** What a version freezes besides its code. */
export interface Settings {
  readonly runtime: string;
  readonly handler: string;
  readonly role: string;
  readonly description: string;
  readonly timeout: number;
  readonly memorySize: number;
  readonly variables: Readonly<Record<string, string>>;
  readonly architecture: 'x86_64' | 'arm64';
  readonly ephemeralStorage: number;
  readonly tracing: 'Active' | 'PassThrough';
  readonly logGroup: string;
  /** In the order of the request. */
  readonly layers?: readonly UsedLayer[];
}

export interface UsedLayer {
  readonly arn: string;
  readonly code: Code;
}

export interface Code {
  /** Hex; names the blob and the unpacked folder. */
  readonly sha256: string;
  readonly size: number;
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

export interface ResourcePolicy {
  readonly revisionId: string;
  readonly statements: readonly Statement[];
}

export interface LambdaFunction {
  readonly name: string;
  readonly latest: FunctionVersion;
  readonly versions: Readonly<Record<string, PublishedVersion>>;
  /** Numbers are never used twice, not even after a version is deleted. */
  readonly nextVersion: number;
  readonly aliases: Readonly<Record<string, Alias>>;
  /** By qualifier; the empty one is the function itself. */
  readonly policies: Readonly<Record<string, ResourcePolicy>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly reservedConcurrency?: number;
}

export type Functions = Collection<LambdaFunction>;
