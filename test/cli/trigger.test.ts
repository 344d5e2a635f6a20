// fx trigger makes each source call its function with an event of the shape that fx events prints.
import { gunzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { samples } from '../../src/events/samples/index.ts';
import { fx, type Run, resultOf } from '../support/fx.ts';
import { sharedFolder, writeFiles } from '../support/project.ts';
import { startRecordedAws } from '../support/recorded-aws.ts';

const aws = await startRecordedAws();
afterAll(() => aws.stop());
const cloud = await aws.local.cloud('us-east-1');

const table =
  'AttributeDefinitions: [{AttributeName: id, AttributeType: N}], KeySchema: [{AttributeName: id, KeyType: HASH}]';
const folder = sharedFolder();
await writeFiles(folder, {
  'project.yml': `name: fired
environments: {staging: {}}
functions:
  echo:
    handler: a.handler
    events:
      - http: POST /orders/{id}
      - sqs: {queue: {make: Jobs}}
      - sqs: {queue: {make: Ordered, fifo: true}}
      - sns: {topic: {make: News}}
      - dynamodb: {table: Orders, maximumRetryAttempts: 2}
      - kinesis: {stream: Clicks, maximumRetryAttempts: 2}
      - eventbridge: {pattern: {source: [shop], detail: {total: [{numeric: ['>', 10]}]}}}
      - schedule: {expression: rate(1 day), rule: true}
      - s3: {bucket: {make: Uploads}, prefix: in/, suffix: .json}
      - logs: {functions: other}
      - iot: SELECT * FROM 'rooms/+/heat'
      - sns: {topic: !Sub 'arn:aws:sns:us-east-1:\${AWS::AccountId}:other'}
  other: {handler: a.handler}
resources:
  Orders: {Type: AWS::DynamoDB::Table, Properties: {BillingMode: PAY_PER_REQUEST, ${table}}}
  Clicks: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: 1}}
`,
  'a.ts': `export const handler = async (event: unknown) => {
  console.log('EVENT ' + JSON.stringify(event));
  return { statusCode: 201, body: 'made' };
};
`,
});
const run = (...words: string[]): Promise<Run> => aws.fx(folder, [...words, '--env', 'staging']);
await cloud.call('sns', 'CreateTopic', { Name: 'other' });
const deployed = await run('deploy');
expect([deployed.exitCode, deployed.stderr]).toEqual([0, expect.any(String)]);

const { LoggingConfig } = await cloud.call('lambda', 'GetFunctionConfiguration', {
  FunctionName: 'fired-staging-echo',
});

/** The events that the function logged, oldest first, as soon as there is one that fits. */
async function received(fits: (event: object) => boolean): Promise<object> {
  let found: object | undefined;
  await expect
    .poll(
      async () => {
        const { events = [] } = await cloud.call('logs', 'FilterLogEvents', {
          logGroupName: LoggingConfig?.LogGroup,
          filterPattern: 'EVENT',
        });
        const texts = events.map(({ message = '' }) => message.slice(message.indexOf('EVENT ') + 6));
        found = texts.map((text) => JSON.parse(text) as object).find(fits);
        return found;
      },
      { timeout: 20_000 },
    )
    .toBeDefined();
  return found ?? {};
}

/** The places of values in an event, with the type of each: lists by all of their elements. */
function shapeOf(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((item) => shapeOf(item, `${path}[]`)))];
  if (typeof value !== 'object' || value === null) return [`${path} ${value === null ? 'null' : typeof value}`];
  return Object.entries(value).flatMap(([key, inner]) => shapeOf(inner, `${path}.${key}`));
}

const recordOf = (event: object) => (event as { Records?: Readonly<Record<string, unknown>>[] }).Records?.[0] ?? {};

test.each([
  ['2', 'sqs', { eventSource: 'aws:sqs' }, 'queue'],
  ['3', 'sqs-fifo', { eventSource: 'aws:sqs', attributes: { MessageGroupId: 'g' } }, 'queue'],
  ['4', 'sns', { EventSource: 'aws:sns' }, 'topic'],
  ['dynamodb', 'dynamodb', { eventSource: 'aws:dynamodb' }, 'table'],
  ['kinesis', 'kinesis', { eventSource: 'aws:kinesis' }, 'stream'],
  ['s3', 's3', { eventSource: 'aws:s3' }, 'bucket'],
])('event %s arrives in the shape of the sample %s', async (event, name, record, to) => {
  const data = { sqs: ['-d', '{"a":1}'], 'sqs-fifo': ['--key', 'g'], sns: ['-d', '{"a":1}', '-a', 'kind=order'] }[name];
  const sent = resultOf(await run('trigger', 'echo', '--event', event, ...(data ?? []), '--json'));
  expect(sent).toMatchObject({ function: 'echo', to });
  const got = await received((each) => {
    try {
      expect(recordOf(each)).toMatchObject(record);
      return name !== 'sqs' || !('MessageGroupId' in (recordOf(each)['attributes'] as object));
    } catch {
      return false;
    }
  });
  const sample = shapeOf(samples[name]?.event);
  const shape = shapeOf(got);
  // what the message itself has
  const ofMessage = /Subject|MessageAttributes|dynamodb\.(Keys|NewImage|OldImage)/;
  expect(shape.filter((each) => !ofMessage.test(each) && !sample.includes(each))).toEqual([]);
  expect(sample.filter((each) => !ofMessage.test(each) && !shape.includes(each))).toEqual([]);
});

test('a log group gets a line, which the function gets compressed', async () => {
  expect(resultOf(await run('trigger', 'echo', '--event', 'logs', '-d', 'hello', '--json'))).toMatchObject({
    to: 'log group',
  });
  const got = (await received((each) => 'awslogs' in each)) as { awslogs: { data: string } };
  const data = (event: unknown) =>
    JSON.parse(gunzipSync(Buffer.from((event as typeof got).awslogs.data, 'base64')).toString()) as object;
  expect(data(got)).toMatchObject({ logEvents: [{ message: 'hello' }] });
  expect(shapeOf(data(got)).toSorted()).toEqual(shapeOf(data(samples['logs']?.event)).toSorted());
});

test('a topic of IoT gets a message, as from a device', async () => {
  const sent = resultOf(await run('trigger', 'echo', '--event', 'iot', '-d', '{"heat":31}', '--json'));
  expect(sent).toMatchObject({ to: 'device topic', place: 'rooms/fx/heat' });
  expect(await received((each) => 'heat' in each)).toEqual({ heat: 31 });
});

test('a rule gets an event that matches its pattern; one that does not is told of', async () => {
  const made = resultOf(await run('trigger', 'echo', '--event', 'eventbridge', '--json')) as { data: string };
  expect(JSON.parse(made.data)).toEqual({ source: 'shop', 'detail-type': 'fx', detail: { total: 11 } });
  const got = await received((each) => 'source' in each && each.source === 'shop');
  expect(shapeOf({ ...got, detail: {} })).toEqual(
    expect.arrayContaining([...shapeOf({ ...(samples['eventbridge']?.event as object), detail: {} })]),
  );
  const small = await run('trigger', 'echo', '--event', 'eventbridge', '-d', '{"total": 3}');
  expect(small.stderr).toContain("The event does not match the rule's pattern, so it calls nothing\n");
});

test('a route is requested, and its answer printed', async () => {
  const answer = await run('trigger', 'echo', '--event', 'http', '--key', '/orders/7', '-d', '{"a":1}');
  expect([answer.exitCode, answer.stdout]).toEqual([0, 'made\n']);
  expect(answer.stderr).toMatch(/^http:\/\/127\.0\.0\.1:\d+ answered 201$/m);
  const got = await received((each) => 'rawPath' in each && each.rawPath === '/orders/7');
  const sample = shapeOf(samples['http']?.event);
  expect(shapeOf(got).filter((each) => !sample.includes(each) && !each.startsWith('.headers'))).toEqual([]);
});

test('the function of a schedule is called with the event of one', async () => {
  const direct = await run('trigger', 'echo', '--event', 'schedule');
  expect(direct.stderr).toContain(
    'Nothing makes "rate(1 day) by a rule" fire, so fx called echo with the event that it gets\n',
  );
  const got = await received((each) => 'source' in each && each.source === 'aws.events');
  expect(got).toEqual(samples['schedule-rule']?.event);
});

test('a resource may be named in place of the function, and an ARN in place of what project.yml says', async () => {
  expect(resultOf(await run('trigger', 'Orders', '-d', '{"id": 3}', '--json'))).toMatchObject({ data: '{"id":3}' });
  const other = 'arn:aws:sns:us-east-1:000000000000:other';
  expect(resultOf(await run('trigger', 'echo', '--event', '12', '--json'))).toMatchObject({ place: other });
  expect(resultOf(await run('trigger', 'echo', '--event', '4', '--to', other, '--json'))).toMatchObject({
    place: other,
  });
});

test('what is not clear is asked for', async () => {
  const errorOf = async (...words: string[]) => {
    const { exitCode, stderr } = await run('trigger', ...words);
    return [exitCode, stderr];
  };
  expect(await errorOf('eco')).toEqual([4, expect.stringContaining('did you mean "echo"?')]);
  expect(await errorOf('echo')).toEqual([4, expect.stringContaining('--event: 1: POST /orders/{id}; 2: sqs Jobs;')]);
  expect(await errorOf('echo', '--event', 'sqs')).toEqual([
    4,
    expect.stringContaining('no single event of "echo" is sqs'),
  ]);
  expect(await errorOf('Orders', '-d', 'x')).toEqual([4, expect.stringContaining('an item is a JSON object, not x')]);
});

test('fx events prints a sample, with values of your own, and lets you edit it', async () => {
  const sample = async (words: string[], variables = {}) => fx(folder, ['events', ...words], { variables });
  expect((await sample([])).stdout).toMatch(/^sqs +two messages of a queue$/m);
  expect(JSON.parse((await sample(['sqs'])).stdout)).toEqual(samples['sqs']?.event);
  const set = await sample([
    'sqs',
    '--set',
    'Records.1.body={"id":7}',
    '--set',
    'Records.0.attributes.MessageGroupId=g',
  ]);
  expect(JSON.parse(set.stdout)).toMatchObject({
    Records: [{ attributes: { MessageGroupId: 'g' } }, { body: '{"id":7}' }],
  });
  const edited = await sample(['sns', '--edit'], { EDITOR: 'sed -i s/News/Old/' });
  expect(edited.stdout).toContain('"Subject": "Old"');
  expect((await sample(['sns', '--edit'])).stderr).toContain('--edit needs an editor');
  expect((await sample(['sns', '--edit'], { EDITOR: 'false' })).stderr).toContain('the editor "false" failed');
  expect((await sample(['sqz'])).stderr).toContain('did you mean "sqs"?');
  expect((await sample(['sqs', '--set', 'Records.9.body=x'])).stderr).toContain('"9" is no place in a list of 2');
});
