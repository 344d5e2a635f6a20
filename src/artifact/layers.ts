// The project's layers: folders, packed like functions. Each change of content is a new version.
import { existsSync } from 'node:fs';
import { FxError, type Problem } from '../base/error.ts';
import type { LayerSettings } from '../project/layer-schema.ts';
import type { Project } from '../project/project.ts';
import { findFiles } from '../runtimes/files.ts';
import { toArtifactFiles } from '../runtimes/parts.ts';
import { type Artifact, manifestOf, type PackedEntry } from './artifact.ts';
import { BuildCache, toArtifact } from './cache.ts';
import { Deflater } from './deflate.ts';
import { contentFolder, type LayerFolders, noLayerFolders } from './layer-folders.ts';
import { writeZip } from './zip.ts';

/** Throws BUILD_FAILED with all problems. */
export async function buildLayers(
  project: Project,
  installed: LayerFolders = noLayerFolders,
): Promise<readonly Artifact[]> {
  if (project.layers.length === 0) return [];
  const cache = new BuildCache(project.folder);
  const problems: Problem[] = [];
  const built: Artifact[] = [];
  try {
    for (const layer of project.layers) {
      const result = await buildLayer(project, layer, {
        cache,
        folder: contentFolder(project.folder, layer, installed),
      });
      problems.push(...result.problems);
      if (result.artifact !== undefined) built.push(result.artifact);
    }
  } finally {
    cache.close();
  }
  if (problems.length > 0) throw new FxError('BUILD_FAILED', 'a layer cannot be built', { problems });
  return built;
}

interface Place {
  readonly cache: BuildCache;
  /** Of its content, absolute. */
  readonly folder: string;
}

interface Result {
  readonly problems: readonly Problem[];
  readonly artifact?: Artifact;
}

async function buildLayer(project: Project, layer: LayerSettings, { cache, folder }: Place): Promise<Result> {
  const { at, name } = layer;
  if (!existsSync(folder))
    return { problems: [{ at, message: `the folder of the layer ${name} does not exist: ${layer.path}` }] };
  const selection = findFiles(folder, {
    include: undefined,
    exclude: [],
    outsideLinks: false,
    top: project.folder,
    installed: true,
  });
  if (selection.files.length === 0)
    return { problems: [{ at, message: `the layer ${name} has no files in ${layer.path}` }] };
  const files = toArtifactFiles(selection, project.folder);
  const manifest = manifestOf(files, (file) => cache.memory.facts(file));
  const problems = [
    ...selection.outside.map(({ path }) => ({
      at,
      message: `the layer ${name} would include ${path}, a link that leads out of the project`,
    })),
    ...foreignCode(layer, manifest),
  ];
  if (problems.length > 0) return { problems };
  const unzipped = toArtifact(name, { handler: '', variables: {}, manifest }, { cached: false });
  const { key } = unzipped.code;
  const stored = cache.storedZip(key);
  const zip = stored ?? (await writeZip(manifest, files, cache.zipFile(key), new Deflater()));
  cache.rememberZip(key, zip);
  return { problems, artifact: { ...unzipped, zip, cached: stored !== undefined } };
}

function foreignCode(
  { at, name, compatibleArchitectures }: LayerSettings,
  manifest: readonly PackedEntry[],
): readonly Problem[] {
  const fitting = (compatibleArchitectures ?? ['arm64', 'x86_64']).map((one) => `elf-${one}`);
  return manifest
    .filter(({ native }) => native !== undefined && native !== 'pe' && !fitting.includes(native))
    .slice(0, 5)
    .map(({ path, native }) => ({
      at,
      message: `the layer ${name} has ${path}, which was built for another platform (${native})`,
    }));
}
