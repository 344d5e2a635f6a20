// The history of a stack: one event for each change of state, as DescribeStackEvents shows it.
import { randomUUID } from 'node:crypto';
import type { ResourceStatus, StackEvent, StackStatus } from '@aws-sdk/client-cloudformation';
import type { Cloud } from '../cloud.ts';
import type { Collection } from '../store.ts';
import type { Operation, Properties, Resource, Stack, Stacks } from './stack.ts';

export interface KeptEvent {
  readonly id: string;
  readonly time: number;
  readonly logicalId: string;
  readonly physicalId?: string;
  readonly type: string;
  readonly status: ResourceStatus;
  readonly reason?: string;
  readonly properties?: string;
  readonly token?: string;
  readonly operation: Pick<Operation, 'id' | 'kind'>;
}

const stackType = 'AWS::CloudFormation::Stack';

export class Events {
  readonly #events: Collection<KeptEvent[]>;
  readonly #cloud: Cloud;
  readonly #stacks: Stacks;
  #last = 0;

  constructor(cloud: Cloud, stacks: Stacks) {
    this.#cloud = cloud;
    this.#stacks = stacks;
    this.#events = cloud.collection<KeptEvent[]>('cloudformation-events');
  }

  /** No two events have the same time, so their order follows from it. */
  now(): number {
    this.#last = Math.max(this.#cloud.now(), this.#last + 1);
    return this.#last;
  }

  stack(stack: Stack, status: StackStatus, reason?: string): void {
    stack.status = status;
    // The rollback of a creation deletes the stack's resources too.
    if (status === 'DELETE_IN_PROGRESS' || status === 'ROLLBACK_IN_PROGRESS') stack.deleted = this.now();
    delete stack.reason;
    if (reason !== undefined) stack.reason = reason;
    this.#stacks.save(stack);
    const { id, name } = stack;
    this.#record(stack, {
      id: randomUUID(),
      logicalId: name,
      physicalId: id,
      type: stackType,
      status: status as ResourceStatus,
      ...(reason === undefined ? {} : { reason }),
    });
  }

  /** Also sets the resource's status. */
  resource(
    stack: Stack,
    resource: Resource,
    status: ResourceStatus,
    reason?: string,
    asked: Properties = resource.properties,
  ): void {
    resource.status = status;
    delete resource.reason;
    if (reason !== undefined) resource.reason = reason;
    const { logicalId, physicalId, type } = resource;
    // On AWS, the deletions of a cleanup have other ids and no properties (recorded).
    const isCleanup = stack.status.endsWith('CLEANUP_IN_PROGRESS');
    resource.updated = this.#record(stack, {
      ...(isCleanup ? { id: `${logicalId}-${randomUUID()}` } : { properties: JSON.stringify(asked) }),
      logicalId,
      physicalId: physicalId ?? '',
      type,
      status,
      ...(reason === undefined ? {} : { reason }),
    });
    this.#stacks.save(stack);
  }

  #record(stack: Stack, event: Omit<KeptEvent, 'id' | 'time' | 'operation' | 'token'> & { id?: string }): number {
    const time = this.now();
    const { token, id, kind } = stack.operation;
    const events = this.#events.get(stack.id) ?? [];
    events.push({
      id: `${event.logicalId}-${event.status}-${new Date(time).toISOString()}`,
      ...event,
      time,
      operation: { id, kind },
      ...(token === undefined ? {} : { token }),
    });
    this.#events.set(stack.id, events);
    return time;
  }

  /** Oldest first. */
  of(stackId: string): readonly KeptEvent[] {
    return this.#events.get(stackId) ?? [];
  }
}

export function shownEvent(stack: Stack, event: KeptEvent): StackEvent {
  return {
    StackId: stack.id,
    EventId: event.id,
    StackName: stack.name,
    OperationId: event.operation.id,
    LogicalResourceId: event.logicalId,
    PhysicalResourceId: event.physicalId,
    ResourceType: event.type,
    Timestamp: new Date(event.time),
    ResourceStatus: event.status,
    ...(event.reason === undefined ? {} : { ResourceStatusReason: event.reason }),
    ...(event.properties === undefined ? {} : { ResourceProperties: event.properties }),
    ...(event.token === undefined ? {} : { ClientRequestToken: event.token }),
  };
}
