// Finds the files shipped beside the code in `dist/` and at the root of the package.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';

let root: string | undefined;

/** The folder of fx's own package.json: the same from `src/` under test and from the bundle in `dist/`. */
export function packageFolder(): string {
  if (root !== undefined) return root;
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!isOwnPackage(folder)) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`no package.json of fx-serverless above ${import.meta.url}`);
    folder = parent;
  }
  root = folder;
  return folder;
}

function isOwnPackage(folder: string): boolean {
  const file = join(folder, 'package.json');
  return existsSync(file) && (JSON.parse(readFileSync(file, 'utf8')) as { name?: string }).name === 'fx-serverless';
}

/** The version in fx's own package.json. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')) as { version: string }).version;
}

/** The absolute path of a file that the build puts in `dist/`; it may not exist. */
export function packagedFile(path: string): string {
  return join(packageFolder(), 'dist', path);
}

/** The text of a file that the build puts in `dist/` compressed, as `path.br`; undefined if it does not exist. */
export function packagedText(path: string): string | undefined {
  try {
    return brotliDecompressSync(readFileSync(`${packagedFile(path)}.br`)).toString('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
