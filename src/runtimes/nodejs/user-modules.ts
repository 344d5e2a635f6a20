// Modules of the user's that are changed before esbuild reads them: compiled for decorator metadata, or given their own place.
import { readFileSync, statSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import type { Plugin } from 'esbuild';
import { MetadataCompiler, needsMetadata } from './decorators.ts';
import { type Place, placeOf, withPlace } from './place.ts';
import type { Configurations } from './tsconfig.ts';

export interface UserNeeds {
  /** Whether modules need decorator metadata. */
  readonly decorated: boolean;
  /** Modules that must know their place, absolute. */
  readonly located: ReadonlySet<string>;
}

interface Facts {
  readonly changed: number;
  readonly isDecorated: boolean;
  readonly place: Place | undefined;
}

const scripts = /\.[cm]?[jt]sx?$/;

/** Reads each module once per pass over the project. */
export class UserModules {
  readonly #folder: string;
  readonly #configurations: Configurations;
  readonly #facts = new Map<string, Facts>();

  constructor(folder: string, configurations: Configurations) {
    this.#folder = folder;
    this.#configurations = configurations;
  }

  /** A module in the folder of its bundle finds its files without a change, unless it starts workers. */
  needs(files: readonly string[], bundleFolder: string): UserNeeds {
    const located = files.filter((file) => {
      const { place } = this.#factsOf(file);
      return place !== undefined && (dirname(file) !== bundleFolder || place.workers.length > 0);
    });
    return { decorated: files.some((file) => this.#factsOf(file).isDecorated), located: new Set(located) };
  }

  placesOf(files: readonly string[]): readonly Place[] {
    return files.flatMap((file) => this.#factsOf(file).place ?? []);
  }

  /** A plugin only where it is needed: each call of one crosses a process. */
  plugins({ decorated, located }: UserNeeds, ending: string): readonly Plugin[] {
    if (!decorated && located.size === 0) return [];
    const compiler = new MetadataCompiler(this.#folder, this.#configurations);
    return [
      {
        name: 'fx-user-modules',
        setup: ({ initialOptions, onLoad }) => {
          // frameworks with decorators read the names of classes, which esbuild changes where two modules have the same
          if (decorated) initialOptions.keepNames = true;
          onLoad({ filter: scripts }, async ({ path }) => {
            if (path.includes('node_modules')) return undefined;
            const { isDecorated } = this.#factsOf(path);
            const isLocated = located.has(path);
            if (!isDecorated && !isLocated) return undefined;
            const text = readFileSync(path, 'utf8');
            const placed = isLocated ? withPlace(text, path, { projectFolder: this.#folder, ending }) : text;
            const resolveDir = dirname(path);
            if (!isDecorated) return { contents: placed, loader: loaderOf(path), resolveDir };
            const compiled = await compiler.compile(placed, path);
            return typeof compiled === 'string'
              ? { contents: compiled, loader: 'js', resolveDir }
              : { errors: [compiled.error] };
          });
        },
      },
    ];
  }

  #factsOf(file: string): Facts {
    const changed = scripts.test(file) ? (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) : 0;
    const known = this.#facts.get(file);
    if (known?.changed === changed) return known;
    const isRead = changed !== 0 && !relative(this.#folder, file).startsWith('node_modules');
    const text = isRead ? readFileSync(file, 'utf8') : '';
    const facts = {
      changed,
      isDecorated: needsMetadata(file, text, this.#configurations),
      place: placeOf(file, text, this.#folder),
    };
    this.#facts.set(file, facts);
    return facts;
  }
}

function loaderOf(path: string): 'ts' | 'tsx' | 'jsx' | 'js' {
  if (path.endsWith('.tsx')) return 'tsx';
  if (/\.[cm]?ts$/.test(path)) return 'ts';
  return path.endsWith('.jsx') ? 'jsx' : 'js';
}
