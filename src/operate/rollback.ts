// fx rollback: bring back an earlier release. First the traffic, at once; then the stack, so that everything agrees.
import { FxError } from '../base/error.ts';
import { throwIfInterrupted } from '../base/interrupt.ts';
import { artifactBucketParameter, liveAlias } from '../cfn/names.ts';
import type { Template } from '../cfn/resource.ts';
import type { Project } from '../project/project.ts';
import {
  type LedgerPlace,
  notFound,
  previousRelease,
  type Release,
  readLiveRelease,
  readRelease,
  readReleases,
  writeRelease,
} from '../release/ledger.ts';
import { type Applied, apply, checkMovable, StackFailure, settled } from '../stack/apply.ts';
import { findBucket } from '../stack/bootstrap.ts';
import { type Change, difference } from '../stack/difference.ts';
import { type Context, identify, ledgerPlace, notDeployed, protectedLosses, stackTags } from './context.ts';
import { templateLocation } from './deploy.ts';
import { isRecorded, type Live, readLive, settleAliases } from './live.ts';

export interface RolledBack {
  /** False where what was asked for is live already. */
  readonly changed: boolean;
  /** The release whose content is live again. */
  readonly target: Release;
  /** The new release that this made. */
  readonly release: Release;
  readonly outputs: Readonly<Record<string, string>>;
}

const fewReleases = 8;

export interface RollbackOptions {
  /** A release number; without it, the release before the live one. */
  readonly wanted: number | undefined;
  /** Asked before anything is written, where a protected environment would lose data. */
  readonly approve: (losses: readonly Change[]) => Promise<void>;
}

/** Needs no source tree: all of it is in the ledger. */
export async function rollback(
  project: Project,
  { wanted, approve }: RollbackOptions,
  context: Context,
): Promise<RolledBack> {
  const identity = await identify(project, context);
  const stack = await settled(context.aws, project.stackName, stackTags(project), { ...context, expected: 0 });
  if (stack !== undefined) checkMovable(stack);
  const [live, bucket] = await Promise.all([readLive(context.aws, stack), findBucket(context.aws)]);
  if (bucket === undefined || live === undefined) throw notDeployed(project);
  const place = ledgerPlace(project, bucket);
  const recorded = await readLiveRelease(context.aws, place);
  const target = await findTarget(context, { place, wanted, live, recorded });
  const named = Object.entries(target.functions).map(([name, { physicalName, artifact }]) => ({
    name,
    physicalName,
    artifact,
  }));
  if (isRecorded(live, target) && isRecorded(live, recorded)) {
    const { moved } = await settleAliases(context, live.stack, named);
    return { changed: moved, target, release: recorded, outputs: live.stack.outputs };
  }
  const changes = difference(live.template, JSON.parse(target.template) as Template, context.schemas);
  const losses = protectedLosses(project, changes);
  if (losses.length > 0) await approve(losses);
  throwIfInterrupted(context.signal);

  context.report({ kind: 'stage', text: `Taking back to release ${target.number}` });
  await moveAliases(target, context);

  const base = {
    time: new Date().toISOString(),
    who: identity.arn,
    commit: target.commit,
    rollbackOf: target.rollbackOf ?? target.number,
    template: target.template,
    tags: target.tags,
  };
  const { stack: changed } = await applyRelease(
    project,
    { bucket, place, target, base, expected: changes.length },
    context,
  );
  const { functions } = await settleAliases(context, changed, named);
  const written = { ...base, status: 'succeeded', cause: undefined, functions } as const;
  const release = await writeRelease(context.aws, place, written);
  return { changed: true, target, release, outputs: changed.outputs };
}

interface Applying {
  readonly bucket: string;
  readonly place: LedgerPlace;
  readonly target: Release;
  /** How many resources change. */
  readonly expected: number;
  readonly base: Omit<Release, 'number' | 'status' | 'cause' | 'functions'>;
}

/** Brings the stack to the target's template. Where CloudFormation fails and goes back, the traffic stays taken back. */
async function applyRelease(project: Project, applying: Applying, context: Context): Promise<Applied> {
  const { bucket, place, target, expected, base } = applying;
  context.report({ kind: 'stage', text: 'Updating the stack' });
  const input = {
    name: project.stackName,
    template: await templateLocation(context, bucket, project.name, target.template),
    parameters: { [artifactBucketParameter]: bucket },
    tags: target.tags,
  };
  try {
    return await apply(context.aws, input, { ...context, expected });
  } catch (error) {
    if (!(error instanceof StackFailure)) throw error;
    await moveAliases(target, context);
    await writeRelease(context.aws, place, { ...base, status: 'failed', cause: error.message, functions: {} });
    throw new FxError('STACK_FAILED', `the stack could not be taken back: ${error.message}`, {
      hint: `the functions answer as in release ${target.number}; everything else is as before`,
      cause: error,
    });
  }
}

interface Search {
  readonly place: LedgerPlace;
  readonly wanted: number | undefined;
  readonly live: Live;
  /** The newest release that succeeded. */
  readonly recorded: Release | undefined;
}

async function findTarget(context: Context, { place, wanted, live, recorded }: Search): Promise<Release> {
  if (wanted !== undefined) {
    const release = await readRelease(context.aws, place, wanted);
    if (release === undefined) throw notFound(wanted, place);
    if (release.status === 'succeeded') return release;
    throw new FxError('RELEASE_NOT_FOUND', `release ${wanted} failed, so it was never live`, {
      hint: 'fx releases lists those that were',
    });
  }
  // what is live came of a deploy that was interrupted, and is in no release: the newest one is what was before
  if (recorded !== undefined && !isRecorded(live, recorded)) return recorded;
  const release = await findPrevious(context, place);
  if (release !== undefined) return release;
  throw new FxError('RELEASE_NOT_FOUND', `there is no release of "${place.environment}" before the live one`, {
    hint: 'fx releases lists all; name one with fx rollback NUMBER',
  });
}

/** The release before is nearly always among the last few; all are read only where it is not. */
async function findPrevious(context: Context, place: LedgerPlace): Promise<Release | undefined> {
  for (let most = fewReleases; ; most = Number.POSITIVE_INFINITY) {
    const releases = await readReleases(context.aws, place, most);
    const release = previousRelease(releases);
    if (release !== undefined || releases.length < most) return release;
  }
}

/** One call a function, all at the same time: traffic is restored before CloudFormation has begun. */
async function moveAliases(target: Release, context: Context): Promise<void> {
  await Promise.all(
    Object.entries(target.functions).map(async ([name, { physicalName, version }]) => {
      // a release whose version could not be read has none to go back to at once
      const move = version === '' ? 'gone' : await context.aws.functions.moveAlias(physicalName, liveAlias, version);
      if (move === 'moved') return context.report({ kind: 'alias', functionName: name, version });
      const why =
        move === 'busy' ? `Lambda is changing "${name}"` : `version ${version || 'unknown'} of "${name}" is gone`;
      context.report({ kind: 'warning', text: `${why}, so its traffic moves with the stack` });
    }),
  );
}
