// Updates a stack to a new template, and cleans up afterwards.
import { missingExport, setOutputs } from './create.ts';
import { deleteResources } from './delete.ts';
import { failedResources } from './failure.ts';
import { walk } from './graph.ts';
import { modelOf } from './model.ts';
import type { Run } from './provision.ts';
import { rollBackUpdate } from './rollback.ts';

/** The stack already has the new template, and `stable` is the old deployment. */
export async function updateStack(run: Run): Promise<void> {
  const { engine, stack } = run;
  const model = modelOf(stack, engine.contextOf(stack));
  const missing = missingExport(model);
  if (missing !== undefined) return failUpdate(run, missing);
  for (const resource of Object.values(stack.resources)) {
    const isRemoved = !model.resources.has(resource.logicalId) && resource.physicalId !== undefined;
    if (isRemoved) run.checkRemoval(resource);
  }
  await walk(model.graph, (id) => run.provision(model, id), run.isHalted);
  if (engine.stopping) return;
  if (run.cancelled) return failUpdate(run, 'User Initiated');
  if (run.hasFailed) return failUpdate(run, failedResources(run.failed));
  const problem = setOutputs(run, model);
  if (problem !== undefined) return failUpdate(run, problem);
  for (const [id, resource] of Object.entries(stack.resources)) {
    if (model.resources.has(id)) continue;
    stack.leftovers.push({ ...resource, keep: resource.deletionPolicy !== 'Delete' });
    delete stack.resources[id];
  }
  delete stack.stable;
  const { policyAfter } = stack.operation;
  if (policyAfter !== undefined) stack.policy = policyAfter;
  engine.events.stack(stack, 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
  return cleanUpUpdate(run);
}

/** Resources that can't be deleted are abandoned. https://github.com/rvedotrc/aws-cloudformation-stack-states/issues/2 */
export async function cleanUpUpdate(run: Run): Promise<void> {
  const { engine, stack } = run;
  await clearLeftovers(run);
  if (engine.stopping) return;
  const reason =
    run.failed.delete.length > 0 ? 'Update successful. One or more resources could not be deleted.' : undefined;
  engine.events.stack(stack, 'UPDATE_COMPLETE', reason);
}

export async function clearLeftovers(run: Run): Promise<void> {
  const { engine, stack } = run;
  const keep = new Map(stack.leftovers.map((left) => [left as object, left.keep]));
  await deleteResources(run, stack.leftovers, (resource) => keep.get(resource) ?? false);
  if (!engine.stopping) stack.leftovers = [];
}

export async function failUpdate(run: Run, reason: string): Promise<void> {
  const { engine, stack } = run;
  if (stack.disableRollback && !run.cancelled) {
    engine.events.stack(stack, 'UPDATE_FAILED', reason);
    return;
  }
  engine.events.stack(stack, 'UPDATE_ROLLBACK_IN_PROGRESS', reason);
  return rollBackUpdate(run);
}
