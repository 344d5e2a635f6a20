// The interface of an event source: the schema of an entry, checks across all entries, and the resources they become.
import type { Problem, Span } from '../base/error.ts';
import type { Schema } from '../base/schema.ts';
import type { EnvironmentNames } from '../cfn/names.ts';
import type { Part, SharedPart } from '../cfn/part.ts';
import type { Resource, Value } from '../cfn/resource.ts';

/** A function as event sources see it. Only the alias can be referred to, so nothing wires to `$LATEST`. */
export interface FunctionReference {
  readonly name: string;
  /** Seconds. */
  readonly timeout: number;
  /** The condition under which the function exists. */
  readonly condition: string | undefined;
  /** The group that it writes to; undefined if it writes no logs. */
  readonly logGroup: LogGroupReference | undefined;
  /** The live alias. */
  readonly alias: Value;
  /** Of a state machine in place of a function, whose ARN is `alias`: the role with which events start it. */
  readonly startRole?: Value;
  /** The logical id of a resource of this function. */
  id(suffix: string): string;
}

export interface LogGroupReference {
  readonly name: Value;
  /** Of the group and all its streams, with `:*`. */
  readonly arn: Value;
  /** The name that project.yml gives it. */
  readonly literal?: string | undefined;
  /** Such as INFREQUENT_ACCESS, if it is known. */
  readonly class?: string | undefined;
}

export interface StateMachineReference {
  readonly arn: Value;
  readonly isExpress: boolean;
}

/** One entry under a function's `events`. */
export interface Use<C> {
  readonly function: FunctionReference;
  readonly config: C;
  readonly at: Span;
  /** 1 for the first entry of this kind in its function. */
  readonly ordinal: number;
}

/** What a source may read besides its entries. */
export interface SourceContext<S = unknown> {
  readonly names: EnvironmentNames;
  /** The source's own section of project.yml, if it is there. */
  readonly section: S | undefined;
  /** The sections of all sources, by kind: APIs of several may share a domain. */
  readonly sections: Readonly<Record<string, unknown>>;
  /** Where the section is, or the project if it has none. */
  readonly sectionAt: Span;
  /** Another function of the project, such as an authorizer. */
  functionNamed(name: string): FunctionReference | undefined;
  /** A state machine of the project. */
  stateMachineNamed(name: string): StateMachineReference | undefined;
  readonly stackName: string;
  /** The account of the environment, if project.yml names it. */
  readonly account: string | undefined;
  /** The resources that the user wrote. */
  readonly resources: ReadonlyMap<string, Resource>;
}

/** What `fx trigger` sends to make a source call its function. Places are values of the template, which the stack resolves. */
export type Firing =
  | { readonly to: 'bucket'; readonly at: Value; readonly key: string }
  | { readonly to: 'bus'; readonly at: Value | undefined; readonly pattern: unknown }
  /** A topic of AWS IoT, to which devices publish. */
  | { readonly to: 'device topic'; readonly topic: string }
  | { readonly to: 'log group'; readonly at: Value }
  | { readonly to: 'queue'; readonly at: Value }
  | { readonly to: 'stream'; readonly at: Value }
  | { readonly to: 'table'; readonly at: Value; readonly item: Readonly<Record<string, unknown>> }
  | { readonly to: 'topic'; readonly at: Value }
  /** A request below the URL that is the output of the stack. */
  | { readonly to: 'url'; readonly output: string; readonly method: string; readonly path: string };

/** `S` is the type of the source's section of project.yml, if it has one. */
export interface EventSource<K extends string = string, C = unknown, S = unknown> {
  /** The key under `events:` in project.yml. */
  readonly kind: K;
  readonly schema: Schema<C>;
  /** The section of project.yml with the same key, for what all entries share, such as the settings of an API. */
  readonly section?: Schema<S>;
  /** Its entries may start state machines, too: `compile` then returns the rights that the role needs besides starting it. */
  readonly startsMachines?: true;
  /** One line for `fx info` and `fx plan`, such as `GET /orders/{id}`. */
  describe(config: C): string;
  /** Checks that need all entries, e.g. for two functions with the same route. */
  check(uses: readonly Use<C>[], context: SourceContext<S>): readonly Problem[];
  /** Entries that AWS accepts but that are probably a mistake. */
  warn?(uses: readonly Use<C>[], context: SourceContext<S>, today: Date): readonly Problem[];
  /** Pure. The resources of one entry, all owned by its function. `uses` are all entries of the project. */
  compile(use: Use<C>, context: SourceContext<S>, uses: readonly Use<C>[]): Part;
  /** Pure. The resources that all entries share, such as one API. Called if there is at least one entry. */
  shared?(uses: readonly Use<C>[], context: SourceContext<S>): SharedPart;
  /** What makes the source call the function. Without it, nothing that a person could send does: a schedule, say. */
  fire?(use: Use<C>, context: SourceContext<S>): Firing;
  /** Which sample event fits, if it is not the one named as the kind. */
  sampleOf?(config: C, context: SourceContext<S>): string;
  /** The TypeScript type of its event, with `lambda.` for what the module aws-lambda has; `unknown` without it. */
  typeOf?(config: C, context: SourceContext<S>): string;
  readonly docs: {
    readonly summary: string;
    /** The YAML below `events:`; a test reads it with `schema`. */
    readonly example: string;
    readonly aws: `https://docs.aws.amazon.com/${string}`;
  };
}
