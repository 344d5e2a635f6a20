// Much, and much going wrong: many shards, consumers that crash, poison among good messages, a restart. Nothing is lost, order is kept, and
// what is kept in memory has a bound.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createFunction } from '../fixture.ts';
import { startTestLambda } from '../test-lambda.ts';

const { cloud, Role, call } = await startTestLambda({
  Effect: 'Allow',
  Action: ['kinesis:*', 'sqs:*'],
  Resource: '*',
});
const folder = mkdtempSync(join(tmpdir(), 'fx-endurance-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let created = 0;
/** A function that runs the statements, and then appends each record's text to a file. */
async function appending(before = '') {
  const OUT = join(folder, `${created++}.txt`);
  const code = `import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
    const textOf = ({ body, kinesis }) => body ?? Buffer.from(kinesis.data, 'base64').toString();
    export const handler = async (event) => {
      const texts = event.Records.map(textOf);
      const { OUT } = process.env;
      ${before}
      appendFileSync(OUT, texts.join('\\n') + '\\n');
    };`;
  const name = await createFunction(cloud, code, { Role, Timeout: 3, Environment: { Variables: { OUT } } });
  const lines = () => {
    try {
      return readFileSync(OUT, 'utf8').trimEnd().split('\n');
    } catch {
      // nothing has arrived yet
      return [];
    }
  };
  return { name, lines };
}
async function until(
  lines: () => readonly string[],
  isEnough: (all: readonly string[]) => boolean,
): Promise<readonly string[]> {
  await expect.poll(() => isEnough(lines()), { timeout: 50_000, interval: 50 }).toBe(true);
  return lines();
}

async function stream(StreamName: string, ShardCount: number): Promise<string> {
  await cloud.call('kinesis', 'CreateStream', { StreamName, ShardCount });
  const summary = async () =>
    (await cloud.call('kinesis', 'DescribeStreamSummary', { StreamName })).StreamDescriptionSummary;
  await expect.poll(async () => (await summary())?.StreamStatus).toBe('ACTIVE');
  return (await summary())?.StreamARN ?? '';
}
/** `key number`, for each key and number. */
async function putAll(StreamName: string, keys: number, numbers: number): Promise<void> {
  for (let number = 0; number < numbers; number++) {
    await cloud.call('kinesis', 'PutRecords', {
      StreamName,
      Records: Array.from({ length: keys }, (_, key) => ({
        Data: Buffer.from(`${key} ${number}`),
        PartitionKey: String(key),
      })),
    });
  }
}
/** The numbers of each key, in the order of their first arrival. */
function byKey(lines: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const line of lines) {
    const [key = '', number] = line.split(' ');
    const numbers = found.get(key) ?? [];
    if (!numbers.includes(Number(number))) numbers.push(Number(number));
    found.set(key, numbers);
  }
  return found;
}
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

test('a stream with 64 shards arrives whole, each key in order', async () => {
  const { name, lines } = await appending();
  const EventSourceArn = await stream('many', 64);
  await putAll('many', 200, 12);
  await call('CreateEventSourceMapping', { FunctionName: name, EventSourceArn, StartingPosition: 'TRIM_HORIZON' });
  await putAll('many', 200, 12);
  const all = await until(lines, (got) => got.length >= 4800);
  expect(all).toHaveLength(4800);
  const counted = new Map<string, number>();
  for (const line of all) counted.set(line, (counted.get(line) ?? 0) + 1);
  expect([...new Set(counted.values())]).toEqual([2]);
  const orders = byKey(all);
  expect([orders.size, [...orders.values()].filter((numbers) => String(numbers) !== String(upTo(12)))]).toEqual([
    200,
    [],
  ]);
}, 60_000);

test('a consumer that crashes half way gets its batch again, and later ones wait', async () => {
  const crash = `const crashed = OUT + '.crashed';
    if (texts.includes('3 5') && !existsSync(crashed)) {
      writeFileSync(crashed, '');
      appendFileSync(OUT, texts.slice(0, texts.indexOf('3 5')).map((text) => text + '\\n').join(''));
      process.exit(1);
    }`;
  const { name, lines } = await appending(crash);
  const EventSourceArn = await stream('crashing', 2);
  await putAll('crashing', 10, 10);
  await call('CreateEventSourceMapping', {
    ...{ FunctionName: name, EventSourceArn, StartingPosition: 'TRIM_HORIZON', BatchSize: 10 },
  });
  const isWhole = (got: readonly string[]) => new Set(got).size >= 100;
  const orders = byKey(await until(lines, isWhole));
  expect([...orders.values()].filter((numbers) => String(numbers) !== String(upTo(10)))).toEqual([]);
}, 60_000);

test('poison among 2,000 messages goes to the dead letters, and only it', async () => {
  const queue = async (QueueName: string, Attributes: Record<string, string> = {}) => {
    const { QueueUrl = '' } = await cloud.call('sqs', 'CreateQueue', { QueueName, Attributes });
    const { Attributes: all } = await cloud.call('sqs', 'GetQueueAttributes', {
      QueueUrl,
      AttributeNames: ['QueueArn'],
    });
    return { QueueUrl, arn: all?.QueueArn ?? '' };
  };
  const dead = await queue('poison-dead');
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 2 });
  const jobs = await queue('poison', { RedrivePolicy, VisibilityTimeout: '3' });
  const { name, lines } = await appending(`const bad = event.Records.filter(({ body }) => Number(body) % 500 === 7);
      if (bad.length > 0) {
        appendFileSync(OUT, texts.filter((text) => Number(text) % 500 !== 7).map((text) => text + '\\n').join(''));
        return { batchItemFailures: bad.map(({ messageId }) => ({ itemIdentifier: messageId })) };
      }`);
  for (let first = 0; first < 2000; first += 10) {
    await cloud.call('sqs', 'SendMessageBatch', {
      QueueUrl: jobs.QueueUrl,
      Entries: Array.from({ length: 10 }, (_, index) => ({ Id: String(index), MessageBody: String(first + index) })),
    });
  }
  await call('CreateEventSourceMapping', {
    ...{ FunctionName: name, EventSourceArn: jobs.arn, FunctionResponseTypes: ['ReportBatchItemFailures'] },
  });
  const good = await until(lines, (got) => new Set(got).size >= 1996);
  expect(new Set(good).size).toBe(1996);
  const count = async (QueueUrl: string) => {
    const { Attributes } = await cloud.call('sqs', 'GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
    return Number(Attributes?.ApproximateNumberOfMessages);
  };
  await expect.poll(() => count(dead.QueueUrl), { timeout: 50_000 }).toBe(4);
}, 120_000);
