// fx deploy FILE: carries out a saved plan exactly, without building, unless what is live has moved since.
import { FxError } from '../base/error.ts';
import { artifactObjectKey } from '../cfn/names.ts';
import { type Deployment, parseCondition } from '../project/deployment.ts';
import type { Environment } from '../project/environment.ts';
import type { Candidate } from '../release/candidate.ts';
import type { OpenPlan, SavedDeployment, SavedPlan } from '../release/plan-file.ts';
import type { Stores } from '../stack/bootstrap.ts';
import { parseStackTemplate, singleStack } from '../template/stack-set.ts';
import { readAliases } from './aliases.ts';
import { alreadyLive, type Changed } from './change.ts';
import { effectiveCandidate } from './code-deploy.ts';
import { type Context, commandLine, eachFunction, identify } from './context.ts';
import { changeExclusively, type DeployOptions, protectStack } from './deploy-candidate.ts';
import { checkUnmoved, liveIdentity } from './live-identity.ts';
import { smokeEvents } from './smoke.ts';
import { heldRelease, readStateToChange, type State } from './state.ts';

/** Throws PLAN_OUTDATED if the plan is for something else than what is live now. */
export async function deployPlan(
  environment: Environment,
  { plan, zip }: OpenPlan,
  { message, deployment, approve, allAtOnce = false }: DeployOptions,
  context: Context,
): Promise<Changed> {
  checkTarget(plan, environment);
  const identity = await identify(environment, context);
  checkSame('account', plan.account, identity.account);
  const before = await readStateToChange(environment, context);
  const candidate = { ...(await effectiveCandidate(candidateIn(plan), before, { allAtOnce }, context)), message };
  await checkState(plan, before, environment, context);
  const prepare = (stores: Stores) => storeCode(plan, { stores, zip, environment }, context);
  const how = { approve, traffic: 'with-stack', prepare } as const;
  const gradual = deployment && {
    deployment,
    smoke: await smokeEvents(environment.folder, deployment.smoke, Object.keys(candidate.functions)),
  };
  const changed =
    (await alreadyLive(candidate, before, context)) ??
    (await changeExclusively(
      { environment, identity, candidate, how },
      { before, gradual, confirmed: (state) => checkState(plan, state, environment, context) },
      context,
    ));
  await protectStack(environment, context);
  return changed;
}

function checkTarget(plan: SavedPlan, { project, name, region, stackName }: Environment): void {
  checkSame('project', plan.project, project);
  checkSame('environment', plan.environment, name);
  checkSame('region', plan.region, region);
  checkSame('stack', plan.stackName, stackName);
}

function checkSame(what: string, planned: string, actual: string): void {
  if (planned === actual) return;
  throw new FxError('PLAN_OUTDATED', `the plan is for the ${what} ${planned}, not for ${actual}`, {
    hint: 'deploy it where it was made for, or make another plan',
  });
}

/** Aliases that moved between the plan and now change what the deploy does: gone versions, split traffic. */
async function checkState(plan: SavedPlan, state: State, environment: Environment, context: Context): Promise<void> {
  const { live } = state;
  const { functions } = heldRelease(state) ?? plan.change;
  const wanted = Object.fromEntries(Object.entries(functions).filter(([name]) => name in plan.live.aliases));
  const of = live && { stack: live.stack, template: live.stacks.root.template, held: heldRelease(state) };
  const aliases = of === undefined ? [] : (await readAliases(context, of, wanted)).aliases;
  checkUnmoved(plan.live, liveIdentity(state, aliases), environment);
}

function candidateIn({ change, template }: SavedPlan): Candidate {
  const root = parseStackTemplate(template);
  if (root.hash !== change.template.hash) {
    throw new FxError('PLAN_UNREADABLE', 'the template in the plan is not the one that was planned', {
      hint: 'make another plan',
    });
  }
  const { recipe, functions, tags, commit, owners, origin } = change;
  return { stacks: singleStack(root), recipe, functions, tags, commit, owners, origin };
}

/** How traffic moves, by the plan. */
export function deploymentIn({ deployment }: SavedPlan): Deployment | undefined {
  if (deployment === undefined) return undefined;
  const { abortOn, smoke, events, ...rest } = deployment;
  const conditions = abortOn.map((text) => parseCondition(text)).filter((condition) => condition !== undefined);
  return { ...rest, abortOn: conditions, smoke: smokeIn({ smoke, events }) };
}

function smokeIn({ smoke, events }: Pick<SavedDeployment, 'smoke' | 'events'>): Deployment['smoke'] {
  return Object.keys(events).length > 0 ? new Map(Object.entries(events)) : smoke;
}

interface Storing {
  readonly stores: Stores;
  readonly zip: OpenPlan['zip'];
  readonly environment: Environment;
}

/** Uploads what the bucket lacks. Code that neither has was deleted since, by fx prune or by hand. */
async function storeCode(
  { change: { recipe }, project }: SavedPlan,
  { stores: { bucket, repository = '' }, zip, environment }: Storing,
  { aws, report }: Context,
): Promise<void> {
  const codes = [...(recipe?.functions.values() ?? []), ...(recipe?.layers.values() ?? [])];
  const zipped = codes.filter(({ object, image, imageTag }) => (object ?? image ?? imageTag) === undefined);
  const keys = [...new Set(zipped.map(({ key }) => key))];
  await eachFunction(keys, async (key) => {
    const objectKey = artifactObjectKey(project, key);
    if (await aws.objects.has(bucket, objectKey)) return;
    const bytes = await zip(key);
    if (bytes === undefined) throw gone(`the code ${key.slice(0, 12)}`, environment);
    await aws.objects.put(bucket, objectKey, bytes, 'application/zip');
    const names = [...(recipe?.functions ?? []), ...(recipe?.layers ?? [])].filter(([, code]) => code.key === key);
    report({ kind: 'uploaded', name: names.map(([name]) => name).join(', '), bytes: bytes.length });
  });
  const tags = codes.flatMap(({ imageTag }) => imageTag ?? []);
  if (tags.length === 0) return;
  const present = await aws.images.present(repository, tags);
  const missing = tags.find((tag) => !present.has(tag));
  if (missing !== undefined) throw gone(`the image ${missing}`, environment);
}

function gone(what: string, environment: Environment): FxError {
  return new FxError('PLAN_OUTDATED', `${what} was deleted since the plan was made`, {
    hint: `make a new plan: ${commandLine('plan', environment)}`,
  });
}
