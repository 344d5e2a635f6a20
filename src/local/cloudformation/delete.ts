// Deletes a stack or some of its resources, dependents first.
import type { Engine } from './engine.ts';
import { EngineError, failedResources } from './failure.ts';
import { type Graph, reversed, walk } from './graph.ts';
import { refuseInUse } from './outputs.ts';
import type { Run } from './provision.ts';
import type { Resource, Stack } from './stack.ts';

/** If a resource fails, those that it needs are kept; all others are deleted. */
export async function deleteResources(
  run: Run,
  resources: readonly Resource[],
  keep: (resource: Resource) => boolean,
): Promise<void> {
  const keyOf = ({ logicalId, physicalId }: Resource) => `${logicalId} ${physicalId ?? ''}`;
  const byKey = new Map(resources.map((resource) => [keyOf(resource), resource]));
  const needs: Graph = new Map(
    [...byKey].map(([key, { needs }]) => [
      key,
      new Set(resources.filter(({ logicalId }) => needs.includes(logicalId)).map(keyOf)),
    ]),
  );
  const work = async (key: string): Promise<boolean> => {
    const resource = byKey.get(key);
    if (resource === undefined || (await run.delete(resource, keep(resource)))) return true;
    if (run.stack.operation.force !== true) return false;
    run.failed.delete.length = 0;
    return run.delete(resource, true);
  };
  await walk(reversed(needs), work, () => run.engine.stopping);
}

export async function deleteStack(run: Run): Promise<void> {
  const { engine, stack } = run;
  const retained = stack.operation.retain ?? [];
  const all = [...Object.values(stack.resources), ...stack.leftovers];
  await deleteResources(run, all, (resource) => {
    return resource.deletionPolicy !== 'Delete' || retained.includes(resource.logicalId);
  });
  if (engine.stopping) return;
  if (run.failed.delete.length > 0) {
    engine.events.stack(stack, 'DELETE_FAILED', deletedReason(run));
    return;
  }
  stack.deleted = engine.events.now();
  stack.outputs = [];
  stack.imports = [];
  stack.leftovers = [];
  delete stack.stable;
  engine.events.stack(stack, 'DELETE_COMPLETE');
}

export function deletedReason(run: Run): string {
  return failedResources({ delete: run.failed.delete });
}

/**
 * Whether a stack can be deleted now. If its exports are in use, it stays as it is, and an event says so.
 * https://github.com/rlister/stax/issues/40
 */
export function isHeldByImporters(engine: Engine, stack: Stack): boolean {
  try {
    for (const { exportName } of stack.outputs) {
      if (exportName !== undefined) refuseInUse(engine.stacks, exportName, 'deleted');
    }
    return false;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    engine.events.stack(stack, stack.status, error.message);
    return true;
  }
}
