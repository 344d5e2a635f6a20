// The interface of a function's setting: its schema, AWS's rules about it, and what it adds to the template.
import type { Plain } from '../base/located.ts';
import type { Schema } from '../base/schema.ts';
import type { EnvironmentNames } from '../cfn/names.ts';
import type { Part } from '../cfn/part.ts';
import type { Value } from '../cfn/resource.ts';

/** What a setting adds to the template. */
export interface Contribution extends Part {
  /** Properties of the AWS::Lambda::Function. */
  readonly properties?: Readonly<Record<string, Value>>;
  /** Environment variables; the user's take precedence. */
  readonly variables?: Readonly<Record<string, Value>>;
  /** Properties of its live alias. */
  readonly alias?: Readonly<Record<string, Value>>;
  /** Properties of the log group that fx creates for it. */
  readonly logGroup?: Readonly<Record<string, Value>>;
}

/** A target that the user named: its ARN, and its service if known. */
export interface Target {
  readonly arn: Value;
  readonly service: string | undefined;
  /** The ARN for policies, if a reference would create a dependency cycle between roles and functions. */
  readonly granted?: Value;
}

export interface RuleProblem {
  readonly message: string;
  readonly hint?: string;
}

export interface SettingContext {
  readonly function: {
    readonly name: string;
    /** Its name in AWS. */
    readonly physicalName: string;
    /** The logical ids of the function and its live alias. */
    readonly ids: { readonly function: string; readonly alias: string };
    /** The logical id of another resource of this function. */
    id(suffix: string): string;
  };
  readonly names: EnvironmentNames;
  /** Any target: a resource's logical id, a function, an ARN, or an intrinsic. */
  target(named: Plain): Target | RuleProblem;
  /** The version of a layer of the project. */
  layer(name: string): Value | undefined;
  /** The type of a resource of the project. */
  resourceType(logicalId: string): string | undefined;
}

/** What a rule may read besides the setting. */
export interface CheckContext {
  /** The region of the deploy. */
  readonly region: string;
}

/** The other settings of a function, for rules that look at several. */
export type Others = Readonly<Record<string, unknown>>;

export interface Setting<T> {
  readonly schema: Schema<T>;
  /** Applies to one function only, so `defaults` cannot contain it. */
  readonly functionOnly?: true;
  /** Its names in AWS, Apex, the Serverless Framework or SAM. */
  readonly elsewhere?: readonly string[];
  /** AWS's rules that depend on other settings of the function, or on the region. */
  check?(value: T, others: Others, context: CheckContext): RuleProblem | undefined;
  compile?(value: T, context: SettingContext): Contribution | RuleProblem;
}

/** A setting that always has a value. */
export interface DefaultedSetting<T> extends Setting<T> {
  readonly fallback: T;
}

export function isRuleProblem(answer: object): answer is RuleProblem {
  return 'message' in answer;
}
