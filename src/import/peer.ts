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
  readonly variables: Readonly<Record<string, string | undefined>>;
}

export interface Conversion {
  readonly draft: Draft;
  /** The stage whose values stand at the top. */
  readonly stage: string;
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
