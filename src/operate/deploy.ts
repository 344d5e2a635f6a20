// fx deploy: make an environment match the project.
import type { BuildOptions } from '../artifact/build.ts';
import type { Image } from '../artifact/images/image.ts';
import { gitCommit } from '../project/git.ts';
import type { Project } from '../project/project.ts';
import type { Stores } from '../stack/bootstrap.ts';
import { type Built, build } from './build.ts';
import type { Changed } from './change.ts';
import { type Context, identify } from './context.ts';
import { candidateOf, type DeployOptions, deployCandidate } from './deploy-candidate.ts';
import { buildsImages, missingImages, uploadImages } from './images.ts';
import { uploadSite } from './site.ts';
import { heldRelease, readStateToChange } from './state.ts';
import { checkStoredArtifacts } from './stored-artifacts.ts';
import { upload } from './upload.ts';

/** What a caller that deploys again and again adds. */
export interface Repeated {
  /** An esbuild that stays warm. */
  readonly esbuild?: BuildOptions['esbuild'];
  /** Takes what was built, also if the deploy then fails. */
  built?(built: Built): void;
}

export async function deploy(
  project: Project,
  { esbuild, built: take, ...options }: DeployOptions & Repeated,
  context: Context,
): Promise<Changed> {
  const { environment } = project;
  const identity = await identify(environment, context);
  const commit = gitCommit(project.folder);
  // what is live decides which images must be built
  const early = buildsImages(project) ? await readStateToChange(environment, context) : undefined;
  const wanted = async (images: readonly Image[]) =>
    early === undefined ? images : missingImages(images, early, context);
  const built = await build(project, esbuild === undefined ? context : { ...context, esbuild }, wanted);
  take?.(built);
  const candidate = { ...candidateOf(project, built, await commit), message: options.message };
  const before = early ?? (await readStateToChange(environment, context));
  await checkStoredArtifacts(project, { wanted: built.recipe, live: heldRelease(before)?.recipe }, context);
  const prepare = async ({ bucket, repository = '' }: Stores) => {
    await upload(project, [...built.layers, ...built.artifacts], { bucket, context });
    await uploadImages(built.images, repository, context);
    await uploadSite(project.name, built.site, { bucket, context });
  };
  const { ownedResources } = built.compiled;
  return deployCandidate(project, { identity, candidate, ownedResources, before, prepare, ...options }, context);
}
