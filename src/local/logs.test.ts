import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cloud, Input } from './cloud.ts';
import { startTestAws } from './fixture.ts';
import type { LocalAws } from './host.ts';

let aws: LocalAws;
let cloud: Cloud;
beforeAll(async () => {
  aws = await startTestAws();
  cloud = await aws.cloud();
});
afterAll(() => aws.stop());

let created = 0;
async function stream(messages: readonly string[] = [], logStreamName = 'one', logGroupName = `/test/${created++}`) {
  if (logStreamName === 'one') await cloud.call('logs', 'CreateLogGroup', { logGroupName });
  await cloud.call('logs', 'CreateLogStream', { logGroupName, logStreamName });
  const logEvents = messages.map((message, i) => ({ timestamp: cloud.now() - 1000 + i, message }));
  if (logEvents.length > 0) await cloud.call('logs', 'PutLogEvents', { logGroupName, logStreamName, logEvents });
  return { logGroupName, logStreamName };
}
const texts = (events: readonly { message?: string | undefined }[] | undefined) =>
  events?.map(({ message }) => message);

test('an existing group or stream cannot be created again', async () => {
  const { logGroupName } = await stream();
  await expect(cloud.call('logs', 'CreateLogGroup', { logGroupName })).rejects.toMatchObject({
    code: 'ResourceAlreadyExistsException',
    message: 'The specified log group already exists',
  });
  await expect(cloud.call('logs', 'CreateLogStream', { logGroupName, logStreamName: 'one' })).rejects.toMatchObject({
    code: 'ResourceAlreadyExistsException',
    message: 'The specified log stream already exists',
  });
});

test('deleting a group deletes its streams and events', async () => {
  const { logGroupName } = await stream(['a']);
  await cloud.call('logs', 'DeleteLogGroup', { logGroupName });
  await expect(cloud.call('logs', 'DescribeLogStreams', { logGroupName })).rejects.toMatchObject({
    code: 'ResourceNotFoundException',
    message: 'The specified log group does not exist.',
  });
  await stream([], 'one', logGroupName);
  expect((await cloud.call('logs', 'FilterLogEvents', { logGroupName })).events).toEqual([]);
});

test("rejects invalid names with the model's message", async () => {
  await expect(cloud.call('logs', 'CreateLogGroup', { logGroupName: 'a b' })).rejects.toMatchObject({
    code: 'InvalidParameterException',
    message:
      "1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+",
  });
});

test('retention must be a number of days that AWS supports; it is returned, and can be removed', async () => {
  const { logGroupName } = await stream();
  await expect(cloud.call('logs', 'PutRetentionPolicy', { logGroupName, retentionInDays: 2 })).rejects.toMatchObject({
    code: 'InvalidParameterException',
  });
  await cloud.call('logs', 'PutRetentionPolicy', { logGroupName, retentionInDays: 7 });
  const described = () => cloud.call('logs', 'DescribeLogGroups', { logGroupNamePrefix: logGroupName });
  expect((await described()).logGroups?.[0]).toMatchObject({
    retentionInDays: 7,
    arn: `arn:aws:logs:us-east-1:000000000000:log-group:${logGroupName}:*`,
    logGroupArn: `arn:aws:logs:us-east-1:000000000000:log-group:${logGroupName}`,
  });
  await cloud.call('logs', 'DeleteRetentionPolicy', { logGroupName });
  expect((await described()).logGroups?.[0]).not.toHaveProperty('retentionInDays');
});

test('groups found by pattern come without size and protection', async () => {
  await cloud.call('logs', 'CreateLogGroup', { logGroupName: '/found/by-pattern' });
  const describe = async (input: Input<'logs', 'DescribeLogGroups'>) =>
    (await cloud.call('logs', 'DescribeLogGroups', input)).logGroups?.[0];
  const { storedBytes, deletionProtectionEnabled, ...group } =
    (await describe({ logGroupNamePrefix: '/found/' })) ?? {};
  expect({ storedBytes, deletionProtectionEnabled }).toEqual({ storedBytes: 0, deletionProtectionEnabled: false });
  expect(await describe({ logGroupNamePattern: 'By-Pattern' })).toEqual(group);
});

test('lists groups by name, page by page', async () => {
  for (const name of ['/page/b', '/page/a', '/page/c']) await stream([], 'one', name);
  const first = await cloud.call('logs', 'DescribeLogGroups', { logGroupNamePrefix: '/page/', limit: 2 });
  expect(first.logGroups?.map(({ logGroupName }) => logGroupName)).toEqual(['/page/a', '/page/b']);
  const second = await cloud.call('logs', 'DescribeLogGroups', {
    logGroupNamePrefix: '/page/',
    limit: 2,
    nextToken: first.nextToken,
  });
  expect(second.logGroups?.map(({ logGroupName }) => logGroupName)).toEqual(['/page/c']);
  expect(second).not.toHaveProperty('nextToken');
});

test('returns the last events without startFromHead, and tokens repeat at both ends', async () => {
  const source = await stream(['1', '2', '3', '4']);
  const get = (more: object) => cloud.call('logs', 'GetLogEvents', { ...source, ...more });
  const tail = await get({ limit: 2 });
  expect(texts(tail.events)).toEqual(['3', '4']);
  const back = await get({ limit: 2, nextToken: tail.nextBackwardToken });
  expect(texts(back.events)).toEqual(['1', '2']);
  const start = await get({ limit: 2, nextToken: back.nextBackwardToken });
  expect(start.events).toEqual([]);
  expect(start.nextBackwardToken).toBe(back.nextBackwardToken);
  const end = await get({ nextToken: tail.nextForwardToken });
  expect(end.events).toEqual([]);
  expect(end.nextForwardToken).toBe(tail.nextForwardToken);
  await cloud.call('logs', 'PutLogEvents', { ...source, logEvents: [{ timestamp: cloud.now(), message: '5' }] });
  expect(texts((await get({ nextToken: end.nextForwardToken })).events)).toEqual(['5']);
  expect(texts((await get({ limit: 1, nextToken: end.nextBackwardToken })).events)).toEqual(['4']);
});

test('a token from an empty stream finds later events', async () => {
  const source = await stream();
  const { nextForwardToken: nextToken } = await cloud.call('logs', 'GetLogEvents', source);
  await cloud.call('logs', 'PutLogEvents', { ...source, logEvents: [{ timestamp: cloud.now(), message: 'later' }] });
  expect(texts((await cloud.call('logs', 'GetLogEvents', { ...source, nextToken })).events)).toEqual(['later']);
});

test('endTime is exclusive for GetLogEvents and inclusive for FilterLogEvents', async () => {
  const source = await stream();
  const at = cloud.now() - 5000;
  const logEvents = [0, 1, 2].map((i) => ({ timestamp: at + i, message: `${i}` }));
  await cloud.call('logs', 'PutLogEvents', { ...source, logEvents });
  const range = { startTime: at, endTime: at + 1 };
  expect(texts((await cloud.call('logs', 'GetLogEvents', { ...source, ...range })).events)).toEqual(['0']);
  const { logGroupName } = source;
  expect(texts((await cloud.call('logs', 'FilterLogEvents', { logGroupName, ...range })).events)).toEqual(['0', '1']);
});

test('filtering merges the streams by time, and no page loses events', async () => {
  const { logGroupName } = await stream();
  await stream([], 'two', logGroupName);
  const at = cloud.now() - 5000;
  for (const [name, offset] of [
    ['one', 0],
    ['two', 1],
  ] as const) {
    const logEvents = [0, 2, 4].map((i) => ({ timestamp: at + i + offset, message: `${i + offset}` }));
    await cloud.call('logs', 'PutLogEvents', { logGroupName, logStreamName: name, logEvents });
  }
  const seen: (string | undefined)[] = [];
  let nextToken: string | undefined;
  do {
    const answer = await cloud.call('logs', 'FilterLogEvents', { logGroupName, limit: 4, nextToken });
    seen.push(...(texts(answer.events) ?? []));
    nextToken = answer.nextToken;
  } while (nextToken !== undefined);
  expect(seen).toEqual(['0', '1', '2', '3', '4', '5']);
  const named = await cloud.call('logs', 'FilterLogEvents', { logGroupName, logStreamNamePrefix: 'tw' });
  expect(texts(named.events)).toEqual(['1', '3', '5']);
});

test('rejects or reports events that are out of order, too old or too new, as AWS does', async () => {
  const source = await stream();
  const put = (...times: number[]) =>
    cloud.call('logs', 'PutLogEvents', {
      ...source,
      logEvents: times.map((timestamp) => ({ timestamp, message: 'x' })),
    });
  const now = cloud.now();
  await expect(put(now, now - 1)).rejects.toMatchObject({
    message: 'Log events in a single PutLogEvents request must be in chronological order.',
  });
  const day = 86_400_000;
  const { rejectedLogEventsInfo } = await put(now - 15 * day, now, now + day / 2);
  expect(rejectedLogEventsInfo).toEqual({ tooOldLogEventEndIndex: 0, tooNewLogEventStartIndex: 2 });
  expect((await cloud.call('logs', 'GetLogEvents', source)).events).toHaveLength(1);
  expect(await put(now + day)).toEqual({
    nextSequenceToken: expect.any(String),
    rejectedLogEventsInfo: { tooNewLogEventStartIndex: 0 },
  });
});

test('lists streams by last event on request', async () => {
  const { logGroupName } = await stream();
  await stream([], 'two', logGroupName);
  const put = (logStreamName: string, timestamp: number) =>
    cloud.call('logs', 'PutLogEvents', { logGroupName, logStreamName, logEvents: [{ timestamp, message: 'x' }] });
  await put('two', cloud.now() - 2000);
  await put('one', cloud.now() - 1000);
  const { logStreams } = await cloud.call('logs', 'DescribeLogStreams', {
    logGroupName,
    orderBy: 'LastEventTime',
    descending: true,
  });
  expect(logStreams?.map(({ logStreamName }) => logStreamName)).toEqual(['one', 'two']);
});

test('a group is tagged by its ARN', async () => {
  const { logGroupName } = await stream();
  const resourceArn = `arn:aws:logs:us-east-1:000000000000:log-group:${logGroupName}`;
  await cloud.call('logs', 'TagResource', { resourceArn, tags: { a: '1', b: '2' } });
  await cloud.call('logs', 'UntagResource', { resourceArn: `${resourceArn}:*`, tagKeys: ['a'] });
  expect(await cloud.call('logs', 'ListTagsForResource', { resourceArn })).toEqual({ tags: { b: '2' } });
});

test('test_create_log_group_invalid_name_length', async () => {
  const message = 'Invalid LogGroup or LogStream, both must have length less than or equal to 512.';
  const refused = { code: 'InvalidParameterException', message };
  const long = 'x'.repeat(513);
  await expect(cloud.call('logs', 'CreateLogGroup', { logGroupName: long })).rejects.toMatchObject(refused);
  const { logGroupName } = await stream();
  await expect(cloud.call('logs', 'CreateLogStream', { logGroupName, logStreamName: long })).rejects.toMatchObject(
    refused,
  );
});

test('test_describe_log_streams_with_log_group_identifier: a name and an identifier', async () => {
  const { logGroupName } = await stream();
  await expect(
    cloud.call('logs', 'DescribeLogStreams', { logGroupName, logGroupIdentifier: logGroupName }),
  ).rejects.toMatchObject({
    code: 'ValidationException',
    message: 'LogGroup name and LogGroup ARN are mutually exclusive parameters.',
  });
});

test('filtering from the tail returns the newest first, page by page, for times since 2024', async () => {
  const { logGroupName } = await stream(['0', '1', '2', '3', '4']);
  const fromTail = { logGroupName, startTime: Date.UTC(2024, 0, 1), startFromHead: false, limit: 2 };
  const pages: (string | undefined)[][] = [];
  let nextToken: string | undefined;
  do {
    // the token keeps the direction
    const place = nextToken === undefined ? {} : { nextToken, startFromHead: true };
    const answer = await cloud.call('logs', 'FilterLogEvents', { ...fromTail, ...place });
    pages.push(texts(answer.events) ?? []);
    nextToken = answer.nextToken;
  } while (nextToken !== undefined);
  expect(pages).toEqual([['4', '3'], ['2', '1'], ['0']]);
  await expect(
    cloud.call('logs', 'FilterLogEvents', { ...fromTail, startTime: Date.UTC(2023, 11, 31) }),
  ).rejects.toMatchObject({ code: 'InvalidParameterException' });
});
