import { expect, test } from 'vitest';
import type { OperationFailure, StackEvent } from '../aws/aws.ts';
import { type Cause, findCauses } from './cause.ts';
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
  operation: undefined,
  detailedStatus: undefined,
  hookReason: undefined,
});

/** No nested stacks, and nothing about operations. */
const none = { events: async () => [], failures: async () => undefined };

async function findCause(
  stacks: Parameters<typeof findCauses>[0],
  stackId: string,
  events: readonly StackEvent[],
): Promise<Cause | undefined> {
  return (await findCauses(stacks, { stackId, operation: 'operation', events }))[0];
}

const failure = (event: StackEvent, more: Partial<OperationFailure> = {}): OperationFailure => ({
  ...event,
  stackId: 'shop',
  path: undefined,
  ...more,
});

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
    path: [],
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
  const stacks = { events: async (id: string) => events[id] ?? [], failures: async () => undefined };
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
    path: [],
  });
});

test('the failures of the operation decide, where AWS tells them', async () => {
  const stacks = {
    ...none,
    failures: async (operation: string) => [
      failure(event(3, 'Later', 'UPDATE_FAILED', 'also wrong'), { operation }),
      failure(event(2, 'Jobs', 'UPDATE_FAILED', 'wrong'), { operation }),
      failure(event(1, 'Other', 'CREATE_FAILED', 'of a nested stack'), { operation, stackId: 'nested' }),
      failure(event(1, 'Cancelled', 'CREATE_FAILED', 'Resource creation cancelled'), { operation }),
    ],
  };
  expect(await findCause(stacks, 'shop', [event(1, 'Unrelated', 'CREATE_FAILED', 'no')])).toMatchObject({
    logicalId: 'Jobs',
    reason: 'wrong',
  });
  const empty = { ...none, failures: async () => [] };
  expect(await findCause(empty, 'shop', [event(1, 'Seen', 'CREATE_FAILED', 'yes')])).toMatchObject({
    logicalId: 'Seen',
  });
});

test('all that CloudFormation found wrong before it began is a cause, with its path; its warnings are not', async () => {
  const invalid = (logicalId: string, path: string, status = 'VALIDATION_FAILED') =>
    failure(event(1, logicalId, status, `${logicalId} is wrong`), { path });
  const stacks = {
    ...none,
    failures: async () => [
      invalid('A', '/Resources/A/Properties/Tags/0/Key'),
      invalid('B', '/Resources/B'),
      invalid('C', '/Resources/C', 'VALIDATION_WARNING'),
    ],
  };
  const causes = await findCauses(stacks, { stackId: 'shop', operation: 'operation', events: [] });
  expect(causes.map(({ logicalId, path }) => [logicalId, path])).toEqual([
    ['A', ['Properties', 'Tags', 0, 'Key']],
    ['B', []],
  ]);
});

test('the failure of a hook has what the hook said', async () => {
  const events = [
    { ...event(1, 'Uploads', 'CREATE_IN_PROGRESS'), hookReason: 'Template failed validation: S3_ENCRYPTION' },
    { ...event(1, 'Jobs', 'CREATE_IN_PROGRESS'), hookReason: 'passed' },
    event(2, 'Uploads', 'CREATE_FAILED', 'The following hook(s) failed: [Private::Guard::S3Hook]'),
  ];
  expect(await findCause(none, 'shop', events)).toMatchObject({
    reason: 'The following hook(s) failed: [Private::Guard::S3Hook]: Template failed validation: S3_ENCRYPTION',
    hint: expect.stringContaining('(Private::Guard::S3Hook)'),
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
