// One esbuild pass over functions with the same settings, and the files of each function.
import { dirname, join, relative, resolve } from 'node:path';
import type {
  BuildFailure,
  BuildOptions,
  BuildResult as Bundled,
  Loader,
  Message,
  Metafile,
  OutputFile,
  Plugin,
} from 'esbuild';
import type { Problem } from '../base/error.ts';
import { esbuild } from '../base/esbuild.ts';
import { graphInputs, reachable } from './nodejs-graph.ts';
import { packageOfSpecifier, resolvePackage } from './nodejs-installed.ts';
import { nativePackages, packInstalled, requestsOf } from './nodejs-packages.ts';
import { isNativePackage } from './nodejs-platform.ts';
import { Configurations } from './nodejs-tsconfig.ts';
import { joined, slashed } from './parts.ts';
import type { ArtifactFile, BuildResult, BuiltFunction, FunctionSource, Tools } from './runtime.ts';

export type Format = 'esm' | 'cjs';
export interface EntryPoint {
  readonly source: FunctionSource;
  readonly file: string;
  readonly format: Format;
  /** The path of the output file in the project, without its extension. */
  readonly output: string;
}

// Node treats `.js` without a package.json as CommonJS; `.mjs` is always a module.
const builtEnding: Record<Format, string> = { esm: '.mjs', cjs: '.js' };
/** SDK packages in Lambda's runtime: https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html#nodejs-sdk-included */
const runtimeSdk = '@aws-sdk/*';

/** Imported text and bytes are inlined. A project's native module is copied beside the bundle. */
const loaders: Readonly<Record<string, Loader>> = {
  ...Object.fromEntries(
    ['.txt', '.md', '.sql', '.html', '.graphql', '.gql', '.pem'].map((ending): [string, Loader] => [ending, 'text']),
  ),
  '.wasm': 'binary',
  '.bin': 'binary',
  '.node': 'copy',
};

const requireBanner =
  "import { createRequire as fxCreateRequire } from 'node:module'; import { fileURLToPath as fxFileURLToPath } from 'node:url'; import { dirname as fxDirname } from 'node:path'; const require = fxCreateRequire(import.meta.url); const __filename = fxFileURLToPath(import.meta.url); const __dirname = fxDirname(__filename);";

/** All `entries` share format, runtime and settings. */
export async function bundle(entries: readonly EntryPoint[], tools: Tools): Promise<BuildResult> {
  const [first] = entries;
  if (first === undefined) return { built: [], problems: [] };
  try {
    const options = buildOptions(entries, first, tools.folder);
    const { result, natives } = await buildWithoutNatives(options, tools.folder);
    const outputs = new Map(result.outputFiles.map((file) => [slashed(relative(tools.folder, file.path)), file]));
    // esbuild also leaves out uninstalled modules that a `try` imports: the code can run without them
    const isExternal = externalNames([...first.source.packaging.external, ...natives]);
    const pass: Result = { outputs, metafile: result.metafile, isExternal, configurations: new Configurations() };
    return joined(entries.map((entry) => collect(entry, pass, tools)));
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    return { built: [], problems: error.errors.map((message) => toProblem(message, entries)) };
  }
}

/** Packages with native code cannot be bundled, so they are packed as installed. */
async function buildWithoutNatives(options: Options, folder: string) {
  const leaveOut = (natives: readonly string[]): Options => ({
    ...options,
    external: [...(options.external ?? []), ...natives],
  });
  let natives: readonly string[] = [];
  let result: Bundled<Options>;
  try {
    result = await esbuild().build(options);
  } catch (error) {
    // the install scripts of such a package may import modules that are not installed
    natives = isBuildFailure(error) ? await nativesAsked(options) : [];
    if (natives.length === 0) throw error;
    result = await esbuild().build(leaveOut(natives));
  }
  const more = nativePackages(result.metafile, folder);
  if (more.length === 0) return { result, natives };
  natives = [...natives, ...more];
  return { result: await esbuild().build(leaveOut(natives)), natives };
}

/** Finds each package on its first import, before esbuild reads it: reading takes time. */
async function nativesAsked(options: Options): Promise<readonly string[]> {
  const natives = new Set<string>();
  const look: Plugin = {
    name: 'fx-natives',
    setup: ({ onResolve }) =>
      onResolve({ filter: /^[^./]/ }, ({ path, kind, resolveDir }) => {
        const name = packageOfSpecifier(path);
        const installed = kind === 'entry-point' ? undefined : resolvePackage(name, resolveDir);
        if (installed === undefined || !isNativePackage(installed.manifest)) return undefined;
        natives.add(name);
        return { path, external: true };
      }),
  };
  await esbuild().build({ ...options, plugins: [look] });
  return [...natives].sort();
}

type Options = BuildOptions & { readonly write: false; readonly metafile: true };

function buildOptions(entries: readonly EntryPoint[], first: EntryPoint, folder: string): Options {
  const { packaging, runtime } = first.source;
  // functions may share a file, which is built once
  const entryPoints = new Map(entries.map((entry) => [entry.output, entry.file]));
  return {
    absWorkingDir: folder,
    entryPoints: [...entryPoints].map(([out, file]) => ({ in: file, out })),
    outdir: folder,
    outExtension: { '.js': builtEnding[first.format] },
    bundle: true,
    platform: 'node',
    format: first.format,
    target: `node${/^nodejs(\d+)/.exec(runtime)?.[1] ?? 20}`,
    write: false,
    metafile: true,
    ...(packaging.sourceMap ? { sourcemap: 'linked', sourcesContent: false } : {}),
    minify: packaging.minify,
    // keep the names in stack traces and logs readable
    keepNames: packaging.minify,
    external: [...packaging.external, ...(packaging.sdk === 'runtime' ? [runtimeSdk] : [])],
    loader: { ...loaders },
    assetNames: '[name]-[hash]',
    logLevel: 'silent',
    charset: 'utf8',
    // ES modules have no `require`; bundled CommonJS packages need it for Node's built-in modules
    ...(first.format === 'esm' ? { banner: { js: requireBanner } } : {}),
  };
}

/** Matches `external`: a name also matches paths inside the package, and one `*` matches anything. */
function externalNames(patterns: readonly string[]): (path: string) => boolean {
  return (path) =>
    patterns.some((pattern) => {
      const [start = '', end] = pattern.split('*');
      return end === undefined
        ? path === pattern || path.startsWith(`${pattern}/`)
        : path.startsWith(start) && path.endsWith(end);
    });
}

interface Result {
  readonly outputs: ReadonlyMap<string, OutputFile>;
  readonly metafile: Metafile;
  readonly isExternal: (path: string) => boolean;
  readonly configurations: Configurations;
}

function collect(
  entry: EntryPoint,
  { outputs, metafile, isExternal, configurations }: Result,
  { folder }: Tools,
): BuildResult {
  const { source, format, output } = entry;
  const main = `${output}${builtEnding[format]}`;
  const bundle = metafile.outputs[main];
  if (bundle === undefined) throw new Error(`esbuild did not write ${main}`);
  const copies = bundle.imports
    .filter(({ external, path }) => external !== true && outputs.has(path))
    .map(({ path }) => path);
  // name copied files by their path in the project
  const base = copies.length > 0 ? '' : source.packaging.source;
  const files = [main, `${main}.map`, ...copies].flatMap((path): ArtifactFile[] => {
    const file = outputs.get(path);
    if (file === undefined) return [];
    const from = Object.keys(metafile.outputs[path === `${main}.map` ? main : path]?.inputs ?? {});
    return [{ path: slashed(relative(base, path)), content: { bytes: file.contents }, from }];
  });
  const graph = reachable(metafile, slashed(relative(folder, entry.file)));
  const { packaging, name, architecture } = source;
  const requests = requestsOf(metafile, graph, isExternal);
  const installed = packInstalled(requests, { source, architecture, folder });
  const built: BuiltFunction = {
    name,
    files: [...files, ...installed.files],
    handler: slashed(join(relative(base, dirname(output)), `${output.split('/').at(-1)}.${exportOf(source.handler)}`)),
    // stack traces show source lines: https://nodejs.org/docs/latest-v20.x/api/cli.html#--enable-source-maps
    variables: packaging.sourceMap ? { NODE_OPTIONS: '--enable-source-maps' } : {},
    inputs: [
      ...graphInputs(
        graph.map((path) => resolve(folder, path)),
        { metafile, configurations, project: folder },
      ),
      ...installed.inputs,
    ],
    ...(installed.unloadable === undefined ? {} : { unchecked: installed.unloadable }),
  };
  return { built: [built], problems: installed.problems };
}

const exportOf = (handler: string) => handler.slice(handler.lastIndexOf('/') + 1).replace(/^[^.]*\./, '');

export function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && Array.isArray((error as Partial<BuildFailure>).errors);
}

export function toProblem(message: Message, entries: readonly EntryPoint[]): Problem {
  const { location, text, notes } = message;
  const handlerAt = entries[0]?.source.handlerAt ?? { file: 'project.yml', line: 1, column: 1, length: 1 };
  const at =
    location === null
      ? handlerAt
      : { file: location.file, line: location.line, column: location.column + 1, length: Math.max(1, location.length) };
  const missing = /^Could not resolve "([^"]+)"/.exec(text)?.[1];
  const hint =
    missing !== undefined && !missing.startsWith('.')
      ? `install it in the project: npm install ${packageOfSpecifier(missing)}`
      : notes.map((note) => note.text).join('; ');
  return { at, message: text, ...(hint === '' ? {} : { hint }) };
}
