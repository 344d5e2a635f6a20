// fx deploy: make an environment match the project.
import type { Artifact } from '../artifact/artifact.ts';
import type { Image } from '../artifact/images/image.ts';
import { readZip } from '../artifact/zip.ts';
import { throwIfInterrupted } from '../base/interrupt.ts';
import { inPool } from '../base/pool.ts';
import { artifactObjectKey } from '../cfn/names.ts';
import { gitCommit } from '../project/git.ts';
import type { Project } from '../project/project.ts';
import type { Stores } from '../stack/bootstrap.ts';
import { build } from './build.ts';
import type { Changed } from './change.ts';
import { type Context, eachFunction, identify } from './context.ts';
import { candidateOf, type DeployOptions, deployCandidate } from './deploy-candidate.ts';
import { buildsImages, missingImages, uploadImages } from './images.ts';
import { heldRelease, readStateToChange } from './state.ts';
import { checkStoredArtifacts } from './stored-artifacts.ts';

export async function deploy(project: Project, options: DeployOptions, context: Context): Promise<Changed> {
  const { environment } = project;
  const identity = await identify(environment, context);
  const commit = gitCommit(project.folder);
  // what is live decides which images must be built
  const early = buildsImages(project) ? await readStateToChange(environment, context) : undefined;
  const wanted = async (images: readonly Image[]) =>
    early === undefined ? images : missingImages(images, early, context);
  const built = await build(project, context, wanted);
  const candidate = { ...candidateOf(project, built, await commit), message: options.message };
  const before = early ?? (await readStateToChange(environment, context));
  await checkStoredArtifacts(project, { wanted: built.recipe, live: heldRelease(before)?.recipe }, context);
  const prepare = async ({ bucket, repository = '' }: Stores) => {
    const missing = await missingArtifacts(project, [...built.layers, ...built.artifacts], { bucket, context });
    await upload(project, missing, { bucket, context });
    await uploadImages(built.images, repository, context);
  };
  const { ownedResources } = built.compiled;
  return deployCandidate(project, { identity, candidate, ownedResources, before, prepare, ...options }, context);
}

interface Uploading {
  readonly bucket: string;
  readonly context: Context;
}

/** Artifacts missing in the bucket, by key: the key identifies the content. */
async function missingArtifacts(
  project: Project,
  artifacts: readonly Artifact[],
  { bucket, context }: Uploading,
): Promise<readonly Artifact[]> {
  const unique = [...new Map(artifacts.map((artifact) => [artifact.code.key, artifact])).values()];
  const zipped = unique.filter(({ zip }) => zip !== undefined);
  const present = await eachFunction(zipped, ({ code: { key } }) =>
    context.aws.objects.has(bucket, artifactObjectKey(project.name, key)),
  );
  return zipped.filter((_, index) => !present[index]);
}

/** Zips of up to 250 MB are in memory during the upload. */
const uploadsAtOnce = 4;

async function upload(project: Project, missing: readonly Artifact[], { bucket, context }: Uploading): Promise<void> {
  if (missing.length > 0) context.report({ kind: 'stage', stage: 'uploading' });
  await inPool(missing, uploadsAtOnce, async ({ name, code: { key }, zip }) => {
    if (zip === undefined) return;
    throwIfInterrupted(context.signal);
    const objectKey = artifactObjectKey(project.name, key);
    await context.aws.objects.put(bucket, objectKey, await readZip(zip), 'application/zip');
    context.report({ kind: 'uploaded', name, bytes: zip.size });
  });
}
