// Node.js functions: TypeScript and JavaScript, bundled by esbuild in one pass over all entry points of a module format.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import { type BuildFailure, build, type Message, type Metafile, type OutputFile } from 'esbuild';
import type { Problem } from '../base/error.ts';
import { FxError } from '../base/error.ts';
import { nearest } from '../base/suggest.ts';
import { checkNodejs } from './nodejs-check.ts';
import { nodejsIdentifiers } from './nodejs-identifiers.ts';
import type { ArtifactFile, BuiltFunction, FunctionSource, Runtime } from './runtime.ts';

type Format = 'esm' | 'cjs';
interface EntryPoint {
  readonly source: FunctionSource;
  readonly file: string;
  readonly format: Format;
  /** The path of the built file in the artifact, without its ending. */
  readonly output: string;
}

const endings = ['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.jsx'] as const;
// `.js` without a package.json beside it is CommonJS to Node; `.mjs` is a module always.
const builtEnding: Record<Format, string> = { esm: '.mjs', cjs: '.js' };

export const nodejs: Runtime = {
  name: 'nodejs',
  identifiers: nodejsIdentifiers,

  async build(functions, folder) {
    const problems: Problem[] = [];
    const entries: EntryPoint[] = [];
    for (const source of functions) {
      const found = findEntry(source, folder);
      if ('problem' in found) problems.push(found.problem);
      else entries.push(found.entry);
    }
    const built = await Promise.all(
      (['esm', 'cjs'] as const).map((format) =>
        bundle(
          entries.filter((entry) => entry.format === format),
          format,
          folder,
        ),
      ),
    );
    return {
      built: built.flatMap((result) => result.built),
      problems: [...problems, ...built.flatMap((result) => result.problems)],
    };
  },

  check: checkNodejs,
};

/** `src/orders.handler` → module `src/orders`, export `handler`: Lambda splits at the first dot of the last segment. */
export function splitHandler(handler: string): { readonly module: string; readonly export: string } {
  const folder = dirname(handler);
  const file = basename(handler);
  const dot = file.indexOf('.');
  const module = file.slice(0, dot);
  return { module: folder === '.' ? module : `${folder}/${module}`, export: file.slice(dot + 1) };
}

function findEntry(source: FunctionSource, folder: string): { entry: EntryPoint } | { problem: Problem } {
  const { module } = splitHandler(source.handler);
  const stem = resolve(folder, module);
  if (relative(folder, stem).startsWith('..')) {
    return {
      problem: { at: source.handlerAt, message: `the handler of "${source.name}" is outside the project: ${module}` },
    };
  }
  const file = endings.map((ending) => stem + ending).find((candidate) => existsSync(candidate));
  if (file !== undefined) {
    return {
      entry: { source, file, format: formatOf(file, folder), output: relative(folder, stem).split(sep).join('/') },
    };
  }
  return {
    problem: {
      at: source.handlerAt,
      message: `the function "${source.name}" has no file ${module}.ts, .mts, .cts, .js, .mjs or .cjs`,
      hint: missingFileHint(stem, folder),
    },
  };
}

function missingFileHint(stem: string, folder: string): string {
  const inside = dirname(stem);
  const shown = relative(folder, inside) || '.';
  if (!existsSync(inside) || !statSync(inside).isDirectory()) return `there is no folder ${shown}`;
  const modules = readdirSync(inside)
    .filter((name) => (endings as readonly string[]).includes(extname(name)))
    .map((name) => basename(name, extname(name)));
  const meant = nearest(basename(stem), modules);
  if (meant !== undefined) return `did you mean ${shown === '.' ? '' : `${shown}/`}${meant}?`;
  return modules.length === 0
    ? `${shown} has no JavaScript or TypeScript`
    : `${shown} has ${modules.sort().join(', ')}`;
}

/** The module format as Node would decide it: by the ending, else by the nearest package.json, else by the syntax. */
function formatOf(file: string, folder: string): Format {
  const ending = extname(file);
  if (ending === '.mts' || ending === '.mjs') return 'esm';
  if (ending === '.cts' || ending === '.cjs') return 'cjs';
  const declared = nearestPackageType(dirname(file), folder);
  if (declared !== undefined) return declared === 'module' ? 'esm' : 'cjs';
  return /^\s*(import[\s{*"']|export[\s{*])/m.test(readFileSync(file, 'utf8')) ? 'esm' : 'cjs';
}

function nearestPackageType(start: string, top: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file)) {
      try {
        return (JSON.parse(readFileSync(file, 'utf8')) as { type?: string }).type;
      } catch (cause) {
        throw new FxError('BUILD_FAILED', `${relative(top, file) || file} is no JSON: ${(cause as Error).message}`, {
          cause,
        });
      }
    }
    if (dirname(folder) === folder) return undefined;
  }
}

interface Bundled {
  readonly built: readonly BuiltFunction[];
  readonly problems: readonly Problem[];
}

async function bundle(entries: readonly EntryPoint[], format: Format, folder: string): Promise<Bundled> {
  if (entries.length === 0) return { built: [], problems: [] };
  // two functions may share a file: it is built once
  const entryPoints = new Map(entries.map((entry) => [entry.output, entry.file]));
  const target = oldestTarget(entries);
  try {
    const { outputFiles, metafile } = await build({
      absWorkingDir: folder,
      entryPoints: [...entryPoints].map(([out, file]) => ({ in: file, out })),
      outdir: folder,
      outExtension: { '.js': builtEnding[format] },
      bundle: true,
      platform: 'node',
      format,
      target,
      write: false,
      metafile: true,
      sourcemap: 'linked',
      sourcesContent: false,
      logLevel: 'silent',
      charset: 'utf8',
      // a module has no `require`; bundled CommonJS packages ask for it to reach Node's own modules
      ...(format === 'esm' ? { banner: { js: requireBanner } } : {}),
    });
    return { built: entries.map((entry) => collect(entry, outputFiles, metafile, folder)), problems: [] };
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    return { built: [], problems: error.errors.map((message) => toProblem(message, entries)) };
  }
}

const requireBanner =
  "import { createRequire as fxCreateRequire } from 'node:module'; import { fileURLToPath as fxFileURLToPath } from 'node:url'; import { dirname as fxDirname } from 'node:path'; const require = fxCreateRequire(import.meta.url); const __filename = fxFileURLToPath(import.meta.url); const __dirname = fxDirname(__filename);";

/** All entries are built for the oldest runtime among them, so that one pass serves all. */
function oldestTarget(entries: readonly EntryPoint[]): string {
  const versions = entries.map(({ source }) => Number(/^nodejs(\d+)/.exec(source.runtime)?.[1] ?? 20));
  return `node${Math.min(...versions)}`;
}

function collect(entry: EntryPoint, outputs: readonly OutputFile[], metafile: Metafile, folder: string): BuiltFunction {
  const main = `${entry.output}${builtEnding[entry.format]}`;
  const files = [main, `${main}.map`].flatMap((path): ArtifactFile[] => {
    const output = outputs.find((candidate) => relative(folder, candidate.path).split(sep).join('/') === path);
    if (output === undefined) return [];
    return [{ path, bytes: output.contents, from: Object.keys(metafile.outputs[path]?.inputs ?? {}) }];
  });
  return {
    name: entry.source.name,
    files,
    handler: `${entry.output}.${splitHandler(entry.source.handler).export}`,
    // stack traces name the lines of the source: https://nodejs.org/docs/latest-v20.x/api/cli.html#--enable-source-maps
    variables: { NODE_OPTIONS: '--enable-source-maps' },
  };
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && Array.isArray((error as Partial<BuildFailure>).errors);
}

function toProblem(message: Message, entries: readonly EntryPoint[]): Problem {
  const { location, text, notes } = message;
  const handlerAt = entries[0]?.source.handlerAt ?? { file: 'project.yml', line: 1, column: 1, length: 1 };
  const at =
    location === null
      ? handlerAt
      : { file: location.file, line: location.line, column: location.column + 1, length: Math.max(1, location.length) };
  const missing = /^Could not resolve "([^"]+)"/.exec(text)?.[1];
  const hint =
    missing !== undefined && !missing.startsWith('.')
      ? `install it in the project: npm install ${packageName(missing)}`
      : notes.map((note) => note.text).join('; ');
  return { at, message: text, ...(hint === '' ? {} : { hint }) };
}

function packageName(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
}
