// The log of one collection: a line per change, appended shortly after it. The log is rewritten when most of it is outdated.
//
//     {"format":1}
//     ["key",{"a":"record"}]
//     ["key"]                    the record was deleted
//
// A killed process may leave a torn last line, which is dropped. Before format 1, a collection was one JSON object in a
// file `<name>.json`; opening the collection replaces such a file with a log.
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

export const logEnding = '.log';
const format = 1;
const header = `${JSON.stringify({ format })}\n`;
const saveDelayMs = 100;
/** The size of one write: small enough that the server answers requests between two writes. */
const sliceBytes = 1_048_576;
/** Shorter logs are never rewritten. */
const spareBytes = 4_194_304;

/** Throws unless this fx can read the log. */
export function checkFormat(file: string): void {
  const descriptor = openSync(file, 'r');
  const head = Buffer.alloc(1024);
  try {
    readSync(descriptor, head, 0, head.length, 0);
  } finally {
    closeSync(descriptor);
  }
  const [line = ''] = head.toString('utf8').split('\n');
  const written = formatIn(line);
  // a log torn at its first line has no complete line
  if (written === undefined && head.includes('\n')) throw new Error(`${file} is not a log of the fx local AWS`);
  if (written !== undefined && written > format) {
    throw new Error(
      `${file} has format ${written}, and this fx reads formats up to ${format}: use the newer fx, or delete ${dirname(file)}`,
    );
  }
}

function formatIn(line: string): number | undefined {
  try {
    const value = (JSON.parse(line) as { format?: unknown } | null)?.format;
    return typeof value === 'number' ? value : undefined;
  } catch {
    return undefined;
  }
}

type Line<T> = readonly [key: string, record?: T];

/** Collects the changed keys, and writes their current records. */
export class CollectionLog<T> {
  /** The collection's records: initially those in the log. */
  readonly records = new Map<string, T>();
  readonly #file: string;
  readonly #oldFile: string;
  readonly #changed = new Set<string>();
  #descriptor: number | undefined;
  #bytes = 0;
  #lines = 0;
  #timer: NodeJS.Timeout | undefined;
  #rewriting: Rewriting | undefined;
  #isClosed = false;

  /** `path` has no extension. */
  constructor(path: string) {
    this.#file = `${path}${logEnding}`;
    this.#oldFile = `${path}.json`;
    if (existsSync(this.#file)) this.#replay();
    else if (existsSync(this.#oldFile)) this.#readOld();
  }

  changed(key: string): void {
    this.#changed.add(key);
    if (!this.#isClosed) this.#timer ??= setTimeout(() => this.#save(), saveDelayMs);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#abandonRewriting();
    while (this.#changed.size > 0) this.#writeSlice();
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #replay(): void {
    checkFormat(this.#file);
    let number = 0;
    const end = readLines(this.#file, (text) => {
      number++;
      if (number > 1) this.#apply(text, number);
    });
    truncateSync(this.#file, end);
    this.#bytes = end;
    this.#lines = number;
  }

  #apply(text: string, number: number): void {
    let line: Line<T>;
    try {
      line = JSON.parse(text) as Line<T>;
    } catch (error) {
      throw new Error(`${this.#file}:${number} is damaged: ${(error as Error).message}`);
    }
    const [key, record] = line;
    if (record === undefined) this.records.delete(key);
    else this.records.set(key, record);
  }

  #readOld(): void {
    const old = JSON.parse(readFileSync(this.#oldFile, 'utf8')) as Record<string, T>;
    for (const [key, record] of Object.entries(old)) this.records.set(key, record);
    // a rename installs the complete log
    this.#rewriting = this.#beginRewriting();
    while (this.#rewriting !== undefined) this.#rewriteSlice(this.#rewriting);
    rmSync(this.#oldFile);
  }

  #save(): void {
    this.#timer = undefined;
    this.#writeSlice();
    if (this.#rewriting !== undefined) this.#rewriteSlice(this.#rewriting);
    else if (this.#bytes > spareBytes && this.#lines > 2 * this.records.size) {
      this.#rewriting = this.#beginRewriting();
    }
    if (this.#changed.size > 0 || this.#rewriting !== undefined) {
      this.#timer = setTimeout(() => this.#save(), 0);
    }
  }

  #writeSlice(): void {
    let text = '';
    let lines = 0;
    for (const key of this.#changed) {
      this.#changed.delete(key);
      text += this.#lineOf(key);
      lines++;
      if (text.length > sliceBytes) break;
    }
    if (text === '') return;
    const bytes = Buffer.from(text);
    this.#append(bytes);
    this.#lines += lines;
    if (this.#rewriting !== undefined) {
      this.#rewriting.bytes += writeAll(this.#rewriting.descriptor, bytes);
      this.#rewriting.lines += lines;
    }
  }

  #lineOf(key: string): string {
    const record = this.records.get(key);
    return `${JSON.stringify(record === undefined ? [key] : [key, record])}\n`;
  }

  #append(bytes: Buffer): void {
    if (this.#descriptor === undefined) {
      mkdirSync(dirname(this.#file), { recursive: true });
      this.#descriptor = openSync(this.#file, 'a');
      if (this.#bytes === 0) this.#bytes += writeAll(this.#descriptor, Buffer.from(header));
    }
    this.#bytes += writeAll(this.#descriptor, bytes);
  }

  // Rewriting: writes a new log beside the old one, one slice at a time. Changes in the meantime go to both, so the old log is complete
  // until a rename replaces it.

  #beginRewriting(): Rewriting {
    mkdirSync(dirname(this.#file), { recursive: true });
    const file = `${this.#file}.${process.pid}.tmp`;
    const descriptor = openSync(file, 'w');
    return { file, descriptor, bytes: writeAll(descriptor, Buffer.from(header)), lines: 0, keys: this.records.keys() };
  }

  #rewriteSlice(rewriting: Rewriting): void {
    let text = '';
    for (;;) {
      const { value: key, done } = rewriting.keys.next();
      if (done) break;
      text += this.#lineOf(key);
      rewriting.lines++;
      if (text.length > sliceBytes) break;
    }
    if (text !== '') {
      rewriting.bytes += writeAll(rewriting.descriptor, Buffer.from(text));
      return;
    }
    renameSync(rewriting.file, this.#file);
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = rewriting.descriptor;
    this.#bytes = rewriting.bytes;
    this.#lines = rewriting.lines;
    this.#rewriting = undefined;
  }

  #abandonRewriting(): void {
    if (this.#rewriting === undefined) return;
    closeSync(this.#rewriting.descriptor);
    rmSync(this.#rewriting.file, { force: true });
    this.#rewriting = undefined;
  }
}

interface Rewriting {
  readonly file: string;
  readonly descriptor: number;
  /** The keys still to write. The iterator also visits keys added after the start. */
  readonly keys: IterableIterator<string>;
  bytes: number;
  lines: number;
}

function writeAll(descriptor: number, bytes: Buffer): number {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
  return bytes.length;
}

/** Reads every complete line. Returns the position after the last one. */
function readLines(file: string, take: (line: string) => void): number {
  const descriptor = openSync(file, 'r');
  const chunk = Buffer.allocUnsafe(sliceBytes);
  let incomplete: Buffer = Buffer.alloc(0);
  let end = 0;
  try {
    for (;;) {
      const size = readSync(descriptor, chunk);
      if (size === 0) return end;
      let text =
        incomplete.length === 0
          ? Buffer.from(chunk.subarray(0, size))
          : Buffer.concat([incomplete, chunk.subarray(0, size)]);
      for (let newline = text.indexOf(10); newline >= 0; newline = text.indexOf(10)) {
        take(text.toString('utf8', 0, newline));
        text = text.subarray(newline + 1);
        end += newline + 1;
      }
      incomplete = text;
    }
  } finally {
    closeSync(descriptor);
  }
}
