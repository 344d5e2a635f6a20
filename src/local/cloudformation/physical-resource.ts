// Creates, updates and deletes physical resources through their providers.
import { coerceProperties } from '../../cfn/resource-schema.ts';
import type { Engine } from './engine.ts';
import { EngineError } from './failure.ts';
import { physicalName } from './names.ts';
import { checkProperties } from './resource-rules.ts';
import type { Context, Provisioned, Update } from './resources/provider.ts';
import type { Properties, Resource, Stack } from './stack.ts';

/** A step that a test may delay or fail. */
export interface Step {
  readonly stackName: string;
  readonly logicalId: string;
  readonly action: 'create' | 'update' | 'delete';
  /** Whether the step is part of a rollback. */
  readonly rollingBack: boolean;
}

interface Operation {
  readonly engine: Engine;
  readonly stack: Stack;
  readonly rollingBack: boolean;
}

/** `initiated` is called once, as soon as the physical id is known. */
export async function createPhysical(
  operation: Operation,
  resource: Resource,
  properties: Properties,
  initiated: (physicalId: string) => void,
): Promise<Provisioned> {
  const { provider, schema } = operation.engine.typeOf(resource.type);
  checkProperties(resource, properties, schema);
  await injectFailure(operation, resource, 'create');
  let reported: string | undefined;
  const report = (physicalId: string) => {
    if (reported === undefined) initiated(physicalId);
    reported = physicalId;
  };
  const coerced = coerceProperties(properties, schema);
  const name = physicalName(operation.stack.name, resource.logicalId, provider.name, coerced);
  const context = contextOf(operation, resource);
  const outcome = await provider.create({ ...context, properties: coerced, name, initiated: report });
  report(outcome.physicalId);
  return outcome;
}

interface Change {
  readonly before: Properties;
  readonly after: Properties;
  readonly changed: ReadonlySet<string>;
  /** For an update that takes long. */
  readonly course: Pick<Update, 'updatePolicy' | 'progress' | 'isCalledOff'>;
}

export async function updatePhysical(
  operation: Operation,
  resource: Resource,
  { before, after, changed, course }: Change,
): Promise<void> {
  const { engine, stack, rollingBack } = operation;
  const { provider, schema } = engine.typeOf(resource.type);
  // If the rollback fails, the resource still has what the update attempted.
  if (!rollingBack) resource.attempted = after;
  engine.stacks.save(stack);
  await injectFailure(operation, resource, 'update');
  if (!rollingBack) checkProperties(resource, after, schema);
  const { physicalId = '' } = resource;
  const outcome = await provider.update?.({
    ...contextOf(operation, resource),
    physicalId,
    before: coerceProperties(before, schema),
    after: coerceProperties(after, schema),
    changed,
    ...course,
  });
  Object.assign(resource, outcome, { properties: after });
  delete resource.attempted;
}

export async function deletePhysical(operation: Operation, resource: Resource, physicalId: string): Promise<void> {
  const { provider, schema } = operation.engine.typeOf(resource.type);
  await injectFailure(operation, resource, 'delete');
  const properties = coerceProperties(resource.attempted ?? resource.properties, schema);
  await provider.delete({ ...contextOf(operation, resource), physicalId, properties });
}

function contextOf({ engine, stack }: Operation, { logicalId }: Resource): Context {
  return { cloud: engine.cloud, stackId: stack.id, stackName: stack.name, logicalId, signal: engine.signal };
}

async function injectFailure(
  { engine, stack, rollingBack }: Operation,
  { logicalId }: Resource,
  action: Step['action'],
): Promise<void> {
  const message = await engine.failAt({ stackName: stack.name, logicalId, action, rollingBack });
  if (message !== undefined) throw new EngineError(message);
}
