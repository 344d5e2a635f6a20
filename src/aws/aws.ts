// The calls that fx makes, as narrow interfaces grouped by use. `sdk.ts` implements them.

export interface Identity {
  readonly account: string;
  readonly arn: string;
}

export interface StackDescription {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly statusReason: string | undefined;
  readonly parameters: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly updated: Date | undefined;
  readonly terminationProtection: boolean;
}

export interface StackEvent {
  readonly id: string;
  readonly time: Date;
  readonly logicalId: string;
  readonly physicalId: string | undefined;
  readonly type: string;
  readonly status: string;
  readonly reason: string | undefined;
  /** The token of the call that caused it. Every event of one operation has the same, those of its rollback too.
   * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackEvent.html */
  readonly token: string | undefined;
}

export interface StackResource {
  readonly logicalId: string;
  readonly physicalId: string | undefined;
  readonly type: string;
  readonly status: string;
}

export interface StackInput {
  readonly name: string;
  /** The text, or the URL of an object where the text is over CloudFormation's limit for a body. */
  readonly template: { readonly body: string } | { readonly url: string };
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** Marks the events of this call. */
  readonly token: string;
}

export interface Stacks {
  /** Undefined if the stack does not exist, or is deleted. A stack id also finds a deleted one. */
  describe(name: string): Promise<StackDescription | undefined>;
  /** The template as it was sent. */
  template(name: string): Promise<string>;
  resources(name: string): Promise<readonly StackResource[]>;
  /** Undefined where the stack has none. */
  newestEvent(name: string): Promise<StackEvent | undefined>;
  /** The newest events first, down to the event of the given id, without it. */
  events(name: string, downTo: string | undefined): Promise<readonly StackEvent[]>;
  /** Answers the new stack's id: its name may not be known to every reader at once. */
  create(input: StackInput): Promise<string>;
  /** `unchanged` where CloudFormation finds nothing to do. */
  update(input: StackInput): Promise<'started' | 'unchanged'>;
  delete(name: string, token: string): Promise<void>;
  /** Termination protection: with it, CloudFormation refuses to delete the stack, whoever asks. */
  protect(name: string, on: boolean): Promise<void>;
}

export interface StoredObject {
  readonly key: string;
  readonly size: number;
}

/** Objects of one bucket, which must belong to the account. */
export interface Objects {
  has(bucket: string, key: string): Promise<boolean>;
  get(bucket: string, key: string): Promise<Buffer | undefined>;
  put(bucket: string, key: string, body: Uint8Array, contentType: string): Promise<void>;
  /** False where the key has an object with another content; nothing was written then. */
  putNew(bucket: string, key: string, body: Uint8Array, contentType: string): Promise<boolean>;
  list(bucket: string, prefix: string): Promise<readonly StoredObject[]>;
  delete(bucket: string, keys: readonly string[]): Promise<void>;
  /** Where CloudFormation reads an object from. */
  url(bucket: string, key: string): string;
}

export interface InvokeInput {
  readonly functionName: string;
  readonly qualifier: string;
  readonly payload: Uint8Array;
  readonly mode: 'wait' | 'async' | 'dry-run';
}
export interface InvokeResult {
  readonly status: number;
  readonly payload: string;
  /** `Unhandled` or `Handled` where the function failed. */
  readonly functionError: string | undefined;
  readonly executedVersion: string | undefined;
  /** The last 4 KB of the log. */
  readonly log: string | undefined;
}

/** `gone`: function, alias or version do not exist; `busy`: Lambda is in the middle of another change of the function. */
export type AliasMove = 'moved' | 'gone' | 'busy';

export interface AliasState {
  readonly version: string;
  /** The share of calls, from 0 to 1, that goes to another version. Empty where all go to `version`. */
  readonly weights: Readonly<Record<string, number>>;
}

export interface AliasInput {
  /** The name in AWS. */
  readonly functionName: string;
  readonly alias: string;
}

export interface Functions {
  /** Undefined where function or alias do not exist. */
  alias(input: AliasInput): Promise<AliasState | undefined>;
  /** Points an alias at one version, with all of its calls. */
  moveAlias(input: AliasInput & { readonly version: string }): Promise<AliasMove>;
  invoke(input: InvokeInput): Promise<InvokeResult>;
}

export interface LogEvent {
  readonly id: string;
  readonly group: string;
  readonly stream: string;
  readonly time: Date;
  readonly message: string;
}

export interface Logs {
  /** In the order of time. A group that is not there has no events. */
  filter(input: {
    readonly group: string;
    readonly since: Date;
    readonly until?: Date;
    readonly pattern?: string;
  }): Promise<readonly LogEvent[]>;
}

/** What lookups in a project file may read from an account. Whoever creates it checks the account first. */
export interface Lookups {
  account(): Promise<string>;
  /** A SecureString comes without its value. Undefined if the parameter does not exist. */
  parameter(
    name: string,
    region: string,
  ): Promise<{ readonly type: 'String' | 'StringList' | 'SecureString'; readonly value: string } | undefined>;
  /** Undefined if the stack does not exist. */
  stackOutputs(stack: string, region: string): Promise<Readonly<Record<string, string>> | undefined>;
  /** The text of an object; undefined if it does not exist. */
  object(bucket: string, key: string, region: string): Promise<string | undefined>;
}

export interface Aws {
  /** The endpoint where it is not AWS's own. */
  readonly endpoint: string | undefined;
  identity(): Promise<Identity>;
  readonly stacks: Stacks;
  readonly objects: Objects;
  readonly functions: Functions;
  readonly logs: Logs;
}
