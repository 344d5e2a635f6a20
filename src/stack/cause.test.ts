import { expect, test } from 'vitest';
import type { StackEvent } from '../aws/aws.ts';
import { causeOf } from './cause.ts';
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

test('the cause is the first real failure, not one that it brought about', () => {
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
  expect(causeOf(events)).toEqual({
    logicalId: 'B',
    type: 'AWS::SQS::Queue',
    status: 'UPDATE_FAILED',
    reason: 'no such "thing"',
  });
});

test('a failure of the stack alone is the cause where no resource failed', () => {
  const reason = 'Export x cannot be deleted as it is in use by y';
  expect(causeOf([event(1, 'shop', 'DELETE_FAILED', reason, 'AWS::CloudFormation::Stack')])).toMatchObject({ reason });
  expect(causeOf([event(1, 'A', 'CREATE_COMPLETE')])).toBeUndefined();
});

test('every status has a move, and only those in progress are waited for', () => {
  for (const [status, move] of Object.entries(moves)) {
    expect(move === 'wait', status).toBe(status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS');
    expect(isAtRest(status)).toBe(move !== 'wait');
  }
  expect(moveFor(undefined)).toBe('create');
  expect(moveFor('SOMETHING_NEW')).toBe('stuck');
});
