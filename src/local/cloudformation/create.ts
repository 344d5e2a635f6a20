// Creates a stack's resources, and rolls back if one of them fails.
import { deletedReason, deleteResources, deleteStack } from './delete.ts';
import { EngineError, failedResources } from './failure.ts';
import { walk } from './graph.ts';
import { type Model, modelOf } from './model.ts';
import { checkExports, resolveOutputs } from './outputs.ts';
import type { Run } from './provision.ts';

export async function createStack(run: Run): Promise<void> {
  const { engine, stack } = run;
  const model = modelOf(stack, engine.contextOf(stack));
  const missing = missingExport(model);
  if (missing !== undefined) return failCreation(run, missing);
  await walk(model.graph, (id) => run.create(model, id), run.isHalted);
  if (engine.stopping) return;
  // Deleted while it was being created: the deletion takes over.
  if (run.cancelled) return;
  if (run.hasFailed) return failCreation(run, failedResources(run.failed));
  const problem = setOutputs(run, model);
  if (problem !== undefined) return failCreation(run, problem);
  engine.events.stack(stack, 'CREATE_COMPLETE');
}

// https://github.com/aws-cloudformation/aws-cloudformation-templates/issues/263
export function missingExport(model: Model): string | undefined {
  const [name] = model.missingImports;
  return name === undefined ? undefined : `No export named ${name} found.`;
}

/** Sets the stack's outputs. Returns the reason if they cannot be resolved. */
export function setOutputs({ engine, stack, values }: Run, model: Model): string | undefined {
  try {
    const outputs = resolveOutputs(model, values);
    checkExports(engine.stacks, stack, outputs);
    stack.outputs = outputs;
    stack.imports = [...model.imports];
    return undefined;
  } catch (error) {
    if (error instanceof EngineError) return error.message;
    throw error;
  }
}

export async function failCreation(run: Run, reason: string): Promise<void> {
  const { engine, stack } = run;
  if (stack.disableRollback || stack.onFailure === 'DO_NOTHING') {
    engine.events.stack(stack, 'CREATE_FAILED', reason);
    return;
  }
  // https://github.com/rackspace/runway/issues/598
  const sentence = reason.trimEnd().replace(/\.?$/, '.');
  if (stack.onFailure === 'DELETE') {
    engine.events.stack(stack, 'DELETE_IN_PROGRESS', `${sentence} Delete requested by user.`);
    return deleteStack(run);
  }
  engine.events.stack(stack, 'ROLLBACK_IN_PROGRESS', `${sentence} Rollback requested by user.`);
  return rollBackCreation(run);
}

export async function rollBackCreation(run: Run): Promise<void> {
  const { engine, stack } = run;
  run.beginRollback();
  stack.outputs = [];
  await deleteResources(run, Object.values(stack.resources), (resource) => {
    return resource.deletionPolicy === 'Retain' && !stack.retainExceptOnCreate;
  });
  if (engine.stopping) return;
  if (run.failed.delete.length > 0) engine.events.stack(stack, 'ROLLBACK_FAILED', deletedReason(run));
  else engine.events.stack(stack, 'ROLLBACK_COMPLETE');
}
