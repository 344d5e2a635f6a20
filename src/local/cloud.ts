// The contract between the embedded AWS and its services: what a service is given, and what it gives back.
// Services talk to one another only by AWS's own API (`cloud.call('sqs', 'ReceiveMessage', …)`), in process and without the
// wire, so a service can be read against AWS's API reference alone.
import type * as ApiGatewayV2 from '@aws-sdk/client-apigatewayv2';
import type * as CloudFormation from '@aws-sdk/client-cloudformation';
import type * as Logs from '@aws-sdk/client-cloudwatch-logs';
import type * as EventBridge from '@aws-sdk/client-eventbridge';
import type * as Iam from '@aws-sdk/client-iam';
import type * as Lambda from '@aws-sdk/client-lambda';
import type * as S3 from '@aws-sdk/client-s3';
import type * as SecretsManager from '@aws-sdk/client-secrets-manager';
import type * as Sqs from '@aws-sdk/client-sqs';
import type * as Ssm from '@aws-sdk/client-ssm';
import type * as Sts from '@aws-sdk/client-sts';
import type { Clock } from './clock.ts';
import type { Collection } from './store.ts';

/** The services by the name that signs their requests (the credential scope of Signature Version 4). */
export interface Clients {
  apigateway: typeof ApiGatewayV2;
  cloudformation: typeof CloudFormation;
  events: typeof EventBridge;
  iam: typeof Iam;
  lambda: typeof Lambda;
  logs: typeof Logs;
  s3: typeof S3;
  secretsmanager: typeof SecretsManager;
  sqs: typeof Sqs;
  ssm: typeof Ssm;
  sts: typeof Sts;
}
export type ServiceName = keyof Clients;

// The input is read off the instance: where all of it is optional, the constructor is overloaded and infers nothing.
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
/** What an operation takes: exactly the SDK's input type. A streamed blob arrives as a Buffer. */
export type Input<S extends ServiceName, O extends OperationName<S>> =
  Commands<S>[O] extends CommandShape<infer I, infer _> ? I : never;
/** What an operation answers: the SDK's output type without `$metadata`. A streamed blob is a Buffer or a Readable. */
export type Output<S extends ServiceName, O extends OperationName<S>> =
  Commands<S>[O] extends CommandShape<infer _, infer R> ? Omit<R, '$metadata'> : never;

/** Who asks. A service is held to the resource policy of what it calls and a role to its own policies, as on AWS; the account's
 * user may do everything. */
export type Principal =
  | { readonly kind: 'user' }
  | { readonly kind: 'role'; readonly arn: string; readonly session: string }
  | { readonly kind: 'service'; readonly service: `${string}.amazonaws.com`; readonly sourceArn: string };

/** What is known of one request besides its input. */
export interface Request {
  readonly principal: Principal;
  readonly requestId: string;
  /** Aborted when the caller has gone away. */
  readonly signal: AbortSignal;
}

/** An operation, declared once: what of its input it carries out, what a role needs to call it, and what it does. */
export interface Operation<I, O> {
  /** Any other member is refused: what is not carried out must not look as if it were. */
  readonly members: readonly (keyof I & string)[];
  /** What a role must be allowed: unless it says otherwise, the action of the operation's own name, whatever the resource. */
  readonly authorize?: Authorization<I> | 'everyone';
  run(input: I, request: Request): O | Promise<O>;
}

export interface Authorization<I> {
  /** Where IAM's action is not called like the operation. https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html */
  readonly action?: string;
  /** The ARN of what the call is about; undefined where it is about no resource in particular. */
  resource?(input: I): string | undefined;
}

/** The operations that a service implements. One that is absent is refused loudly with 501, never answered with nothing. */
export type Operations<S extends ServiceName> = {
  readonly [O in OperationName<S>]?: Operation<Input<S, O>, Output<S, O>>;
};

/** One service of one region, alive between `start` and `stop`. */
export interface Service<S extends ServiceName = ServiceName> {
  readonly name: S;
  readonly operations: Operations<S>;
  /** Called once the kept state is loaded: begin pollers and listeners here, never in the constructor. */
  start?(): Promise<void>;
  /** Ends every process, timer and socket that the service owns. */
  stop?(): Promise<void>;
}

/** One region of the local account, as its services see it, with the clock that they all follow. */
export interface Cloud extends Clock {
  readonly accountId: string;
  readonly region: string;
  /** Where the whole of the local AWS listens, such as `http://127.0.0.1:4600`. */
  readonly endpoint: string;
  /** A folder kept between runs, for this region's unpacked code and the like. */
  readonly directory: string;
  /** State kept between runs, of this region. Keys and values are plain JSON. The same name gives the same collection. */
  collection<T>(name: string): Collection<T>;
  /** State kept between runs and shared by all regions (IAM, S3). */
  globalCollection<T>(name: string): Collection<T>;
  /** Content-addressed files shared by all regions. */
  readonly blobs: Blobs;
  /** Credentials by which requests to the local AWS are the role's; the same ones for the same role and session. */
  credentialsFor(role: string, session: string): Credentials;
  /** Calls an operation of another service in this region. Rejects with `AwsError`, as the SDK would with the same name. */
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

/** Bytes kept in files named by their sha256 (hex). */
export interface Blobs {
  write(bytes: Uint8Array): Promise<string>;
  read(id: string): Promise<Buffer>;
  /** The file's absolute path; the file must not be changed. */
  path(id: string): string;
  delete(id: string): Promise<void>;
}

/** An error as AWS answers it: `code` is what the SDK shows as `error.name`. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  /** Further members of a modelled error, such as `{Type: 'User'}`. */
  readonly fields: Readonly<Record<string, unknown>>;
  constructor(code: string, message: string, status = 400, fields: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
    this.fields = fields;
  }
}
