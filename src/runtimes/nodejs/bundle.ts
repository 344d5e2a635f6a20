// Bundles functions with the same settings: the options of esbuild, and the wording of its errors.
import { dirname, relative, resolve } from 'node:path';
import type { Loader, Message } from 'esbuild';
import type { Problem } from '../../base/error.ts';
import { buildOnce } from '../../base/esbuild.ts';
import { joined, slashed } from '../parts.ts';
import type { BuildResult, Tools } from '../runtime.ts';
import type { ModulesOfEntry } from './bundled.ts';
import { type Collecting, collect, partsOf, requireDeclaration, type Seen } from './collect.ts';
import { type BundleConfig, readConfig } from './config.ts';
import { builtEnding, type EntryPoint, type Format, nodeVersion } from './entry.ts';
import { packageOfSpecifier, resolvePackage } from './installed.ts';
import { isBuildFailure, type Options, type Settled, settle } from './passes.ts';
import { built, placeBanner } from './place.ts';
import { addCommand } from './platform.ts';
import { Configurations } from './tsconfig.ts';
import { UserModules, type UserNeeds } from './user-modules.ts';

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

/** `import.meta.url` of a package's ES module in a CommonJS bundle. */
const urlBanner = "const fxUrl = require('node:url').pathToFileURL(__filename).href;";
/** ES modules have no `require`, `__filename` and `__dirname`, which bundled CommonJS packages need. */
const requireBanner =
  "import { createRequire as fxCreateRequire } from 'node:module'; import { fileURLToPath as fxFileURLToPath } from 'node:url'; import { dirname as fxDirname } from 'node:path'; " +
  `${requireDeclaration} const fxFilename = fxFileURLToPath(import.meta.url); const fxFolder = fxDirname(fxFilename);`;

/** Names that no module declares: esbuild does not know those of a banner. */
const defined = {
  esm: { __filename: 'fxFilename', __dirname: 'fxFolder' },
  cjs: { 'import.meta.url': 'fxUrl' },
} as const;

const banners = { esm: requireBanner, cjs: urlBanner } as const;

/** All `entries` share format, runtime and settings. */
export async function bundle(entries: readonly EntryPoint[], tools: Tools): Promise<BuildResult> {
  const [first] = entries;
  if (first === undefined) return { built: [], problems: [] };
  const { packaging, architecture } = first.source;
  const { folder } = tools;
  const configurations = new Configurations();
  const users = new UserModules(folder, configurations);
  const ending = builtEnding[first.format];
  const config = await readConfig(first.source, folder);
  try {
    const settled = await settle<EntryPoint>({
      entries,
      run: tools.esbuild ?? buildOnce,
      options: (some, needs) => buildOptions(some, { first, folder, needs, users, config }),
      modulesOf: (entry, metafile) => modulesOf(entry, { metafile, folder, users }),
      needsOf: ({ output }, files) => users.needs(files, dirname(resolve(folder, output))),
      pluginsFor: (needs) => [...(config.options.plugins ?? []), ...users.plugins(needs, ending)],
      ...(tools.decided === undefined
        ? {}
        : { decided: ({ source }, packages) => tools.decided?.(source.name, packages) }),
      settings: {
        folder,
        architecture,
        external: packaging.external.filter((name) => !name.includes('*')),
        overrides: packaging.packages,
      },
    });
    const inOrder = await asCommonJs(settled.flatMap(patchedTooLate), tools);
    const done = new Set(inOrder.built.map(({ name }) => name));
    const collected = settled.flatMap((pass) => {
      const outputs = new Map(pass.result.outputFiles.map((file) => [slashed(relative(folder, file.path)), file]));
      const collecting: Collecting = {
        ...pass,
        outputs,
        metafile: pass.result.metafile,
        users,
        configurations,
        config,
      };
      const left = pass.entries.filter(({ source }) => !done.has(source.name));
      return left.map((entry) => collect(entry, collecting, tools));
    });
    return joined([inOrder, ...(await Promise.all(collected))]);
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    return { built: [], problems: error.errors.map((message) => toProblem(message, entries, folder)) };
  }
}

/**
 * An ES module loads all packages before its own modules run, also before the one that sets up the patches; CommonJS loads them in
 * the order of the imports.
 */
function patchedTooLate({ entries, packed }: Settled<EntryPoint>): readonly EntryPoint[] {
  const patches = [...packed.values()].some((one) => one.patches === true);
  return patches ? entries.filter(({ format, isFormatOpen }) => format === 'esm' && isFormatOpen) : [];
}

/** Nothing is built if it cannot be CommonJS, as with a top-level await. */
async function asCommonJs(entries: readonly EntryPoint[], tools: Tools): Promise<BuildResult> {
  const none: BuildResult = { built: [], problems: [] };
  if (entries.length === 0) return none;
  const result = await bundle(
    entries.map((entry) => ({ ...entry, format: 'cjs', isFormatOpen: false })),
    tools,
  );
  return result.problems.length === 0 ? result : none;
}

interface Bundle {
  readonly first: EntryPoint;
  readonly folder: string;
  readonly needs: UserNeeds;
  readonly users: UserModules;
  readonly config: BundleConfig;
}

const ownBanner = (format: Format, { located }: UserNeeds): string =>
  [banners[format], ...(located.size > 0 ? [placeBanner[format]] : [])].join(' ');

function buildOptions(entries: readonly EntryPoint[], { first, folder, needs, users, config }: Bundle): Options {
  const { plugins: _, loader, define, banner, ...others } = config.options;
  const { packaging, runtime } = first.source;
  // functions may share a file, which is built once
  const entryPoints = new Map(entries.map((entry) => [entry.output, entry.file]));
  for (const { workers } of users.placesOf([...needs.located]))
    for (const worker of workers) entryPoints.set(slashed(relative(folder, built(worker, ''))), worker);
  return {
    target: `node${nodeVersion(runtime) || 20}`,
    charset: 'utf8',
    // keep the names in stack traces and logs readable
    keepNames: packaging.minify,
    ...others,
    absWorkingDir: folder,
    entryPoints: [...entryPoints].map(([out, file]) => ({ in: file, out })),
    outdir: folder,
    outExtension: { '.js': builtEnding[first.format] },
    bundle: true,
    platform: 'node',
    // esbuild adds `module` only if there are no others
    conditions: ['module', ...first.conditions, ...(others.conditions ?? [])],
    format: first.format,
    write: false,
    metafile: true,
    ...(packaging.sourceMap ? { sourcemap: 'linked', sourcesContent: false } : {}),
    minify: packaging.minify,
    external: [
      ...packaging.external.filter((name) => name.includes('*')),
      ...(packaging.sdk === 'runtime' ? [runtimeSdk] : []),
    ],
    loader: { ...loaders, ...loader },
    assetNames: '[name]-[hash]',
    logLevel: 'silent',
    define: { ...defined[first.format], ...define },
    banner: {
      js: [ownBanner(first.format, needs), ...(banner?.['js'] === undefined ? [] : [banner['js']])].join('\n'),
    },
  };
}

/** What an entry reaches, by itself and through the workers that it starts. */
function modulesOf(entry: EntryPoint, seen: Seen): ModulesOfEntry {
  const { graph, workers } = partsOf(entry, seen);
  const ending = builtEnding[entry.format];
  const outputs = [
    `${entry.output}${ending}`,
    ...workers.map((worker) => slashed(relative(seen.folder, built(worker, ending)))),
  ];
  const surviving = outputs.flatMap((path) =>
    Object.entries(seen.metafile.outputs[path]?.inputs ?? {}).flatMap(([input, { bytesInOutput }]) =>
      bytesInOutput > 0 ? [input] : [],
    ),
  );
  return { reached: graph, surviving: new Set(surviving) };
}

const isInstalled = (specifier: string, importer: string, folder: string): boolean =>
  resolvePackage(packageOfSpecifier(specifier), dirname(resolve(folder, importer))) !== undefined;

export function toProblem(message: Message, entries: readonly EntryPoint[], folder: string): Problem {
  const { location, text, notes } = message;
  const handlerAt = entries[0]?.source.handlerAt ?? { file: 'project.yml', line: 1, column: 1, length: 1 };
  const at =
    location === null
      ? handlerAt
      : { file: location.file, line: location.line, column: location.column + 1, length: Math.max(1, location.length) };
  const missing = /^Could not resolve "([^"]+)"/.exec(text)?.[1];
  const hint =
    missing !== undefined && !missing.startsWith('.') && !isInstalled(missing, at.file, folder)
      ? `install it in the project: ${addCommand(packageOfSpecifier(missing), folder)}`
      : notes
          .map(({ text: note }) => note.replace(/:$/, ''))
          // `external` would leave the import to fail on Lambda
          .filter((note) => !note.startsWith('You can mark the path'))
          .join('; ');
  return { at, message: text, ...(hint === '' ? {} : { hint }) };
}
