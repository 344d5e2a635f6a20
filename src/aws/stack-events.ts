// The events of a stack, from the SDK's shapes.
import type { OperationEvent } from '@aws-sdk/client-cloudformation';
import type { OperationFailure, StackEvent } from './aws.ts';

type SharedMembers = Pick<
  OperationEvent,
  | 'EventId'
  | 'Timestamp'
  | 'LogicalResourceId'
  | 'PhysicalResourceId'
  | 'ResourceType'
  | 'ResourceStatus'
  | 'ResourceStatusReason'
  | 'ClientRequestToken'
  | 'OperationId'
  | 'DetailedStatus'
  | 'HookStatusReason'
>;

export function readEvent(event: SharedMembers): StackEvent {
  return {
    id: event.EventId ?? '',
    time: event.Timestamp ?? new Date(0),
    logicalId: event.LogicalResourceId ?? '',
    physicalId: event.PhysicalResourceId,
    type: event.ResourceType ?? '',
    status: event.ResourceStatus ?? '',
    reason: event.ResourceStatusReason || undefined,
    token: event.ClientRequestToken,
    operation: event.OperationId,
    detailedStatus: event.DetailedStatus,
    hookReason: event.HookStatusReason || undefined,
  };
}

/** A validation has no status of a resource, but a reason and a path of its own.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_OperationEvent.html */
export function readFailure(event: OperationEvent): OperationFailure {
  const isValidation = event.EventType === 'VALIDATION_ERROR';
  // a failure in WARN mode stops nothing
  const status = event.ValidationFailureMode === 'WARN' ? 'VALIDATION_WARNING' : 'VALIDATION_FAILED';
  return {
    ...readEvent(event),
    time: event.Timestamp ?? event.EndTime ?? event.StartTime ?? new Date(0),
    ...(isValidation ? { status, reason: event.ValidationStatusReason } : {}),
    stackId: event.StackId ?? '',
    path: event.ValidationPath,
  };
}
