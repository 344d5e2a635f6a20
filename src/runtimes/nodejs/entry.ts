// The entry point of a Node.js function.
import { basename, dirname } from 'node:path';
import type { FunctionSource } from '../runtime.ts';

export type Format = 'esm' | 'cjs';

export interface EntryPoint {
  readonly source: FunctionSource;
  readonly file: string;
  readonly format: Format;
  /** Whether only its syntax says so: TypeScript with imports and no `type` in package.json may be meant as CommonJS. */
  readonly isFormatOpen: boolean;
  /** `customConditions` of its tsconfig.json. */
  readonly conditions: readonly string[];
  /** The path of the output file in the project, without its extension. */
  readonly output: string;
}

// Node treats `.js` without a package.json as CommonJS; `.mjs` is always a module.
export const builtEnding: Record<Format, string> = { esm: '.mjs', cjs: '.js' };

/** `src/orders.handler` → module `src/orders`, export `handler`: Lambda splits at the first dot of the last segment. */
export function splitHandler(handler: string): { readonly module: string; readonly export: string } {
  const folder = dirname(handler);
  const file = basename(handler);
  const dot = file.indexOf('.');
  const module = file.slice(0, dot);
  return { module: folder === '.' ? module : `${folder}/${module}`, export: file.slice(dot + 1) };
}

/** Node.js's major version of a runtime; 0 for one of another family. */
export const nodeVersion = (runtime: string): number => Number(/^nodejs(\d+)/.exec(runtime)?.[1] ?? 0);
