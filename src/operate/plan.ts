// fx plan: what a deploy would change, from the live and the new template; writes nothing.
import type { Artifact } from '../artifact/artifact.ts';
import type { Identity } from '../aws/aws.ts';
import { gitCommit } from '../project/git.ts';
import type { Project } from '../project/project.ts';
import type { Candidate } from '../release/candidate.ts';
import { ownersById } from '../release/owners.ts';
import type { Change } from '../release/record.ts';
import { isOutsideStack } from '../release/target.ts';
import { type Move, moveFor } from '../stack/status.ts';
import { resourceCounts } from '../template/compile.ts';
import { sourcePlace } from '../template/origin.ts';
import { hasDrifted, type LiveAlias, readAliases } from './aliases.ts';
import { type Built, build } from './build.ts';
import { type ChangeSetView, changeSetView } from './change-set.ts';
import { effectiveCandidate } from './code-deploy.ts';
import { type CodeChange, codeDifference } from './code-difference.ts';
import { type Context, identify } from './context.ts';
import { candidateOf } from './deploy-candidate.ts';
import { dataLosses, lossesIn } from './guard.ts';
import { type Planned, type PlannedChange, planned } from './planned.ts';
import { siteContent } from './site.ts';
import { hasOptions } from './stack-options.ts';
import { heldRecord, heldRelease, readState, type State } from './state.ts';
import { holds } from './stores.ts';

export interface Plan extends Planned {
  readonly project: string;
  readonly environment: string;
  readonly region: string;
  readonly stackName: string;
  /** Undefined if there is no stack. */
  readonly status: string | undefined;
  readonly move: Move;
  /** Functions and layers whose code differs. */
  readonly code: readonly CodeChange[];
  /** Changes that delete data. */
  readonly losses: readonly PlannedChange[];
  /** The logical ids that a deploy wants to be named with --allow-replace. */
  readonly refused: readonly string[];
  /** Aliases that differ from the stack: on another version, or with split traffic. A deploy moves them back. */
  readonly movedAliases: readonly LiveAlias[];
  /** Changes that were interrupted or are in progress; a deploy settles them. */
  readonly unfinished: readonly Pick<Change, 'number' | 'origin' | 'time' | 'who'>[];
  readonly empty: boolean;
  /** Whether the site has other files. */
  readonly siteChanges?: true;
  /** The resources per function, and the stack's total. */
  readonly budget: { readonly total: number; readonly byFunction: Readonly<Record<string, number>> };
  /** CloudFormation's own view, if asked for. */
  readonly changeSet?: ChangeSetView;
}

export interface PlanOptions {
  /** Asks CloudFormation too: a change set, and one that looks for drift. */
  readonly changeSet?: boolean;
  readonly drift?: boolean;
}

/** A plan, and what it takes to carry it out. */
export interface Prepared {
  readonly plan: Plan;
  readonly identity: Identity;
  readonly candidate: Candidate;
  readonly built: Built;
  readonly state: State;
  readonly aliases: readonly LiveAlias[];
}

export async function plan(project: Project, context: Context, options: PlanOptions = {}): Promise<Plan> {
  return (await prepare(project, context, options)).plan;
}

export async function prepare(project: Project, context: Context, options: PlanOptions = {}): Promise<Prepared> {
  const { environment } = project;
  const identity = await identify(environment, context);
  const commit = gitCommit(project.folder);
  // the template names images by their inputs: no engine is needed to see what would change
  const built = await build(project, context, async () => []);
  const state = await readState(environment, context);
  const candidate = await effectiveCandidate(
    candidateOf(project, built, await commit),
    state,
    { allAtOnce: false },
    context,
  );
  const { live, stack, stores } = state;
  const aliases = await aliasesOf(state, candidate, context);
  const movedAliases = aliases.filter(hasDrifted);
  const isSame =
    live !== undefined && stores !== undefined && holds(live, candidate, stores) && hasOptions(live, state.options);
  const { drift = false } = options;
  const view =
    options.changeSet === true || drift
      ? await changeSetView({ environment, candidate, state, drift }, context)
      : undefined;
  const changes = planned(
    { live: live?.stacks, next: candidate.stacks },
    originsOf(project, built, state),
    context.schemas,
  );
  const result: Plan = {
    project: project.name,
    environment: environment.name,
    region: environment.region,
    stackName: environment.stackName,
    status: stack?.status,
    move: moveFor(stack?.status),
    ...changes,
    code: await codeOf(project, { built, state }, context),
    // the planned changes are the same changes with more fields
    losses: lossesIn(environment, changes.changes) as readonly PlannedChange[],
    refused: dataLosses(environment, changes.changes).map(({ logicalId }) => logicalId),
    movedAliases,
    unfinished: state.unfinished.map(({ number, origin, time, who }) => ({ number, origin, time, who })),
    empty: isSame && movedAliases.length === 0,
    ...(siteContent(candidate.stacks.root.template) === siteContent(live?.stacks.root.template ?? {})
      ? {}
      : { siteChanges: true as const }),
    budget: {
      total: Object.keys(candidate.stacks.root.template.Resources).length,
      byFunction: Object.fromEntries(resourceCounts(project, built.compiled.ownedResources)),
    },
    ...(view === undefined ? {} : { changeSet: view }),
  };
  return { plan: result, identity, candidate, built, state, aliases };
}

/** Those of functions that the stack already has. */
async function aliasesOf(state: State, candidate: Candidate, context: Context): Promise<readonly LiveAlias[]> {
  const { live } = state;
  if (live === undefined) return [];
  const held = heldRelease(state);
  const functions = held === undefined || isOutsideStack(held) ? candidate.functions : held.functions;
  const of = { stack: live.stack, template: live.stacks.root.template, held };
  return (await readAliases(context, of, functions)).aliases;
}

/** Owners and lines by the project; for what only the live template has, owners as its release recorded them. */
function originsOf(project: Project, { compiled: { ownedResources } }: Built, state: State) {
  const recorded = ownersById(state.live === undefined ? undefined : heldRecord(state, state.live)?.owners);
  return {
    ownerOf: (id: string) => ownedResources.get(id)?.owner ?? recorded.get(id),
    placeOf: (id: string, path: readonly string[] = []) =>
      ownedResources.has(id) ? sourcePlace(project, ownedResources, ['resources', id, ...path]) : undefined,
  };
}

function codeOf(
  { name }: Project,
  { built, state }: { readonly built: Built; readonly state: State },
  context: Context,
): Promise<readonly CodeChange[]> {
  const { live, stores } = state;
  const recipe = live === undefined ? undefined : heldRecord(state, live)?.recipe;
  const place = { bucket: stores?.bucket, project: name };
  const after = { ...place, recipe: built.recipe, zips: zipsOf([...built.artifacts, ...built.layers]) };
  return codeDifference({ ...place, recipe }, after, context);
}

export function zipsOf(artifacts: readonly Artifact[]): ReadonlyMap<string, string> {
  return new Map(artifacts.flatMap(({ code, zip }) => (zip === undefined ? [] : [[code.key, zip.file] as const])));
}
