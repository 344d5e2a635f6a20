// EventBridge's archives and replays.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Input, OperationName } from '../cloud.ts';
import { startWithClock } from '../fixture.ts';
import { arnOf, event, openQueue } from './test-events.ts';

let local: Awaited<ReturnType<typeof startWithClock>>;
beforeAll(async () => {
  local = await startWithClock();
});
afterAll(async () => {
  await local[Symbol.asyncDispose]();
});
const call = <O extends OperationName<'events'>>(operation: O, input: Input<'events', O>) =>
  local.cloud.call('events', operation, input);
const refused = (code: string, message: string) => expect.objectContaining({ code, message });
const bus = arnOf('events', 'event-bus/default');
const hour = 3_600_000;

test('an archive is created, described, listed, changed and deleted', async () => {
  const ArchiveName = 'orders';
  const EventPattern = '{"source":["shop"]}';
  const ArchiveArn = arnOf('events', 'archive/orders');
  const made = { ArchiveArn, CreationTime: expect.any(Date), State: 'ENABLED' };
  const settings = { EventSourceArn: bus, Description: 'd', EventPattern, RetentionDays: 1 };
  expect(await call('CreateArchive', { ArchiveName, ...settings })).toEqual(made);
  const listed = {
    ...{ ArchiveName, CreationTime: expect.any(Date), EventCount: 0, EventSourceArn: bus },
    ...{ RetentionDays: 1, SizeBytes: 0, State: 'ENABLED' },
  };
  expect(await call('DescribeArchive', { ArchiveName })).toEqual({
    ...listed,
    ArchiveArn,
    Description: 'd',
    EventPattern,
  });
  for (const filter of [{ NamePrefix: 'ord' }, { EventSourceArn: bus }, { State: 'ENABLED' as const }]) {
    expect(await call('ListArchives', filter)).toEqual({ Archives: expect.arrayContaining([listed]) });
  }
  await expect(call('CreateArchive', { ArchiveName, EventSourceArn: bus })).rejects.toEqual(
    refused('ResourceAlreadyExistsException', 'Archive orders already exists.'),
  );
  expect(await call('UpdateArchive', { ArchiveName, RetentionDays: 2 })).toEqual(made);
  expect(await call('DeleteArchive', { ArchiveName })).toEqual({});
  await expect(call('DeleteArchive', { ArchiveName })).rejects.toEqual(
    refused('ResourceNotFoundException', 'Archive orders does not exist.'),
  );
});

test('a replay sends the archived events of a time again, to the rules that it names', async () => {
  const { cloud, clock } = local;
  const [all, some] = [await openQueue(cloud, 'all'), await openQueue(cloud, 'some')];
  await call('CreateArchive', { ArchiveName: 'shop', EventSourceArn: bus, EventPattern: '{"source":["shop"]}' });
  for (const [Name, { arn: Arn }] of [['all', all] as const, ['some', some] as const]) {
    await call('PutRule', { Name, EventPattern: '{"source":["shop","other"]}' });
    await call('PutTargets', { Rule: Name, Targets: [{ Id: 'q', Arn }] });
  }
  const EventStartTime = new Date(cloud.now() - hour);
  await call('PutEvents', { Entries: [event('shop'), event('other')] });
  expect(await all.bodies(2)).toHaveLength(2);
  expect(await some.bodies(2)).toHaveLength(2);
  expect(await call('DescribeArchive', { ArchiveName: 'shop' })).toMatchObject({ EventCount: 1 });
  const source = { EventSourceArn: arnOf('events', 'archive/shop'), EventStartTime };
  const EventEndTime = new Date(cloud.now() + hour);
  const Destination = { Arn: bus, FilterArns: [arnOf('events', 'rule/some')] };
  const start = { ReplayName: 'again', ...source, EventEndTime, Destination };
  expect(await call('StartReplay', start)).toEqual({
    ...{ ReplayArn: arnOf('events', 'replay/again'), ReplayStartTime: expect.any(Date), State: 'STARTING' },
  });
  await expect(call('StartReplay', start)).rejects.toEqual(
    refused('ResourceAlreadyExistsException', 'Replay again already exists.'),
  );
  await clock.advance(1000);
  const [body = '', ...more] = await some.bodies();
  expect(more).toEqual([]);
  expect(JSON.parse(body)).toMatchObject({ source: 'shop', 'replay-name': 'again' });
  const replay = {
    ...{ ReplayName: 'again', State: 'COMPLETED', ...source, EventEndTime },
    ...{ EventLastReplayedTime: expect.any(Date), ReplayStartTime: expect.any(Date), ReplayEndTime: expect.any(Date) },
  };
  expect(await call('DescribeReplay', { ReplayName: 'again' })).toEqual({
    ...{ ...replay, ReplayArn: arnOf('events', 'replay/again'), Destination },
  });
  expect(await call('ListReplays', { NamePrefix: 'ag' })).toEqual({ Replays: [replay] });
  expect(await call('DescribeArchive', { ArchiveName: 'shop' })).toMatchObject({ EventCount: 1 });

  const swapped = { ReplayName: 'r', ...source, EventEndTime: EventStartTime, Destination: { Arn: bus } };
  await expect(call('StartReplay', swapped)).rejects.toEqual(
    refused(
      'ValidationException',
      'Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.',
    ),
  );
  await expect(call('CancelReplay', { ReplayName: 'again' })).rejects.toEqual(
    refused('IllegalStatusException', 'Replay again is not in a valid state for this operation.'),
  );
});

test('at most ten replays run at once', async () => {
  await call('CreateEventBus', { Name: 'quiet' });
  const quiet = arnOf('events', 'event-bus/quiet');
  await call('CreateArchive', { ArchiveName: 'many', EventSourceArn: quiet });
  const now = local.cloud.now();
  const input = (ReplayName: string) => ({
    ...{ ReplayName, EventSourceArn: arnOf('events', 'archive/many'), Destination: { Arn: quiet } },
    ...{ EventStartTime: new Date(now - hour), EventEndTime: new Date(now + hour) },
  });
  const started = Array.from({ length: 10 }, (_, i) => call('StartReplay', input(`many-${i}`)));
  await expect(Promise.all([...started, call('StartReplay', input('more'))])).rejects.toEqual(
    refused('LimitExceededException', 'The requested resource exceeds the maximum number allowed.'),
  );
});
