// The contract between the embedded AWS and its services.
// Services call one another only through AWS's own API (`cloud.call('sqs', 'ReceiveMessage', …)`), in process and without the
// wire, so AWS's API reference is enough to read a service.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type * as ApiGateway from '@aws-sdk/client-api-gateway';
import type * as ApiGatewayV2 from '@aws-sdk/client-apigatewayv2';
import type * as CloudFormation from '@aws-sdk/client-cloudformation';
import type * as CloudFront from '@aws-sdk/client-cloudfront';
import type * as CloudWatch from '@aws-sdk/client-cloudwatch';
import type * as Logs from '@aws-sdk/client-cloudwatch-logs';
import type * as CodeDeploy from '@aws-sdk/client-codedeploy';
import type * as DynamoDb from '@aws-sdk/client-dynamodb';
import type * as DynamoDbStreams from '@aws-sdk/client-dynamodb-streams';
import type * as Ecr from '@aws-sdk/client-ecr';
import type * as ElasticLoadBalancing from '@aws-sdk/client-elastic-load-balancing-v2';
import type * as EventBridge from '@aws-sdk/client-eventbridge';
import type * as Iam from '@aws-sdk/client-iam';
import type * as Iot from '@aws-sdk/client-iot';
import type * as IotData from '@aws-sdk/client-iot-data-plane';
import type * as Kinesis from '@aws-sdk/client-kinesis';
import type * as Lambda from '@aws-sdk/client-lambda';
import type * as Pipes from '@aws-sdk/client-pipes';
import type * as S3 from '@aws-sdk/client-s3';
import type * as Scheduler from '@aws-sdk/client-scheduler';
import type * as SecretsManager from '@aws-sdk/client-secrets-manager';
import type * as Sfn from '@aws-sdk/client-sfn';
import type * as Sns from '@aws-sdk/client-sns';
import type * as Sqs from '@aws-sdk/client-sqs';
import type * as Ssm from '@aws-sdk/client-ssm';
import type * as Sts from '@aws-sdk/client-sts';
import type * as Xray from '@aws-sdk/client-xray';
import type { Addresses } from './addresses.ts';
import type { Arrivals } from './arrivals.ts';
import type { Clock } from './clock.ts';
import type { Following } from './following.ts';
import type { Pauses } from './pauses.ts';
import type { Collection } from './store.ts';

/** The services by their signing name (in the credential scope of Signature Version 4), but for those that share one: see
 * wire/service-name.ts. */
export interface Clients {
  apigateway: typeof ApiGateway;
  apigatewayv2: typeof ApiGatewayV2;
  cloudformation: typeof CloudFormation;
  cloudfront: typeof CloudFront;
  codedeploy: typeof CodeDeploy;
  dynamodb: typeof DynamoDb;
  dynamodbstreams: typeof DynamoDbStreams;
  ecr: typeof Ecr;
  elasticloadbalancing: typeof ElasticLoadBalancing;
  events: typeof EventBridge;
  iam: typeof Iam;
  iot: typeof Iot;
  iotdata: typeof IotData;
  kinesis: typeof Kinesis;
  lambda: typeof Lambda;
  logs: typeof Logs;
  monitoring: typeof CloudWatch;
  pipes: typeof Pipes;
  s3: typeof S3;
  scheduler: typeof Scheduler;
  secretsmanager: typeof SecretsManager;
  sns: typeof Sns;
  sqs: typeof Sqs;
  ssm: typeof Ssm;
  states: typeof Sfn;
  sts: typeof Sts;
  xray: typeof Xray;
}
export type ServiceName = keyof Clients;

// The input type comes from the instance: if every member is optional, the constructor is overloaded and infers nothing.
type CommandShape<I, O> = abstract new (
  // biome-ignore lint/suspicious/noExplicitAny: only the input and output of a command are inferred here
  ...rest: any[]
) => {
  readonly input: I;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  resolveMiddleware(...rest: any[]): (...rest: any[]) => Promise<{ output: O }>;
};
type Commands<S extends ServiceName> = {
  [K in keyof Clients[S] as K extends `${infer Name}Command` ? Name : never]: Clients[S][K];
};
/** The names of a service's operations, as AWS's API reference spells them. */
export type OperationName<S extends ServiceName> = keyof Commands<S> & string;
/** The input of an operation: the SDK's input type. A streamed blob is a Buffer. */
export type Input<S extends ServiceName, O extends OperationName<S>> =
  Commands<S>[O] extends CommandShape<infer I, infer _> ? I : never;
/** The output of an operation: the SDK's output type without `$metadata`. A streamed blob is a Buffer or a Readable. */
export type Output<S extends ServiceName, O extends OperationName<S>> =
  Commands<S>[O] extends CommandShape<infer _, infer R> ? Omit<R, '$metadata'> : never;

/** The caller. As on AWS, a service needs permission from the resource's policy, and a role from its own policies; the account's user
 * may do everything. */
export type Principal =
  | { readonly kind: 'user' }
  | { readonly kind: 'role'; readonly arn: string; readonly session: string }
  | { readonly kind: 'service'; readonly service: `${string}.amazonaws.com`; readonly sourceArn: string };

/** The context of a request, besides its input. */
export interface Request {
  readonly principal: Principal;
  readonly requestId: string;
  /** The caller's X-Ray trace, which queues and topics pass on. */
  readonly traceHeader?: string;
  /** Aborted when the caller disconnects. */
  readonly signal: AbortSignal;
  /** Set for an object that an HTML form sends to S3: its events have a name of their own. */
  readonly isForm?: true;
}

/** An operation: the supported input members, the permission that a role needs, and the implementation. */
export interface Operation<I, O> {
  /** The supported members. Any other is rejected, so that no option is silently ignored. */
  readonly members: readonly (keyof I & string)[];
  /** The permission that a role needs: by default, the action with the operation's name, on any resource. */
  readonly authorize?: Authorization<I> | 'everyone';
  run(input: I, request: Request): O | Promise<O>;
}

export interface Authorization<I> {
  /** The IAM action, if its name differs from the operation's. https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html */
  readonly action?: string;
  /** The ARN of the resource; undefined if the call concerns no particular one. */
  resource?(input: I): string | undefined;
}

/** The operations that a service implements. Others fail with status 501. */
export type Operations<S extends ServiceName> = {
  readonly [O in OperationName<S>]?: Operation<Input<S, O>, Output<S, O>>;
};

/** A request and its response. */
export interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

/** A request to open a WebSocket connection, as Node hands it over. */
export interface Upgrade {
  readonly incoming: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** How a domain name leads to an API. */
export interface MappedApi {
  readonly apiId: string;
  readonly stage: string;
  /** Without slashes at its ends; '' if all paths go to the API. */
  readonly basePath: string;
}

/** One service of one region, alive between `start` and `stop`. */
export interface Service<S extends ServiceName = ServiceName> {
  readonly name: S;
  readonly operations: Operations<S>;
  /** Called when the saved state is loaded: start pollers and listeners here, not in the constructor. */
  start?(): Promise<void>;
  /** Answers a request that was addressed to one of the service's APIs by host name. False if it has no API of that id. */
  answer?(apiId: string, exchange: Exchange, mapped?: MappedApi): boolean;
  /** Opens a WebSocket connection to one of the service's APIs. False if it has no such API. */
  upgrade?(apiId: string, upgrade: Upgrade, mapped?: MappedApi): boolean;
  /** The API to which a domain name maps a path; undefined if there is no such domain. */
  mappingFor?(domainName: string, path: string): MappedApi | 'none' | undefined;
  /** Ends every process, timer and socket that the service owns. */
  stop?(): Promise<void>;
}

/** One region of the local account, as its services see it, and the clock that they share. */
export interface Cloud extends Clock {
  readonly accountId: string;
  readonly region: string;
  /** The endpoint of the local AWS, such as `http://127.0.0.1:4600`. */
  readonly endpoint: string;
  /** A persistent folder for this region's files. */
  readonly directory: string;
  /** A folder for this region's unpacked code, which is lost when the local AWS stops. */
  readonly codeDirectory: string;
  /** Where the region's APIs answer. */
  readonly addresses: Addresses;
  /** Persistent state of this region. Keys and values are plain JSON. The same name returns the same collection. */
  collection<T>(name: string): Collection<T>;
  /** Persistent state that all regions share (IAM, S3). */
  globalCollection<T>(name: string): Collection<T>;
  /** Content-addressed files that all regions share. */
  readonly blobs: Blobs;
  /** Who follows what is served, in all regions. */
  readonly following: Following;
  /** Timeouts that stand still while a debugger holds a function. */
  readonly pauses: Pauses;
  /** Who waits for records of streams. */
  readonly arrivals: Arrivals;
  /** Credentials with which requests to the local AWS run as the role. The same for the same role and session. */
  credentialsFor(role: string, session: string): Credentials;
  /** The owner of an access key. */
  principalOf(accessKeyId: string): Principal;
  /** Another region of the account, or this one. */
  inRegion(name: string): Promise<Cloud>;
  /** Calls an operation of a service in this region. Rejects with an `AwsError` that has the name of the SDK's error. */
  call<S extends ServiceName, O extends OperationName<S>>(
    service: S,
    operation: O,
    input: Input<S, O>,
    principal?: Principal,
  ): Promise<Output<S, O>>;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** Files named by the sha256 (hex) of their content. */
export interface Blobs {
  write(bytes: Uint8Array): Promise<string>;
  read(id: string): Promise<Buffer>;
  /** The absolute path of the file. Do not change the file. */
  path(id: string): string;
  delete(id: string): Promise<void>;
}

/** An error of AWS: `code` is the SDK's `error.name`. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  /** Other members of a modelled error, such as `{Type: 'User'}`. */
  readonly fields: Readonly<Record<string, unknown>>;
  constructor(code: string, message: string, status = 400, fields: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
    this.fields = fields;
  }
}
