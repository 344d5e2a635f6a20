// Remembers the facts of files by size and dates, so that an unchanged file is read only once.
import { readFileSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../base/replace-file.ts';
import { type Facts, factsOfFile } from './facts.ts';

type Row = readonly [size: number, modified: number, changed: number, inode: number, facts: Facts];

/** A file written in the same tick as it was read could change without a trace, so it is not remembered. */
const settledMs = 2_000;
const mostRows = 200_000;

interface Look {
  readonly facts: Facts;
  /** The later of mtime and ctime. */
  readonly written: number;
}

export class FileMemory {
  readonly #file: string;
  readonly #began = Date.now();
  readonly #known: Map<string, Row>;
  readonly #seen = new Map<string, Look | undefined>();
  #isChanged = false;

  constructor(folder: string) {
    this.#file = join(folder, 'files.json');
    this.#known = readRows(this.#file);
  }

  /** The current facts of a file; undefined if it does not exist. Looks at each file once per build. */
  facts(file: string): Facts | undefined {
    return this.#look(file)?.facts;
  }

  /** Whether the file was written after `time`, as of the last look. */
  isWrittenAfter(file: string, time: number): boolean {
    const look = this.#look(file);
    return look !== undefined && look.written > time;
  }

  /** Forgets all files: a tool ran and may have written to them. */
  lookAgain(): void {
    this.#seen.clear();
  }

  #look(file: string): Look | undefined {
    if (this.#seen.has(file)) return this.#seen.get(file);
    const stat = statSync(file, { throwIfNoEntry: false });
    const look = stat?.isFile()
      ? { facts: this.#factsOf(file, stat), written: Math.max(stat.mtimeMs, stat.ctimeMs) }
      : undefined;
    this.#seen.set(file, look);
    return look;
  }

  #factsOf(file: string, { size, mtimeMs, ctimeMs, ino }: Stats): Facts {
    const known = this.#known.get(file);
    if (known?.[0] === size && known[1] === mtimeMs && known[2] === ctimeMs && known[3] === ino) return known[4];
    const facts = factsOfFile(file);
    if (Math.max(mtimeMs, ctimeMs) < this.#began - settledMs) {
      this.#known.set(file, [size, mtimeMs, ctimeMs, ino, facts]);
      this.#isChanged = true;
    }
    return facts;
  }

  /** Saves the files of this build, and the rest while there is room. */
  save(): void {
    if (!this.#isChanged) return;
    const rows = [...this.#known];
    const kept = rows.length <= mostRows ? rows : rows.filter(([file]) => this.#seen.has(file));
    replaceFile(this.#file, JSON.stringify(kept));
  }
}

function readRows(file: string): Map<string, Row> {
  try {
    const rows: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return new Map(Array.isArray(rows) ? (rows as [string, Row][]) : []);
  } catch {
    // if the file is missing or damaged, files are only read again
    return new Map();
  }
}
