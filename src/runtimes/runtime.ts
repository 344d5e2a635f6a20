// What a runtime family is: the identifiers it serves, how its functions are built, and how a built one is checked.
import type { Problem, Span } from '../base/error.ts';

export interface FunctionSource {
  readonly name: string;
  /** `file.export` as in project.yml. */
  readonly handler: string;
  readonly handlerAt: Span;
  readonly runtime: string;
  /** What the function will find in its environment; intrinsics are left out, since only AWS knows them. */
  readonly variables: Readonly<Record<string, string>>;
}

/** One file of an artifact. Its mode is decided by `artifact/`, by rule. */
export interface ArtifactFile {
  /** Relative, with `/`. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** The source files that this one was made of, relative to the project; for `fx build --why`. */
  readonly from: readonly string[];
}

export interface BuiltFunction {
  readonly name: string;
  readonly files: readonly ArtifactFile[];
  /** What Lambda is told: the handler of the built artifact. */
  readonly handler: string;
  /** Variables that the runtime family adds unless the user sets them. */
  readonly variables: Readonly<Record<string, string>>;
}

export interface Runtime {
  readonly name: string;
  /** Lambda's identifiers, newest first; the first is the default. */
  readonly identifiers: readonly [newest: string, ...older: string[]];
  /** Builds all functions of this family at once. What the user wrote wrong comes back as problems. */
  build(
    functions: readonly FunctionSource[],
    folder: string,
  ): Promise<{ readonly built: readonly BuiltFunction[]; readonly problems: readonly Problem[] }>;
  /** Loads an unpacked artifact as Lambda would and answers what is wrong with it, or undefined. */
  check(source: FunctionSource, built: BuiltFunction, unpacked: string): Promise<Problem | undefined>;
}
