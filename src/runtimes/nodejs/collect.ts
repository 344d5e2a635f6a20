// The files of a bundled function: its bundle, its workers, the files that its code opens, and the packages beside it.
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Metafile, OutputFile } from 'esbuild';
import { findFiles } from '../files.ts';
import { fileRules, slashed, toArtifactFiles } from '../parts.ts';
import type { ArtifactFile, BuildResult, BuiltFunction, Tools } from '../runtime.ts';
import { packageAt } from './bundled.ts';
import type { BundleConfig } from './config.ts';
import { builtEnding, type EntryPoint, splitHandler } from './entry.ts';
import { graphInputs, reachable } from './graph.ts';
import { packInstalled, requestsOf } from './packages.ts';
import type { Settled } from './passes.ts';
import { built } from './place.ts';
import { openedManifest, projectManifest } from './project-manifest.ts';
import type { Configurations } from './tsconfig.ts';
import type { UserModules } from './user-modules.ts';

/** A pass of esbuild, and what was read for it. */
export interface Collecting extends Pick<Settled<EntryPoint>, 'packed' | 'left' | 'needs' | 'seeksManifest'> {
  readonly outputs: ReadonlyMap<string, OutputFile>;
  readonly metafile: Metafile;
  readonly users: UserModules;
  readonly configurations: Configurations;
  readonly config: BundleConfig;
}

export async function collect(entry: EntryPoint, collecting: Collecting, tools: Tools): Promise<BuildResult> {
  const { folder } = tools;
  const { metafile, packed, left, configurations } = collecting;
  const { source, format, output } = entry;
  const { packaging, name, architecture } = source;
  const main = `${output}${builtEnding[format]}`;
  const { graph, workers, assets } = partsOf(entry, { ...collecting, folder });
  const outputs = [main, ...workers.map((worker) => slashed(relative(folder, built(worker, builtEnding[format]))))];
  const copies = outputs.flatMap((path) => copiedFiles(path, collecting));
  const opened = openedFiles(entry, assets, folder);
  const isInside = (path: string) => !relative(packaging.source, path).startsWith('..');
  const places = [...outputs, ...opened.files.flatMap(({ from }) => from), ...locatedOf(graph, collecting, folder)];
  // name files by their path in the project if some are outside the function's folder
  const base = copies.length === 0 && places.every(isInside) ? packaging.source : '';
  const mapped = isMapUsed(entry, graph);
  const files = [...outputs, ...(mapped ? outputs.map((path) => `${path}.map`) : []), ...copies].flatMap(
    (path): ArtifactFile[] => {
      const file = collecting.outputs.get(path);
      if (file === undefined) return [];
      const from = Object.keys(metafile.outputs[path.replace(/\.map$/, '')]?.inputs ?? {});
      const bytes = withEndings(withBanner(file.contents, path, base));
      return [{ path: slashed(relative(base, path)), content: { bytes }, from }];
    },
  );
  const added = opened.files.map((file) => openedManifest({ ...file, path: slashed(relative(base, file.path)) }));
  // esbuild also leaves out uninstalled modules that a `try` imports: the code can run without them
  const requests = requestsOf(metafile, graph, externalNames([...packaging.external, ...packed.keys()]));
  const named = [...packed].flatMap(([importName, { loadedBy }]) =>
    loadedBy === undefined
      ? []
      : [{ name: importName, importer: loadedBy, specifier: importName, kind: 'require' as const }],
  );
  const installed = await packInstalled([...requests, ...named], { source, architecture, folder, packed }, tools);
  const manifest = collecting.seeksManifest ? projectManifest(entry.file, folder) : undefined;
  const isOpened = added.some(({ path }) => path === manifest?.path);
  const manifests = manifest === undefined || isOpened ? [] : [manifest];
  const notes = [...installed.notes, ...opened.notes, ...leftNotes(graph, metafile, left)];
  const result: BuiltFunction = {
    name,
    files: [...files, ...added, ...manifests, ...installed.files],
    handler: slashed(
      join(relative(base, dirname(output)), `${output.split('/').at(-1)}.${splitHandler(source.handler).export}`),
    ),
    // stack traces show source lines: https://nodejs.org/docs/latest-v20.x/api/cli.html#--enable-source-maps
    variables: packaging.sourceMap ? { NODE_OPTIONS: '--enable-source-maps' } : {},
    inputs: [
      ...graphInputs(
        [
          ...graph.map((path) => resolve(folder, path)),
          ...added.flatMap(({ content }) => ('file' in content ? [content.file] : [])),
        ],
        { metafile, configurations, project: folder },
      ),
      ...installed.inputs,
      ...collecting.config.inputs,
    ],
    ...(notes.length === 0 ? {} : { notes }),
    ...(installed.unloadable === undefined ? {} : { unchecked: installed.unloadable }),
  };
  return { built: [result], problems: installed.problems };
}

export interface Seen extends Pick<Collecting, 'metafile' | 'users'> {
  readonly folder: string;
}

/** The modules of a function, the workers that they start, and the files that they open. */
export function partsOf({ file }: EntryPoint, { metafile, users, folder }: Seen) {
  const graph = new Set(reachable(metafile, slashed(relative(folder, file))));
  const workers = new Set<string>();
  const assets = new Set<string>();
  // the set grows: a worker may start others
  for (const path of graph) {
    if (path.includes('node_modules')) continue;
    for (const place of users.placesOf([resolve(folder, path)])) {
      for (const asset of place.assets) assets.add(asset);
      for (const worker of place.workers) {
        workers.add(worker);
        for (const more of reachable(metafile, slashed(relative(folder, worker)))) graph.add(more);
      }
    }
  }
  return { graph: [...graph].sort(), workers: [...workers].sort(), assets: [...assets].sort() };
}

function locatedOf(graph: readonly string[], { needs }: Collecting, folder: string): readonly string[] {
  return graph.filter((path) => needs.located.has(resolve(folder, path)));
}

function copiedFiles(output: string, { metafile, outputs }: Collecting): readonly string[] {
  const imports = metafile.outputs[output]?.imports ?? [];
  return imports.filter(({ external, path }) => external !== true && outputs.has(path)).map(({ path }) => path);
}

/** What the code opens, by the rules for files: no secrets, nothing that the user excludes. */
function openedFiles({ source }: EntryPoint, assets: readonly string[], folder: string) {
  const files = new Map<string, ArtifactFile>();
  const notes: string[] = [];
  for (const asset of assets) {
    // the function's folder has its own .fxignore
    const top = [join(folder, source.packaging.source), folder].find((one) => asset.startsWith(one + sep)) ?? folder;
    const inTop = slashed(relative(top, asset));
    // a pattern with a wildcard: one without would include secrets
    const pattern = `/${inTop.slice(0, -1).replace(/[\\[\]*?!#]/g, '\\$&')}[${inTop.slice(-1)}]`;
    const selection = findFiles(top, fileRules(source, folder, [pattern, `${pattern}/**`]));
    const prefix = top === folder ? '' : `${source.packaging.source}/`;
    for (const file of toArtifactFiles(selection, folder, prefix)) files.set(file.path, file);
    if (selection.files.length === 0)
      notes.push(
        `the code opens ${slashed(relative(folder, asset))}, which is not packed: add it to \`include\` if it should be`,
      );
  }
  return { files: [...files.values()], notes };
}

/** Where the user sets NODE_OPTIONS, Node.js reads source maps only if they say so; a package may, too. */
function isMapUsed({ source }: EntryPoint, graph: readonly string[]): boolean {
  const options = source.variables['NODE_OPTIONS'];
  return (
    options === undefined ||
    options.includes('--enable-source-maps') ||
    graph.some((path) => packageAt(path)?.name === 'source-map-support')
  );
}

/** In the banner of an ES module. */
export const requireDeclaration = 'const require = fxCreateRequire(import.meta.url);';
/** Modules with a `require` of their own: esbuild renames it if another module needs the banner's. */
const ownRequires = ['\nvar require =', '\nvar require;', '\nfunction require('];

/**
 * Completes the first line, which is the banner and which no source map covers: where the bundle is, for `fxAt`, and no
 * `require` if the modules declare one.
 */
function withBanner(contents: Uint8Array, path: string, base: string): Uint8Array {
  const buffer = Buffer.from(contents.buffer, contents.byteOffset, contents.byteLength);
  const end = buffer.indexOf('\n') === -1 ? buffer.length : buffer.indexOf('\n');
  const line = buffer.subarray(0, end).toString();
  const up = slashed(relative(dirname(join('/', relative(base, path))), '/'));
  const cut = base === '' ? 0 : base.length + 1;
  const declares = line.includes(requireDeclaration) && ownRequires.some((text) => buffer.includes(text));
  const filled = (declares ? line.replace(requireDeclaration, '') : line)
    .replace('@fx-up@', up === '' ? './' : `${up}/`)
    .replace('@fx-cut@', String(cut));
  return filled === line ? contents : Buffer.concat([Buffer.from(filled), buffer.subarray(end)]);
}

/** esbuild finds the modules of ``require(`./commands/${name}`)`` only by names with their endings, Node.js without them too. */
function withEndings(contents: Uint8Array): Uint8Array {
  const buffer = Buffer.from(contents.buffer, contents.byteOffset, contents.byteLength);
  const at = buffer.indexOf(globLookup);
  if (at === -1) return contents;
  const found = `var fn = ["", ".js", ".json", ".ts", ".cjs", "/index.js", "/index.ts"].map((ending) => map[path + ending]).find(Boolean);`;
  return Buffer.concat([buffer.subarray(0, at), Buffer.from(found), buffer.subarray(at + globLookup.length)]);
}

const globLookup = 'var fn = map[path];';

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

/** One line for all imports that stay in place. */
function leftNotes(graph: readonly string[], metafile: Metafile, left: Collecting['left']): readonly string[] {
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
