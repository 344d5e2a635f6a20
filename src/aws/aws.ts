// The AWS calls that fx makes, as narrow interfaces grouped by use. `sdk.ts` implements them.
import type { ChangeSets, Stacks } from './stacks.ts';

export type * from './stacks.ts';

export interface Identity {
  readonly account: string;
  readonly arn: string;
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
  /** Copies an object within S3, with these headers in place of its own. */
  copy(
    from: { readonly bucket: string; readonly key: string },
    to: { readonly bucket: string; readonly key: string },
    headers: { readonly contentType: string; readonly cacheControl: string },
  ): Promise<void>;
  list(bucket: string, prefix: string): Promise<readonly StoredObject[]>;
  delete(bucket: string, keys: readonly string[]): Promise<void>;
  hasBucket(bucket: string): Promise<boolean>;
  /** Only an empty bucket can be deleted. */
  deleteBucket(bucket: string): Promise<void>;
  /** The URL from which CloudFormation reads an object. */
  url(bucket: string, key: string): string;
}

export interface InvokeInput {
  readonly functionName: string;
  readonly qualifier: string;
  readonly payload: Uint8Array;
  readonly mode: 'wait' | 'async' | 'dry-run';
  /** JSON that the function finds in its context. */
  readonly clientContext?: string | undefined;
  /** For a function that isolates tenants. */
  readonly tenant?: string | undefined;
  /** For a durable function: the same name again is the same execution. */
  readonly durableName?: string | undefined;
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
  /** Of $LATEST. Undefined if the function does not exist. */
  size(
    functionName: string,
  ): Promise<{ readonly memory: number; readonly architecture: 'arm64' | 'x86_64' } | undefined>;
  /** The subnets and security groups of $LATEST. Undefined without a VPC, or if the function does not exist. */
  network(
    functionName: string,
  ): Promise<{ readonly subnets: readonly string[]; readonly securityGroups: readonly string[] } | undefined>;
  /** Gives $LATEST so many MB. */
  setMemory(functionName: string, memory: number): Promise<void>;
  /** Publishes $LATEST and returns the version: the newest one, if nothing has changed since. */
  publish(functionName: string): Promise<string>;
  /** Deletes one published version. `gone` if it does not exist; `used` if an alias points to it, or if CloudFront
   * has copies of it. */
  deleteVersion(input: {
    readonly functionName: string;
    readonly version: string;
  }): Promise<'deleted' | 'gone' | 'used'>;
  /** The environment variables of a version or alias. Undefined if it does not exist. */
  variables(functionName: string, qualifier: string): Promise<Readonly<Record<string, string>> | undefined>;
  /** Whether a function, or a version of it, can be invoked with its newest configuration. `name`: its name or ARN. */
  readiness(name: string): Promise<Readiness>;
  /** Whether an alias has its provisioned concurrency; ready if it has none. */
  provisioning(input: AliasInput): Promise<Readiness>;
  invoke(input: InvokeInput): Promise<InvokeResult>;
  /** Calls and passes on what the function answers, as it does. Ends with its error, if it failed. */
  invokeStreaming(
    input: Omit<InvokeInput, 'mode' | 'durableName'>,
    take: (chunk: Uint8Array) => void,
  ): Promise<Pick<InvokeResult, 'status' | 'functionError' | 'executedVersion'> & { readonly errorDetails: string }>;
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

export interface LogSearch {
  readonly group: string;
  readonly since: Date;
  readonly until?: Date | undefined;
  /** A filter pattern of CloudWatch Logs. */
  readonly pattern?: string | undefined;
  /** Only these streams; at most 100. */
  readonly streams?: readonly string[];
  /** The newest events come first, also within a page. `since` must be 2024 or later. */
  readonly newestFirst?: boolean;
  /** At most so many events a page. */
  readonly limit?: number;
  /** The `next` of the page before. */
  readonly next?: string | undefined;
}

export interface LogPage {
  readonly events: readonly LogEvent[];
  /** Set if there may be more events, even if this page has none. */
  readonly next: string | undefined;
}

/** Log events as they are ingested. They have no ids. */
export interface LiveUpdate {
  readonly events: readonly LogEvent[];
  /** Whether there were more than AWS sends. */
  readonly sampled: boolean;
}

export interface LiveTail {
  /** At most ten log groups: their names by their ARNs. */
  readonly groups: ReadonlyMap<string, string>;
  readonly pattern: string | undefined;
}

/** A query of CloudWatch Logs Insights. */
export interface LogQuery {
  readonly groups: readonly string[];
  readonly text: string;
  readonly since: Date;
  readonly until: Date;
  readonly limit: number | undefined;
}

export type StartedQuery =
  | { readonly id: string }
  /** What AWS says about the query, and where in it. */
  | { readonly malformed: string; readonly at: number | undefined }
  /** The group that does not exist. */
  | { readonly missing: string }
  | 'throttled';

export interface QueryPage {
  readonly status: 'running' | 'complete' | 'failed';
  /** AWS's word for the status. */
  readonly said: string;
  /** The fields of each row that have a value, in order. */
  readonly rows: readonly (readonly (readonly [name: string, value: string])[])[];
  readonly statistics: { readonly matched: number; readonly scanned: number; readonly bytes: number };
  readonly next: string | undefined;
}

export interface Logs {
  startQuery(query: LogQuery): Promise<StartedQuery>;
  /** `next`: that of the page before. */
  queryResults(id: string, next?: string): Promise<QueryPage | 'throttled'>;
  /** A query that has ended stays as it is. */
  stopQuery(id: string): Promise<void>;
  /** A session of Live Tail, which AWS charges by the minute. Ends with the session, after three hours or when AWS says so. */
  live(tail: LiveTail): Promise<AsyncGenerator<LiveUpdate, void>>;
  /** A page of a search. `missing`: the group does not exist; `throttled`: AWS takes no more calls for now, and the same call may
   * be made again. */
  page(search: LogSearch): Promise<LogPage | 'missing' | 'throttled'>;
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

/** One statistic of any metric, by period. */
export interface SeriesQuery {
  readonly namespace: `AWS/${string}`;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** As CloudWatch names it, such as `Sum` or `p95`. */
  readonly statistic: string;
  /** A multiple of 60. The first period begins with the time that is asked for. */
  readonly periodSeconds: number;
}

/** The value of each period with data, by its start in milliseconds, in order. */
export type Series = readonly (readonly [start: number, value: number])[];

export interface TotalQuery {
  readonly functionName: string;
  readonly metric: 'Invocations' | 'Duration';
}

export interface Total {
  readonly sum: number;
  /** The beginning of the first hour with data; undefined if there is none. */
  readonly first: Date | undefined;
}

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

export interface Metrics {
  /** The value of each minute with data, by the id of the query. */
  byMinute(queries: readonly MetricQuery[], since: Date, until: Date): Promise<ReadonlyMap<string, readonly number[]>>;
  /** The series of each query, in the order of the queries. */
  series(queries: readonly SeriesQuery[], since: Date, until: Date): Promise<readonly Series[]>;
  /** The dimensions of the metrics of a name that have these dimensions, and data in the last two weeks. */
  dimensions(
    metric: Pick<SeriesQuery, 'namespace' | 'metric' | 'dimensions'>,
  ): Promise<readonly SeriesQuery['dimensions'][]>;
  /** What each query adds up to between the two times, whatever the alias, in the order of the queries. */
  totals(queries: readonly TotalQuery[], since: Date, until: Date): Promise<readonly Total[]>;
  /** The states of alarms, composite ones too, by name; without those that do not exist. */
  alarms(names: readonly string[]): Promise<ReadonlyMap<string, AlarmState>>;
}

/** A price on demand. */
export interface ListedPrice {
  /** With the prefix of the region, such as `EUC1-Request`. */
  readonly usageType: string;
  /** In USD for one unit, from each quantity a month on. */
  readonly tiers: readonly (readonly [from: number, each: number])[];
  /** When the list was published: ISO 8601. */
  readonly date: string | undefined;
}

export interface Prices {
  list(
    service: string,
    of: { readonly region: string; readonly family?: string | undefined },
  ): Promise<readonly ListedPrice[]>;
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
  /** The ids of the public hosted zones of that name. */
  hostedZones(name: string): Promise<readonly string[]>;
}

export interface Distributions {
  /** Makes edge locations forget these paths. The same reference again is the same request. */
  invalidate(distributionId: string, paths: readonly string[], reference: string): Promise<void>;
}

export interface SentMessage {
  readonly body: string;
  /** Attributes of type String. */
  readonly attributes: Readonly<Record<string, string>>;
  /** For FIFO queues and topics. */
  readonly group: string | undefined;
}

/** Sends what event sources pass on. The results are the ids that AWS gives. */
export interface Sends {
  /** `queue`: its URL or ARN. */
  toQueue(queue: string, message: SentMessage): Promise<string>;
  toTopic(arn: string, message: SentMessage): Promise<string>;
  toTable(name: string, item: Readonly<Record<string, unknown>>): Promise<void>;
  /** `stream`: its name or ARN. */
  toStream(stream: string, record: { readonly data: string; readonly key: string }): Promise<string>;
  /** Throws AWS_REFUSED if the bus does not take the event. */
  toBus(event: {
    readonly bus: string | undefined;
    readonly source: string;
    readonly detailType: string;
    readonly detail: string;
  }): Promise<string>;
  /** As a device would. */
  toDeviceTopic(topic: string, message: Uint8Array): Promise<void>;
  /** As an event of a new log stream. */
  toLogGroup(name: string, stream: string, message: string, time: Date): Promise<void>;
}

/** What calls a function by itself, and can be told not to. `group`: of a schedule, if it has one. */
export interface SwitchedSource {
  readonly type: 'mapping' | 'schedule' | 'rule' | 'pipe';
  /** As CloudFormation has it. */
  readonly physicalId: string;
  readonly group: string | undefined;
}

/** `changing`: AWS has not finished the last change. */
export type SourceState = 'on' | 'off' | 'changing';

export interface Sources {
  /** Undefined if it does not exist. */
  state(source: SwitchedSource): Promise<SourceState | undefined>;
  turn(source: SwitchedSource, state: 'on' | 'off'): Promise<void>;
}

export interface QueueState {
  readonly url: string;
  readonly arn: string;
  /** About how many messages can be received. */
  readonly messages: number;
  /** Seconds for which a received message is hidden. */
  readonly visibilityTimeout: number;
  /** The ARN of its dead letter queue. */
  readonly deadLetters: string | undefined;
}

export interface ReceivedMessage {
  readonly body: string;
  readonly receipt: string;
}

/** Messages of one queue that moves to where they came from. */
export interface MessageMove {
  readonly status: 'running' | 'done' | 'failed';
  readonly moved: number;
  readonly failure: string | undefined;
}

/** Reads queues, and moves messages out of dead letter queues. `queue`: its URL or ARN. */
export interface Queues {
  /** Undefined if it does not exist. */
  describe(queue: string): Promise<QueueState | undefined>;
  /** At most 10, hidden from others for so many seconds; 0 only looks. */
  receive(url: string, hideSeconds: number): Promise<readonly ReceivedMessage[]>;
  delete(url: string, receipts: readonly string[]): Promise<void>;
  /** Back to the queues that the messages came from. */
  startMove(arn: string, perSecond: number | undefined): Promise<void>;
  /** The newest move out of the queue. */
  move(arn: string): Promise<MessageMove | undefined>;
}

/** Values of secrets, only where a person asks to see them. */
export interface Secrets {
  /** Of a parameter of Systems Manager, decrypted, which may forward to Secrets Manager. Undefined if it does not exist. */
  value(parameter: string): Promise<string | undefined>;
}

/** What the account has of Lambda in the region, and how much is used. */
export interface LambdaLimits {
  /** Bytes of code of all functions and layers. */
  readonly codeBytes: number;
  readonly mostCodeBytes: number;
  readonly concurrency: number;
  /** What is left to functions without reserved concurrency. */
  readonly unreserved: number;
}

export interface Simulation {
  readonly actions: readonly string[];
  /** An ARN, or `*`. */
  readonly resource: string;
  /** The values of condition keys, such as `aws:RequestedRegion`. */
  readonly conditions: Readonly<Record<string, string>>;
}

export interface AccountFacts {
  limits(): Promise<LambdaLimits>;
  /** The time on AWS's clock. */
  time(): Promise<Date>;
  /** Those of the actions that a principal may not do. */
  denied(principalArn: string, simulation: Simulation): Promise<readonly string[]>;
  /** The services that a role may use and has not used, by their namespaces, such as `sqs`. Undefined if AWS has not said in time. */
  unusedServices(roleArn: string, signal: AbortSignal): Promise<readonly string[] | undefined>;
}

/** A subnet that functions are in. */
export interface Subnet {
  readonly id: string;
  readonly vpc: string;
  readonly zone: string;
  readonly freeAddresses: number;
}

/** Where a route table sends what goes to a destination. */
export interface Route {
  /** A CIDR block, or the id of a prefix list. */
  readonly to: string;
  /** The id of a gateway, an interface, an instance or an endpoint: `nat-…`, `igw-…`, `local`. */
  readonly through: string;
  /** Whether what it leads to is gone. */
  readonly isBlackhole: boolean;
}

export interface RouteTable {
  readonly id: string;
  readonly routes: readonly Route[];
  /** Whether subnets that name no table have this one. */
  readonly isMain: boolean;
  readonly subnets: readonly string[];
}

/** A way from a VPC to a service of AWS. */
export interface VpcEndpoint {
  /** Such as `com.amazonaws.eu-west-1.s3`. */
  readonly service: string;
  /** A gateway serves the subnets of its route tables; an interface serves the VPC, if the service's own name leads to it. */
  readonly kind: 'gateway' | 'interface';
  readonly routeTables: readonly string[];
  readonly hasServiceName: boolean;
}

/** VPCs, as far as functions care. https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html */
export interface Networks {
  /** Those of the subnets that exist. */
  subnets(ids: readonly string[]): Promise<readonly Subnet[]>;
  routeTables(vpc: string): Promise<readonly RouteTable[]>;
  endpoints(vpc: string): Promise<readonly VpcEndpoint[]>;
  /** How many network interfaces Lambda has in a VPC. */
  lambdaInterfaces(vpc: string): Promise<number>;
}

/** A trace in short. https://docs.aws.amazon.com/xray/latest/api/API_TraceSummary.html */
export interface TraceSummary {
  readonly id: string;
  /** Seconds. */
  readonly duration: number;
  readonly hasFault: boolean;
  readonly hasError: boolean;
  readonly hasThrottle: boolean;
  /** The names of its services. */
  readonly services: readonly string[];
  readonly url: string | undefined;
  readonly method: string | undefined;
  readonly status: number | undefined;
}

export interface TracedCalls {
  readonly calls: number;
  readonly errors: number;
  readonly faults: number;
  /** Of all calls together. */
  readonly seconds: number;
}

/** A service of the service graph, and whom it calls. */
export interface TracedService extends TracedCalls {
  readonly id: number;
  readonly name: string;
  /** Such as `AWS::Lambda::Function`, `client` or `remote`. */
  readonly type: string;
  readonly edges: readonly (TracedCalls & { readonly to: number })[];
}

/** What X-Ray has. */
export interface Traces {
  /** Those that began then and match the filter, at most so many. */
  summaries(
    range: { readonly since: Date; readonly until: Date; readonly filter?: string | undefined },
    most: number,
  ): Promise<readonly TraceSummary[]>;
  /** The segment documents of each trace, as JSON, by its id. Those that X-Ray has not are left out. */
  documents(ids: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
  graph(since: Date, until: Date): Promise<readonly TracedService[]>;
}

export interface Aws {
  /** The endpoint, if it is not AWS. */
  readonly endpoint: string | undefined;
  identity(): Promise<Identity>;
  readonly account: AccountFacts;
  /** The same calls, which go on after an interruption: to release, restore and record what was begun. */
  uninterrupted(): Aws;
  readonly stacks: Stacks;
  readonly changeSets: ChangeSets;
  readonly objects: Objects;
  readonly distributions: Distributions;
  readonly functions: Functions;
  readonly images: Images;
  readonly logs: Logs;
  readonly metrics: Metrics;
  readonly prices: Prices;
  readonly queues: Queues;
  readonly secrets: Secrets;
  readonly sources: Sources;
  readonly sends: Sends;
  readonly networks: Networks;
  readonly traces: Traces;
}
