// DescribeEvents: the events of one operation, including what the validation of a change set found.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_OperationEvent.html
import type { Cloud } from '../cloud.ts';
import { type ChangeSet, changeSets, findChangeSet } from './change-set-records.ts';
import type { Engine } from './engine.ts';
import { type KeptEvent, shownEvent } from './events.ts';
import { page } from './paging.ts';
import { invalid } from './problem.ts';
import type { CloudFormation } from './sdk.ts';

const pageSize = 100;

export function describeEvents(
  cloud: Cloud,
  engine: Engine,
  input: CloudFormation.DescribeEventsCommandInput,
): { OperationEvents: CloudFormation.OperationEvent[]; NextToken?: string } {
  const all = selected(cloud, engine, input);
  const events = input.Filters?.FailedEvents === true ? all.filter(isFailure) : all;
  const { items, next } = page(events, input.NextToken, pageSize);
  return { OperationEvents: items, ...(next === undefined ? {} : { NextToken: next }) };
}

function selected(
  cloud: Cloud,
  engine: Engine,
  { ChangeSetName, OperationId, StackName }: CloudFormation.DescribeEventsCommandInput,
): CloudFormation.OperationEvent[] {
  if (ChangeSetName !== undefined) return validationEvents(findChangeSet(cloud, engine, ChangeSetName, StackName));
  if (OperationId !== undefined) {
    const changeSet = changeSets(cloud).find(({ operationId }) => operationId === OperationId);
    if (changeSet !== undefined) return validationEvents(changeSet);
    return engine.stacks.all().flatMap((stack) => stackEvents(engine, stack.id, OperationId));
  }
  if (StackName === undefined) throw invalid('One of ChangeSetName, OperationId or StackName must be specified');
  return stackEvents(engine, engine.stacks.get(StackName, 'change').id, undefined);
}

function stackEvents(
  engine: Engine,
  stackId: string,
  operationId: string | undefined,
): CloudFormation.OperationEvent[] {
  const stack = engine.stacks.get(stackId, 'read');
  return engine.events
    .of(stackId)
    .filter(({ operation }) => operationId === undefined || operation.id === operationId)
    .toReversed()
    .map((event) => ({
      ...shownEvent(stack, event),
      OperationType: event.operation.kind,
      EventType: eventType(event, stackId),
    }));
}

function eventType(event: KeptEvent, stackId: string): CloudFormation.EventType {
  if (event.physicalId === stackId) return 'STACK_EVENT';
  return event.status.endsWith('_FAILED') ? 'PROVISIONING_ERROR' : 'PROGRESS_EVENT';
}

function validationEvents(changeSet: ChangeSet): CloudFormation.OperationEvent[] {
  const common = {
    StackId: changeSet.stackId,
    OperationId: changeSet.operationId,
    OperationType: 'CREATE_CHANGESET' as const,
    Timestamp: new Date(changeSet.created),
  };
  return changeSet.failures.map((failure, index) => ({
    ...common,
    EventId: `${changeSet.operationId}-${index}`,
    EventType: 'VALIDATION_ERROR' as const,
    LogicalResourceId: failure.logicalId,
    ResourceType: failure.type,
    ValidationFailureMode: 'FAIL' as const,
    ValidationName: 'PROPERTY_VALIDATION',
    ValidationStatus: 'FAILED' as const,
    ValidationStatusReason: failure.message,
    ValidationPath: failure.path,
  }));
}

function isFailure(event: CloudFormation.OperationEvent): boolean {
  return event.EventType === 'VALIDATION_ERROR' || event.ResourceStatus?.endsWith('_FAILED') === true;
}
