// fx rollback: restores an earlier release, whole or some of its functions. Moves the traffic at once, then updates the stack to match.
import type { Identity } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import type { Environment } from '../project/environment.ts';
import { type Candidate, changedFirst, picked, type RollbackOrigin, restoredFunctions } from '../release/candidate.ts';
import { referenceTo, writeChange } from '../release/ledger.ts';
import type { Change, Release } from '../release/record.ts';
import { isTrafficOnly, namedRelease, type ReleaseName, releaseBefore } from '../release/target.ts';
import { difference, type Change as ResourceChange } from '../stack/difference.ts';
import { hasDrifted, moveTraffic, readAliases } from './aliases.ts';
import { recordSucceeded } from './apply-change.ts';
import { change } from './change.ts';
import { type Context, commandLine, identify, namesMatching, notDeployed, timeOf } from './context.ts';
import { exclusively } from './exclusive.ts';
import { partialCandidate, resumedCandidate, wholeCandidate } from './rollback-candidate.ts';
import { endedMeanwhile, stateAfterWaiting } from './rollback-meanwhile.ts';
import { recordedSettings } from './stack-options.ts';
import {
  type ChangeableState,
  confirmState,
  heldRecord,
  isHeld,
  type Live,
  readState,
  type State,
  settleInterrupted,
} from './state.ts';

export interface RolledBack {
  /** False if the release is already live. */
  readonly changed: boolean;
  /** Whether this finished an interrupted change. */
  readonly finished: boolean;
  /** The number of the release whose content is live again. */
  readonly target: number;
  /** The release that is live now. */
  readonly release: Release;
  readonly outputs: Readonly<Record<string, string>>;
}

export interface RollbackOptions {
  /** Without it, resumes an interrupted rollback, else restores the release before the live one. */
  readonly to: ReleaseName | undefined;
  /** The functions to restore, `*` for any characters in their names; undefined for the whole release. */
  readonly functions: readonly string[] | undefined;
  /** Only moves the aliases. The stack keeps its template, until the next deploy or rollback. */
  readonly trafficOnly: boolean;
  readonly message: string | undefined;
  /** Called before anything is written, if data would be deleted. */
  readonly approve: (losses: readonly ResourceChange[]) => Promise<void>;
}

/** Needs no source: the ledger has everything. */
export async function rollback(
  environment: Environment,
  options: RollbackOptions,
  context: Context,
): Promise<RolledBack> {
  const identity = await identify(environment, context);
  const { state: before, waited } = await stateAfterWaiting(environment, context);
  const { stores } = before;
  if (stores === undefined) throw notDeployed(environment);
  const { bucket } = stores;
  // a gradual deploy in progress is aborted; any other change ends first
  const ask = () => true;
  return exclusively(environment, { bucket, identity, verb: 'rollback', ask }, context, async (held) => {
    const confirmed = await confirmState(before, { environment, stores, waited: held.lease.waited }, held.context);
    if (!hasTarget(options)) {
      const ended = endedMeanwhile(before, confirmed, { didAsk: held.lease.didAsk, waited });
      if (ended !== undefined) return ended;
    }
    return rollBack({ environment, identity, before: confirmed, options }, held.context);
  });
}

export interface RollbackPlan {
  readonly target: number;
  readonly functions: readonly string[] | undefined;
  /** The aliases that would move first. */
  readonly aliases: readonly {
    readonly name: string;
    readonly from: string | undefined;
    readonly to: string | undefined;
  }[];
  /** What CloudFormation would change then. */
  readonly changes: readonly ResourceChange[];
}

/** What `rollback` would do. Reads only, and waits for nothing. */
export async function planRollback(
  environment: Environment,
  options: Pick<RollbackOptions, 'to' | 'functions' | 'trafficOnly'>,
  context: Context,
): Promise<RollbackPlan> {
  await identify(environment, context);
  const state = await readState(environment, context);
  const { live, place, stores } = state;
  if (live === undefined || place === undefined || stores === undefined) throw notDeployed(environment);
  const resumed = hasTarget(options) ? undefined : interruptedRollback(state);
  const { candidate, target } = await candidateFor(
    { state: { ...state, stores, place }, live, resumed, options },
    context,
  );
  const moved = restoredFunctions(candidate);
  const record = heldRecord(state, live);
  const of = { stack: live.stack, template: live.stacks.root.template, held: undefined };
  const { aliases } = await readAliases(context, of, picked(record?.functions ?? {}, Object.keys(moved)));
  return {
    target,
    functions: options.functions,
    aliases: aliases
      .map(({ name, version: from, weights }) => ({ name, from, to: moved[name]?.version, weights }))
      .filter(({ from, to, weights }) => from !== to || Object.keys(weights).length > 0)
      .map(({ name, from, to }) => ({ name, from, to })),
    changes: options.trafficOnly ? [] : difference(live.stacks, candidate.stacks, context.schemas),
  };
}

interface RollbackInput {
  readonly environment: Environment;
  readonly identity: Identity;
  /** Under the lease, with the interrupted changes. */
  readonly before: ChangeableState;
  readonly options: RollbackOptions;
}

async function rollBack(
  { environment, identity, before, options }: RollbackInput,
  context: Context,
): Promise<RolledBack> {
  const resumed = hasTarget(options) ? undefined : interruptedRollback(before);
  const { state, completed } = await settleInterrupted(before, context, resumed?.number);
  const { live } = state;
  if (live === undefined) throw notDeployed(environment);
  if (!hasTarget(options) && resumed === undefined && before.unfinished.length > 0) {
    const nothing = finishedByItself(before, { completed, live, recorded: state.recorded });
    if (nothing !== undefined) return nothing;
  }
  const chosen = await candidateFor({ state, live, resumed, options }, context);
  const { target } = chosen;
  if (resumed !== undefined) context.report({ kind: 'resuming', number: resumed.number, of: target });
  const candidate = { ...chosen.candidate, message: resumed?.message ?? options.message };
  const input: CarriedOut = { environment, identity, candidate, state, live, resumed };
  const isTraffic = resumed === undefined ? options.trafficOnly : isTrafficOnly(resumed);
  if (isTraffic) return { ...(await restoreTraffic(input, context)), finished: resumed !== undefined, target };
  const { approve } = options;
  const how = { approve, traffic: 'first', ...(resumed === undefined ? {} : { resumed }) } as const;
  const changed = await change({ environment, identity, candidate, state, how }, context);
  return { ...changed, finished: resumed !== undefined, target };
}

type RollbackChange = Change & { readonly origin: RollbackOrigin };

interface Choice {
  readonly state: ChangeableState;
  readonly live: Live;
  readonly resumed: RollbackChange | undefined;
  readonly options: Pick<RollbackOptions, 'to' | 'functions'>;
}

/** The candidate, and the number of the release that it restores. */
async function candidateFor(
  { state, live, resumed, options }: Choice,
  context: Context,
): Promise<{ readonly candidate: Candidate; readonly target: number }> {
  const { place } = state;
  if (resumed !== undefined) {
    return { candidate: await resumedCandidate(resumed, place, context), target: resumed.origin.of };
  }
  const names = Object.keys(heldRecord(state, live)?.functions ?? {});
  const functions = options.functions === undefined ? undefined : namesMatching(options.functions, names);
  const release = await findTarget(state, { to: options.to, functions }, { context, live });
  const candidate =
    functions === undefined
      ? await wholeCandidate(release, place, context)
      : await partialCandidate({ release, functions, place, state, live }, context);
  return { candidate, target: release.number };
}

const hasTarget = ({ to, functions }: Pick<RollbackOptions, 'to' | 'functions'>): boolean =>
  to !== undefined || functions !== undefined;

/** The newest unfinished change, if it is a rollback that is not live yet: a second `fx rollback` finishes it. */
function interruptedRollback({ unfinished: [newest], live, recorded }: State): RollbackChange | undefined {
  if (newest === undefined || newest.origin.kind !== 'rollback' || newest.number < (recorded?.number ?? 0))
    return undefined;
  // with the template of the stack, nothing tells whether its traffic moved
  if (live !== undefined && isHeld(live, newest) && !isTrafficOnly(newest)) return undefined;
  return { ...newest, origin: newest.origin };
}

interface AfterSettling {
  readonly completed: Release | undefined;
  readonly live: Live;
  readonly recorded: Release | undefined;
}

/** Records a rollback that was interrupted just before its record. A deploy that was interrupted before it went
 * live leaves nothing to roll back. Undefined if there is something to do. */
function finishedByItself(before: State, { completed, live, recorded }: AfterSettling): RolledBack | undefined {
  const { outputs } = live.stack;
  if (completed !== undefined) {
    if (completed.origin.kind !== 'rollback') return undefined;
    return { changed: true, finished: true, target: completed.origin.of, release: completed, outputs };
  }
  const [newest] = before.unfinished;
  if (recorded === undefined || newest === undefined || newest.number < recorded.number) return undefined;
  // a gradual deploy leaves a stack that no release matches
  if (!isHeld(live, recorded)) return undefined;
  return { changed: false, finished: true, target: recorded.number, release: recorded, outputs };
}

async function findTarget(
  { place, index, recorded }: ChangeableState,
  { to, functions }: Pick<RollbackOptions, 'to' | 'functions'>,
  { context, live }: { readonly context: Context; readonly live: Live },
): Promise<Release> {
  const ledger = { aws: context.aws, place, index };
  if (to !== undefined) return namedRelease(ledger, to);
  // no release matches the stack: the newest release was live before
  if (recorded !== undefined && !isHeld(live, recorded) && functions === undefined) return recorded;
  const release = recorded === undefined ? undefined : await releaseBefore(ledger, recorded, functions);
  if (release !== undefined) return release;
  const what = functions === undefined ? '' : ` with another version of ${functions.join(', ')}`;
  throw new FxError('RELEASE_NOT_FOUND', `there is no release of "${place.environment}"${what} before the live one`, {
    hint: 'fx releases lists all of them; name one with fx rollback --to NUMBER',
  });
}

interface CarriedOut {
  readonly environment: Environment;
  readonly identity: Identity;
  readonly candidate: Candidate;
  readonly state: ChangeableState;
  readonly live: Live;
  readonly resumed: RollbackChange | undefined;
}

/** Moves the aliases, and records it: the stack keeps the template it has. */
async function restoreTraffic(
  { environment, identity, candidate, state, live, resumed }: CarriedOut,
  context: Context,
): Promise<Pick<RolledBack, 'changed' | 'release' | 'outputs'>> {
  const { place, index } = state;
  const moved = restoredFunctions(candidate);
  const record = heldRecord(state, live);
  const { outputs } = live.stack;
  const now = await readAliases(
    context,
    { stack: live.stack, template: live.stacks.root.template },
    picked(record?.functions ?? {}, Object.keys(moved)),
  );
  const isThere = now.aliases.every((alias) => !hasDrifted({ ...alias, expected: moved[alias.name]?.version ?? '' }));
  if (isThere && resumed === undefined && state.recorded !== undefined) {
    return { changed: false, release: state.recorded, outputs };
  }
  const { kind, of, functions } = candidate.origin as RollbackOrigin;
  const origin: RollbackOrigin = { kind, of, ...(functions === undefined ? {} : { functions }), trafficOnly: true };
  const intent =
    resumed ??
    (await writeChange(context.aws, place, index, {
      fx: context.version,
      time: timeOf(context),
      who: identity.arn,
      commit: candidate.commit,
      message: candidate.message,
      keep: environment.keep,
      stackSettings: recordedSettings(environment),
      origin,
      template: referenceTo(live.stacks.root),
      recipe: record?.recipe,
      tags: live.stack.tags,
      functions: { ...record?.functions, ...moved },
      owners: record?.owners,
    }));
  context.report({ kind: 'stage', stage: 'moving-traffic', release: of });
  const versions = Object.fromEntries(now.aliases.map((alias) => [alias.name, alias]));
  const unmoved = await moveTraffic(environment, changedFirst(moved, versions), { stackFollows: false }, context);
  if (unmoved.length > 0) {
    throw new FxError('BUSY', `the traffic of ${unmoved.join(', ')} could not be moved`, {
      hint: `run ${commandLine('rollback', environment)} again: it finishes the change`,
    });
  }
  const release = await recordSucceeded(place, intent, intent.functions, context);
  return { changed: true, release, outputs };
}
