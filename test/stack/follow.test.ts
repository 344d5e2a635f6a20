// Watching a stack whose every response the test decides.
import { StackStatus } from '@aws-sdk/client-cloudformation';
import { expect, test } from 'vitest';
import type { StackDescription, StackEvent, Stacks } from '../../src/aws/aws.ts';
import type { Report } from '../../src/base/report.ts';
import { settled } from '../../src/stack/apply.ts';
import { follow } from '../../src/stack/follow.ts';
import { moves } from '../../src/stack/status.ts';

const id = 'arn:aws:cloudformation:us-east-1:000000000000:stack/shop/1';
const tags = { 'fx:project': 'shop', 'fx:environment': 'prod' };

function description(status: string): StackDescription {
  return {
    id,
    name: 'shop',
    status,
    statusReason: undefined,
    detailedStatus: undefined,
    parameters: {},
    outputs: {},
    tags,
    updated: undefined,
    terminationProtection: false,
    drift: { status: 'NOT_CHECKED', checked: undefined },
    role: undefined,
    notifications: [],
    rollbackAlarms: { alarms: [], minutes: 0 },
  };
}

function event(number: number, logicalId: string, status: string, reason?: string): StackEvent {
  const type = logicalId === 'shop' ? 'AWS::CloudFormation::Stack' : 'AWS::SQS::Queue';
  const physicalId = logicalId === 'shop' ? id : logicalId;
  const time = new Date(number);
  return {
    id: String(number),
    time,
    logicalId,
    physicalId,
    type,
    status,
    reason,
    token: undefined,
    operation: undefined,
    detailedStatus: undefined,
    hookReason: undefined,
  };
}

/** A poll is one status and the events so far, oldest first. The last poll repeats. */
function stacksOf(looks: readonly (readonly [status: string, ...events: StackEvent[]])[]) {
  let look = -1;
  const seen = () => looks.slice(0, Math.max(look, 0) + 1).flatMap(([, ...all]) => all);
  const refuse = () => Promise.reject(new Error('following only reads'));
  const stacks: Stacks = {
    describe: async () => {
      look = Math.min(look + 1, looks.length - 1);
      return description(looks[look]?.[0] ?? '');
    },
    detectDrift: refuse,
    newestEvent: async () => seen().at(-1),
    events: async (_, downTo) => {
      const events = seen();
      return events.slice(events.findIndex((event) => event.id === downTo) + 1).reverse();
    },
    failures: refuse,
    policy: refuse,
    template: refuse,
    resources: refuse,
    create: refuse,
    update: refuse,
    delete: refuse,
    continueRollback: refuse,
    rollBack: refuse,
    protect: refuse,
  };
  const reports: Report[] = [];
  const report = (event: Report) => void reports.push(event);
  const options = { stacks, report, signal: new AbortController().signal, pollMs: 1, expected: 2 };
  return { stacks, reports, options };
}

test('every CloudFormation status is in the table of moves', () => {
  expect(Object.keys(moves).sort()).toEqual(Object.values(StackStatus).sort());
});

test('waits for an accepted change that does not show yet', async () => {
  const { options, reports } = stacksOf([
    ['UPDATE_COMPLETE', event(1, 'shop', 'UPDATE_COMPLETE')],
    ['UPDATE_COMPLETE'],
    ['UPDATE_IN_PROGRESS', event(2, 'shop', 'UPDATE_IN_PROGRESS'), event(3, 'Jobs', 'UPDATE_IN_PROGRESS')],
    ['UPDATE_COMPLETE', event(4, 'Jobs', 'UPDATE_COMPLETE'), event(5, 'shop', 'UPDATE_COMPLETE')],
  ]);
  const { stack, events } = await follow(id, '1', options);
  expect([stack?.status, events.map((event) => event.id)]).toEqual(['UPDATE_COMPLETE', ['2', '3', '4', '5']]);
  expect(reports).toMatchObject([
    { kind: 'resource', status: 'UPDATE_IN_PROGRESS', done: 0, total: 2 },
    { kind: 'resource', status: 'UPDATE_COMPLETE', done: 1, total: 2 },
  ]);
});

test('a change that ends between two polls, without a later event, is over at once', async () => {
  const { stacks, options, reports } = stacksOf([
    ['UPDATE_IN_PROGRESS', event(1, 'shop', 'UPDATE_IN_PROGRESS'), event(2, 'shop', 'UPDATE_COMPLETE')],
    ['UPDATE_COMPLETE'],
  ]);
  const began = Date.now();
  const stack = await settled({ stacks } as Parameters<typeof settled>[0], 'shop', { tags, adopts: false }, options);
  expect(stack?.status).toBe('UPDATE_COMPLETE');
  expect(Date.now() - began).toBeLessThan(5_000);
  expect(reports).toEqual([
    { kind: 'stage', stage: 'waiting-for-stack', stack: { name: 'shop', status: 'UPDATE_IN_PROGRESS' } },
  ]);
});

test('a failure is reported in plain words, with its rollback', async () => {
  const reason =
    'Resource handler returned message: "no such key (Service: Kms, Status Code: 400, Request ID: 1)" (RequestToken: 2, HandlerErrorCode: NotFound)';
  const { options, reports } = stacksOf([
    ['UPDATE_IN_PROGRESS', event(1, 'shop', 'UPDATE_IN_PROGRESS')],
    [
      'UPDATE_ROLLBACK_COMPLETE',
      event(2, 'Jobs', 'CREATE_FAILED', reason),
      event(3, 'shop', 'UPDATE_ROLLBACK_IN_PROGRESS', 'The following resource(s) failed to create: [Jobs].'),
      event(4, 'shop', 'UPDATE_ROLLBACK_COMPLETE'),
    ],
  ]);
  await follow(id, '0', options);
  expect(reports).toMatchObject([
    { kind: 'resource', logicalId: 'Jobs', status: 'CREATE_FAILED', reason: 'no such key' },
    { kind: 'rolling-back' },
  ]);
});

test('a change ends with its own events, even if somebody else has begun the next', async () => {
  const ours = (number: number, status: string): StackEvent => ({ ...event(number, 'shop', status), token: 'ours' });
  const theirs = (number: number, status: string): StackEvent => ({
    ...event(number, 'shop', status),
    token: 'theirs',
  });
  const { options } = stacksOf([
    ['UPDATE_IN_PROGRESS', event(0, 'Old', 'CREATE_COMPLETE'), ours(1, 'UPDATE_IN_PROGRESS')],
    ['UPDATE_IN_PROGRESS', ours(2, 'UPDATE_COMPLETE'), theirs(3, 'UPDATE_IN_PROGRESS')],
    ['UPDATE_ROLLBACK_COMPLETE', theirs(4, 'UPDATE_ROLLBACK_COMPLETE')],
  ]);
  expect((await follow(id, '0', { ...options, token: 'ours' })).status).toBe('UPDATE_COMPLETE');
});

test('what is in nested stacks shows with its path, from this change only', async () => {
  const nestedType = 'AWS::CloudFormation::Stack';
  const at = (number: number, logicalId: string, status: string, of?: string): StackEvent =>
    of === undefined
      ? event(number, logicalId, status)
      : { ...event(number, logicalId, status), type: nestedType, physicalId: of };
  const events: Record<string, readonly StackEvent[]> = {
    [id]: [
      at(10, 'shop', 'UPDATE_IN_PROGRESS', id),
      at(11, 'Child', 'UPDATE_IN_PROGRESS', 'child'),
      at(20, 'Child', 'UPDATE_COMPLETE', 'child'),
      at(21, 'shop', 'UPDATE_COMPLETE', id),
    ],
    child: [
      at(1, 'Old', 'CREATE_COMPLETE'),
      at(12, 'child', 'UPDATE_IN_PROGRESS', 'child'),
      at(13, 'Jobs', 'UPDATE_IN_PROGRESS'),
      at(14, 'Grandchild', 'CREATE_IN_PROGRESS', 'grandchild'),
      at(17, 'Jobs', 'UPDATE_COMPLETE'),
      at(19, 'child', 'UPDATE_COMPLETE', 'child'),
    ],
    grandchild: [at(15, 'Deep', 'CREATE_IN_PROGRESS'), at(16, 'Deep', 'CREATE_COMPLETE')],
  };
  const { options, reports } = stacksOf([['UPDATE_IN_PROGRESS'], ['UPDATE_COMPLETE']]);
  let now = 13;
  const stacks: Stacks = {
    ...options.stacks,
    async events(of, downTo) {
      if (of === id) now += 3;
      const all = (events[of] ?? []).filter((one) => Number(one.id) <= now);
      return all.slice(all.findIndex((one) => one.id === downTo) + 1).reverse();
    },
    describe: async () => description(now >= 21 ? 'UPDATE_COMPLETE' : 'UPDATE_IN_PROGRESS'),
  };
  const { events: own } = await follow(id, '0', { ...options, stacks, expected: 1 });
  expect(own.map((one) => one.logicalId)).toEqual(['shop', 'Child', 'Child', 'shop']);
  const shown = reports.flatMap((one) =>
    one.kind === 'resource' ? [`${one.done}/${one.total} ${one.logicalId} ${one.status}`] : [],
  );
  expect(shown).toEqual([
    '0/1 Child UPDATE_IN_PROGRESS',
    '0/2 Child/Jobs UPDATE_IN_PROGRESS',
    '0/3 Child/Grandchild CREATE_IN_PROGRESS',
    '0/4 Child/Grandchild/Deep CREATE_IN_PROGRESS',
    '1/4 Child/Grandchild/Deep CREATE_COMPLETE',
    '2/4 Child/Jobs UPDATE_COMPLETE',
    '3/4 Child UPDATE_COMPLETE',
  ]);
});
