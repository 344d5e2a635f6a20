// The state of an environment in AWS and the ledger: the stack and its template, the live release, and changes without a
// release.
import type { StackDescription, StackOptions, StackResource } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import { canonicalJson } from '../cfn/resource.ts';
import type { Environment } from '../project/environment.ts';
import type { CandidateFunction } from '../release/candidate.ts';
import {
  getChange,
  getNewestSucceeded,
  type LedgerIndex,
  type LedgerPlace,
  readIndex,
  writeRelease,
} from '../release/ledger.ts';
import type { Change, Release } from '../release/record.ts';
import { isTrafficOnly } from '../release/target.ts';
import { isOwned, settled } from '../stack/apply.ts';
import { findStores, type Stores } from '../stack/bootstrap.ts';
import { isClean, moveFor } from '../stack/status.ts';
import { parseStackTemplate, type StackSet, singleStack } from '../template/stack-set.ts';
import { type Context, commandLine, ledgerPlace, ownerOf } from './context.ts';
import { stackOptionsOf } from './stack-options.ts';

/** A stack that can be updated, with its templates. */
export interface Live {
  readonly stack: StackDescription;
  readonly stacks: StackSet;
  /** The stack policy, if project.yml has something to say about it. */
  readonly policy: string | undefined;
}

export interface State {
  /** Undefined if there is no stack, or nothing in it works. */
  readonly live: Live | undefined;
  readonly stack: StackDescription | undefined;
  /** The stores of the account and region; undefined before the first deploy there. */
  readonly stores: Stores | undefined;
  readonly place: LedgerPlace | undefined;
  readonly index: LedgerIndex;
  /** The newest release that succeeded. */
  readonly recorded: Release | undefined;
  /** Changes without a release, newest first. */
  readonly unfinished: readonly Change[];
  /** What project.yml wants of the stack itself. */
  readonly options: StackOptions;
}

/** The state of an environment whose stores exist. */
export interface ChangeableState extends State {
  readonly stores: Stores;
  readonly place: LedgerPlace;
}

/** Reads without waiting. */
export async function readState(environment: Environment, context: Context): Promise<State> {
  const [stack, stores] = await Promise.all([
    context.aws.stacks.describe(environment.stackName),
    findStores(context.aws),
  ]);
  return stateOf(environment, context, { stack, stores });
}

/** The state for a change: the stack is idle and can change. Throws STACK_FOREIGN or STACK_STUCK. `known`: the stores, if they
 * were found before. */
export async function readStateToChange(environment: Environment, context: Context, known?: Stores): Promise<State> {
  context.report({ kind: 'stage', stage: 'comparing' });
  const [stack, stores] = await Promise.all([
    settled(context.aws, environment.stackName, ownerOf(environment), { ...context, expected: 0 }),
    known ?? findStores(context.aws),
  ]);
  if (stack !== undefined) checkMovable(environment, stack);
  return stateOf(environment, context, { stack, stores });
}

/** Throws STACK_STUCK, with the command that helps, if a deploy cannot change the stack as it is. The stack must be idle. */
export function checkMovable(environment: Environment, { name, status, statusReason }: StackDescription): void {
  const remedy = remedies[moveFor(status) as keyof typeof remedies];
  if (remedy === undefined) return;
  throw new FxError('STACK_STUCK', `${name} is in ${status}${statusReason ? `: ${statusReason}` : ''}`, {
    hint: remedy(environment),
  });
}

const remedies = {
  recover: (environment: Environment) => `${commandLine('recover', environment)} shows what holds it, and continues`,
  remove: (environment: Environment) =>
    `${commandLine('remove', environment)} shows what holds it, and deletes the rest`,
  stuck: () => 'resolve it in the CloudFormation console, then run the same command again',
} as const;

/** What was read before the lease was held, if nothing has been recorded since; else, read again. */
export async function confirmState(
  before: State,
  {
    environment,
    stores,
    waited,
  }: { readonly environment: Environment; readonly stores: Stores; readonly waited: boolean },
  context: Context,
): Promise<ChangeableState> {
  const place = ledgerPlace(environment, stores.bucket);
  if (!waited && before.unfinished.length === 0) {
    const index = before.place === undefined ? before.index : await readIndex(context.aws, place);
    if (canonicalJson({ ...index }) === canonicalJson({ ...before.index })) return { ...before, stores, place };
  }
  return { ...(await readStateToChange(environment, context, stores)), stores, place };
}

async function stateOf(
  environment: Environment,
  context: Context,
  { stack, stores }: Pick<State, 'stack' | 'stores'>,
): Promise<State> {
  const place = stores === undefined ? undefined : ledgerPlace(environment, stores.bucket);
  const [live, ledger] = await Promise.all([readLive(context, stack), readLedger(context, place)]);
  const options = stackOptionsOf(environment, ledger.recorded);
  const policy =
    live === undefined || options.policy === undefined ? undefined : await context.aws.stacks.policy(live.stack.id);
  return { stack, live: live && { ...live, policy }, stores, place, options, ...ledger };
}

/** Undefined if nothing is deployed. */
export async function readLive(context: Context, stack: StackDescription | undefined): Promise<Live | undefined> {
  if (stack === undefined || moveFor(stack.status) !== 'update') return undefined;
  // what another tool submitted may have transforms, such as that of SAM
  const stage = isOwned(stack) ? 'submitted' : 'processed';
  const stacks = singleStack(parseStackTemplate(await context.aws.stacks.template(stack.id, stage)));
  return { stack, stacks, policy: undefined };
}

async function readLedger(
  { aws }: Context,
  place: LedgerPlace | undefined,
): Promise<Pick<State, 'index' | 'recorded' | 'unfinished'>> {
  if (place === undefined) return { index: { releases: [], unfinished: [] }, recorded: undefined, unfinished: [] };
  const index = await readIndex(aws, place);
  const [recorded, ...changes] = await Promise.all([
    getNewestSucceeded(aws, place, index),
    ...[...index.unfinished].reverse().map((number) => getChange(aws, place, number)),
  ]);
  return { index, recorded, unfinished: changes.filter((change) => change !== undefined) };
}

/** Whether the stack matches a change or a release. */
export function isHeld({ stack, stacks }: Live, { template, tags }: Pick<Change, 'template' | 'tags'>): boolean {
  return stacks.root.hash === template.hash && canonicalJson(stack.tags) === canonicalJson(tags);
}

/** The newest release that succeeded, if the stack holds it; undefined after a change that nobody recorded. */
export function heldRelease({ live, recorded }: State): Release | undefined {
  return live !== undefined && recorded !== undefined && isHeld(live, recorded) ? recorded : undefined;
}

/** The unfinished change or the release that the stack matches; the newest release if it matches neither. */
export function heldRecord({ recorded, unfinished }: State, live: Live): Change | Release | undefined {
  return unfinished.find((change) => isHeld(live, change)) ?? recorded;
}

export interface Settlement {
  readonly state: ChangeableState;
  /** An interrupted change that had gone live, now recorded. */
  readonly completed: Release | undefined;
}

/**
 * Records the outcome of changes whose fx process died: killed, or cut off. The newest one that the stack matches went live; the
 * others did not. Skips `resumed`: the caller resumes it.
 */
export async function settleInterrupted(
  state: ChangeableState,
  context: Context,
  resumed?: number,
): Promise<Settlement> {
  const { live, place } = state;
  const unfinished = state.unfinished.filter(({ number }) => number !== resumed);
  if (unfinished.length === 0) return { state, completed: undefined };
  const held =
    live !== undefined && isClean(live.stack.status)
      ? unfinished.find((change) => isHeld(live, change) && !isTrafficOnly(change))
      : undefined;
  let completed: Release | undefined;
  for (const change of [...unfinished].reverse()) {
    const isLive = change === held;
    const functions =
      isLive && live !== undefined ? await publishedFunctions(context, live.stack, change.functions) : change.functions;
    const release = await writeRelease(context.aws, place, {
      ...change,
      functions,
      status: isLive ? 'succeeded' : 'failed',
      cause: isLive ? undefined : 'interrupted before it went live',
      interrupted: true,
    });
    if (isLive) completed = release;
    context.report({ kind: 'change-settled', number: change.number, change: change.origin.kind, live: isLive });
  }
  const index = await readIndex(context.aws, place);
  const recorded =
    completed !== undefined && completed.number > (state.recorded?.number ?? 0) ? completed : state.recorded;
  const resumedChanges = state.unfinished.filter(({ number }) => number === resumed);
  return { state: { ...state, index, recorded, unfinished: resumedChanges }, completed };
}

/** The functions of a change with the versions that its template published, whatever is live by now. */
async function publishedFunctions(
  context: Context,
  stack: StackDescription,
  functions: Change['functions'],
): Promise<Change['functions']> {
  const listed = withVersions(functions, await context.aws.stacks.resources(stack.id));
  return versionsFromEvents(context, stack, listed);
}

/** Fills in versions that a later change has already taken out of the stack: its events still name them. */
export async function versionsFromEvents(
  { aws }: Context,
  stack: StackDescription,
  functions: Change['functions'],
): Promise<Change['functions']> {
  const isComplete = Object.values(functions).every(({ version }) => version !== undefined);
  return isComplete ? functions : withVersions(functions, await aws.stacks.events(stack.id, undefined));
}

/** The version of each function by its logical id in the template. */
export function withVersions(
  functions: Readonly<Record<string, CandidateFunction>>,
  resources: readonly StackResource[],
): Readonly<Record<string, CandidateFunction>> {
  return Object.fromEntries(
    Object.entries(functions).map(([name, settings]) => {
      const version = versionNumber(resourceOf(resources, settings.versionId)) ?? settings.version;
      return [name, { ...settings, version }];
    }),
  );
}

/** A resource of the stack: the current one, else one that has left the template. */
export function resourceOf(resources: readonly StackResource[], logicalId: string): StackResource | undefined {
  const matches = resources.filter((resource) => resource.logicalId === logicalId);
  return matches.find(({ status }) => !status.startsWith('DELETE_')) ?? matches.at(-1);
}

/** The number in the physical id of a version, its qualified ARN; undefined if an emulator uses another form.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-version.html */
export function versionNumber(resource: StackResource | undefined): string | undefined {
  return /:function:[^:]+:(\d+)$/.exec(resource?.physicalId ?? '')?.[1];
}
