// Compresses each file on disk that several artifacts of a build contain once: packages that are packed as installed are the bulk
// of many zips. The results wait in one file, since they may not fit in memory.
import { type FileHandle, open, rm } from 'node:fs/promises';

/** A file's part of a zip. */
export interface Compressed {
  readonly crc: number;
  readonly size: number;
  /** 8 is deflate, 0 is stored: APPNOTE.TXT, 4.4.5. */
  readonly method: 8 | 0;
  readonly bytes: Uint8Array;
}

interface Kept extends Omit<Compressed, 'bytes'> {
  readonly start: number;
  readonly length: number;
}

export class CompressedFiles {
  readonly #path: string;
  readonly #shared: ReadonlySet<string>;
  readonly #kept = new Map<string, Promise<Kept>>();
  #handle: Promise<FileHandle> | undefined;
  #end = 0;

  /** `path` is a temporary file; `shared` the files that several artifacts contain. */
  constructor(path: string, shared: ReadonlySet<string>) {
    this.#path = path;
    this.#shared = shared;
  }

  /** What `compress` returns for the file, which runs once if the file is shared. */
  async get(file: string, compress: () => Promise<Compressed>): Promise<Compressed> {
    if (!this.#shared.has(file)) return compress();
    const known = this.#kept.get(file);
    if (known !== undefined) return this.#read(await known);
    let first: Compressed | undefined;
    const kept = compress().then((compressed) => {
      first = compressed;
      return this.#write(compressed);
    });
    this.#kept.set(file, kept);
    const written = await kept;
    return first ?? this.#read(written);
  }

  async #write({ bytes, ...about }: Compressed): Promise<Kept> {
    const start = this.#end;
    this.#end += bytes.length;
    const handle = await this.#open();
    await handle.write(bytes, 0, bytes.length, start);
    return { ...about, start, length: bytes.length };
  }

  async #read({ start, length, ...about }: Kept): Promise<Compressed> {
    const bytes = Buffer.allocUnsafe(length);
    const handle = await this.#open();
    await handle.read(bytes, 0, length, start);
    return { ...about, bytes };
  }

  #open(): Promise<FileHandle> {
    this.#handle ??= open(this.#path, 'w+');
    return this.#handle;
  }

  async end(): Promise<void> {
    await (await this.#handle)?.close();
    await rm(this.#path, { force: true });
  }
}

/** The files that at least two of these lists contain. */
export function sharedFiles(lists: readonly (readonly string[])[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const list of lists) {
    for (const file of new Set(list)) {
      if (seen.has(file)) shared.add(file);
      seen.add(file);
    }
  }
  return shared;
}
