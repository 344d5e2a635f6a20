// The entry point of a Node.js function.
import type { FunctionSource } from '../runtime.ts';

export type Format = 'esm' | 'cjs';

export interface EntryPoint {
  readonly source: FunctionSource;
  readonly file: string;
  readonly format: Format;
  /** `customConditions` of its tsconfig.json. */
  readonly conditions: readonly string[];
  /** The path of the output file in the project, without its extension. */
  readonly output: string;
}

// Node treats `.js` without a package.json as CommonJS; `.mjs` is always a module.
export const builtEnding: Record<Format, string> = { esm: '.mjs', cjs: '.js' };
