// Which aliases a deploy lets CodeDeploy move: not those that it would refuse to move, nor those that must move at once.
import { functionIdsIn } from '../cfn/logical-ids.ts';
import { type Candidate, type CandidateFunctions, picked } from '../release/candidate.ts';
import { isOutsideStack } from '../release/target.ts';
import { withoutCodeDeploy } from '../template/code-deploy.ts';
import { type StackSet, sameStacks } from '../template/stack-set.ts';
import { liveVersionId } from '../template/version-id.ts';
import { hasDrifted, readAliases } from './aliases.ts';
import type { Context } from './context.ts';
import { refusesWeights } from './gradual.ts';
import { heldRelease, type Live, type State } from './state.ts';

/**
 * The candidate as it is deployed. The stack keeps CodeDeploy's update policy for the next change: without another change, CloudFormation
 * would have nothing to update. A function whose traffic moves at once is reported, unless the user asked for it.
 */
export async function effectiveCandidate(
  candidate: Candidate,
  state: State,
  { allAtOnce }: { readonly allAtOnce: boolean },
  context: Context,
): Promise<Candidate> {
  const { live } = state;
  if (live === undefined || !usesCodeDeploy(candidate.stacks)) return candidate;
  const current = live.stacks.root.template.Resources;
  const asLive = withoutCodeDeploy(candidate.stacks, (id) => current[id]?.UpdatePolicy === undefined);
  if (sameStacks(asLive, live.stacks)) return { ...candidate, stacks: asLive };
  if (allAtOnce) return { ...candidate, stacks: withoutCodeDeploy(candidate.stacks) };
  const changed = changedByCodeDeploy(candidate, live);
  const outside = await movedOutside(changed, { live, state }, context);
  const moved = new Set<string>();
  for (const name of Object.keys(changed)) {
    const reason = outside.has(name)
      ? 'its alias was moved outside the stack, and CodeDeploy moves it only from the version that CloudFormation expects'
      : refusesWeights(live, candidate, name)
        ? 'its dead-letter configuration changes, and an alias splits traffic only between equal ones'
        : undefined;
    if (reason === undefined) continue;
    moved.add(functionIdsIn(candidate.stacks.root.template, name).alias);
    context.report({ kind: 'traffic-at-once', functionName: name, reason });
  }
  return { ...candidate, stacks: withoutCodeDeploy(candidate.stacks, (id) => moved.has(id)) };
}

/** The functions whose alias CodeDeploy would move. A new alias is created at once. */
function changedByCodeDeploy({ functions, stacks }: Candidate, live: Live): CandidateFunctions {
  const [before, after] = [live.stacks.root.template, stacks.root.template];
  const names = Object.keys(functions).filter((name) => {
    const { alias } = functionIdsIn(after, name);
    const isMoved = before.Resources[alias] !== undefined && after.Resources[alias]?.UpdatePolicy !== undefined;
    return isMoved && liveVersionId(before, name) !== liveVersionId(after, name);
  });
  return picked(functions, names);
}

/** Those whose alias is not at the version that the stack has: after a rollback of traffic or a deploy of code alone, or because a person moved
 * it. CodeDeploy would fail, and CloudFormation's rollback restore the version that the alias left. */
async function movedOutside(
  functions: CandidateFunctions,
  { live, state }: { readonly live: Live; readonly state: State },
  context: Context,
): Promise<ReadonlySet<string>> {
  if (Object.keys(functions).length === 0) return new Set();
  const { template } = live.stacks.root;
  const inStack = Object.entries(functions).map(
    ([name, settings]) => [name, { ...settings, versionId: liveVersionId(template, name) }] as const,
  );
  const release = heldRelease(state);
  // its versions are those of the aliases
  const held = release === undefined || isOutsideStack(release) ? undefined : release;
  const { aliases } = await readAliases(context, { stack: live.stack, template, held }, Object.fromEntries(inStack));
  return new Set(aliases.filter(hasDrifted).map(({ name }) => name));
}

function usesCodeDeploy({ root }: StackSet): boolean {
  return Object.values(root.template.Resources).some(
    ({ Type, UpdatePolicy }) => Type === 'AWS::Lambda::Alias' && UpdatePolicy !== undefined,
  );
}
