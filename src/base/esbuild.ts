// Loads esbuild on first use. By require: an import of CommonJS would first scan all of it for exports.
import { createRequire } from 'node:module';

let loaded: typeof import('esbuild') | undefined;

export function esbuild(): typeof import('esbuild') {
  loaded ??= createRequire(import.meta.url)('esbuild') as typeof import('esbuild');
  return loaded;
}
