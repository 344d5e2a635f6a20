// A gradual deployment: the stack gets the new versions behind aliases that stay where they are; then traffic moves by the aliases' weights,
// step by step, and back at once if the new versions misbehave, or if fx is interrupted or asked to stop.
import { FxError } from '../base/error.ts';
import { pause, throwIfInterrupted } from '../base/interrupt.ts';
import { functionIdsIn } from '../cfn/logical-ids.ts';
import { liveAlias } from '../cfn/names.ts';
import { canonicalJson, type Template } from '../cfn/resource.ts';
import { type Deployment, stepsOf } from '../project/deployment.ts';
import type { Candidate } from '../release/candidate.ts';
import type { Lease } from '../release/lease.ts';
import { type StackSet, singleStack, stackTemplate } from '../template/stack-set.ts';
import { liveVersionId } from '../template/version-id.ts';
import { hasDrifted, type LiveAlias, readAliases } from './aliases.ts';
import { type Context, eachFunction } from './context.ts';
import { type SmokeEvent, smoke } from './smoke.ts';
import type { Live } from './state.ts';
import { measure, type WatchedVersion } from './traffic-watch.ts';

export interface Gradual {
  readonly deployment: Deployment;
  readonly smoke: readonly SmokeEvent[];
  readonly lease: Pick<Lease, 'asked' | 'check'>;
}

/** The new template with each live alias as it is, and the version that it names beside the new one. */
export function pinned({ stacks, functions }: Candidate, live: Live): StackSet {
  const { template } = stacks.root;
  const before = live.stacks.root.template.Resources;
  const resources = { ...template.Resources };
  for (const name of Object.keys(functions)) {
    const { alias } = functionIdsIn(template, name);
    const [next, old] = [resources[alias], before[alias]];
    if (next === undefined || old === undefined) continue;
    const FunctionVersion = old.Properties?.['FunctionVersion'];
    if (FunctionVersion !== undefined)
      resources[alias] = { ...next, Properties: { ...next.Properties, FunctionVersion } };
    const versionId = liveVersionId(live.stacks.root.template, name);
    const version = before[versionId];
    if (version !== undefined) resources[versionId] = version;
  }
  return singleStack(stackTemplate({ ...template, Resources: resources }));
}

interface Published {
  readonly candidate: Candidate;
  /** The stack after it got the new versions. */
  readonly stack: Live['stack'];
  /** Its template, with the aliases pinned. */
  readonly stacks: StackSet;
}

/** The live aliases whose function has a new version, as they are before any traffic moves. */
export async function changedAliases(
  { candidate, stack, stacks }: Published,
  context: Context,
): Promise<readonly LiveAlias[]> {
  const { aliases } = await readAliases(context, { stack, template: stacks.root.template }, candidate.functions);
  return aliases.filter((alias) => hasDrifted(alias) && alias.version !== undefined);
}

export interface Shifting {
  readonly candidate: Candidate;
  readonly live: Live;
  readonly gradual: Gradual;
}

/**
 * Moves the traffic of changed functions to their new versions. Whatever stops it, all traffic is back on the old versions when it throws:
 * DEPLOY_ABORTED if the new versions misbehave, INTERRUPTED, BUSY if the lease is lost, or AWS's error.
 */
export async function shift(
  changed: readonly LiveAlias[],
  { candidate, live, gradual }: Shifting,
  context: Context,
): Promise<void> {
  const atOnce = new Set(changed.filter(({ name }) => refusesWeights(live, candidate, name)).map(({ name }) => name));
  for (const functionName of atOnce) {
    const reason = 'its dead-letter configuration changes, and an alias splits traffic only between equal ones';
    context.report({ kind: 'traffic-at-once', functionName, reason });
  }
  const watched = changed.filter(({ name }) => !atOnce.has(name));
  try {
    await smoke(gradual.smoke, changed.map(newVersion), context);
    for (const share of watched.length === 0 ? [] : stepsOf(gradual.deployment)) {
      await moveWeights(watched, share / 100, context);
      const { watchSeconds: seconds } = gradual.deployment;
      context.report({ kind: 'traffic-step', share, functions: watched.map(({ name }) => name), seconds });
      await watch(watched.map(newVersion), gradual, context);
    }
    await moveAll(changed, 'new', context);
  } catch (error) {
    await returnTraffic(changed, context);
    context.report({ kind: 'traffic-back', reason: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}

/** All traffic goes back to the versions that had it before, even if fx was interrupted. */
export async function returnTraffic(aliases: readonly LiveAlias[], context: Context): Promise<void> {
  await moveAll(aliases, 'old', { ...context, aws: context.aws.uninterrupted() });
}

function newVersion({ name, physicalName, expected }: LiveAlias): WatchedVersion {
  return { name, physicalName, version: expected };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html */
export function refusesWeights(live: Live, { stacks }: Candidate, name: string): boolean {
  const of = (template: Template) => {
    const { DeadLetterConfig, Role } = template.Resources[functionIdsIn(template, name).function]?.Properties ?? {};
    return canonicalJson({ DeadLetterConfig, Role });
  };
  return of(live.stacks.root.template) !== of(stacks.root.template);
}

async function moveWeights(aliases: readonly LiveAlias[], weight: number, { aws }: Context): Promise<void> {
  await eachFunction(aliases, async ({ name, physicalName: functionName, version = '', expected }) => {
    const move = await aws.functions.moveAlias({
      functionName,
      alias: liveAlias,
      version,
      weights: { [expected]: weight },
    });
    if (move !== 'moved') throw notMoved(name, move);
  });
}

/** The last move must not be lost: Lambda may be changing the function for a moment. */
const attempts = 20;

async function moveAll(aliases: readonly LiveAlias[], to: 'old' | 'new', { aws, pollMs }: Context): Promise<void> {
  await eachFunction(aliases, async ({ name, physicalName: functionName, version: old, expected }) => {
    const version = to === 'new' ? expected : (old ?? expected);
    for (let attempt = 1; ; attempt++) {
      const move = await aws.functions.moveAlias({ functionName, alias: liveAlias, version });
      if (move === 'moved') return;
      if (move === 'gone' || attempt === attempts) throw notMoved(name, move);
      await pause(pollMs, new AbortController().signal);
    }
  });
}

function notMoved(name: string, move: 'gone' | 'busy'): FxError {
  const why = move === 'busy' ? 'Lambda is changing it' : 'its alias or version does not exist';
  return new FxError('AWS_REFUSED', `the traffic of ${name} could not be moved: ${why}`, {
    hint: 'run fx rollback: it moves all traffic to the last good release',
  });
}

/** CloudWatch is asked less often than CloudFormation. */
const pollsPerLook = 5;
const minuteMs = 60_000;

async function watch(
  versions: readonly WatchedVersion[],
  { deployment, lease }: Gradual,
  context: Context,
): Promise<void> {
  const { aws, report, now, pollMs } = context;
  const began = now();
  const until = began + deployment.watchSeconds * 1000;
  // whole minutes: the one in which the step began belongs to it
  const since = new Date(Math.floor(began / minuteMs) * minuteMs);
  for (;;) {
    await lease.check();
    throwIfInterrupted(context.signal);
    if (lease.asked.aborted) throw new FxError('DEPLOY_ABORTED', 'a rollback asked for it');
    const range = { conditions: deployment.abortOn, since, until: new Date(now() + minuteMs) };
    const { invocations, errors, broken } = await measure(aws.metrics, versions, range);
    if (broken !== undefined) throw new FxError('DEPLOY_ABORTED', broken);
    const left = until - now();
    if (left <= 0) return;
    report({ kind: 'traffic-watch', invocations, errors, left: Math.ceil(left / 1000) });
    await pause(Math.min(left, pollMs * pollsPerLook), context.signal);
  }
}
