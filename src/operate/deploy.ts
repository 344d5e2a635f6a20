// fx deploy: make an environment match the project.
import type { Artifact } from '../artifact/artifact.ts';
import { objectKey } from '../artifact/artifact.ts';
import { checkZipped } from '../artifact/limits.ts';
import { zip } from '../artifact/zip.ts';
import type { Identity, StackInput } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import { sha256 } from '../base/hash.ts';
import { artifactBucketParameter, functionName } from '../cfn/names.ts';
import type { Project } from '../project/project.ts';
import { liveRelease, type Release, readReleases, writeRelease } from '../release/ledger.ts';
import { type Applied, apply, StackFailure, settled, templateBodyLimit } from '../stack/apply.ts';
import { ensureBucket, findBucket } from '../stack/bootstrap.ts';
import { difference } from '../stack/difference.ts';
import { sourcePlace } from '../template/origin.ts';
import { templateUrlLimit } from '../template/validate.ts';
import { type Built, build } from './build.ts';
import { type Context, identify, ledgerPlace, stackTags } from './context.ts';
import { gitCommit } from './git.ts';
import { isUpToDate, type Live, readLive, releasedFunctions } from './live.ts';

export interface Deployed {
  readonly changed: boolean;
  readonly release: Release | undefined;
  readonly outputs: Readonly<Record<string, string>>;
}

export async function deploy(project: Project, context: Context): Promise<Deployed> {
  const identity = await identify(project, context);
  const built = await build(project, context);
  const following = { ...context, expected: 0 };
  await settled(context.aws, project.stackName, following);
  const live = await readLive(context.aws, project.stackName);
  const known = live === undefined ? undefined : await findBucket(context.aws);
  if (live !== undefined && known !== undefined && (await upToDate(project, context, live, built, known))) {
    const [release] = [liveRelease(await readReleases(context.aws, ledgerPlace(project, known), 20))];
    return { changed: false, release, outputs: live.stack.outputs };
  }
  // nothing was written above this line
  const bucket = known ?? (await ensureBucket(context.aws, context));
  await upload(project, context, bucket, built.artifacts);
  const applied = await applyTemplate({ project, context, identity, bucket, built, live });
  const release = await writeRelease(context.aws, ledgerPlace(project, bucket), {
    ...(await releaseBase(project, identity, built)),
    status: 'succeeded',
    cause: undefined,
    functions: await releasedFunctions(context.aws, namedArtifacts(project, built.artifacts)),
  });
  return { changed: true, release, outputs: applied.stack.outputs };
}

function upToDate(project: Project, context: Context, live: Live, built: Built, bucket: string): Promise<boolean> {
  const wanted = { template: built.compiled.template, parameters: { [artifactBucketParameter]: bucket } };
  return isUpToDate(context.aws, project, live, wanted);
}

/** Only what is not there yet: an artifact's key is its content. */
async function upload(
  project: Project,
  context: Context,
  bucket: string,
  artifacts: readonly Artifact[],
): Promise<void> {
  context.report({ kind: 'stage', text: 'Uploading' });
  const unique = [...new Map(artifacts.map((artifact) => [artifact.key, artifact])).values()];
  await Promise.all(
    unique.map(async (artifact) => {
      const key = objectKey(project.name, artifact.key);
      if (await context.aws.objects.has(bucket, key)) return;
      const bytes = await zip(artifact);
      checkZipped(artifact, bytes.length);
      await context.aws.objects.put(bucket, key, bytes, 'application/zip');
      context.report({ kind: 'uploaded', functionName: artifact.functionName, bytes: bytes.length });
    }),
  );
}

interface Applying {
  readonly project: Project;
  readonly context: Context;
  readonly identity: Identity;
  readonly bucket: string;
  readonly built: Built;
  readonly live: Live | undefined;
}

async function applyTemplate(applying: Applying): Promise<Applied> {
  const { project, context, identity, bucket, built, live } = applying;
  const input: Omit<StackInput, 'token'> = {
    name: project.stackName,
    template: await templateLocation(context, bucket, project.name, built.compiled.text),
    parameters: { [artifactBucketParameter]: bucket },
    tags: stackTags(project),
  };
  const expected = difference(live?.template, built.compiled.template, context.schemas).length;
  context.report({ kind: 'stage', text: live === undefined ? 'Creating the stack' : 'Updating the stack' });
  try {
    return await apply(context.aws, input, { ...context, expected });
  } catch (error) {
    if (!(error instanceof StackFailure)) throw error;
    await writeRelease(context.aws, ledgerPlace(project, bucket), {
      ...(await releaseBase(project, identity, built)),
      status: 'failed',
      cause: error.message,
      functions: {},
    });
    throw withPlace(error, project);
  }
}

/** CloudFormation takes a large template from an object only. */
export async function templateLocation(
  context: Context,
  bucket: string,
  project: string,
  text: string,
): Promise<StackInput['template']> {
  const size = Buffer.byteLength(text);
  if (size <= templateBodyLimit) return { body: text };
  if (size > templateUrlLimit) {
    throw new FxError('TEMPLATE_INVALID', `the template is ${size} bytes; CloudFormation takes ${templateUrlLimit}`, {
      hint: 'split the project',
    });
  }
  const key = `${project}/templates/${sha256(text)}.json`;
  if (!(await context.aws.objects.has(bucket, key)))
    await context.aws.objects.put(bucket, key, Buffer.from(text), 'application/json');
  return { url: context.aws.objects.url(bucket, key) };
}

async function releaseBase(project: Project, identity: Identity, built: Built) {
  return {
    time: new Date().toISOString(),
    who: identity.arn,
    commit: await gitCommit(project.folder),
    rollbackOf: undefined,
    template: built.compiled.text,
    tags: stackTags(project),
  };
}

export function namedArtifacts(project: Project, artifacts: readonly Artifact[]) {
  return artifacts.map(({ functionName: name, key }) => ({
    name,
    physicalName: functionName(project.names, name),
    artifact: key,
  }));
}

/** The failure with the line of project.yml that the failed resource comes from. */
function withPlace(failure: StackFailure, project: Project): FxError {
  const { stackCause, hint } = failure;
  if (stackCause === undefined) return failure;
  const at = sourcePlace(project, ['resources', stackCause.logicalId]);
  return new FxError('STACK_FAILED', `the deploy failed: ${stackCause.logicalId} (${stackCause.type})`, {
    ...(hint === undefined ? {} : { hint }),
    problems: [{ at, message: stackCause.reason }],
    cause: failure,
  });
}
