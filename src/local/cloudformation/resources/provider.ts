// The contract of a resource type: how CloudFormation's handler for it makes, changes and deletes the real thing.
import type { ResourceSchema } from '../../../cfn/resource-schema.ts';
import type { Cloud } from '../../cloud.ts';
import type { Properties } from '../stack.ts';

export interface Context {
  readonly cloud: Cloud;
  readonly stackId: string;
  readonly stackName: string;
  readonly logicalId: string;
  /** Aborted when the local AWS ends: whoever waits must stop waiting. */
  readonly signal: AbortSignal;
}

export interface Create extends Context {
  /** Resolved, and valid by the schema. */
  readonly properties: Properties;
  /** The name that the user gave or, failing that, one made of the stack's name, the logical id and a random part. */
  readonly name: string;
  /** To be called as soon as the thing exists, when more waiting follows. */
  readonly initiated: (physicalId: string) => void;
}
export interface Update extends Context {
  readonly physicalId: string;
  readonly before: Properties;
  readonly after: Properties;
  /** The top-level properties that differ. */
  readonly changed: ReadonlySet<string>;
}
export interface Delete extends Context {
  readonly physicalId: string;
  readonly properties: Properties;
}

export interface Provisioned {
  /** What `Ref` gives. */
  readonly physicalId: string;
  /** What `Fn::GetAtt` gives. */
  readonly attributes: Properties;
}

export interface NameRule {
  readonly property: string;
  readonly limit: number;
  readonly lowerCase?: true;
  /** What a generated name begins with in place of the stack's name. */
  readonly front?: string;
  /** What a generated name ends with, such as `.fifo`. */
  suffix?(properties: Properties): string;
}

export interface Provider {
  /** The properties that are carried over to the service. Any other that the type has is refused. */
  readonly properties: readonly string[];
  /** The property that holds a name of the user's choice, and what a generated one must be like. */
  readonly name?: NameRule;
  /** The service's name as AWS's handlers print it in messages. */
  readonly service: string;
  create(request: Create): Promise<Provisioned>;
  /** Only for changes in place; absent where every property makes a new resource. */
  update?(request: Update): Promise<Provisioned>;
  delete(request: Delete): Promise<void>;
  /** Settles those changes that replace only sometimes. */
  replaces?(before: Properties, after: Properties, changed: ReadonlySet<string>): boolean;
  /** For test-only types, which the service spec doesn't know. */
  readonly schema?: ResourceSchema;
}

export type Providers = Readonly<Record<string, Provider>>;

/** A failure in a handler's own words, with one of the codes that handlers answer with. */
export class HandlerError extends Error {
  readonly code: HandlerErrorCode;
  constructor(code: HandlerErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

// https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html
export type HandlerErrorCode =
  | 'AccessDenied'
  | 'AlreadyExists'
  | 'GeneralServiceException'
  | 'InternalFailure'
  | 'InvalidRequest'
  | 'NotFound'
  | 'NotStabilized'
  | 'NotUpdatable'
  | 'ResourceConflict'
  | 'ServiceLimitExceeded'
  | 'Throttling';
