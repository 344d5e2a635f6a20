// Uploads artifacts that the bucket lacks.
import type { Artifact } from '../artifact/artifact.ts';
import { readZip } from '../artifact/zip.ts';
import { throwIfInterrupted } from '../base/interrupt.ts';
import { inPool } from '../base/pool.ts';
import { artifactObjectKey, artifactPrefix } from '../cfn/names.ts';
import type { Project } from '../project/project.ts';
import { atOnce, type Context, eachFunction } from './context.ts';

interface Uploading {
  readonly bucket: string;
  readonly context: Context;
}

export async function upload(
  project: Project,
  artifacts: readonly Artifact[],
  { bucket, context }: Uploading,
): Promise<void> {
  const missing = await missingArtifacts(project, artifacts, { bucket, context });
  await send(project, missing, { bucket, context });
}

/** Artifacts missing in the bucket, by key: the key identifies the content. */
async function missingArtifacts(
  project: Project,
  artifacts: readonly Artifact[],
  { bucket, context }: Uploading,
): Promise<readonly Artifact[]> {
  const unique = [...new Map(artifacts.map((artifact) => [artifact.code.key, artifact])).values()];
  const zipped = unique.filter(({ zip }) => zip !== undefined);
  const keyOf = ({ code: { key } }: Artifact) => artifactObjectKey(project.name, key);
  if (zipped.length > atOnce) {
    // a thousand objects a call
    const listed = await context.aws.objects.list(bucket, artifactPrefix(project.name));
    const keys = new Set(listed.map(({ key }) => key));
    return zipped.filter((artifact) => !keys.has(keyOf(artifact)));
  }
  const present = await eachFunction(zipped, (artifact) => context.aws.objects.has(bucket, keyOf(artifact)));
  return zipped.filter((_, index) => !present[index]);
}

/** Zips of up to 250 MB are in memory during the upload. */
const uploadsAtOnce = 4;

/** Without looking what the bucket has. */
export async function send(
  project: Project,
  missing: readonly Artifact[],
  { bucket, context }: Uploading,
): Promise<void> {
  if (missing.length > 0) context.report({ kind: 'stage', stage: 'uploading' });
  await inPool(missing, uploadsAtOnce, async ({ name, code: { key }, zip }) => {
    if (zip === undefined) return;
    throwIfInterrupted(context.signal);
    const objectKey = artifactObjectKey(project.name, key);
    await context.aws.objects.put(bucket, objectKey, await readZip(zip), 'application/zip');
    context.report({ kind: 'uploaded', name, bytes: zip.size });
  });
}
