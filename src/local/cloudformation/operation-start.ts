// Starts operations on a stack: checks that its status allows them, and takes its settings from the request.
import { randomUUID } from 'node:crypto';
import { createStack } from './create.ts';
import type { Engine } from './engine.ts';
import type { Model } from './model.ts';
import { invalid } from './problem.ts';
import { deploymentOf, type Operation, type Stack } from './stack.ts';
import { updateStack } from './update.ts';

interface Settings {
  readonly token: string | undefined;
  readonly disableRollback: boolean;
  readonly retainExceptOnCreate: boolean;
  readonly changeSetId?: string | undefined;
  readonly roleArn?: string | undefined;
  readonly monitoringMinutes?: number | undefined;
  readonly mode?: Stack['mode'];
  /** Stack policies: during the update, and after its success. */
  readonly policyDuring?: string | undefined;
  readonly policyAfter?: string | undefined;
  /** Called when the operation has ended. */
  readonly finished?: () => void;
}

const updatable = [
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'IMPORT_COMPLETE',
  'IMPORT_ROLLBACK_COMPLETE',
];
/** A failed operation with DisableRollback ends in one of these. */
export const preserved = ['CREATE_FAILED', 'UPDATE_FAILED'];

export function newOperation(kind: Operation['kind'], token: string | undefined): Operation {
  return { id: randomUUID(), kind, ...(token === undefined ? {} : { token }) };
}

/** A new stack; its first event stores it. */
export function newStack(engine: Engine, name: string): Stack {
  const { cloud } = engine;
  return {
    id: `arn:aws:cloudformation:${cloud.region}:${cloud.accountId}:stack/${name}/${randomUUID()}`,
    name,
    status: 'REVIEW_IN_PROGRESS',
    created: cloud.now(),
    template: '',
    parameters: {},
    tags: [],
    capabilities: [],
    resources: {},
    outputs: [],
    imports: [],
    onFailure: 'ROLLBACK',
    disableRollback: false,
    retainExceptOnCreate: false,
    terminationProtection: false,
    notificationArns: [],
    leftovers: [],
    operation: newOperation('CREATE_CHANGESET', undefined),
  };
}

export function beginCreation(
  engine: Engine,
  stack: Stack,
  model: Model,
  settings: Settings & { readonly onFailure: Stack['onFailure'] },
): void {
  applyModel(stack, model, settings);
  stack.onFailure = settings.onFailure;
  stack.operation = newOperation('CREATE_STACK', settings.token);
  engine.events.stack(stack, 'CREATE_IN_PROGRESS', 'User Initiated');
  engine.begin(stack, createStack, settings.finished);
}

export function beginUpdate(engine: Engine, stack: Stack, model: Model, settings: Settings): void {
  // After a failure without rollback, the last complete deployment is still the one to roll back to.
  if (!preserved.includes(stack.status)) stack.stable = deploymentOf(stack);
  applyModel(stack, model, settings);
  stack.operation = newOperation('UPDATE_STACK', settings.token);
  if (settings.policyDuring !== undefined) stack.operation.policyDuring = settings.policyDuring;
  if (settings.policyAfter !== undefined) stack.operation.policyAfter = settings.policyAfter;
  stack.updated = engine.cloud.now();
  engine.events.stack(stack, 'UPDATE_IN_PROGRESS', 'User Initiated');
  engine.begin(stack, updateStack, settings.finished);
}

function applyModel(stack: Stack, model: Model, settings: Settings): void {
  stack.template = model.text;
  stack.parameters = model.parameters;
  stack.tags = [...model.tags];
  stack.capabilities = [...model.capabilities];
  stack.disableRollback = settings.disableRollback;
  stack.retainExceptOnCreate = settings.retainExceptOnCreate;
  if (settings.changeSetId === undefined) delete stack.changeSetId;
  else stack.changeSetId = settings.changeSetId;
  if (settings.roleArn !== undefined) stack.roleArn = settings.roleArn;
  if (settings.monitoringMinutes !== undefined) stack.monitoringMinutes = settings.monitoringMinutes;
  if (settings.mode === undefined) delete stack.mode;
  else stack.mode = settings.mode;
}

export function refuseUnlessUpdatable(stack: Stack, disableRollback: boolean): void {
  if (updatable.includes(stack.status)) return;
  if (preserved.includes(stack.status)) {
    if (disableRollback) return;
    throw invalid(
      `This stack is currently in a non-terminal [${stack.status}] state. To update the stack from this state, please use the disable-rollback parameter with update-stack API. To rollback to the last known good state, use the rollback-stack API`,
    );
  }
  throw invalid(`Stack:${stack.id} is in ${stack.status} state and can not be updated.`);
}

export function refuseTypeChanges(stack: Stack, model: Model): void {
  const changed = Object.values(stack.resources).filter(({ logicalId, type, physicalId }) => {
    const definition = model.resources.get(logicalId);
    return physicalId !== undefined && definition !== undefined && definition.type !== type;
  });
  if (changed.length === 0) return;
  throw invalid(
    `Update of resource type is not permitted. The new template modifies resource type of the following resources: [${changed.map(({ logicalId }) => logicalId).join(', ')}]`,
  );
}
