// The AWS calls that fx makes, as narrow interfaces grouped by use. `sdk.ts` implements them.

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
  /** `VALIDATION_FAILED`: CloudFormation refused the last change before it began, so nothing changed. */
  readonly detailedStatus: string | undefined;
  readonly updated: Date | undefined;
  readonly terminationProtection: boolean;
  /** The service role that CloudFormation assumes. */
  readonly role: string | undefined;
  readonly notifications: readonly string[];
  readonly rollbackAlarms: RollbackAlarms;
}

export interface RollbackAlarms {
  /** ARNs of CloudWatch alarms. */
  readonly alarms: readonly string[];
  /** How long they are watched after an update. */
  readonly minutes: number;
}

/** How CloudFormation makes a change, and what the stack has from then on. What is undefined stays. */
export interface StackOptions {
  /** Do not wait until resources are stable. */
  readonly express: boolean;
  readonly role: string | undefined;
  readonly notifications: readonly string[] | undefined;
  readonly rollbackAlarms: RollbackAlarms | undefined;
  /** The text of the stack policy. */
  readonly policy: string | undefined;
}

export interface StackEvent {
  readonly id: string;
  readonly time: Date;
  readonly logicalId: string;
  readonly physicalId: string | undefined;
  readonly type: string;
  readonly status: string;
  readonly reason: string | undefined;
  /** The token of the call that caused it. All events of one operation share it, including those of a rollback.
   * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackEvent.html */
  readonly token: string | undefined;
  /** The id of the operation; undefined if the endpoint has none. */
  readonly operation: string | undefined;
  /** `CONFIGURATION_COMPLETE`: the resource is configured, and not yet stable. */
  readonly detailedStatus: string | undefined;
  /** What a hook says that refused the resource. */
  readonly hookReason: string | undefined;
}

/** A failure within an operation, with the stack that it is of. */
export interface OperationFailure extends StackEvent {
  readonly stackId: string;
  /** Of a validation before the operation: where in the template, such as `/Resources/Jobs/Properties/DelaySeconds`. */
  readonly path: string | undefined;
}

export interface StackOperation {
  readonly stackId: string;
  /** Undefined if the endpoint does not tell. */
  readonly operation: string | undefined;
}

export interface StackResource {
  readonly logicalId: string;
  readonly physicalId: string | undefined;
  readonly type: string;
  readonly status: string;
}

export interface StackInput {
  readonly name: string;
  /** The text, or an object's URL if the text exceeds CloudFormation's limit for a body. */
  readonly template: { readonly body: string } | { readonly url: string };
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly options?: StackOptions;
  /** Marks the events of this call. */
  readonly token: string;
}

export interface Stacks {
  /** Undefined if the stack does not exist or is deleted. A stack id also finds a deleted stack. */
  describe(name: string): Promise<StackDescription | undefined>;
  /** The template as it was submitted. */
  template(name: string): Promise<string>;
  /** The stack policy; undefined if the stack never had one. */
  policy(name: string): Promise<string | undefined>;
  resources(name: string): Promise<readonly StackResource[]>;
  /** Undefined if the stack has none. */
  newestEvent(name: string): Promise<StackEvent | undefined>;
  /** The newest events first, down to the event with this id, exclusive. */
  events(name: string, downTo: string | undefined): Promise<readonly StackEvent[]>;
  /** The failures of an operation. Undefined if AWS does not tell: without the permission, or at an endpoint without such a call. */
  failures(operation: string): Promise<readonly OperationFailure[] | undefined>;
  /** With the new stack's id: readers may not see its name yet. */
  create(input: StackInput): Promise<StackOperation>;
  /** `unchanged` if CloudFormation has nothing to do. */
  update(input: StackInput): Promise<StackOperation | 'unchanged'>;
  /** `retain` and `force` are for a stack in DELETE_FAILED: keep these resources, or whatever cannot be deleted. */
  delete(
    name: string,
    token: string,
    how?: { readonly retain?: readonly string[]; readonly force?: boolean },
  ): Promise<void>;
  /** Continues the rollback of a stack in UPDATE_ROLLBACK_FAILED. `force` skips whatever cannot be rolled back. */
  continueRollback(
    name: string,
    how: { readonly skip: readonly string[]; readonly force: boolean; readonly token: string },
  ): Promise<void>;
  /** Rolls back a stack in UPDATE_FAILED. */
  rollBack(name: string, token: string): Promise<StackOperation>;
  /** Termination protection: CloudFormation refuses to delete the stack. */
  protect(name: string, on: boolean): Promise<void>;
}

/** A change set as CloudFormation sees it. */
export interface ChangeSetChange {
  /** Add, Modify, Remove, Dynamic, SyncWithActual. */
  readonly action: string;
  readonly logicalId: string;
  readonly type: string;
  /** True, False or Conditional, of a modified resource. */
  readonly replacement?: string | undefined;
  /** Only of a change set that reverts drift: MODIFIED, DELETED, IN_SYNC, NOT_CHECKED and others. */
  readonly driftStatus?: string | undefined;
  readonly details: readonly ChangeSetDetail[];
}

export interface ChangeSetDetail {
  /** `/Properties/Timeout`, or the attribute. */
  readonly path: string;
  readonly recreation?: string | undefined;
  readonly before?: string | undefined;
  readonly after?: string | undefined;
  /** What causes the change, such as the resource that the property refers to. */
  readonly cause?: string | undefined;
  /** What the property had after the last operation, and what it has now. */
  readonly drift?: { readonly previous: string | undefined; readonly actual: string | undefined } | undefined;
}

export interface ChangeSets {
  /** Begins to create a change set. Of the kind CREATE, it also creates its stack, empty and in review. */
  create(
    input: StackInput & {
      readonly changeSet: string;
      readonly kind: 'CREATE' | 'UPDATE';
      readonly revertDrift: boolean;
    },
  ): Promise<{ readonly id: string; readonly stackId: string }>;
  describe(id: string): Promise<{
    readonly status: string;
    readonly reason: string | undefined;
    readonly changes: readonly ChangeSetChange[];
  }>;
  delete(id: string): Promise<void>;
}

export interface StoredObject {
  readonly key: string;
  readonly size: number;
  readonly modified: Date | undefined;
}

/** An object with its ETag, which changes with every write of other content. */
export interface TaggedObject {
  readonly body: Buffer;
  readonly etag: string;
  readonly modified: Date | undefined;
}

/** Objects of one bucket, which must belong to the account. */
export interface Objects {
  has(bucket: string, key: string): Promise<boolean>;
  /** Without `version`, the newest. Undefined if it does not exist. */
  get(bucket: string, key: string, version?: string): Promise<Buffer | undefined>;
  /** A part of an object: from `start` to `end`, exclusive, or the `last` bytes; and the size of the whole. Undefined if there is none. */
  range(
    at: { readonly bucket: string; readonly key: string; readonly version?: string | undefined },
    part: { readonly start: number; readonly end: number } | { readonly last: number },
  ): Promise<{ readonly bytes: Buffer; readonly size: number } | undefined>;
  put(bucket: string, key: string, body: Uint8Array, contentType: string): Promise<void>;
  /** False if the key has an object with other content; nothing is written then. */
  putNew(bucket: string, key: string, body: Uint8Array, contentType: string): Promise<boolean>;
  getTagged(bucket: string, key: string): Promise<TaggedObject | undefined>;
  /** Writes if the object still has this ETag, or, without one, if there is none. Returns the new ETag; undefined if another write
   * came first. The body must be unlike any written before: that is how a repeated request recognizes its own write. */
  putIf(bucket: string, key: string, etag: string | undefined, body: Uint8Array): Promise<string | undefined>;
  /** Deletes the object if it still has this ETag. Returns whether it is gone. */
  deleteIf(bucket: string, key: string, etag: string): Promise<boolean>;
  list(bucket: string, prefix: string): Promise<readonly StoredObject[]>;
  delete(bucket: string, keys: readonly string[]): Promise<void>;
  /** The URL from which CloudFormation reads an object. */
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
  /** `Unhandled` or `Handled` if the function failed. */
  readonly functionError: string | undefined;
  readonly executedVersion: string | undefined;
  /** The last 4 KB of the log. */
  readonly log: string | undefined;
}

/** `gone`: the function, alias or version does not exist; `busy`: another change of the function is in progress. */
export type AliasMove = 'moved' | 'gone' | 'busy';

export interface AliasState {
  readonly version: string;
  /** The share of calls, from 0 to 1, that goes to each other version. Empty if all go to `version`. */
  readonly weights: Readonly<Record<string, number>>;
}

export interface AliasInput {
  /** The name in AWS. */
  readonly functionName: string;
  readonly alias: string;
}

export interface PublishedVersion {
  readonly version: string;
  /** The ARNs of its layer versions. */
  readonly layers: readonly string[];
}

export interface Readiness {
  readonly state: 'ready' | 'pending' | 'failed';
  readonly reason: string | undefined;
}

export interface Functions {
  /** The published versions, without $LATEST. Empty if the function does not exist. */
  versions(functionName: string): Promise<readonly PublishedVersion[]>;
  /** Every alias with its target. Empty if the function does not exist. */
  aliases(functionName: string): Promise<readonly AliasState[]>;
  /** The ARNs of the versions of a layer. Empty if it has none. */
  layerVersions(layerName: string): Promise<readonly string[]>;
  deleteLayerVersion(input: { readonly layerName: string; readonly version: number }): Promise<void>;
  /** Undefined if the function or alias does not exist. */
  alias(input: AliasInput): Promise<AliasState | undefined>;
  /** Points an alias at one version, for all calls except those that `weights` sends to other versions. */
  moveAlias(
    input: AliasInput & { readonly version: string; readonly weights?: AliasState['weights'] },
  ): Promise<AliasMove>;
  /** Gives $LATEST the code of an object in the bucket. */
  updateCode(input: { readonly functionName: string; readonly bucket: string; readonly key: string }): Promise<void>;
  /** The status of the last update of $LATEST: `Successful`, `InProgress` or `Failed`. */
  updateStatus(functionName: string): Promise<string>;
  /** Publishes $LATEST and returns the version: the newest one, if nothing has changed since. */
  publish(functionName: string): Promise<string>;
  /** Deletes one published version. `gone` if it does not exist; `used` if an alias points to it. */
  deleteVersion(input: {
    readonly functionName: string;
    readonly version: string;
  }): Promise<'deleted' | 'gone' | 'used'>;
  /** Whether a function, or a version of it, can be invoked with its newest configuration. `name`: its name or ARN. */
  readiness(name: string): Promise<Readiness>;
  /** Whether an alias has its provisioned concurrency; ready if it has none. */
  provisioning(input: AliasInput): Promise<Readiness>;
  invoke(input: InvokeInput): Promise<InvokeResult>;
}

/** Who may push and pull, for twelve hours. https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html */
export interface RegistryLogin {
  /** The URL of the registry, which has the repositories. */
  readonly registry: string;
  readonly username: string;
  readonly password: string;
}

/** Container images of one repository. */
export interface Images {
  /** Which of these tags the repository has. */
  present(repository: string, tags: readonly string[]): Promise<ReadonlySet<string>>;
  /** All tags of the repository. */
  tags(repository: string): Promise<readonly string[]>;
  delete(repository: string, tags: readonly string[]): Promise<void>;
  login(): Promise<RegistryLogin>;
}

export interface LogEvent {
  readonly id: string;
  readonly group: string;
  readonly stream: string;
  readonly time: Date;
  readonly message: string;
}

export interface Logs {
  /** In order of time. A group that does not exist has no events. */
  filter(input: {
    readonly group: string;
    readonly since: Date;
    readonly until?: Date;
    readonly pattern?: string;
  }): Promise<readonly LogEvent[]>;
}

/** A metric of one version, of the calls through one alias. */
export interface MetricQuery {
  readonly id: string;
  readonly functionName: string;
  readonly alias: string;
  readonly version: string;
  readonly metric: 'Invocations' | 'Errors' | 'Throttles' | 'Duration';
  readonly statistic: 'Sum' | 'Average' | `p${number}`;
}

export interface Metrics {
  /** The value of each minute with data, by the id of the query. */
  byMinute(queries: readonly MetricQuery[], since: Date, until: Date): Promise<ReadonlyMap<string, readonly number[]>>;
}

/** What lookups in a project file may read from an account. The caller who creates it checks the account first. */
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
  /** The endpoint, if it is not AWS. */
  readonly endpoint: string | undefined;
  identity(): Promise<Identity>;
  /** The same calls, which go on after an interruption: to release, restore and record what was begun. */
  uninterrupted(): Aws;
  readonly stacks: Stacks;
  readonly changeSets: ChangeSets;
  readonly objects: Objects;
  readonly functions: Functions;
  readonly images: Images;
  readonly logs: Logs;
  readonly metrics: Metrics;
}
