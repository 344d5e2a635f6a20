// Builds every function and compiles the template, without AWS calls of its own.
import { type Artifact, recipeOf } from '../artifact/artifact.ts';
import { type BuildOptions, buildArtifacts } from '../artifact/build.ts';
import { runHooks } from '../artifact/hooks.ts';
import { buildImages } from '../artifact/images/build.ts';
import type { BuiltImage, Image } from '../artifact/images/image.ts';
import { installLayers } from '../artifact/layer-dependencies.ts';
import { buildLayers } from '../artifact/layers.ts';
import { checkUnzipped } from '../artifact/limits.ts';
import { type BuiltSite, buildSite } from '../artifact/site.ts';
import { FxError } from '../base/error.ts';
import { unlessInterrupted } from '../base/interrupt.ts';
import type { Recipe } from '../cfn/recipe.ts';
import type { Project } from '../project/project.ts';
import { type Compiled, compile } from '../template/compile.ts';
import type { Context } from './context.ts';

export interface Built {
  readonly artifacts: readonly Artifact[];
  readonly layers: readonly Artifact[];
  /** The images that the engine of this machine has, because they were wanted. */
  readonly images: readonly BuiltImage[];
  /** The files of the site, if there is one. */
  readonly site: BuiltSite | undefined;
  readonly recipe: Recipe;
  readonly compiled: Compiled;
}

/** Chooses the images that the container engine must build: those that are not where they are needed. */
export type WantedImages = (images: readonly Image[]) => Promise<readonly Image[]>;

export async function build(
  project: Project,
  context: BuildContext & Pick<Context, 'schemas'>,
  wanted: WantedImages = async (images) => images,
): Promise<Built> {
  context.report({ kind: 'stage', stage: 'building' });
  const { artifacts, layers, images, site } = await unlessInterrupted(
    buildAll(project, context, wanted),
    context.signal,
  );
  const recipe = recipeOf(artifacts, layers, site?.hash);
  const compiled = compile({ project, recipe, schemas: context.schemas });
  return { artifacts, layers, images, site, recipe, compiled };
}

type BuildContext = Pick<Context, 'report' | 'signal'> & Pick<BuildOptions, 'decided' | 'esbuild' | 'loads'>;

/** Builds functions and layers, but no template and no images. */
export function buildCode(project: Project, context: BuildContext): Promise<Pick<Built, 'artifacts' | 'layers'>> {
  return unlessInterrupted(
    buildAll(project, context, async () => []),
    context.signal,
  );
}

/** Runs the hooks too; `clean` may delete files, because the artifacts are packed by then. */
async function buildAll(project: Project, context: BuildContext, wanted: WantedImages) {
  await runHooks(project, 'build', context);
  try {
    const built = await buildBetween(project, context, wanted);
    await runHooks(project, 'clean', context);
    return built;
  } catch (error) {
    // report the first failure
    if (!(error instanceof FxError && error.code === 'HOOK_FAILED'))
      await runHooks(project, 'clean', context).catch(() => {});
    throw error;
  }
}

async function buildBetween(project: Project, context: BuildContext, wanted: WantedImages) {
  const installed = await installLayers(project, context);
  const layers = await buildLayers(project, installed);
  const artifacts = await buildArtifacts(project, { ...context, layers: installed });
  for (const [index, settings] of project.functions.entries()) {
    const artifact = artifacts[index];
    const used = layers.filter(({ name }) => settings.layers?.includes(name));
    if (artifact !== undefined && used.length > 0) checkUnzipped(artifact, used);
  }
  const images = [...new Set(artifacts.flatMap(({ image }) => image ?? []))];
  const missing = images.length === 0 ? [] : await wanted(images);
  const site = await buildSite(project);
  return { artifacts, layers, site, images: await buildImages(missing, { ...context, folder: project.folder }) };
}
