// Layers of dependencies: what requirements.txt or package.json names, installed for the functions that use the layer.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { FxError, type Problem } from '../base/error.ts';
import { sha256 } from '../base/hash.ts';
import { temporaryName } from '../base/replace-file.ts';
import { temporaryFolder } from '../base/temporary-folder.ts';
import type { LayerSettings } from '../project/layer-schema.ts';
import type { FunctionSettings, Project } from '../project/project.ts';
import { installLayer, type LayerLanguage, lists } from '../runtimes/layer-install.ts';
import type { ArtifactFile, FunctionSource, Tools } from '../runtimes/runtime.ts';
import { keyOf, manifestOf } from './artifact.ts';
import { type BuildOptions, toSource } from './build.ts';
import { BuildCache } from './cache.ts';
import type { LayerFolders } from './layer-folders.ts';
import { unpackFiles } from './unpack.ts';

/** How many installed layers to keep; the least recently used go first. */
const foldersKept = 8;

/** Installs what layers name. Throws BUILD_FAILED with all problems. */
export async function installLayers(project: Project, options: BuildOptions = {}): Promise<LayerFolders> {
  const wanted = project.layers.filter(({ dependencies }) => dependencies !== undefined);
  if (wanted.length === 0) return new Map();
  const { report, signal = new AbortController().signal } = options;
  const scratch = temporaryFolder('fx-layers-');
  const cache = new BuildCache(project.folder);
  const tools: Tools = {
    folder: project.folder,
    scratch: scratch.path,
    cache: join(cache.folder, '..'),
    signal,
    progress: (functionName, text) => report?.({ kind: 'building', functionName, text }),
  };
  const folders = new Map<string, string>();
  const problems: Problem[] = [];
  try {
    for (const layer of wanted) {
      const made = await install(project, layer, { tools, cache });
      if (typeof made === 'string') folders.set(layer.name, made);
      else problems.push(...made);
    }
  } finally {
    cache.close();
    await scratch.remove();
  }
  if (problems.length > 0)
    throw new FxError('BUILD_FAILED', 'the dependencies of a layer cannot be installed', { problems });
  prune(join(tools.cache, 'layers'), new Set(folders.values()));
  return folders;
}

interface Installing {
  readonly tools: Tools;
  readonly cache: BuildCache;
}

/** The folder with the content of the layer, named by it. */
async function install(
  project: Project,
  layer: LayerSettings,
  { tools, cache }: Installing,
): Promise<string | readonly Problem[]> {
  const { at, name, path, dependencies: language = 'python' } = layer;
  const folder = join(project.folder, path);
  if (!lists[language].some((file) => existsSync(join(folder, file)))) {
    return [
      {
        at,
        message: `the layer ${name} has no ${lists[language].join(', ')} in ${path}`,
        hint: `write one, or remove \`dependencies: ${language}\``,
      },
    ];
  }
  const variants = variantsOf(project, layer, language);
  if (variants.length === 0) {
    return [
      {
        at,
        message: `no ${language} function uses the layer ${name}, so fx does not know what to install it for`,
        hint: 'list it under `layers` of a function, or remove it',
      },
    ];
  }
  const files = new Map<string, Variant & { readonly file: ArtifactFile; readonly hash: string }>();
  for (const variant of variants) {
    const result = await installLayer(language, variant.source, folder, tools);
    if ('problem' in result) return [result.problem];
    for (const file of result.files) {
      const target = variant.place + file.path;
      const hash = keyOf(manifestOf([{ ...file, path: target }], (one) => cache.memory.facts(one)));
      const other = files.get(target);
      if (other !== undefined && other.hash !== hash) return [differing(layer, target, [other, variant])];
      files.set(target, { ...variant, file: { ...file, path: target }, hash });
    }
  }
  const all = [...files.values()].map(({ file }) => file);
  const target = join(
    tools.cache,
    'layers',
    sha256(
      [...files.values()]
        .map(({ hash }) => hash)
        .sort()
        .join(),
    ).slice(0, 32),
  );
  await fill(target, all);
  return target;
}

/** One content cannot serve two processors if it has native code of one. */
function differing({ at, name }: LayerSettings, path: string, [one, other]: readonly [Variant, Variant]): Problem {
  const what = (variant: Variant) => `${variant.source.runtime} on ${variant.source.architecture}`;
  return {
    at,
    message: `the layer ${name} would need two contents: ${path} is another file for ${what(one)} than for ${what(other)}`,
    hint: `declare a layer for each, both with the same path, or give the functions that use it one \`architecture\``,
  };
}

interface Variant {
  readonly source: FunctionSource;
  /** The folder of packages in the layer. */
  readonly place: string;
}

/** One install for each processor, and for Python each version, of the functions that use the layer.
 * Places: https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html */
function variantsOf(project: Project, layer: LayerSettings, language: LayerLanguage): readonly Variant[] {
  const users = project.functions.filter(
    ({ layers = [], runtime }) => layers.includes(layer.name) && runtime.startsWith(language),
  );
  const key = ({ runtime, architecture }: FunctionSettings) =>
    `${language === 'python' ? runtime : ''} ${architecture}`;
  const distinct = [...new Map(users.map((settings) => [key(settings), settings])).values()];
  const versions = new Set(users.map(({ runtime }) => runtime));
  return distinct.map((settings) => {
    const source = toSource(settings, project);
    const packaging = { ...source.packaging, source: layer.path };
    const perVersion = versions.size > 1 ? `python/lib/${settings.runtime}/site-packages/` : 'python/';
    return {
      source: { ...source, name: layer.name, at: layer.at, handlerAt: layer.at, packaging },
      place: language === 'python' ? perVersion : 'nodejs/node_modules/',
    };
  });
}

/** Writes a folder whole, or not at all. */
async function fill(target: string, files: readonly ArtifactFile[]): Promise<void> {
  if (existsSync(target)) {
    const now = new Date();
    utimesSync(target, now, now);
    return;
  }
  const temporary = temporaryName(target);
  mkdirSync(temporary, { recursive: true });
  try {
    await unpackFiles(files, temporary, { shared: new Set(), copies: new Map(), folder: temporary });
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
}

function prune(folder: string, used: ReadonlySet<string>): void {
  if (!existsSync(folder)) return;
  const old = readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => !used.has(path))
    .map((path) => ({ path, used: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => b.used - a.used);
  for (const { path } of old.slice(foldersKept)) rmSync(path, { recursive: true, force: true });
}
