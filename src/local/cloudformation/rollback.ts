// Rolls back a failed update: restores changed resources and deletes new ones.
import { failedResources } from './failure.ts';
import { walk } from './graph.ts';
import type { Run } from './provision.ts';
import { clearLeftovers } from './update.ts';

export async function rollBackUpdate(run: Run): Promise<void> {
  const { engine, stack } = run;
  const { stable } = stack;
  if (stable === undefined) throw new Error(`${stack.name} has nothing to roll back to`);
  run.beginRollback();
  const skip = new Set(stack.operation.skip);
  const old = new Map(Object.entries(stable.resources));
  const graph = new Map([...old].map(([id, { needs }]) => [id, new Set(needs)]));
  await walk(
    graph,
    async (id) => {
      const resource = old.get(id);
      if (resource === undefined) return true;
      if (skip.has(id)) run.skip(resource);
      return skip.has(id) || run.restore(resource);
    },
    run.isHalted,
  );
  if (engine.stopping) return;
  if (run.hasFailed) {
    engine.events.stack(stack, 'UPDATE_ROLLBACK_FAILED', failedResources(run.failed));
    return;
  }
  for (const [id, resource] of Object.entries(stack.resources)) {
    if (!old.has(id)) run.leaveBehind(resource);
  }
  const { template, parameters, tags, capabilities, outputs, imports } = stable;
  Object.assign(stack, { template, parameters, tags, capabilities, outputs, imports });
  delete stack.stable;
  engine.events.stack(stack, 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
  return cleanUpRollback(run);
}

export async function cleanUpRollback(run: Run): Promise<void> {
  run.beginRollback();
  await clearLeftovers(run);
  if (run.engine.stopping) return;
  run.engine.events.stack(run.stack, 'UPDATE_ROLLBACK_COMPLETE');
}
