// The one procedure that changes an environment, whatever the origin of the candidate: compare, approve, upload, write the intent,
// move traffic, apply, settle the aliases, record.
import type { Identity, StackDescription, StackInput } from '../aws/aws.ts';
import { FxError, type Span } from '../base/error.ts';
import { throwIfInterrupted } from '../base/interrupt.ts';
import type { Path } from '../cfn/resource-schema.ts';
import type { Environment } from '../project/environment.ts';
import { type Candidate, restoredFunctions } from '../release/candidate.ts';
import {
  type LedgerPlace,
  referenceTo,
  storeTemplate,
  templateKey,
  writeChange,
  writeRelease,
} from '../release/ledger.ts';
import type { Change, Release } from '../release/record.ts';
import { isOutsideStack } from '../release/target.ts';
import { type Applied, apply, StackFailure, templateBodyLimit } from '../stack/apply.ts';
import type { Stores } from '../stack/bootstrap.ts';
import { difference, type Change as ResourceChange } from '../stack/difference.ts';
import { isClean } from '../stack/status.ts';
import type { StackTemplate } from '../template/stack-set.ts';
import { templateUrlLimit } from '../template/validate.ts';
import {
  type AliasContext,
  type Aliases,
  hasDrifted,
  type LiveAlias,
  moveTraffic,
  readAliases,
  settleAliases,
} from './aliases.ts';
import { type Context, commandLine } from './context.ts';
import { changedAliases, type Gradual, pinned, returnTraffic, shift } from './gradual.ts';
import { checkTraps, dataLosses } from './guard.ts';
import { pruneAfter } from './prune.ts';
import { awaitReadiness } from './readiness.ts';
import { restoreStackCode } from './stack-code.ts';
import { failureOf } from './stack-failure.ts';
import { hasOptions, hasPolicy, recordedSettings } from './stack-options.ts';
import { type ChangeableState, heldRelease, type Live, type State, versionsFromEvents } from './state.ts';
import { holds, parametersFor } from './stores.ts';
import { deleteUnreleased, deleteVersions } from './unreleased.ts';

export interface How {
  /** Called before anything is written, if data would be deleted. */
  approve(losses: readonly ResourceChange[]): Promise<void>;
  /** `first`: move the aliases to the candidate's versions, which exist, before the stack update. */
  readonly traffic: 'with-stack' | 'first';
  /** Moves the traffic step by step between two updates of the stack: the first publishes the versions, the second makes them live. */
  readonly gradual?: Gradual;
  /** Runs once the change is approved, before anything is written. */
  begin?(): Promise<void>;
  /** Makes sure that the stores contain what the template names. */
  prepare?(stores: Stores): Promise<void>;
  /** The interrupted change to resume. */
  readonly resumed?: Change;
  /** The position in project.yml of a resource, or of a path in it, for problems. */
  placeOf?(logicalId: string, path?: Path): Span;
}

export interface Changed {
  readonly changed: boolean;
  /** The release that is live now. */
  readonly release: Release;
  readonly outputs: Readonly<Record<string, string>>;
}

export interface ChangeInput {
  readonly environment: Environment;
  readonly identity: Identity;
  readonly candidate: Candidate;
  /** Read and settled under the lease: no change is unfinished except the resumed one. */
  readonly state: ChangeableState;
  readonly how: How;
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

interface Changing {
  readonly input: ChangeInput;
  readonly live: Live | undefined;
  readonly place: LedgerPlace;
  /** How many resources change. */
  readonly expected: number;
}

async function carryOut(changing: Changing, intent: Change, context: Context): Promise<Changed> {
  const { environment, candidate, how } = changing.input;
  if (how.traffic === 'first') {
    context.report({ kind: 'stage', stage: 'moving-traffic', ...restored(candidate) });
    await moveTraffic(environment, restoredFunctions(candidate), { stackFollows: true }, context);
  }
  const applied =
    how.gradual !== undefined && changing.live !== undefined
      ? await applyGradually(changing, { live: changing.live, gradual: how.gradual, intent }, context)
      : await applyOrRecord(changing, intent, context);
  const settled = await settleFunctions(candidate, { stack: applied.stack }, context);
  const release = await succeeded(changing.place, intent, settled, context);
  await deleteUnreleased(changing.input.state, applied.left, context);
  const { status } = applied.stack;
  await pruneAfter(environment, { stores: changing.input.state.stores, number: release.number, status }, context);
  return { changed: true, release, outputs: applied.stack.outputs };
}

interface Gradually {
  readonly live: Live;
  readonly gradual: Gradual;
  readonly intent: Change;
}

/** Publishes the versions, moves the traffic, and writes the end state into the stack. */
async function applyGradually(
  changing: Changing,
  { live, gradual, intent }: Gradually,
  context: Context,
): Promise<Applied> {
  const { candidate } = changing.input;
  const stacks = pinned(candidate, live);
  await storeTemplate(context.aws, changing.place, stacks.root);
  const published = await applyOrRecord(withCandidate(changing, { ...candidate, stacks }), intent, context);
  const next = withStack(changing, published.stack);
  const changed = await changedAliases({ candidate, stack: published.stack, stacks }, context);
  try {
    await shift(changed, { candidate, live, gradual }, context);
  } catch (error) {
    throw await takenBack(error, next, { live, gradual, intent, changed }, context);
  }
  try {
    return await applyOrRecord(next, intent, context);
  } catch (error) {
    await returnTraffic(changed, context);
    throw error;
  }
}

/** The traffic is back. If the new versions misbehaved, so is the stack; an interrupted fx leaves that to the next command. */
async function takenBack(
  error: unknown,
  changing: Changing,
  { live, intent, changed }: Gradually & { readonly changed: readonly LiveAlias[] },
  context: Context,
): Promise<unknown> {
  if (!(error instanceof FxError) || error.code === 'BUSY') return error;
  const lasting = { ...context, aws: context.aws.uninterrupted() };
  const isAborted = error.code === 'DEPLOY_ABORTED';
  if (isAborted) {
    context.report({ kind: 'stage', stage: 'restoring-stack' });
    const before = { ...changing.input.candidate, stacks: live.stacks, tags: live.stack.tags };
    await applyTemplate(withCandidate(changing, before), context);
    const versions = changed.map(({ physicalName: functionName, expected: version }) => ({ functionName, version }));
    await deleteVersions(versions, context);
  }
  await failed(changing.place, intent, error.message, lasting);
  const { environment } = changing.input;
  return new FxError(error.code, isAborted ? `the deploy was aborted: ${error.message}` : error.message, {
    hint: isAborted
      ? 'all calls go to the versions that had them before, and the stack is as it was'
      : `all calls go to the versions that had them before; ${commandLine('rollback', environment)} restores the stack too, ${commandLine('deploy', environment)} tries again`,
    cause: error,
  });
}

function withCandidate(changing: Changing, candidate: Candidate): Changing {
  return { ...changing, input: { ...changing.input, candidate } };
}

function withStack(changing: Changing, stack: StackDescription): Changing {
  return { ...changing, input: { ...changing.input, state: { ...changing.input.state, stack } } };
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
  // the stack's own versions answering again is a new release
  if (held !== undefined && !(isOutside && settled.moved)) {
    return { changed: settled.moved, release: held, outputs };
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
  const intent = await writeIntent(input, place, context);
  const release = await succeeded(place, intent, settled, context);
  return { changed: true, release, outputs: applied.stack.outputs };
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
  const functions = await versionsFromEvents(context, stack, aliases.functions);
  const ended = timeOf(context);
  const release = { ...intent, functions, status: 'succeeded', cause: undefined, interrupted: false, ended } as const;
  return writeRelease(context.aws, place, release);
}

/** Applies the template. If the stack rolls back, records a failed release, and the traffic stays where the change put it. */
async function applyOrRecord(changing: Changing, intent: Change, context: Context): Promise<Applied> {
  const { environment, candidate, how } = changing.input;
  try {
    return await applyTemplate(changing, context);
  } catch (error) {
    if (!(error instanceof StackFailure)) {
      if (error instanceof FxError && error.code === 'BUSY')
        await failed(changing.place, intent, error.message, context);
      throw error;
    }
    if (how.traffic === 'first')
      await moveTraffic(environment, restoredFunctions(candidate), { stackFollows: true }, context);
    await failed(changing.place, intent, error.message, context);
    throw failureOf(error, changing.input);
  }
}

function failed(place: LedgerPlace, intent: Change, cause: string, context: Context): Promise<Release> {
  const ended = timeOf(context);
  return writeRelease(context.aws, place, { ...intent, status: 'failed', cause, interrupted: false, ended });
}

const timeOf = ({ now }: Context): string => new Date(now()).toISOString();

async function applyTemplate({ input, live, place, expected }: Changing, context: Context): Promise<Applied> {
  const { environment, candidate, state } = input;
  const { options } = state;
  context.report({ kind: 'stage', stage: live === undefined ? 'creating-stack' : 'updating-stack' });
  const stackInput: Omit<StackInput, 'token'> = {
    name: environment.stackName,
    template: templateLocation(context, place, candidate.stacks.root),
    parameters: parametersFor(candidate.stacks.root, state.stores),
    tags: candidate.tags,
    // sending a policy again would be an update by itself
    options: { ...options, policy: hasPolicy(live?.policy, options) ? undefined : options.policy },
  };
  const applied = await apply(context.aws, stackInput, state.stack, { ...context, expected });
  if (options.express) await awaitReadiness(applied.done, candidate.stacks.root.template, context);
  return applied;
}

/** CloudFormation accepts a large template only from an object. */
export function templateLocation(
  { aws }: Context,
  place: LedgerPlace,
  { text, hash }: StackTemplate,
): StackInput['template'] {
  const size = Buffer.byteLength(text);
  if (size <= templateBodyLimit) return { body: text };
  if (size <= templateUrlLimit) return { url: aws.objects.url(place.bucket, templateKey(place.project, hash)) };
  throw new FxError(
    'TEMPLATE_INVALID',
    `the template is ${size} bytes; CloudFormation takes at most ${templateUrlLimit}`,
    {
      hint: 'split the project',
    },
  );
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
