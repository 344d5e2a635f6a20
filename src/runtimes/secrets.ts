// Wraps a function's handler to read its secrets first, for Node.js and Python. For other families and for images, the role has
// the permission and FX_SECRETS the names, and the function reads the secrets itself.

import { existsSync } from 'node:fs';
import { basename, dirname, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packagedFile } from '../base/packaged.ts';
import type { BuiltFunction, FunctionSource } from './runtime.ts';

/** The variable that names the handler to load after the secrets. */
const handlerVariable = 'FX_HANDLER';
const unchecked = 'it reads secrets when it starts';

/** The function with fx's handler around its own. A function without secrets stays unchanged. */
export function withSecrets(source: FunctionSource, built: BuiltFunction): BuiltFunction {
  if (!source.hasSecrets || built.object !== undefined) return built;
  const { family } = source.packaging;
  if (family === 'nodejs') return readFirst(built, 'fx-secrets.mjs', 'node.mjs', nodeHandler(built));
  if (family === 'python') return readFirst(built, 'fx_secrets.py', 'python.py', pythonHandler(built));
  return built;
}

function readFirst(built: BuiltFunction, path: string, program: string, handler: string): BuiltFunction {
  const stem = path.slice(0, path.lastIndexOf('.'));
  return {
    ...built,
    files: [...built.files, { path, content: { file: programFile(program) }, from: [`fx ${program}`] }],
    handler: `${stem}.handler`,
    variables: { ...built.variables, [handlerVariable]: handler },
    unchecked,
  };
}

/** `src/orders.handler` → `./src/orders.mjs#handler`: an import needs the file name of a module. */
function nodeHandler({ handler, files }: BuiltFunction): string {
  const { stem, exported } = split(handler);
  const file = files.find(({ path }) => ['.mjs', '.js', '.cjs'].some((ending) => path === stem + ending));
  return `./${file?.path ?? `${stem}.js`}#${exported}`;
}

/** `src/main.handler` → `src.main#handler`. */
function pythonHandler({ handler }: BuiltFunction): string {
  const { stem, exported } = split(handler);
  return `${stem.replaceAll('/', '.')}#${exported}`;
}

/** Lambda splits at the first dot of the last part. */
function split(handler: string): { readonly stem: string; readonly exported: string } {
  const name = basename(handler);
  const dot = name.indexOf('.');
  return { stem: posix.join(dirname(handler), name.slice(0, dot)), exported: name.slice(dot + 1) };
}

/** The build copies them into the package; when run from source, they are beside this file. */
function programFile(name: string): string {
  const beside = fileURLToPath(new URL(`./secrets/${name}`, import.meta.url));
  return existsSync(beside) ? beside : packagedFile(`secrets/${name}`);
}
