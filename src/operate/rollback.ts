// fx rollback: restores an earlier release. Moves the traffic at once, then updates the stack to match.
import type { Aws, Identity } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import type { Environment } from '../project/environment.ts';
import type { Candidate } from '../release/candidate.ts';
import {
  contentOf,
  getRelease,
  getReleases,
  type LedgerPlace,
  notFound,
  previousRelease,
  readTemplate,
} from '../release/ledger.ts';
import type { Release } from '../release/record.ts';
import type { Change } from '../stack/difference.ts';
import { singleStack } from '../template/stack-set.ts';
import { change } from './change.ts';
import { type Context, identify, notDeployed } from './context.ts';
import { exclusively } from './exclusive.ts';
import {
  type ChangeableState,
  confirmState,
  isHeld,
  type Live,
  readStateToChange,
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
  /** A release number. Without it, resumes an interrupted rollback, else restores the release before the live one. */
  readonly number: number | undefined;
  /** Called before anything is written, if a protected environment would lose data. */
  readonly approve: (losses: readonly Change[]) => Promise<void>;
}

/** Needs no source: the ledger has everything. */
export async function rollback(
  environment: Environment,
  options: RollbackOptions,
  context: Context,
): Promise<RolledBack> {
  const identity = await identify(environment, context);
  const before = await readStateToChange(environment, context);
  const { bucket } = before;
  if (bucket === undefined) throw notDeployed(environment);
  return exclusively(environment, { bucket, identity, verb: 'rollback' }, context, async (held) => {
    const confirmed = await confirmState(before, { environment, bucket, waited: held.lease.waited }, held.context);
    return rollBack({ environment, identity, before: confirmed, options }, held.context);
  });
}

interface RollbackInput {
  readonly environment: Environment;
  readonly identity: Identity;
  /** Under the lease, with the interrupted changes. */
  readonly before: ChangeableState;
  readonly options: RollbackOptions;
}

async function rollBack(
  { environment, identity, before, options: { number, approve } }: RollbackInput,
  context: Context,
): Promise<RolledBack> {
  const resumed = number === undefined ? interruptedRollback(before) : undefined;
  const { state, completed } = await settleInterrupted(before, context, resumed?.number);
  const { live, place } = state;
  if (live === undefined) throw notDeployed(environment);
  if (number === undefined && resumed === undefined && before.unfinished.length > 0) {
    const nothing = finishedByItself(before, { completed, live, recorded: state.recorded });
    if (nothing !== undefined) return nothing;
  }
  const target =
    resumed === undefined
      ? await findTarget(context, state, { place, number })
      : await mustGet(context.aws, place, resumed.origin.of);
  if (resumed !== undefined) context.report({ kind: 'resuming', number: resumed.number, of: target.number });
  const candidate = await candidateOf(context.aws, place, target);
  const how = { approve, traffic: 'first', ...(resumed === undefined ? {} : { resumed }) } as const;
  const changed = await change({ environment, identity, candidate, state, how }, context);
  return { ...changed, finished: resumed !== undefined, target: target.number };
}

/** The newest unfinished change, if it is a rollback that is not live yet: a second `fx rollback` finishes it. */
function interruptedRollback({ unfinished: [newest], live, recorded }: State) {
  if (newest === undefined || newest.origin.kind !== 'rollback' || newest.number < (recorded?.number ?? 0))
    return undefined;
  if (live !== undefined && isHeld(live, newest)) return undefined;
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
  return { changed: false, finished: true, target: recorded.number, release: recorded, outputs };
}

/** A release as a candidate: its template, its versions, its tags. */
async function candidateOf(aws: Aws, place: LedgerPlace, release: Release): Promise<Candidate> {
  const { recipe, functions, tags, commit } = release;
  return {
    stacks: singleStack(await readTemplate(aws, place, release)),
    recipe,
    functions,
    tags,
    commit,
    origin: { kind: 'rollback', of: contentOf(release) },
  };
}

interface Search {
  readonly place: LedgerPlace;
  readonly number: number | undefined;
}

async function findTarget(context: Context, state: State, { place, number }: Search): Promise<Release> {
  if (number !== undefined) {
    const release = await mustGet(context.aws, place, number);
    if (release.status === 'succeeded') return release;
    throw new FxError('RELEASE_NOT_FOUND', `release ${number} failed, so it was never live`, {
      hint: 'fx releases shows which releases were live',
    });
  }
  const { live, recorded } = state;
  // no release matches the stack: the newest release was live before
  if (live !== undefined && recorded !== undefined && !isHeld(live, recorded)) return recorded;
  const release = await findPrevious(context, state, place);
  if (release !== undefined) return release;
  throw new FxError('RELEASE_NOT_FOUND', `there is no release of "${place.environment}" before the live one`, {
    hint: 'fx releases lists all of them; name one with fx rollback NUMBER',
  });
}

const fewReleases = 8;

/** The release before is usually among the last few; more are read, a few at a time, only if it is not. */
async function findPrevious({ aws }: Context, { index }: State, place: LedgerPlace): Promise<Release | undefined> {
  for (let most = fewReleases; ; most *= 2) {
    const releases = await getReleases(aws, place, index, most);
    const release = previousRelease(releases);
    if (release !== undefined || most >= index.releases.length) return release;
  }
}

async function mustGet(aws: Aws, place: LedgerPlace, number: number): Promise<Release> {
  const release = await getRelease(aws, place, number);
  if (release === undefined) throw notFound(number, place);
  return release;
}
