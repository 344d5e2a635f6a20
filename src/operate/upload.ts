// Uploads artifacts that the bucket lacks.
import type { Artifact } from '../artifact/artifact.ts';
import { readZip } from '../artifact/zip.ts';
import { throwIfInterrupted } from '../base/interrupt.ts';
import { inPool } from '../base/pool.ts';
import { artifactObjectKey } from '../cfn/names.ts';
import type { Project } from '../project/project.ts';
import { type Context, eachFunction } from './context.ts';

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
  const present = await eachFunction(zipped, ({ code: { key } }) =>
    context.aws.objects.has(bucket, artifactObjectKey(project.name, key)),
  );
  return zipped.filter((_, index) => !present[index]);
}

/** Zips of up to 250 MB are in memory during the upload. */
const uploadsAtOnce = 4;

async function send(project: Project, missing: readonly Artifact[], { bucket, context }: Uploading): Promise<void> {
  if (missing.length > 0) context.report({ kind: 'stage', stage: 'uploading' });
  await inPool(missing, uploadsAtOnce, async ({ name, code: { key }, zip }) => {
    if (zip === undefined) return;
    throwIfInterrupted(context.signal);
    const objectKey = artifactObjectKey(project.name, key);
    await context.aws.objects.put(bucket, objectKey, await readZip(zip), 'application/zip');
    context.report({ kind: 'uploaded', name, bytes: zip.size });
  });
}
