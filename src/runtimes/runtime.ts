// What a runtime family is: how its functions are built, what decided the result, and how a built one is checked.
import type { Problem, Span } from '../base/error.ts';
import type { FileRules } from './files.ts';
import type { Architecture, PackageSettings } from './settings.ts';

export interface FunctionSource {
  readonly name: string;
  /** As in project.yml, or the family's default. */
  readonly handler: string;
  readonly handlerAt: Span;
  /** Where the function stands in project.yml. */
  readonly at: Span;
  readonly runtime: string;
  readonly architecture: Architecture;
  /** What the function will find in its environment; intrinsics are left out, since only AWS knows them. */
  readonly variables: Readonly<Record<string, string>>;
  readonly packaging: PackageSettings;
  /** Whether it finds secrets in its environment, which are read when it starts. */
  readonly hasSecrets: boolean;
  /** The folders of this project's layers that it uses, absolute: what is in them need not be packed. */
  readonly layerFolders: readonly string[];
  /** Whether it uses layers of others too, of which nothing is known. */
  readonly hasOtherLayers: boolean;
}

/** Bytes that were made, or a file that is read when it is needed: 60,000 files are never all in memory. */
export type Content = { readonly bytes: Uint8Array } | { readonly file: string };

/** One file of an artifact. Its mode is decided by `artifact/`, by rule. */
export interface ArtifactFile {
  /** Relative, with `/`. */
  readonly path: string;
  readonly content: Content;
  /** The source files that this one was made of, relative to the project; for `fx build --why`. */
  readonly from: readonly string[];
}

/** Something that decides the result of a build. Paths are absolute. What is equal in all its inputs is not built again. */
export type Input =
  /** A file's content, or that it is not there. */
  | { readonly kind: 'file'; readonly path: string }
  /** Which names of a folder begin and end so: a new file may take an import over, or belong to a package. */
  | { readonly kind: 'names'; readonly folder: string; readonly prefix: string; readonly ending?: string }
  /** All files of a folder under rules. */
  | { readonly kind: 'tree'; readonly folder: string; readonly rules: FileRules }
  /** A program as PATH finds it, by its size and date: it is not run to tell its version. */
  | { readonly kind: 'program'; readonly name: string };

export interface BuiltFunction {
  readonly name: string;
  readonly files: readonly ArtifactFile[];
  /** What Lambda is told: the handler of the built artifact. */
  readonly handler: string;
  /** Variables that the runtime family adds unless the user sets them. */
  readonly variables: Readonly<Record<string, string>>;
  readonly inputs: readonly Input[];
  /** An object of S3 that Lambda takes as it is; there are no files then. */
  readonly object?: { readonly bucket: string; readonly key: string; readonly version: string | undefined };
  /** Whether code for another system may lie in it, as in what Java archives carry. */
  readonly foreignCode?: boolean;
  /** Why it cannot be loaded here, where it cannot. */
  readonly unchecked?: string;
}

export interface Tools {
  /** The folder that project.yml is in. */
  readonly folder: string;
  /** A folder that is there for this build only. */
  readonly scratch: string;
  /** A folder that outlives it, for what a lock file decides. */
  readonly cache: string;
  readonly signal: AbortSignal;
  /** Says what is going on with a function. */
  progress(functionName: string, text: string): void;
}

export interface BuildResult {
  readonly built: readonly BuiltFunction[];
  /** What the user wrote wrong. */
  readonly problems: readonly Problem[];
}

/** Loads unpacked artifacts as Lambda would. */
export interface Checker {
  /** What is wrong, or why this machine cannot tell, or undefined. */
  check(
    source: FunctionSource,
    built: Pick<BuiltFunction, 'handler'>,
    unpacked: string,
  ): Promise<Problem | { readonly unchecked: string } | undefined>;
  end(): void;
}

export interface Runtime {
  readonly name: string;
  /** Builds these functions of the family at once. */
  build(functions: readonly FunctionSource[], tools: Tools): Promise<BuildResult>;
  /** For families whose functions can be loaded on this machine. */
  checker?(folder: string): Checker;
}
