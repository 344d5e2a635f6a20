// What a setting of a function is: what the user may write, AWS's rules about it, and what it becomes in the template.
import type { Plain } from '../base/located.ts';
import type { Schema } from '../base/schema.ts';
import type { EnvironmentNames, FunctionIds } from '../cfn/names.ts';
import type { Output, Resource, Value } from '../cfn/resource.ts';

/** A statement of the function's own role. */
export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
  readonly Resource: readonly Value[];
  readonly Condition?: Value;
}

export function allow(action: string, resource: Value): Statement {
  return { Effect: 'Allow', Action: [action], Resource: [resource] };
}

/** What a setting adds to the template. */
export interface Contribution {
  /** Properties of the AWS::Lambda::Function. */
  readonly properties?: Readonly<Record<string, Value>>;
  /** Environment variables, under those of the user. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Properties of its live alias. */
  readonly alias?: Readonly<Record<string, Value>>;
  /** Properties of its own log group. */
  readonly logGroup?: Readonly<Record<string, Value>>;
  /** Other resources. Two settings may name the same one: their properties are put together. */
  readonly resources?: Readonly<Record<string, Resource>>;
  readonly outputs?: Readonly<Record<string, Output>>;
  readonly statements?: readonly Statement[];
}

/** What something that the user named is: its ARN, and its service where that is known. */
export interface Target {
  readonly arn: Value;
  readonly service: string | undefined;
  /** The ARN as a policy says it, where a reference would make roles and functions wait for one another in a circle. */
  readonly granted?: Value;
}

export interface Wrong {
  readonly message: string;
  readonly hint?: string;
}

export interface SettingContext {
  readonly function: {
    readonly name: string;
    /** Its name in AWS. */
    readonly physicalName: string;
    readonly ids: FunctionIds;
  };
  readonly names: EnvironmentNames;
  /** Whatever the user named: a resource's logical id, a function, an ARN, or an intrinsic. */
  target(named: Plain): Target | Wrong;
  /** The version of a layer that the project makes. */
  layer(name: string): Value | undefined;
  /** The type of a resource of the project. */
  resourceType(logicalId: string): string | undefined;
}

/** The other settings of a function, for rules that look at several. */
export type Others = Readonly<Record<string, unknown>>;

export interface Setting<T> {
  readonly schema: Schema<T>;
  /** A function's own, so that it may not stand under `defaults`. */
  readonly own?: true;
  /** What AWS, Apex, the Serverless Framework or SAM call it. */
  readonly elsewhere?: readonly string[];
  /** AWS's rules that hang on other settings of the function. */
  check?(value: T, others: Others): Wrong | undefined;
  compile?(value: T, context: SettingContext): Contribution | Wrong;
}

/** A setting that always has a value. */
export interface DefaultedSetting<T> extends Setting<T> {
  readonly fallback: T;
}

export function isWrong(answer: object): answer is Wrong {
  return 'message' in answer;
}
