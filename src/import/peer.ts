// What an importer of another tool's projects is.
import type { Draft } from './draft.ts';

export interface Source {
  /** Absolute. */
  readonly file: string;
  readonly folder: string;
}

export interface ConvertOptions {
  readonly source: Source;
  /** Paths in findings are relative to it. */
  readonly shownFrom: string;
  /** The stage or environment of the peer to import for. */
  readonly stage: string | undefined;
  /** Other stages to import, whether the configuration names them or not. */
  readonly further: readonly string[];
  /** Whether fx goes on with the stack that the peer has made. */
  readonly adopting: boolean;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

export interface Conversion {
  readonly draft: Draft;
  /** The stage whose values stand at the top. */
  readonly stage: string;
  /** What the peer calls the stack of each environment, and the functions in it; none if it makes none. */
  readonly stacks: ReadonlyMap<string, PeerStack>;
}

export interface PeerStack {
  /** Undefined if the configuration does not say. */
  readonly name: string | undefined;
  /** The logical id of each function, by its name in project.yml. */
  readonly functions: ReadonlyMap<string, string>;
  /** Those of other resources that fx gives another id. */
  readonly resources: ReadonlyMap<string, string>;
}

export interface Peer {
  /** For messages: `the Serverless Framework`. */
  readonly title: string;
  /** The files that a folder of the peer has, the first of which counts. */
  readonly files: readonly string[];
  /** Whether a file of that name is the peer's. */
  accepts?(file: string): boolean;
  convert(options: ConvertOptions): Promise<Conversion>;
}
