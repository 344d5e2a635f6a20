// Which aliases a deploy lets CodeDeploy move: not those that it would refuse to move, nor those that must move at once.
import { functionIds } from '../cfn/names.ts';
import { type Candidate, codeFunctions } from '../release/candidate.ts';
import type { Release } from '../release/record.ts';
import { isOutsideStack } from '../release/target.ts';
import { withoutCodeDeploy } from '../template/code-deploy.ts';
import { type StackSet, sameStacks } from '../template/stack-set.ts';
import { liveVersionId } from '../template/version-id.ts';
import type { Context } from './context.ts';
import { refusesWeights } from './gradual.ts';
import { heldRelease, type Live, type State } from './state.ts';

/**
 * The candidate as it is deployed. The stack keeps CodeDeploy's update policy for the next change: without another change, CloudFormation
 * would have nothing to update. A function whose traffic moves at once is reported, unless the user asked for it.
 */
export function effectiveCandidate(
  candidate: Candidate,
  state: State,
  { allAtOnce }: { readonly allAtOnce: boolean },
  { report }: Pick<Context, 'report'>,
): Candidate {
  const { live } = state;
  if (live === undefined || !usesCodeDeploy(candidate.stacks)) return candidate;
  const current = live.stacks.root.template.Resources;
  const asLive = withoutCodeDeploy(candidate.stacks, (id) => current[id]?.UpdatePolicy === undefined);
  if (sameStacks(asLive, live.stacks)) return { ...candidate, stacks: asLive };
  if (allAtOnce) return { ...candidate, stacks: withoutCodeDeploy(candidate.stacks) };
  const held = heldRelease(state);
  const moved = new Set<string>();
  for (const name of Object.keys(candidate.functions)) {
    const { alias } = functionIds(name);
    const before = current[alias];
    if (before === undefined || candidate.stacks.root.template.Resources[alias]?.UpdatePolicy === undefined) continue;
    if (isUntouched(name, candidate, { live, held })) continue;
    const reason = isOutside(name, held)
      ? 'its alias was moved outside the stack, and CodeDeploy moves it only from the version that CloudFormation expects'
      : refusesWeights(live, candidate, name)
        ? 'its dead-letter configuration changes, and an alias splits traffic only between equal ones'
        : undefined;
    if (reason === undefined) continue;
    moved.add(alias);
    report({ kind: 'traffic-at-once', functionName: name, reason });
  }
  return { ...candidate, stacks: withoutCodeDeploy(candidate.stacks, (id) => moved.has(id)) };
}

/** Whether its alias is at the version that the candidate has, in the stack too. */
function isUntouched(
  name: string,
  { functions }: Candidate,
  { live, held }: { readonly live: Live; readonly held: Release | undefined },
): boolean {
  const versionId = functions[name]?.versionId;
  if (held === undefined || isOfCodeAlone(name, held)) return false;
  return versionId === held.functions[name]?.versionId && versionId === liveVersionId(live.stacks.root.template, name);
}

/** Whether its alias is at a version that the stack does not have. */
function isOutside(name: string, held: Release | undefined): boolean {
  if (held === undefined || !isOutsideStack(held)) return false;
  return held.origin.kind !== 'code' || isOfCodeAlone(name, held);
}

function isOfCodeAlone(name: string, held: Release): boolean {
  return codeFunctions(held).includes(name);
}

function usesCodeDeploy({ root }: StackSet): boolean {
  return Object.values(root.template.Resources).some(
    ({ Type, UpdatePolicy }) => Type === 'AWS::Lambda::Alias' && UpdatePolicy !== undefined,
  );
}
