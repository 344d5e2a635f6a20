// What an event source is: the schema of what the user writes, the checks across all uses, and the resources it becomes.
import type { Problem, Span } from '../base/error.ts';
import type { Schema } from '../base/schema.ts';
import type { EnvironmentNames, FunctionIds } from '../cfn/names.ts';
import type { Fragment, Resource } from '../cfn/resource.ts';

/** A function as event sources see it. Only the alias can be pointed at, so nothing wires to `$LATEST`. */
export interface FunctionReference {
  readonly name: string;
  readonly ids: FunctionIds;
  /** Seconds. */
  readonly timeout: number;
}

/** One entry under a function's `events`. */
export interface Use<C> {
  readonly function: FunctionReference;
  readonly config: C;
  readonly at: Span;
}

/** What a source may look at besides its own entries. */
export interface Surroundings {
  readonly names: EnvironmentNames;
  /** The user's own resources. */
  readonly resources: ReadonlyMap<string, Resource>;
}

export interface EventSource<K extends string = string, C = unknown> {
  /** The key under `events:` in project.yml. */
  readonly kind: K;
  readonly schema: Schema<C>;
  /** What one entry alone cannot show, such as two functions claiming one route. */
  check(uses: readonly Use<C>[], surroundings: Surroundings): readonly Problem[];
  /** Pure. All uses in the project at once, so that a shared API is made once. */
  compile(uses: readonly Use<C>[], surroundings: Surroundings): Fragment;
  readonly docs: {
    readonly summary: string;
    /** What stands after `events:`; a test reads it with `schema`. */
    readonly example: string;
    readonly aws: `https://docs.aws.amazon.com/${string}`;
  };
}
