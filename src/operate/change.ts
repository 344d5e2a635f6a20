// The one procedure that changes an environment, whatever the origin of the candidate: compare, approve, upload, write the intent,
// move traffic, apply, settle the aliases, record.
import type { StackDescription } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import { throwIfInterrupted } from '../base/interrupt.ts';
import { type Candidate, changedFirst, restoredFunctions } from '../release/candidate.ts';
import { type LedgerPlace, referenceTo, storeTemplate, writeChange } from '../release/ledger.ts';
import type { Change, Release } from '../release/record.ts';
import { isOutsideStack } from '../release/target.ts';
import type { Applied } from '../stack/apply.ts';
import { difference } from '../stack/difference.ts';
import { isClean } from '../stack/status.ts';
import { type AliasContext, type Aliases, hasDrifted, moveTraffic, readAliases, settleAliases } from './aliases.ts';
import {
  applyOrRecord,
  applyTemplate,
  type ChangeInput,
  type Changing,
  type How,
  recordSucceeded,
} from './apply-change.ts';
import { applyGradually } from './apply-gradually.ts';
import { type Context, commandLine, timeOf } from './context.ts';
import { checkTraps, dataLosses } from './guard.ts';
import { pruneAfter } from './prune.ts';
import { isSitePublished, publishSite } from './site.ts';
import { restoreStackCode } from './stack-code.ts';
import { hasOptions, recordedSettings } from './stack-options.ts';
import { heldRelease, type Live, type State, versionsFromEvents } from './state.ts';
import { holds } from './stores.ts';
import { deleteUnreleased, deleteVersions } from './unreleased.ts';

export type { ChangeInput, How };

export interface Changed {
  readonly changed: boolean;
  /** The release that is live now. */
  readonly release: Release;
  readonly outputs: Readonly<Record<string, string>>;
}

/** The release that is live, if the candidate is live already, aliases included, and everything is recorded: nothing to write. */
export async function alreadyLive(candidate: Candidate, state: State, context: Context): Promise<Changed | undefined> {
  const { live, stores, unfinished } = state;
  const held = heldRelease(state);
  if (held !== undefined && isOutsideStack(held)) return undefined;
  if (live === undefined || stores === undefined || held === undefined || unfinished.length > 0) return undefined;
  if (!holds(live, candidate, stores) || !hasOptions(live, state.options) || !isClean(live.stack.status))
    return undefined;
  const of = { stack: live.stack, template: candidate.stacks.root.template, held };
  if (state.place !== undefined && !(await isSitePublished(of.template, state.place, context))) return undefined;
  const { aliases, isCurrent } = await readAliases(context, of, candidate.functions);
  if (isCurrent && aliases.some(hasDrifted)) return undefined;
  return { changed: false, release: held, outputs: live.stack.outputs };
}

/** Deploys the candidate. Throws STACK_FAILED, BUSY, DECLINED, or AWS's error; running the same command again
 * finishes whatever had begun. */
export async function change(input: ChangeInput, context: Context): Promise<Changed> {
  const { environment, candidate, state, how } = input;
  const { live, place, stores } = state;
  const stackVersions = await restoreStackCode(state, context);
  if (live !== undefined && how.resumed === undefined) {
    const isSame = holds(live, candidate, stores);
    if (isSame && hasOptions(live, state.options) && isClean(live.stack.status))
      return await upToDate(input, { live, place }, context);
    // after a failed change, and for settings of the stack, only CloudFormation knows whether there is something to do
    if (isSame && heldRelease(state) !== undefined) return await reapply(input, { live, place }, context);
  }
  const changes = difference(live?.stacks, candidate.stacks, context.schemas);
  checkTraps({ live: live?.stacks, next: candidate.stacks, changes, placeOf: how.placeOf }, context.schemas);
  const losses = dataLosses(environment, changes);
  if (losses.length > 0) await how.approve(losses);
  throwIfInterrupted(context.signal);
  await how.begin?.();
  // nothing was written above this line, except for the lease
  await how.prepare?.(stores);
  const changing = { input, live, place, expected: changes.length };
  await storeTemplate(context.aws, changing.place, candidate.stacks.root);
  throwIfInterrupted(context.signal);
  const intent = how.resumed ?? (await writeIntent(input, changing.place, context));
  try {
    const changed = await carryOut(changing, intent, context);
    await deleteVersions(stackVersions, context);
    return changed;
  } catch (error) {
    throw resumable(error, input);
  }
}

async function carryOut(changing: Changing, intent: Change, context: Context): Promise<Changed> {
  const { environment, candidate, how } = changing.input;
  if (how.traffic === 'first') {
    context.report({ kind: 'stage', stage: 'moving-traffic', ...restored(candidate) });
    const moved = changedFirst(restoredFunctions(candidate), changing.input.state.recorded?.functions ?? {});
    await moveTraffic(environment, moved, { stackFollows: true }, context);
  }
  const applied =
    how.gradual !== undefined && changing.live !== undefined
      ? await applyGradually(changing, { live: changing.live, gradual: how.gradual, intent }, context)
      : await applyOrRecord(changing, intent, context);
  const settled = await settleFunctions(candidate, { stack: applied.stack, created: createdBy(applied) }, context);
  await publish(changing.input, { stack: applied.stack, place: changing.place }, context);
  const release = await succeeded(changing.place, intent, settled, context);
  await deleteUnreleased(changing.input.state, applied.left, context);
  const { status } = applied.stack;
  await pruneAfter(environment, { stores: changing.input.state.stores, number: release.number, status }, context);
  return { changed: true, release, outputs: applied.stack.outputs };
}

function createdBy({ done }: Applied): ReadonlySet<string> {
  return new Set(done.filter(({ status }) => status === 'CREATE_COMPLETE').map(({ logicalId }) => logicalId));
}

interface Settled {
  /** Whether any alias moved. */
  readonly moved: boolean;
  /** The candidate's functions as the stack has them. */
  readonly aliases: Aliases;
  readonly stack: StackDescription;
}

/** Points the live aliases to the versions that the stack published. */
async function settleFunctions(
  { stacks, functions }: Candidate,
  of: Omit<AliasContext, 'template'>,
  context: Context,
): Promise<Settled> {
  const aliases = await readAliases(context, { ...of, template: stacks.root.template }, functions);
  return { moved: await settleAliases(aliases, context), aliases, stack: of.stack };
}

function restored({ origin }: Candidate): { readonly release?: number } {
  return origin.kind === 'rollback' ? { release: origin.of } : {};
}

/** AWS already matches the candidate: only aliases may need to move back, and a lost release to be recorded. */
async function upToDate(
  input: ChangeInput,
  { live, place }: { readonly live: Live; readonly place: LedgerPlace },
  context: Context,
): Promise<Changed> {
  const held = heldRelease(input.state);
  const isOutside = held !== undefined && isOutsideStack(held);
  const settled = await settleFunctions(
    input.candidate,
    { stack: live.stack, held: isOutside ? undefined : held },
    context,
  );
  const { outputs } = live.stack;
  const published = await publish(input, { stack: live.stack, place }, context);
  // the stack's own versions answering again is a new release
  if (held !== undefined && !(isOutside && settled.moved)) {
    return { changed: settled.moved || published, release: held, outputs };
  }
  const intent = await writeIntent(input, place, context);
  return { changed: true, release: await succeeded(place, intent, settled, context), outputs };
}

/** Submits a template that CloudFormation should already have. */
async function reapply(
  input: ChangeInput,
  { live, place }: { readonly live: Live; readonly place: LedgerPlace },
  context: Context,
): Promise<Changed> {
  const applied = await applyTemplate({ input, live, place, expected: 0 }, context);
  if (!applied.changed) return await upToDate(input, { live, place }, context);
  const settled = await settleFunctions(input.candidate, { stack: applied.stack }, context);
  await publish(input, { stack: applied.stack, place }, context);
  const intent = await writeIntent(input, place, context);
  const release = await succeeded(place, intent, settled, context);
  return { changed: true, release, outputs: applied.stack.outputs };
}

function publish(
  { candidate, state }: ChangeInput,
  to: { readonly stack: StackDescription; readonly place: LedgerPlace },
  context: Context,
): Promise<boolean> {
  const before = state.live?.stacks.root.template;
  return publishSite(candidate.stacks.root.template, { ...to, before }, context);
}

function writeIntent(
  { candidate, identity, environment, state }: ChangeInput,
  place: LedgerPlace,
  context: Context,
): Promise<Change> {
  return writeChange(context.aws, place, state.index, changeOf({ candidate, identity, environment }, context));
}

function changeOf(
  { candidate, identity, environment }: Pick<ChangeInput, 'candidate' | 'identity' | 'environment'>,
  context: Context,
): Omit<Change, 'number'> {
  const { stacks, recipe, functions, tags, commit, message, owners, origin } = candidate;
  return {
    fx: context.version,
    time: timeOf(context),
    who: identity.arn,
    commit,
    message,
    keep: environment.keep,
    stackSettings: recordedSettings(environment),
    origin,
    template: referenceTo(stacks.root),
    recipe,
    tags,
    functions,
    owners,
  };
}

async function succeeded(
  place: LedgerPlace,
  intent: Change,
  { aliases, stack }: Settled,
  context: Context,
): Promise<Release> {
  return recordSucceeded(place, intent, await versionsFromEvents(context, stack, aliases.functions), context);
}

/** The error that stopped a change after its intent was written, with the command to resume. */
function resumable(error: unknown, { environment, candidate }: ChangeInput): unknown {
  if (!(error instanceof FxError) || ['STACK_FAILED', 'DEPLOY_ABORTED', 'BUSY'].includes(error.code)) return error;
  if (error.hint?.includes('again') === true) return error;
  const { origin } = candidate;
  const line =
    origin.kind === 'promotion'
      ? `fx promote ${origin.from.environment} ${environment.name}`
      : commandLine(origin.kind, environment);
  const next =
    error.code === 'AWS_CREDENTIALS'
      ? `${commandLine('attach', environment)} watches what goes on without fx, and ${line} finishes the change`
      : `run ${line} again: it finishes the change`;
  const hint = error.hint === undefined ? next : `${error.hint}; then ${next}`;
  return new FxError(error.code, error.message, { hint, problems: error.problems, cause: error });
}
