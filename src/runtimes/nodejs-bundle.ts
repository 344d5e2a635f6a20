// One esbuild pass over functions with the same settings, and the files of each function.
import { dirname, join, relative, resolve } from 'node:path';
import type { Loader, Message, Metafile, OutputFile } from 'esbuild';
import type { Problem } from '../base/error.ts';
import { type ModulesOfEntry, packageAt } from './nodejs-decision.ts';
import { decoratorMetadata, needMetadata } from './nodejs-decorators.ts';
import { graphInputs, reachable } from './nodejs-graph.ts';
import { packageOfSpecifier } from './nodejs-installed.ts';
import { packInstalled, requestsOf } from './nodejs-packages.ts';
import { isBuildFailure, type Options, type Settled, settle } from './nodejs-passes.ts';
import { addCommand } from './nodejs-platform.ts';
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
  const { packaging, architecture } = first.source;
  const { folder } = tools;
  const configurations = new Configurations();
  const withMetadata = (files: readonly string[]) =>
    needMetadata(files, configurations) ? [decoratorMetadata(folder, configurations)] : [];
  try {
    const settled = await settle({
      entries,
      fileOf: ({ file }) => file,
      options: (some) => buildOptions(some, first, folder),
      modulesOf: (entry, metafile) => modulesOf(entry, metafile, folder),
      settings: {
        folder,
        architecture,
        external: packaging.external.filter((name) => !name.includes('*')),
        overrides: packaging.packages,
        pluginsFor: withMetadata,
      },
    });
    return joined(
      settled.flatMap((pass) => {
        const outputs = new Map(pass.result.outputFiles.map((file) => [slashed(relative(folder, file.path)), file]));
        const { metafile } = pass.result;
        // esbuild also leaves out uninstalled modules that a `try` imports: the code can run without them
        const isExternal = externalNames([...packaging.external, ...pass.packed.keys()]);
        return pass.entries.map((entry) =>
          collect(entry, { ...pass, outputs, metafile, isExternal, configurations }, tools),
        );
      }),
    );
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    return { built: [], problems: error.errors.map((message) => toProblem(message, entries, folder)) };
  }
}

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
    external: [
      ...packaging.external.filter((name) => name.includes('*')),
      ...(packaging.sdk === 'runtime' ? [runtimeSdk] : []),
    ],
    loader: { ...loaders },
    assetNames: '[name]-[hash]',
    logLevel: 'silent',
    charset: 'utf8',
    // ES modules have no `require`; bundled CommonJS packages need it for Node's built-in modules
    ...(first.format === 'esm' ? { banner: { js: requireBanner } } : {}),
  };
}

function modulesOf({ file, output, format }: EntryPoint, metafile: Metafile, folder: string): ModulesOfEntry {
  const inputs = metafile.outputs[`${output}${builtEnding[format]}`]?.inputs ?? {};
  const surviving = Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : []));
  return { reached: reachable(metafile, slashed(relative(folder, file))), surviving: new Set(surviving) };
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

interface Pass {
  readonly outputs: ReadonlyMap<string, OutputFile>;
  readonly metafile: Metafile;
  readonly isExternal: (path: string) => boolean;
  readonly packed: Settled<EntryPoint>['packed'];
  readonly left: Settled<EntryPoint>['left'];
  readonly configurations: Configurations;
}

function collect(
  entry: EntryPoint,
  { outputs, metafile, isExternal, packed, left, configurations }: Pass,
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
  const installed = packInstalled(requests, { source, architecture, folder, packed });
  const notes = [...installed.notes, ...leftNotes(graph, metafile, left)];
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
    ...(notes.length === 0 ? {} : { notes }),
    ...(installed.unloadable === undefined ? {} : { unchecked: installed.unloadable }),
  };
  return { built: [built], problems: installed.problems };
}

const exportOf = (handler: string) => handler.slice(handler.lastIndexOf('/') + 1).replace(/^[^.]*\./, '');

/** One line for all imports that stay in place. */
function leftNotes(graph: readonly string[], metafile: Metafile, left: Pass['left']): readonly string[] {
  const imports = new Set(
    graph.flatMap((path) => {
      const importer = packageAt(path)?.name;
      const inputs = metafile.inputs[path]?.imports ?? [];
      return inputs.filter(({ external }) => external === true).map((one) => `${importer} ${one.path}`);
    }),
  );
  const here = left.filter(({ specifier, importer }) => imports.has(`${importer} ${specifier}`));
  const names = here.map(({ specifier, importer }) => `${specifier} (optional in ${importer})`);
  return names.length === 0 ? [] : [`not installed, so left out: ${names.join(', ')}`];
}

export function toProblem(message: Message, entries: readonly EntryPoint[], folder: string): Problem {
  const { location, text, notes } = message;
  const handlerAt = entries[0]?.source.handlerAt ?? { file: 'project.yml', line: 1, column: 1, length: 1 };
  const at =
    location === null
      ? handlerAt
      : { file: location.file, line: location.line, column: location.column + 1, length: Math.max(1, location.length) };
  const missing = /^Could not resolve "([^"]+)"/.exec(text)?.[1];
  const hint =
    missing !== undefined && !missing.startsWith('.')
      ? `install it in the project: ${addCommand(packageOfSpecifier(missing), folder)}`
      : notes.map((note) => note.text).join('; ');
  return { at, message: text, ...(hint === '' ? {} : { hint }) };
}
