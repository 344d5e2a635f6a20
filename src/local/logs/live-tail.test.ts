import {
  CloudWatchLogsClient,
  type LiveTailSessionLogEvent,
  StartLiveTailCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AdjustableClock } from '../clock.ts';
import type { Cloud } from '../cloud.ts';
import { startTestAws, testClock } from '../fixture.ts';
import type { LocalAws } from '../host.ts';

let clock: AdjustableClock;
let aws: LocalAws;
let cloud: Cloud;
let client: CloudWatchLogsClient;
beforeAll(async () => {
  clock = testClock();
  aws = await startTestAws({ clock });
  cloud = await aws.cloud();
  client = new CloudWatchLogsClient({
    endpoint: aws.endpoint,
    region: cloud.region,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    disableHostPrefix: true,
  });
  for (const logGroupName of ['/one', '/two', '/rare']) {
    const logGroupClass = logGroupName === '/rare' ? 'INFREQUENT_ACCESS' : 'STANDARD';
    await cloud.call('logs', 'CreateLogGroup', { logGroupName, logGroupClass });
    await cloud.call('logs', 'CreateLogStream', { logGroupName, logStreamName: 'stream' });
  }
});
afterAll(async () => {
  client.destroy();
  await aws.stop();
});

const arnOf = (name: string) => `arn:aws:logs:${cloud.region}:${cloud.accountId}:log-group:${name}`;
async function put(logGroupName: string, ...messages: string[]): Promise<void> {
  const logEvents = messages.map((message) => ({ timestamp: cloud.now(), message }));
  await cloud.call('logs', 'PutLogEvents', { logGroupName, logStreamName: 'stream', logEvents });
}
async function tail(logGroupIdentifiers: string[], more: object = {}) {
  const { responseStream } = await client.send(new StartLiveTailCommand({ logGroupIdentifiers, ...more }));
  if (responseStream === undefined) throw new Error('no stream');
  const events = responseStream[Symbol.asyncIterator]();
  return {
    events,
    /** The updates until there are that many events. */
    async updates(count: number) {
      const found: LiveTailSessionLogEvent[] = [];
      let sampled = false;
      while (found.length < count) {
        const [next] = await Promise.all([events.next(), clock.advance(1_000)]);
        const { sessionUpdate } = next.value ?? {};
        found.push(...(sessionUpdate?.sessionResults ?? []));
        sampled ||= sessionUpdate?.sessionMetadata?.sampled === true;
      }
      return { found, sampled };
    },
  };
}

test('an update a second has what was ingested since, of the groups and the pattern', async () => {
  const session = await tail([arnOf('/one'), arnOf('/two')], { logEventFilterPattern: '-noise' });
  const { value } = await session.events.next();
  expect(value?.sessionStart).toMatchObject({
    logGroupIdentifiers: [arnOf('/one'), arnOf('/two')],
    logEventFilterPattern: '-noise',
    sessionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  await put('/one', 'a', 'noise');
  await put('/two', 'b');
  await put('/rare', 'c');
  const { found, sampled } = await session.updates(2);
  expect([found.map(({ message }) => message), sampled]).toEqual([['a', 'b'], false]);
  expect(found[0]).toMatchObject({
    logGroupIdentifier: arnOf('/one'),
    logStreamName: 'stream',
    timestamp: expect.any(Number),
  });
  await put('/one', ...Array.from({ length: 1_200 }, (_, index) => String(index)));
  const many = await session.updates(1);
  expect([many.sampled, many.found.length]).toEqual([true, 500]);
  await session.events.return?.();
});

test('a session ends after three hours with SessionTimeoutException', async () => {
  const session = await tail([arnOf('/one')], { logStreamNamePrefixes: ['str'] });
  await session.events.next();
  await clock.advance(3 * 3_600_000);
  const read = async () => {
    for (let next = await session.events.next(); next.done !== true; next = await session.events.next());
  };
  await expect(Promise.all([read(), clock.advance(1_000)])).rejects.toMatchObject({ name: 'SessionTimeoutException' });
});

test('what AWS refuses', async () => {
  const refused = (groups: string[], more: object = {}) =>
    tail(groups, more).then(
      () => 'started',
      (error) => error.name,
    );
  expect(await refused([])).toBe('InvalidParameterException');
  expect(await refused(Array.from({ length: 11 }, () => arnOf('/one')))).toBe('InvalidParameterException');
  expect(await refused(['/one'])).toBe('InvalidParameterException');
  expect(await refused([`${arnOf('/one')}:*`])).toBe('InvalidParameterException');
  expect(await refused([arnOf('/none')])).toBe('ResourceNotFoundException');
  expect(await refused([arnOf('/rare')])).toBe('InvalidParameterException');
  expect(await refused([arnOf('/one'), arnOf('/two')], { logStreamNames: ['stream'] })).toBe(
    'InvalidParameterException',
  );
  expect(await refused([arnOf('/one')], { logStreamNames: ['a'], logStreamNamePrefixes: ['b'] })).toBe(
    'InvalidParameterException',
  );
  expect(await refused([arnOf('/one')], { logEventFilterPattern: '{ broken' })).toBe('InvalidParameterException');
});
