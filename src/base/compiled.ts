// Loads a bundle with the code that V8 compiled in earlier runs: compiling is most of what a short command spends.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { Script } from 'node:vm';

export interface Compiled<T> {
  readonly exports: T;
  /** Keeps the code that is compiled by now for later runs, unless it was kept after the same command before. */
  keep(command: string): void;
}

/**
 * Runs a CommonJS bundle, which is wrapped in a function as Node would wrap it. Node's own compile cache is not used: Node 20 has none,
 * and later versions keep only what the first run compiled, while each command compiles another part of the bundle.
 *
 * `cacheFolder` must lie within fx's own package, not in the shared temporary folder: whoever can write there can change fx itself, so
 * nobody else can plant code, and an update of the package removes the cache with it. If it is read-only, fx works without a cache.
 * NODE_DISABLE_COMPILE_CACHE turns it off, as it does Node's: https://nodejs.org/api/module.html#module-compile-cache
 */
export function loadCompiled<T>(file: string, cacheFolder: string): Compiled<T> {
  const isOff = process.env['NODE_DISABLE_COMPILE_CACHE'] !== undefined;
  const { mtimeMs, size } = statSync(file);
  // V8 checks its own version and flags, but of the source only the length
  const name = `${basename(file)}-${process.version}-${process.arch}-${Math.round(mtimeMs)}-${size}`;
  const cacheFile = join(cacheFolder, name);
  const kept = isOff ? undefined : readKept(cacheFile);
  // esbuild writes ASCII, which need not be decoded
  const script = new Script(readFileSync(file, 'latin1'), {
    filename: file,
    ...(kept === undefined ? {} : { cachedData: kept.code }),
  });
  const bundle = { exports: {} as T };
  script.runInThisContext()(bundle.exports, createRequire(file), bundle, file, dirname(file));
  const commands = kept === undefined || script.cachedDataRejected === true ? [] : kept.commands;
  return {
    exports: bundle.exports,
    keep(command) {
      if (isOff || commands.includes(command)) return;
      writeKept(cacheFile, { commands: [...commands, command], code: script.createCachedData() });
    },
  };
}

/** The compiled code, and the commands that it was kept after. */
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
    // absent or damaged: it is written again
    return undefined;
  }
}

function writeKept(file: string, { commands, code }: Kept): void {
  const text = Buffer.from(JSON.stringify(commands));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  const temporary = `${file}-${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    try {
      writeFileSync(temporary, Buffer.concat([code, text, length]));
      renameSync(temporary, file);
    } finally {
      rmSync(temporary, { force: true });
    }
  } catch {
    // a package that cannot be written to, or a full disk: fx works without the cache
  }
}
