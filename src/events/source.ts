// What an event source is: the schema of what the user writes, the checks across all uses, and the resources it becomes.
import type { Problem, Span } from '../base/error.ts';
import type { Schema } from '../base/schema.ts';
import type { EnvironmentNames } from '../cfn/names.ts';
import type { Part } from '../cfn/part.ts';
import type { Resource, Value } from '../cfn/resource.ts';

/** A function as event sources see it. Only the alias can be referred to, so nothing wires to `$LATEST`. */
export interface FunctionReference {
  readonly name: string;
  /** Seconds. */
  readonly timeout: number;
  /** The live alias. */
  readonly alias: Value;
  /** The logical id of a resource of this function. */
  id(suffix: string): string;
}

/** One entry under a function's `events`. */
export interface Use<C> {
  readonly function: FunctionReference;
  readonly config: C;
  readonly at: Span;
  /** 1 for the first entry of this kind in its function. */
  readonly ordinal: number;
}

/** What a source may look at besides its entries. */
export interface Surroundings {
  readonly names: EnvironmentNames;
  /** The account of the environment, where project.yml names it. */
  readonly account: string | undefined;
  /** The resources that the user wrote. */
  readonly resources: ReadonlyMap<string, Resource>;
}

export interface EventSource<K extends string = string, C = unknown> {
  /** The key under `events:` in project.yml. */
  readonly kind: K;
  readonly schema: Schema<C>;
  /** One line for `fx info` and `fx plan`, such as `GET /orders/{id}`. */
  describe(config: C): string;
  /** What the schema of one entry cannot show, such as two functions that claim one route. */
  check(uses: readonly Use<C>[], surroundings: Surroundings): readonly Problem[];
  /** What AWS accepts and is probably not meant. */
  warn?(uses: readonly Use<C>[], surroundings: Surroundings): readonly Problem[];
  /** Pure. What one entry becomes; its function owns all of it. */
  compile(use: Use<C>, surroundings: Surroundings): Part;
  /** Pure. What all entries of the project share, such as one API. Called where there is at least one. */
  shared?(uses: readonly Use<C>[], surroundings: Surroundings): Part;
  readonly docs: {
    readonly summary: string;
    /** What follows `events:`; a test reads it with `schema`. */
    readonly example: string;
    readonly aws: `https://docs.aws.amazon.com/${string}`;
  };
}
