// The part of a deploy that a build and a promotion share: from a candidate of the project to its release.

import { runHooks } from '../artifact/hooks.ts';
import type { Identity } from '../aws/aws.ts';
import type { OwnedResource } from '../cfn/part.ts';
import type { Recipe } from '../cfn/recipe.ts';
import type { Path } from '../cfn/resource-schema.ts';
import type { Deployment } from '../project/deployment.ts';
import type { Environment } from '../project/environment.ts';
import { eventTexts } from '../project/event-uses.ts';
import type { Project } from '../project/project.ts';
import type { Candidate } from '../release/candidate.ts';
import { recordedOwners } from '../release/owners.ts';
import { type Change, difference } from '../stack/difference.ts';
import type { Compiled } from '../template/compile.ts';
import { sourcePlace } from '../template/origin.ts';
import type { StackSet } from '../template/stack-set.ts';
import { alreadyLive, type Changed, type ChangeInput, change, type How } from './change.ts';
import { effectiveCandidate } from './code-deploy.ts';
import { type Context, ownerTags } from './context.ts';
import { exclusively } from './exclusive.ts';
import type { Gradual } from './gradual.ts';
import { checkTraps, dataLosses } from './guard.ts';
import { smokeEvents } from './smoke.ts';
import { confirmState, type State, settleInterrupted } from './state.ts';
import { storesFor } from './stores.ts';
import { checkAlarms } from './traffic-watch.ts';

export interface DeployOptions {
  /** For the list of releases. */
  readonly message?: string | undefined;
  /** How fx moves traffic to the new versions; undefined for all at once. */
  readonly deployment?: Deployment | undefined;
  /** Moves all traffic at once also where the project uses CodeDeploy. */
  readonly allAtOnce?: boolean;
  /** Called before anything is written, if data would be deleted. */
  readonly approve: (losses: readonly Change[]) => Promise<void>;
}

export interface CandidateInput extends DeployOptions {
  readonly identity: Identity;
  readonly candidate: Candidate;
  readonly ownedResources: ReadonlyMap<string, OwnedResource>;
  /** Read without the lease. */
  readonly before: State;
  /** Makes sure that the stores contain what the template names. */
  readonly prepare: NonNullable<How['prepare']>;
}

/** Does nothing if the candidate is live. */
export async function deployCandidate(
  project: Project,
  { identity, ownedResources, before, prepare, deployment, approve, allAtOnce = false, ...rest }: CandidateInput,
  context: Context,
): Promise<Changed> {
  const { environment } = project;
  const candidate = await effectiveCandidate(rest.candidate, before, { allAtOnce }, context);
  const placeOf = (id: string, path: Path = []) => sourcePlace(project, ownedResources, ['resources', id, ...path]);
  const begin = () => runHooks(project, 'deploy', context);
  const how = { approve, traffic: 'with-stack', begin, prepare, placeOf } as const;
  const unchanged = await alreadyLive(candidate, before, context);
  const changed =
    unchanged ??
    (await changeExclusively(
      { environment, identity, candidate, how },
      { before, gradual: deployment && (await gradualOf(project, deployment)) },
      context,
    ));
  await protectStack(environment, context);
  if (changed.changed) await runHooks(project, 'afterDeploy', { ...context, variables: releaseVariables(changed) });
  return changed;
}

function releaseVariables({ release, outputs }: Changed): Readonly<Record<string, string>> {
  return { FX_RELEASE: String(release.number), FX_OUTPUTS: JSON.stringify(outputs) };
}

/** The smoke events are read before anything is written. */
async function gradualOf(project: Project, deployment: Deployment): Promise<Omit<Gradual, 'lease'>> {
  const names = project.functions.map(({ name }) => name);
  return { deployment, smoke: await smokeEvents(project.folder, deployment.smoke, names) };
}

interface Exclusively {
  readonly before: State;
  readonly gradual: Omit<Gradual, 'lease'> | undefined;
  /** Checks the state that was read under the lease. */
  confirmed?(state: State): Promise<void>;
}

/** Approves, takes the lease, and changes. */
export async function changeExclusively(
  input: Omit<ChangeInput, 'state'>,
  { before, gradual, confirmed: check }: Exclusively,
  context: Context,
): Promise<Changed> {
  const { environment, identity, candidate, how } = input;
  if (gradual !== undefined && before.live !== undefined) {
    const addsAlarms = alarmCount(candidate.stacks) > alarmCount(before.live.stacks);
    await checkAlarms(context.aws.metrics, gradual.deployment.abortOn, addsAlarms);
  }
  const approve = approvedOnce(how.approve);
  const [live, next] = [before.live?.stacks, candidate.stacks];
  const changes = difference(live, next, context.schemas);
  checkTraps({ live, next, changes, placeOf: how.placeOf }, context.schemas);
  // a person may take minutes to answer: nobody waits for that
  const losses = dataLosses(environment, changes);
  if (losses.length > 0) await approve(losses);
  const stores = await storesFor(candidate.stacks.root, before.stores, context);
  const { bucket } = stores;
  return exclusively(environment, { bucket, identity, verb: 'deploy' }, context, async (held) => {
    const confirmed = await confirmState(before, { environment, stores, waited: held.lease.waited }, held.context);
    await check?.(confirmed);
    const { state } = await settleInterrupted(confirmed, held.context);
    const { lease } = held;
    const traffic = gradual === undefined ? {} : { gradual: { ...gradual, lease } };
    return change({ ...input, how: { ...how, ...traffic, approve }, state }, held.context);
  });
}

function alarmCount({ root }: StackSet): number {
  return Object.values(root.template.Resources).filter(({ Type }) => /^AWS::CloudWatch::\w*Alarm$/.test(Type)).length;
}

/** Asks again only about resources that were not approved before. */
function approvedOnce(approve: How['approve']): How['approve'] {
  const approved = new Set<string>();
  return async (losses) => {
    if (losses.every(({ logicalId }) => approved.has(logicalId))) return;
    await approve(losses);
    for (const { logicalId } of losses) approved.add(logicalId);
  };
}

/** The candidate of a build. */
export function candidateOf(
  project: Project,
  { recipe, compiled }: { readonly recipe: Recipe; readonly compiled: Compiled },
  commit?: string,
): Candidate {
  const functions = project.functions.map((settings) => {
    const { name, physicalName } = settings;
    const versionId = compiled.versionIds.get(name) ?? '';
    return [
      name,
      { physicalName, versionId, version: undefined, events: eventTexts(settings, project.plugins.sources) },
    ] as const;
  });
  return {
    stacks: compiled.stacks,
    recipe,
    functions: Object.fromEntries(functions),
    tags: { ...Object.fromEntries(project.tags), ...ownerTags(project.environment) },
    commit,
    owners: recordedOwners(compiled.ownedResources),
    origin: { kind: 'deploy' },
  };
}

/** Not at creation: a stack whose creation failed must be deletable. Turned off only if project.yml says so: a person may have turned
 * it on. */
export async function protectStack(
  { stackName, stack: { terminationProtection }, ...rest }: Environment,
  { aws }: Context,
): Promise<void> {
  const wanted = terminationProtection ?? (rest.protected ? true : undefined);
  if (wanted === undefined) return;
  const stack = await aws.stacks.describe(stackName);
  if (stack !== undefined && stack.terminationProtection !== wanted) await aws.stacks.protect(stackName, wanted);
}
