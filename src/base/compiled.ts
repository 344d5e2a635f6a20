// Loads a bundle with the code V8 compiled in earlier runs: compilation dominates the time of a short command.
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { replaceFile } from './replace-file.ts';

export interface Compiled<T> {
  readonly exports: T;
  /** Keeps the code compiled so far for later runs, unless an earlier run of the same command did. */
  keep(command: string): void;
}

/**
 * Runs a CommonJS bundle, wrapped in a function as Node does. Node's compile cache does not fit: Node 20 has none, and later versions
 * keep only what the first run compiled, while each command compiles a different part of the bundle.
 *
 * `cacheFolder` must lie within fx's own package, not in the shared temporary folder: only users who can change fx itself can write
 * there, and an update of the package removes the cache. If it is read-only, fx works without a cache.
 * NODE_DISABLE_COMPILE_CACHE turns it off, as it does Node's: https://nodejs.org/api/module.html#module-compile-cache
 */
export function loadCompiled<T>(file: string, cacheFolder: string): Compiled<T> {
  const isOff = process.env['NODE_DISABLE_COMPILE_CACHE'] !== undefined;
  const { mtimeMs, size } = statSync(file);
  // V8 checks its version and flags, but only the length of the source
  const name = `${basename(file)}-${process.version}-${process.arch}-${Math.round(mtimeMs)}-${size}`;
  const cacheFile = join(cacheFolder, name);
  const kept = isOff ? undefined : readKept(cacheFile);
  // esbuild writes ASCII, which needs no decoding
  const script = new Script(readFileSync(file, 'latin1'), {
    filename: file,
    ...(kept === undefined ? {} : { cachedData: kept.code }),
  });
  const bundle = { exports: {} as T };
  // Node cannot import from compiled code: https://nodejs.org/api/vm.html#support-of-dynamic-import-in-compilation-apis
  const fxImport = (url: string) => import(url);
  script.runInThisContext()(bundle.exports, createRequire(file), bundle, file, dirname(file), fxImport);
  const commands = kept === undefined || script.cachedDataRejected === true ? [] : kept.commands;
  return {
    exports: bundle.exports,
    keep(command) {
      if (isOff || commands.includes(command)) return;
      writeKept(cacheFile, { commands: [...commands, command], code: script.createCachedData() });
    },
  };
}

/** The compiled code, and the commands whose code it includes. */
interface Kept {
  readonly commands: readonly string[];
  readonly code: Buffer;
}

/** The code, then the commands as JSON, then the length of the JSON in four bytes. */
function readKept(file: string): Kept | undefined {
  try {
    const content = readFileSync(file);
    const end = content.length - 4;
    const start = end - content.readUInt32LE(end);
    return { commands: JSON.parse(content.toString('utf8', start, end)), code: content.subarray(0, start) };
  } catch {
    // missing or damaged: written again
    return undefined;
  }
}

function writeKept(file: string, { commands, code }: Kept): void {
  const text = Buffer.from(JSON.stringify(commands));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  try {
    replaceFile(file, Buffer.concat([code, text, length]));
  } catch {
    // a package that cannot be written to, or a full disk: fx works without the cache
  }
}
