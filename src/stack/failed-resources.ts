// Which resources stopped an update or a rollback, in the stack and in its nested stacks.
import type { StackEvent, Stacks } from '../aws/aws.ts';
import { isConsequence, plainReason } from './cause.ts';

export interface FailedResource {
  /** Its logical id; `Nested.Resource` in a nested stack, as ContinueUpdateRollback takes it. */
  readonly name: string;
  readonly type: string;
  readonly physicalId: string | undefined;
  readonly reason: string;
}

const stackType = 'AWS::CloudFormation::Stack';

/** Of which step: a rollback leaves failed updates, and so does the update before it. */
export type FailedStep = 'UPDATE_FAILED' | 'DELETE_FAILED';

/** The resources in a failed state, with the reason of their last event. */
export async function failedResources(
  stacks: Pick<Stacks, 'resources' | 'events'>,
  stackId: string,
  step: FailedStep,
  prefix = '',
): Promise<readonly FailedResource[]> {
  const [resources, events] = await Promise.all([stacks.resources(stackId), stacks.events(stackId, undefined)]);
  const found: FailedResource[] = [];
  for (const { logicalId, type, physicalId, status } of resources) {
    if (status !== step) continue;
    const reason = reasonOf(events, logicalId);
    if (reason !== undefined && isConsequence(reason)) continue;
    const name = `${prefix}${logicalId}`;
    const inside = type === stackType && physicalId ? await failedResources(stacks, physicalId, step, `${name}.`) : [];
    found.push(...(inside.length > 0 ? inside : [{ name, type, physicalId, reason: plainReason(reason ?? status) }]));
  }
  return found;
}

/** `events` are newest first. */
function reasonOf(events: readonly StackEvent[], logicalId: string): string | undefined {
  return events.find((event) => event.logicalId === logicalId && event.status.endsWith('_FAILED'))?.reason;
}
