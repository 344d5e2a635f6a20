// Project → artifacts: builds, inspects, load-checks and zips each function that is not cached.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { FxError, type Problem } from '../base/error.ts';
import { sha256 } from '../base/hash.ts';
import { inPool } from '../base/pool.ts';
import type { Reporter } from '../base/report.ts';
import { mergeSame } from '../base/same-problems.ts';
import { temporaryFolder } from '../base/temporary-folder.ts';
import type { FunctionSettings, Project } from '../project/project.ts';
import { runtimeOf } from '../runtimes/index.ts';
import { withoutLayers } from '../runtimes/layer-content.ts';
import { packagesIn } from '../runtimes/nodejs/installed.ts';
import type { ArtifactFile, BuiltFunction, FunctionSource, Runtime, Tools } from '../runtimes/runtime.ts';
import { withSecrets } from '../runtimes/secrets.ts';
import { type Artifact, manifestOf } from './artifact.ts';
import { BuildCache, toArtifact } from './cache.ts';
import { type Checkable, LoadCheck } from './check.ts';
import { CompressedFiles, sharedFiles } from './compressed-files.ts';
import { Deflater } from './deflate.ts';
import type { FileMemory } from './file-memory.ts';
import type { Image } from './images/image.ts';
import { planImages } from './images/plan.ts';
import { inspect } from './inspect.ts';
import { contentFolder, type LayerFolders, noLayerFolders } from './layer-folders.ts';
import { checkUnzipped } from './limits.ts';
import { writeZip } from './zip.ts';

export interface BuildOptions {
  readonly report?: Reporter;
  readonly signal?: AbortSignal;
  /** Where fx installed the dependencies of layers. */
  readonly layers?: LayerFolders;
  /** As of `Tools`. */
  readonly decided?: Tools['decided'];
  /** As of `Tools`. */
  readonly esbuild?: Tools['esbuild'];
  /** Whether to load each new artifact: it costs more than to build it. True by default. */
  readonly loads?: boolean;
}

/** Builds all functions. Throws BUILD_FAILED or HANDLER_INVALID with all problems, or ARTIFACT_TOO_LARGE. */
export async function buildArtifacts(project: Project, options: BuildOptions = {}): Promise<readonly Artifact[]> {
  const sources = project.functions
    .filter(({ image }) => image === undefined)
    .map((settings) => toSource(settings, project, options.layers));
  const build = new Build(project, options);
  try {
    const planned = planImages(project, build.memory);
    const images = project.functions.flatMap((settings) => imageArtifact(settings, planned) ?? []);
    const artifacts = [...images, ...(await build.run(sources))];
    const order = project.functions.map(({ name }) => name);
    return artifacts.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  } finally {
    build.end();
  }
}

function failed(code: 'BUILD_FAILED' | 'HANDLER_INVALID', message: string, problems: readonly Problem[]): FxError {
  return new FxError(code, message, { problems: mergeSame(problems) });
}

/** Only the settings that affect the build: the cache key includes all of them. */
export function toSource(
  settings: FunctionSettings,
  { folder, layers, origin }: Project,
  installed: LayerFolders = noLayerFolders,
): FunctionSource {
  const { name, handler, handlerAt, at, runtime, architecture, packaging, layers: used = [] } = settings;
  const literal = [...settings.variables].filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const layerFolders = layers
    .filter((layer) => used.includes(layer.name))
    .map((layer) => contentFolder(folder, layer, installed));
  return {
    name,
    handler,
    handlerAt,
    at,
    ...(packaging.artifact === undefined ? {} : { artifactAt: origin(['functions', name, 'artifact']) }),
    runtime,
    architecture,
    packaging,
    hasSecrets: (settings.secrets?.size ?? 0) > 0,
    variables: Object.fromEntries(literal),
    layerFolders,
    ...packagesOf([...installed.values()].filter((path) => layerFolders.includes(path))),
    hasOtherLayers: used.length > layerFolders.length,
  };
}

function packagesOf(installed: readonly string[]): Pick<FunctionSource, 'layerPackages'> {
  const layerPackages = installed.flatMap((folder) => packagesIn(join(folder, 'nodejs', 'node_modules')));
  return layerPackages.length === 0 ? {} : { layerPackages };
}

/** Images get a key too, because the version id depends on it. The engine builds them later, and only if they are needed. */
function imageArtifact(
  { name, image: settings }: FunctionSettings,
  planned: ReadonlyMap<string, Image>,
): Artifact | undefined {
  if (settings === undefined) return undefined;
  const image = planned.get(name);
  const rest = { name, manifest: [], unzippedSize: 0, cached: true, zip: undefined };
  if (image !== undefined) {
    return { ...rest, code: { key: image.key, handler: '', variables: {}, imageTag: image.tag }, image };
  }
  const uri = typeof settings.uri === 'string' ? settings.uri : JSON.stringify(settings.uri);
  return { ...rest, code: { key: sha256(uri), handler: '', variables: {}, image: uri } };
}

const fileOf = ({ content }: ArtifactFile): readonly string[] => ('file' in content ? [content.file] : []);

/** A function that this run built. */
interface Fresh {
  readonly runtime: Runtime;
  readonly source: FunctionSource;
  readonly built: BuiltFunction;
}

interface Finished {
  readonly artifact: Artifact;
  /** Why Lambda could not run the function. */
  readonly unfit: readonly Problem[];
  /** Why the function does not load. */
  readonly problem: Problem | undefined;
}

/** One more than the number of processors: while one build waits for the disk, another computes. */
const workers = availableParallelism() + 1;

/** One build of a project's functions, with its cache. */
class Build {
  readonly #project: Project;
  readonly #options: BuildOptions;
  readonly #cache: BuildCache;
  readonly #deflater = new Deflater();
  readonly #began = Date.now();

  constructor(project: Project, options: BuildOptions) {
    this.#project = project;
    this.#options = options;
    this.#cache = new BuildCache(project.folder);
  }

  async run(sources: readonly FunctionSource[]): Promise<readonly Artifact[]> {
    const cached: Checkable[] = [];
    const missing: FunctionSource[] = [];
    for (const source of sources) {
      const hit = this.#cache.find(source);
      if (hit === undefined) missing.push(source);
      else cached.push({ ...hit, source, runtime: await runtimeOf(source.packaging.family), files: undefined });
    }
    for (const { artifact } of cached) this.#report(artifact);
    const scratch = missing.length === 0 ? undefined : temporaryFolder('fx-build-');
    const check = this.#loadCheck();
    let compressed: CompressedFiles | undefined;
    try {
      const built = scratch === undefined ? [] : await this.#build(missing, scratch.path);
      const shared = sharedFiles(built.map(({ built: { files } }) => files.flatMap(fileOf)));
      compressed = scratch === undefined ? undefined : new CompressedFiles(join(scratch.path, 'compressed'), shared);
      check.share(shared);
      const wrong = this.#options.loads === false ? [] : await inPool(cached, workers, (item) => check.check(item));
      const done = await inPool(built, workers, (item) => this.#finish(item, check, compressed));
      const unfit = done.flatMap(({ unfit: problems }) => problems);
      if (unfit.length > 0) throw failed('BUILD_FAILED', 'a built function cannot run on Lambda', unfit);
      const problems = [...wrong, ...done.map(({ problem }) => problem)].filter((item) => item !== undefined);
      if (problems.length > 0) throw failed('HANDLER_INVALID', 'a built function cannot run', problems);
      return [...cached, ...done].map(({ artifact }) => artifact);
    } finally {
      await check.end();
      await compressed?.end();
      await scratch?.remove();
    }
  }

  get memory(): FileMemory {
    return this.#cache.memory;
  }

  end(): void {
    this.#cache.close();
  }

  async #build(missing: readonly FunctionSource[], scratch: string): Promise<readonly Fresh[]> {
    const { report, signal = new AbortController().signal, decided, esbuild } = this.#options;
    const tools: Tools = {
      folder: this.#project.folder,
      scratch,
      cache: join(this.#cache.folder, '..'),
      signal,
      progress: (functionName, text) => report?.({ kind: 'building', functionName, text }),
      ...(decided === undefined ? {} : { decided }),
      ...(esbuild === undefined ? {} : { esbuild }),
    };
    const problems: Problem[] = [];
    const fresh: Fresh[] = [];
    for (const family of new Set(missing.map(({ packaging }) => packaging.family))) {
      const sources = missing.filter(({ packaging }) => packaging.family === family);
      const runtime = await runtimeOf(family);
      const result = await runtime.build(sources, tools);
      problems.push(...result.problems);
      for (const source of sources) {
        const built = result.built.find(({ name }) => name === source.name);
        if (built !== undefined)
          fresh.push({ runtime, source, built: withSecrets(source, withoutLayers(source, built)) });
      }
    }
    if (problems.length > 0) throw failed('BUILD_FAILED', 'the build failed', problems);
    this.#cache.lookAgain();
    return fresh;
  }

  /** Inspects, zips and loads one function. */
  async #finish(
    { runtime, source, built }: Fresh,
    check: LoadCheck,
    compressed: CompressedFiles | undefined,
  ): Promise<Finished> {
    const { files, unchecked, object } = built;
    const manifest = manifestOf(files, (file) => this.#cache.memory.facts(file));
    const unzipped = toArtifact(source.name, { ...built, manifest }, { cached: false });
    const unfit = inspect(source, built, manifest);
    if (unfit.length > 0) return { artifact: unzipped, unfit, problem: undefined };
    checkUnzipped(unzipped);
    const target = this.#cache.zipFile(unzipped.code.key);
    const zip = object === undefined ? await writeZip(manifest, files, target, this.#deflater, compressed) : undefined;
    const artifact = { ...unzipped, zip, inputs: built.inputs };
    const { loads = true } = this.#options;
    const problem = loads ? await check.check({ runtime, source, artifact, files, unchecked }) : undefined;
    this.#report(artifact);
    for (const text of built.notes ?? [])
      this.#options.report?.({ kind: 'build-note', functionName: source.name, text });
    if (unchecked !== undefined && object === undefined) this.#reportUnchecked(source.name, unchecked);
    // keep the valid artifacts even if others fail, so that the next build reuses them
    if (problem === undefined) this.#cache.keep(source, built, artifact, this.#began);
    return { artifact, unfit: [], problem };
  }

  #loadCheck(): LoadCheck {
    const { folder, environment } = this.#project;
    const folders = { project: folder, cache: join(this.#cache.folder, '..'), environment: environment.name };
    return new LoadCheck(folders, (name, why) => this.#reportUnchecked(name, why));
  }

  #reportUnchecked(functionName: string, why: string): void {
    this.#options.report?.({ kind: 'not-loaded', functionName, reason: why });
  }

  #report({ name, unzippedSize, code: { key }, cached }: Artifact): void {
    this.#options.report?.({ kind: 'built', functionName: name, bytes: unzippedSize, key, cached });
  }
}
