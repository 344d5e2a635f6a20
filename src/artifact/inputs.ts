// Hashes the inputs of a build: equal inputs give an equal artifact, so fx can skip the build.
import { createHash } from 'node:crypto';
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { findFiles } from '../runtimes/files.ts';
import type { Input } from '../runtimes/runtime.ts';
import { findProgram } from '../runtimes/tool.ts';
import type { FileMemory } from './file-memory.ts';

/** Digests inputs. Reads each input once, however many functions depend on it. */
export class InputReader {
  readonly #memory: FileMemory;
  readonly #path: string;
  readonly #digests = new Map<string, string>();
  readonly #names = new Map<string, readonly string[]>();

  constructor(memory: FileMemory, path: string) {
    this.#memory = memory;
    this.#path = path;
  }

  digest(inputs: readonly Input[]): string {
    const hash = createHash('sha256');
    for (const input of inputs) hash.update(this.#one(input)).update('\n');
    return hash.digest('hex');
  }

  #one(input: Input): string {
    if (input.kind === 'file') return this.#memory.facts(input.path)?.sha256 ?? 'absent';
    const key = JSON.stringify(input);
    const known = this.#digests.get(key) ?? this.#read(input);
    this.#digests.set(key, known);
    return known;
  }

  #read(input: Exclude<Input, { kind: 'file' }>): string {
    switch (input.kind) {
      case 'names':
        return this.#namesOf(input.folder)
          .filter((name) => name.startsWith(input.prefix) && name.endsWith(input.ending ?? ''))
          .join('/');
      case 'tree': {
        const { files, outside } = findFiles(input.folder, input.rules);
        const rows = files.map(({ path, file }) => `${path} ${this.#memory.facts(file)?.sha256}`);
        return createHash('sha256')
          .update([...rows, ...outside.map(({ path }) => path)].join('\n'))
          .digest('hex');
      }
      case 'program':
        return this.#program(input.name);
    }
  }

  #namesOf(folder: string): readonly string[] {
    const known = this.#names.get(folder);
    if (known !== undefined) return known;
    const names = listNames(folder);
    this.#names.set(folder, names);
    return names;
  }

  #program(name: string): string {
    const file = findProgram(name, this.#path);
    if (file === undefined) return 'absent';
    const { size, mtimeMs } = statSync(file);
    return `${realpathSync(file)} ${size} ${mtimeMs}`;
  }
}

function listNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}
