import { expect, test } from 'vitest';
import type { StackEvent } from '../aws/aws.ts';
import { findCause } from './cause.ts';
import { isAtRest, moveFor, moves } from './status.ts';

const event = (
  second: number,
  logicalId: string,
  status: string,
  reason?: string,
  type = 'AWS::SQS::Queue',
): StackEvent => ({
  id: `${logicalId}-${second}`,
  time: new Date(second * 1000),
  logicalId,
  physicalId: undefined,
  type,
  status,
  reason,
  token: undefined,
});

/** No nested stacks. */
const none = { events: async () => [] };

test('the cause is the first real failure, not one of its consequences', async () => {
  const events = [
    event(
      5,
      'shop',
      'UPDATE_ROLLBACK_IN_PROGRESS',
      'The following resource(s) failed to update: [B]. ',
      'AWS::CloudFormation::Stack',
    ),
    event(3, 'A', 'CREATE_FAILED', 'Resource creation cancelled'),
    event(4, 'C', 'UPDATE_FAILED', 'Resource update cancelled'),
    event(
      2,
      'B',
      'UPDATE_FAILED',
      'Resource handler returned message: "no such "thing" (Service: Sqs, Status Code: 400, Request ID: 1-2)" (RequestToken: abc, HandlerErrorCode: InvalidRequest)',
    ),
    event(1, 'B', 'UPDATE_IN_PROGRESS'),
  ];
  expect(await findCause(none, 'shop', events)).toEqual({
    logicalId: 'B',
    type: 'AWS::SQS::Queue',
    status: 'UPDATE_FAILED',
    reason: 'no such "thing"',
    hint: undefined,
    stackPath: [],
  });
});

test('a failure of the stack is the cause if no resource failed', async () => {
  const reason = 'Export x cannot be deleted as it is in use by y';
  const failed = { ...event(1, 'shop', 'DELETE_FAILED', reason, 'AWS::CloudFormation::Stack'), physicalId: 'shop' };
  expect(await findCause(none, 'shop', [failed])).toMatchObject({ reason });
  expect(await findCause(none, 'shop', [event(1, 'A', 'CREATE_COMPLETE')])).toBeUndefined();
});

test('a failure inside a nested stack is the cause, with its path', async () => {
  const stack = (second: number, logicalId: string, physicalId: string, status: string, reason?: string) => ({
    ...event(second, logicalId, status, reason, 'AWS::CloudFormation::Stack'),
    physicalId,
  });
  const events: Readonly<Record<string, readonly StackEvent[]>> = {
    child: [
      // from an earlier change
      event(1, 'Old', 'CREATE_FAILED', 'long ago'),
      stack(11, 'child', 'child', 'CREATE_FAILED', 'The following resource(s) failed to create: [Grandchild].'),
      stack(10, 'Grandchild', 'grandchild', 'CREATE_FAILED', 'Embedded stack arn was not successfully created'),
    ],
    grandchild: [event(9, 'Jobs', 'CREATE_FAILED', 'the queue exists')],
  };
  const stacks = { events: async (id: string) => events[id] ?? [] };
  const root = [
    event(8, 'A', 'CREATE_IN_PROGRESS'),
    stack(12, 'Child', 'child', 'CREATE_FAILED', 'Embedded stack arn was not successfully created'),
    stack(13, 'shop', 'shop', 'ROLLBACK_IN_PROGRESS', 'The following resource(s) failed to create: [Child].'),
  ];
  expect(await findCause(stacks, 'shop', root)).toEqual({
    logicalId: 'Jobs',
    type: 'AWS::SQS::Queue',
    status: 'CREATE_FAILED',
    reason: 'the queue exists',
    hint: undefined,
    stackPath: ['Child', 'Grandchild'],
  });
});

test('every status has a move, and only those in progress are waited for', () => {
  for (const [status, move] of Object.entries(moves)) {
    expect(move === 'wait', status).toBe(status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS');
    expect(isAtRest(status)).toBe(move !== 'wait');
  }
  expect(moveFor(undefined)).toBe('create');
  expect(moveFor('SOMETHING_NEW')).toBe('stuck');
});
