// Loads esbuild on first use. By require: an import of CommonJS would first scan all of it for exports.
import { createRequire } from 'node:module';
import type { BuildContext, BuildOptions, BuildResult } from 'esbuild';

let loaded: typeof import('esbuild') | undefined;

export function esbuild(): typeof import('esbuild') {
  loaded ??= createRequire(import.meta.url)('esbuild') as typeof import('esbuild');
  return loaded;
}

/** Runs esbuild once, or again on files that have changed a little. */
export type RunEsbuild = <O extends BuildOptions>(options: O) => Promise<BuildResult<O>>;

export const buildOnce: RunEsbuild = (options) =>
  // the types of esbuild require exact options of a generic call
  esbuild().build(options as never) as never;

/** How many builds stay warm: each holds its parsed modules in memory. */
const mostContexts = 16;

/** Keeps what esbuild has parsed between builds with equal options. */
export class WarmEsbuild {
  /** Least recently used first. */
  readonly #contexts = new Map<string, Promise<BuildContext>>();

  readonly run: RunEsbuild = async (options) => {
    // a plugin belongs to one build: what it remembers may be old in the next
    if ((options.plugins ?? []).length > 0) return buildOnce(options);
    const key = JSON.stringify(options);
    const context = this.#contexts.get(key) ?? esbuild().context(options as BuildOptions);
    context.catch(() => this.#contexts.delete(key));
    this.#contexts.delete(key);
    this.#contexts.set(key, context);
    for (const [old, dropped] of this.#contexts) {
      if (this.#contexts.size <= mostContexts) break;
      this.#contexts.delete(old);
      await (await dropped).dispose();
    }
    return (await context).rebuild() as never;
  };

  /** Ends esbuild's process. */
  async end(): Promise<void> {
    const contexts = [...this.#contexts.values()];
    this.#contexts.clear();
    for (const context of contexts) await (await context).dispose();
    await loaded?.stop();
  }
}
