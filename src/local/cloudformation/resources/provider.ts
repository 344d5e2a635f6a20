// The contract of a resource type: how CloudFormation's handler creates, updates and deletes the physical resource.
import type { ResourceSchema } from '../../../cfn/resource-schema.ts';
import type { Cloud } from '../../cloud.ts';
import type { Properties } from '../stack.ts';

export interface Context {
  readonly cloud: Cloud;
  readonly stackId: string;
  readonly stackName: string;
  readonly logicalId: string;
  /** Aborted when the local AWS ends: stop waiting then. */
  readonly signal: AbortSignal;
}

export interface Create extends Context {
  /** Resolved, and valid by the schema. */
  readonly properties: Properties;
  /** The name from the template, or one generated from the stack's name, the logical id and a random part. */
  readonly name: string;
  /** Call it as soon as the resource exists, if the provider then waits. */
  readonly initiated: (physicalId: string) => void;
}
export interface Update extends Context {
  readonly physicalId: string;
  readonly before: Properties;
  readonly after: Properties;
  /** The top-level properties that differ. */
  readonly changed: ReadonlySet<string>;
  /** Resolved. Undefined in a rollback too. */
  readonly updatePolicy: Properties | undefined;
  /** Reports an event of an update that goes on. */
  readonly progress: (reason: string) => void;
  /** Whether the update was cancelled, or another resource has failed: end early, and leave nothing half done. */
  readonly isCalledOff: () => boolean;
}
export interface Delete extends Context {
  readonly physicalId: string;
  readonly properties: Properties;
}

export interface Read {
  readonly cloud: Cloud;
  readonly physicalId: string;
  /** As it was last provisioned. */
  readonly properties: Properties;
}

export interface Provisioned {
  /** What `Ref` returns. */
  readonly physicalId: string;
  /** What `Fn::GetAtt` returns. */
  readonly attributes: Properties;
}

export interface NameRule {
  readonly property: string;
  readonly limit: number;
  readonly lowerCase?: true;
  /** Generated names have letters and digits only: what else there is, is left out. */
  readonly alphanumeric?: true;
  /** What a generated name begins with in place of the stack's name. */
  readonly front?: string;
  /** What a generated name ends with, such as `.fifo`. */
  suffix?(properties: Properties): string;
}

export interface Provider {
  /** The properties that the provider implements. The type's other properties are refused. */
  readonly properties: readonly string[];
  /** The property with the resource's name, and the format of generated names. */
  readonly name?: NameRule;
  /** The service's name as AWS's handlers print it in messages. */
  readonly service: string;
  create(request: Create): Promise<Provisioned>;
  /** Updates in place; absent if every property requires replacement. */
  update?(request: Update): Promise<Provisioned>;
  delete(request: Delete): Promise<void>;
  /** For drift: the current values of the properties that can be read; undefined if the resource is gone. */
  read?(request: Read): Promise<Properties | undefined>;
  /** Decides about changes that only sometimes require replacement. */
  replaces?(before: Properties, after: Properties, changed: ReadonlySet<string>): boolean;
  /** For test-only types, which the service spec doesn't know. */
  readonly schema?: ResourceSchema;
}

export type Providers = Readonly<Record<string, Provider>>;

/** A failure in a handler's own words, with one of the error codes of handlers. */
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
