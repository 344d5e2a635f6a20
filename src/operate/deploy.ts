// fx deploy: make an environment match the project.
import type { Artifact } from '../artifact/artifact.ts';
import { runHooks } from '../artifact/hooks.ts';
import { readZip } from '../artifact/zip.ts';
import type { Identity, StackDescription, StackInput } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import { sha256 } from '../base/hash.ts';
import { throwIfInterrupted } from '../base/interrupt.ts';
import { inPool } from '../base/pool.ts';
import { artifactBucketParameter, artifactObjectKey } from '../cfn/names.ts';
import { gitCommit } from '../project/git.ts';
import type { Project } from '../project/project.ts';
import { type LedgerPlace, type Release, readLiveRelease, writeRelease } from '../release/ledger.ts';
import { type Applied, apply, checkMovable, StackFailure, settled, templateBodyLimit } from '../stack/apply.ts';
import { ensureBucket, findBucket } from '../stack/bootstrap.ts';
import { type Change, difference } from '../stack/difference.ts';
import { isClean } from '../stack/status.ts';
import { sourcePlace } from '../template/origin.ts';
import { templateUrlLimit } from '../template/validate.ts';
import { type Built, build } from './build.ts';
import { type Context, identify, ledgerPlace, protectedLosses, stackTags } from './context.ts';
import { isRecorded, isUpToDate, type Live, readLive, settleAliases } from './live.ts';

export interface Deployed {
  readonly changed: boolean;
  readonly release: Release | undefined;
  readonly outputs: Readonly<Record<string, string>>;
}

/** `approve` is asked before anything is written, where a protected environment would lose data. */
export async function deploy(
  project: Project,
  approve: (losses: readonly Change[]) => Promise<void>,
  context: Context,
): Promise<Deployed> {
  const deployed = await change(project, approve, context);
  if (project.protected) await protectStack(project, context);
  return deployed;
}

/** Not at creation: a stack whose creation failed has to be deleted. Nor is it ever turned off: a hand may have turned it on. */
async function protectStack({ stackName }: Project, { aws }: Context): Promise<void> {
  const stack = await aws.stacks.describe(stackName);
  if (stack?.terminationProtection === false) await aws.stacks.protect(stackName, true);
}

async function change(
  project: Project,
  approve: (losses: readonly Change[]) => Promise<void>,
  context: Context,
): Promise<Deployed> {
  const identity = await identify(project, context);
  const built = await build(project, context);
  context.report({ kind: 'stage', text: 'Comparing with what is live' });
  const stack = await settled(context.aws, project.stackName, stackTags(project), { ...context, expected: 0 });
  if (stack !== undefined) checkMovable(stack);
  const [live, known] = await Promise.all([readLive(context.aws, stack), findBucket(context.aws)]);
  const recorded =
    live === undefined || known === undefined
      ? undefined
      : await readLiveRelease(context.aws, ledgerPlace(project, known));
  const named = namedArtifacts(project, built.artifacts);
  if (live !== undefined && known !== undefined && (await upToDate(project, context, live, built, known))) {
    if (isRecorded(live, recorded)) return { changed: false, release: recorded, outputs: live.stack.outputs };
    // a deploy that was interrupted had CloudFormation finish it: all that is left to do is to write it down
    const { functions } = await settleAliases(context, live.stack, named);
    return succeeded(context, ledgerPlace(project, known), await releaseBase(project, identity, built), {
      stack: live.stack,
      functions,
    });
  }
  const missing = await missingArtifacts(project, context, known, [...built.layers, ...built.artifacts]);
  const changes = difference(live?.template, built.compiled.stacks.root.template, context.schemas);
  const losses = protectedLosses(project, changes);
  if (losses.length > 0) await approve(losses);
  throwIfInterrupted(context.signal);
  // nothing was written above this line
  await runHooks(project, 'deploy', context);
  const bucket = known ?? (await ensureBucket(context.aws, context));
  await upload(project, context, bucket, missing);
  throwIfInterrupted(context.signal);
  const applied = await applyTemplate({ project, context, identity, bucket, built, live, expected: changes.length });
  const { functions, moved } = await settleAliases(context, applied.stack, named);
  // what CloudFormation finds unchanged is the release that is live, an alias that was elsewhere being back on it
  if (!applied.changed && live !== undefined && isRecorded(live, recorded)) {
    return { changed: moved, release: recorded, outputs: applied.stack.outputs };
  }
  return succeeded(context, ledgerPlace(project, bucket), await releaseBase(project, identity, built), {
    stack: applied.stack,
    functions,
  });
}

async function succeeded(
  context: Context,
  place: LedgerPlace,
  base: Awaited<ReturnType<typeof releaseBase>>,
  { stack, functions }: { readonly stack: StackDescription; readonly functions: Release['functions'] },
): Promise<Deployed> {
  const written = { ...base, status: 'succeeded', cause: undefined, functions } as const;
  return { changed: true, release: await writeRelease(context.aws, place, written), outputs: stack.outputs };
}

/** After a change that failed, what a stack says it holds is not relied on: CloudFormation finds out by being asked. */
async function upToDate(
  project: Project,
  context: Context,
  live: Live,
  built: Built,
  bucket: string,
): Promise<boolean> {
  const wanted = { template: built.compiled.stacks.root.template, parameters: { [artifactBucketParameter]: bucket } };
  return isClean(live.stack.status) && isUpToDate(context.aws, project, live, wanted);
}

/** Zips of up to 250 MB are in memory while they go. */
const uploadsAtOnce = 4;

/** What is not in the bucket yet, an artifact's key being its content. */
async function missingArtifacts(
  project: Project,
  context: Context,
  bucket: string | undefined,
  artifacts: readonly Artifact[],
): Promise<readonly Artifact[]> {
  const unique = [...new Map(artifacts.map((artifact) => [artifact.key, artifact])).values()];
  const own = unique.filter(({ zip }) => zip !== undefined);
  if (bucket === undefined) return own;
  const there = await Promise.all(
    own.map(({ key }) => context.aws.objects.has(bucket, artifactObjectKey(project.name, key))),
  );
  return own.filter((_, index) => !there[index]);
}

async function upload(project: Project, context: Context, bucket: string, missing: readonly Artifact[]): Promise<void> {
  if (missing.length > 0) context.report({ kind: 'stage', text: 'Uploading' });
  await inPool(missing, uploadsAtOnce, async ({ functionName: name, key, zip }) => {
    if (zip === undefined) return;
    throwIfInterrupted(context.signal);
    await context.aws.objects.put(bucket, artifactObjectKey(project.name, key), await readZip(zip), 'application/zip');
    context.report({ kind: 'uploaded', functionName: name, bytes: zip.size });
  });
}

interface Applying {
  readonly project: Project;
  readonly context: Context;
  readonly identity: Identity;
  readonly bucket: string;
  readonly built: Built;
  readonly live: Live | undefined;
  readonly expected: number;
}

async function applyTemplate(applying: Applying): Promise<Applied> {
  const { project, context, identity, bucket, built, live, expected } = applying;
  const input: Omit<StackInput, 'token'> = {
    name: project.stackName,
    template: await templateLocation(context, bucket, project.name, built.compiled.stacks.root.text),
    parameters: { [artifactBucketParameter]: bucket },
    tags: stackTags(project),
  };
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
    throw withPlace(error, project, built);
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
    template: built.compiled.stacks.root.text,
    tags: stackTags(project),
  };
}

export function namedArtifacts(project: Project, artifacts: readonly Artifact[]) {
  const keys = new Map(artifacts.map(({ functionName, key }) => [functionName, key]));
  return project.functions.map(({ name, physicalName }) => ({ name, physicalName, artifact: keys.get(name) ?? '' }));
}

/** The failure with the line of project.yml that the failed resource comes from. */
function withPlace(failure: StackFailure, project: Project, { compiled }: Built): FxError {
  const { stackCause, hint } = failure;
  if (stackCause === undefined) return failure;
  const at = sourcePlace(project, compiled.made, ['resources', stackCause.logicalId]);
  return new FxError('STACK_FAILED', `the deploy failed: ${stackCause.logicalId} (${stackCause.type})`, {
    ...(hint === undefined ? {} : { hint }),
    problems: [{ at, message: stackCause.reason }],
    cause: failure,
  });
}
