// Which files fx dev watches, and what changed in them. The system reports changes of folders: nothing is polled.
import { createHash } from 'node:crypto';
import { type FSWatcher, readdirSync, readFileSync, statSync, watch } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

/** Saving in an editor is several events: writes, a rename, new modes. */
const quietMs = 6;
/** How long a file may be empty while it is saved. */
const halfMs = 150;
/** Linux limits watches, 8192 at least. */
const mostFolders = 6_000;
/** Not sources, unless a build reads them. */
const apart = /^(node_modules|target|dist|build|out|coverage|__pycache__|cdk\.out|venv)$|^\./;
/** On these systems, one watch sees all that is below a folder. https://nodejs.org/api/fs.html#caveats */
const isRecursive = process.platform === 'darwin' || process.platform === 'win32';

export class Watch {
  readonly #top: string;
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #changed = new Set<string>();
  /** The content of files that changed, to tell a save from a touch. */
  readonly #contents = new Map<string, string>();
  readonly #refused: (error: NodeJS.ErrnoException) => void;
  #wake: () => void = () => {};
  #isAsked = false;
  /** How many events there were. */
  #reported = 0;
  #isInput: (file: string) => boolean = () => false;

  /** Watches the sources below a folder. `refused` takes the reason if the system refuses a watch. */
  constructor(top: string, refused: (error: NodeJS.ErrnoException) => void) {
    this.#top = top;
    this.#refused = refused;
    this.#addSources(top);
  }

  /** Watches these folders too. Outside the sources, only a file for which `isInput` is true counts. */
  add(folders: Iterable<string>, isInput: (file: string) => boolean): void {
    this.#isInput = isInput;
    for (const folder of folders) this.#watch(existing(folder));
  }

  /** Makes `next` resolve although nothing has changed. */
  ask(): void {
    this.#isAsked = true;
    this.#wake();
  }

  /** Whether something changed that `next` has not returned yet. */
  get isPending(): boolean {
    return this.#changed.size > 0 || this.#isAsked;
  }

  /** The files that changed since the last call; `asked` if `ask` was called. Undefined when the signal aborts. */
  async next(signal: AbortSignal): Promise<{ changed: ReadonlySet<string>; asked: boolean } | undefined> {
    const wake = () => this.#wake();
    signal.addEventListener('abort', wake, { once: true });
    try {
      while (!this.isPending && !signal.aborted) await this.#event();
      await this.#quiet(signal);
      if (signal.aborted) return undefined;
      const asked = this.#isAsked;
      this.#isAsked = false;
      const changed = new Set(this.#changed);
      this.#changed.clear();
      return { changed, asked };
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  /** Until nothing more is reported, and no file is empty, as between the truncation and the write of a save. */
  async #quiet(signal: AbortSignal): Promise<void> {
    const began = performance.now();
    for (let seen = -1; !signal.aborted; ) {
      const isHalf = () => performance.now() - began < halfMs && [...this.#changed].some(isEmpty);
      if (seen === this.#reported && !isHalf()) return;
      seen = this.#reported;
      await new Promise((done) => setTimeout(done, quietMs));
    }
  }

  /** Those whose content differs from the last time that it was asked for. */
  withNewContent(files: Iterable<string>): ReadonlySet<string> {
    const fresh = new Set<string>();
    for (const file of files) {
      const content = hashOf(file);
      if (this.#contents.get(file) !== content) fresh.add(file);
      this.#contents.set(file, content);
    }
    return fresh;
  }

  end(): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #event(): Promise<void> {
    return new Promise((done) => {
      this.#wake = done;
    });
  }

  #addSources(folder: string): void {
    this.#watch(folder);
    if (isRecursive) return;
    for (const entry of entriesOf(folder)) {
      if (entry.isDirectory() && !apart.test(entry.name)) this.#addSources(join(folder, entry.name));
    }
  }

  #watch(folder: string): void {
    const isCovered = isRecursive && this.#watchers.has(this.#top) && !relative(this.#top, folder).startsWith('..');
    if (isCovered || this.#watchers.has(folder) || this.#watchers.size >= mostFolders) return;
    try {
      const watcher = watch(folder, { recursive: isRecursive && folder === this.#top }, (_, name) => {
        if (name !== null) this.#changedAt(join(folder, name));
      });
      // a deleted folder ends its watch; its parent sees it come back
      watcher.on('error', () => this.#forget(folder));
      this.#watchers.set(folder, watcher);
    } catch (error) {
      const refusal = error as NodeJS.ErrnoException;
      if (refusal.code !== 'ENOENT' && refusal.code !== 'ENOTDIR') this.#refused(refusal);
    }
  }

  #changedAt(path: string): void {
    const inside = relative(this.#top, path);
    if (/(^|[\\/])\.(fx|git)([\\/]|$)/.test(inside)) return;
    const isOutside = inside.startsWith('..') || inside.split(sep).includes('node_modules');
    if (isOutside && !this.#isInput(path)) return;
    this.#changed.add(path);
    this.#reported += 1;
    if (!isOutside) this.#lookAt(path);
    this.#wake();
  }

  /** A folder that appears, or is created again, brings files that nobody reports. */
  #lookAt(path: string): void {
    const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
    if (!isFolder) {
      if (this.#watchers.has(path)) this.#forget(path);
      return;
    }
    if (isRecursive || apart.test(path.slice(path.lastIndexOf(sep) + 1))) return;
    this.#forget(path);
    this.#addSources(path);
    for (const name of readdirSync(path, { recursive: true, encoding: 'utf8' })) {
      if (!name.split(sep).some((part) => apart.test(part))) this.#changed.add(join(path, name));
    }
  }

  #forget(folder: string): void {
    for (const [watched, watcher] of this.#watchers) {
      if (watched !== folder && !watched.startsWith(folder + sep)) continue;
      watcher.close();
      this.#watchers.delete(watched);
    }
  }
}

function hashOf(file: string): string {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex');
  } catch {
    // deleted, or a folder
    return '';
  }
}

function isEmpty(file: string): boolean {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat?.isFile() === true && stat.size === 0;
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // deleted meanwhile, or not readable: then no build reads it either
    return [];
  }
}

/** The folder, or what exists above it: there, it would appear. */
function existing(folder: string): string {
  const isThere = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  return isThere || dirname(folder) === folder ? folder : existing(dirname(folder));
}
