// Builds every function and compiles the template, without AWS calls.
import { type Artifact, recipeOf } from '../artifact/artifact.ts';
import { buildArtifacts } from '../artifact/build.ts';
import { runHooks } from '../artifact/hooks.ts';
import { installLayers } from '../artifact/layer-dependencies.ts';
import { buildLayers } from '../artifact/layers.ts';
import { checkUnzipped } from '../artifact/limits.ts';
import { FxError } from '../base/error.ts';
import { unlessInterrupted } from '../base/interrupt.ts';
import type { Recipe } from '../cfn/recipe.ts';
import type { Project } from '../project/project.ts';
import { type Compiled, compile } from '../template/compile.ts';
import type { Context } from './context.ts';

export interface Built {
  readonly artifacts: readonly Artifact[];
  readonly layers: readonly Artifact[];
  readonly recipe: Recipe;
  readonly compiled: Compiled;
}

export async function build(project: Project, context: Pick<Context, 'report' | 'schemas' | 'signal'>): Promise<Built> {
  context.report({ kind: 'stage', stage: 'building' });
  const { artifacts, layers } = await unlessInterrupted(buildAll(project, context), context.signal);
  const recipe = recipeOf(artifacts, layers);
  const compiled = compile({ project, recipe, schemas: context.schemas });
  return { artifacts, layers, recipe, compiled };
}

type BuildContext = Pick<Context, 'report' | 'signal'>;

/** Runs the hooks too; `clean` may delete files, because the artifacts are packed by then. */
async function buildAll(project: Project, context: BuildContext) {
  await runHooks(project, 'build', context);
  try {
    const built = await buildBetween(project, context);
    await runHooks(project, 'clean', context);
    return built;
  } catch (error) {
    // report the first failure
    if (!(error instanceof FxError && error.code === 'HOOK_FAILED'))
      await runHooks(project, 'clean', context).catch(() => {});
    throw error;
  }
}

async function buildBetween(project: Project, context: BuildContext) {
  const installed = await installLayers(project, context);
  const layers = await buildLayers(project, installed);
  const artifacts = await buildArtifacts(project, { ...context, layers: installed });
  for (const [index, settings] of project.functions.entries()) {
    const artifact = artifacts[index];
    const used = layers.filter(({ name }) => settings.layers?.includes(name));
    if (artifact !== undefined && used.length > 0) checkUnzipped(artifact, used);
  }
  return { artifacts, layers };
}
