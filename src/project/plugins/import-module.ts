// Imports a module of the user: JavaScript as it is, TypeScript bundled first.
import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, extname, join, resolve } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import type { BuildFailure } from 'esbuild';
import { esbuild } from '../../base/esbuild.ts';
import { sha256 } from '../../base/hash.ts';

/** Node's `import()`: the bundles of scripts/build.mjs define it, since esbuild would turn `import()` into `require`. */
declare const fxImport: ((url: string) => Promise<unknown>) | undefined;

/** The file of `./plugin.mjs` or of a package. Throws Node's error if there is none. */
export function moduleFile(name: string, folder: string): string {
  if (/^\.{1,2}[\\/]|^[\\/]/.test(name)) return resolve(folder, name);
  return createRequire(join(folder, 'project.yml')).resolve(name);
}

/** The exports of a file, read again if it has changed. */
export async function importModule(file: string, folder: string): Promise<Readonly<Record<string, unknown>>> {
  const { mtimeMs } = await stat(file);
  const isTypeScript = ['.ts', '.mts', '.cts'].includes(extname(file));
  const module = isTypeScript ? await bundled(file, folder) : file;
  const url = `${pathToFileURL(module).href}?${mtimeMs}`;
  const imported = typeof fxImport === 'undefined' ? import(url) : fxImport(url);
  const exports = (await imported.catch(async (error: unknown) => {
    // Node keeps the position of a syntax error to itself
    throw error instanceof SyntaxError ? ((await syntaxError(file, folder)) ?? error) : error;
  })) as Record<string, unknown>;
  // `module.exports = {plugin}` that Node could not analyze
  return { ...(exports['default'] as Record<string, unknown> | undefined), ...exports };
}

async function syntaxError(file: string, folder: string): Promise<unknown> {
  return esbuild()
    .build({ entryPoints: [file], absWorkingDir: folder, write: false, logLevel: 'silent' })
    .then(() => undefined, firstError);
}

/** esbuild's first error, with its position. */
function firstError(error: unknown): unknown {
  const [first] = (error as BuildFailure).errors ?? [];
  if (first?.location == null) return error;
  const { file, line, column } = first.location;
  return new Error(`${first.text} (${file}:${line}:${column + 1})`, { cause: error });
}

/** Bundles a TypeScript file with the files that it imports; packages stay where they are. */
async function bundled(file: string, folder: string): Promise<string> {
  const name = basename(file, extname(file));
  const outfile = join(folder, '.fx', 'cache', 'plugins', `${name}-${sha256(file).slice(0, 8)}.mjs`);
  process.setSourceMapsEnabled(true);
  const built = esbuild().build({
    entryPoints: [file],
    outfile,
    absWorkingDir: folder,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'silent',
  });
  await built.catch((error) => {
    throw firstError(error);
  });
  return outfile;
}
