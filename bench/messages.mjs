// node bench/messages.mjs [--no-peer] [--messages N] [--drain N]: messages a second through a queue and a Kinesis stream, in batches of 10, into
// a function that does nothing but note when it got them; the time from a put to the function for each event source; memory while 100,000
// messages drain. Beside MiniStack (PYTHON names an interpreter that has it), in one run. Asserts nothing.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import * as dynamodbSdk from '@aws-sdk/client-dynamodb';
import * as eventbridgeSdk from '@aws-sdk/client-eventbridge';
import * as iamSdk from '@aws-sdk/client-iam';
import * as kinesisSdk from '@aws-sdk/client-kinesis';
import * as lambdaSdk from '@aws-sdk/client-lambda';
import * as snsSdk from '@aws-sdk/client-sns';
import * as sqsSdk from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { zipSync } from 'fflate';
import { median, tableOf } from './measure.mjs';
import { fx, ministack } from './messages-subjects.mjs';
import { treeOf } from './usage.mjs';

const { values: options } = parseArgs({
  options: {
    'no-peer': { type: 'boolean', default: false },
    messages: { type: 'string', default: '5000' },
    drain: { type: 'string', default: '100000' },
  },
});
const messages = Number(options.messages);
const drained = Number(options.drain);
const latencies = 60;
const gapMs = 40;
const batch = 10;
const patienceMs = 240_000;
const top = mkdtempSync(join(tmpdir(), 'fx-bench-messages-'));
const say = (text) => process.stderr.write(`${text}\n`);
const now = () => performance.timeOrigin + performance.now();

/** Notes, for each record, how long ago it was sent. */
const code = `import { appendFileSync } from 'node:fs';
const sentOf = (record) =>
  record.body ?? record.Sns?.Message ?? record.dynamodb?.NewImage?.t?.N ?? record.detail?.t ??
  (record.kinesis === undefined ? undefined : Buffer.from(record.kinesis.data, 'base64').toString());
export const handler = async (event) => {
  const at = performance.timeOrigin + performance.now();
  const lines = (event.Records ?? [event]).map((record) => (at - Number.parseFloat(sentOf(record))).toFixed(3));
  appendFileSync(process.env.OUT, lines.join('\\n') + '\\n');
};
`;

function clients(endpoint) {
  const config = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' } };
  return {
    lambda: new lambdaSdk.Lambda(config),
    iam: new iamSdk.IAM(config),
    sqs: new sqsSdk.SQS(config),
    sns: new snsSdk.SNS(config),
    kinesis: new kinesisSdk.Kinesis({ ...config, requestHandler: new NodeHttpHandler() }),
    dynamodb: new dynamodbSdk.DynamoDB(config),
    eventbridge: new eventbridgeSdk.EventBridge(config),
  };
}

const readings = (out) => {
  try {
    return readFileSync(out, 'utf8').trimEnd().split('\n').filter(Boolean).map(Number);
  } catch {
    // the function has not run yet
    return [];
  }
};

async function countOf(out, wanted, longestMs = patienceMs) {
  const began = now();
  for (;;) {
    const got = readings(out).length;
    if (got >= wanted) return { got, ms: now() - began };
    if (now() - began > longestMs) return { got, ms: now() - began };
    await pause(20);
  }
}

async function setUp(aws) {
  const trust = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const { Role } = await aws.iam.createRole({
    RoleName: 'bench',
    AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [trust] }),
  });
  await aws.iam.putRolePolicy({
    RoleName: 'bench',
    PolicyName: 'bench',
    PolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
    }),
  });
  return Role.Arn;
}

let made = 0;
async function functionOf(aws, Role, folder) {
  const name = `f${made++}`;
  const out = join(folder, `${name}.txt`);
  await aws.lambda.createFunction({
    ...{ FunctionName: name, Role, Runtime: 'nodejs20.x', Handler: 'index.handler', Timeout: 60, MemorySize: 256 },
    Code: { ZipFile: zipSync({ 'index.mjs': Buffer.from(code) }) },
    Environment: { Variables: { OUT: out } },
  });
  for (let tries = 0; tries < 100; tries++) {
    const { State } = await aws.lambda.getFunctionConfiguration({ FunctionName: name });
    if (State === 'Active') break;
    await pause(50);
  }
  const { FunctionArn } = await aws.lambda.getFunctionConfiguration({ FunctionName: name });
  return { name, out, arn: FunctionArn };
}

async function mapped(aws, fn, EventSourceArn, more = {}) {
  const input = { EventSourceArn, FunctionName: fn.name, BatchSize: batch, ...more };
  const { UUID } = await aws.lambda.createEventSourceMapping(input);
  for (let tries = 0; tries < 200; tries++) {
    const { State } = await aws.lambda.getEventSourceMapping({ UUID });
    if (State === 'Enabled') return UUID;
    await pause(50);
  }
  return UUID;
}

async function queueOf(aws, name) {
  const { QueueUrl } = await aws.sqs.createQueue({ QueueName: name, Attributes: { VisibilityTimeout: '360' } });
  const { Attributes } = await aws.sqs.getQueueAttributes({ QueueUrl, AttributeNames: ['QueueArn'] });
  return { url: QueueUrl, arn: Attributes.QueueArn };
}

const padding = 'x'.repeat(200);

/** Several senders at once, each with batches of ten. */
async function inBatches(count, send) {
  let left = count / batch;
  const sender = async () => {
    while (left-- > 0) await send();
  };
  await Promise.all(Array.from({ length: 4 }, sender));
}

function toQueue(aws, url, count) {
  return inBatches(count, () =>
    aws.sqs.sendMessageBatch({
      QueueUrl: url,
      Entries: Array.from({ length: batch }, (_, index) => ({ Id: String(index), MessageBody: `${now()} ${padding}` })),
    }),
  );
}

async function streamOf(aws, StreamName, ShardCount) {
  await aws.kinesis.createStream({ StreamName, ShardCount });
  for (let tries = 0; tries < 200; tries++) {
    const { StreamDescriptionSummary: found } = await aws.kinesis.describeStreamSummary({ StreamName });
    if (found.StreamStatus === 'ACTIVE') return found.StreamARN;
    await pause(50);
  }
  throw new Error(`${StreamName} does not become active`);
}

function toStream(aws, StreamName, count) {
  let key = 0;
  return inBatches(count, () =>
    aws.kinesis.putRecords({
      StreamName,
      Records: Array.from({ length: batch }, () => ({
        Data: Buffer.from(`${now()} ${padding}`),
        PartitionKey: String(key++ % 50),
      })),
    }),
  );
}

/** All messages are there before the mapping is: the rate is that of the source alone. */
async function throughput(aws, Role, folder) {
  const queue = await queueOf(aws, 'rate');
  await toQueue(aws, queue.url, messages);
  const fromQueue = await functionOf(aws, Role, folder);
  let began = now();
  await mapped(aws, fromQueue, queue.arn);
  const sqs = await countOf(fromQueue.out, messages);
  const sqsRate = sqs.got / ((now() - began) / 1000);

  const stream = await streamOf(aws, 'rate', 4);
  await toStream(aws, 'rate', messages);
  const fromStream = await functionOf(aws, Role, folder);
  began = now();
  await mapped(aws, fromStream, stream, { StartingPosition: 'TRIM_HORIZON' });
  const kinesis = await countOf(fromStream.out, messages);
  const kinesisRate = kinesis.got / ((now() - began) / 1000);
  return {
    sqs: { rate: sqsRate, got: sqs.got },
    kinesis: { rate: kinesisRate, got: kinesis.got },
  };
}

/** Milliseconds from before the put to the function's first line: median and 99th percentile of warm ones. */
async function latencyOf(out, send) {
  await send(now());
  await countOf(out, 1, 20_000);
  const before = readings(out).length;
  for (let sent = 0; sent < latencies; sent++) {
    await send(now());
    await pause(gapMs);
  }
  await countOf(out, before + latencies, 20_000);
  const times = readings(out).slice(before);
  if (times.length === 0) return undefined;
  const sorted = times.toSorted((a, b) => a - b);
  return { p50: median(times), p99: sorted[Math.floor(sorted.length * 0.99)] ?? sorted.at(-1), got: times.length };
}

async function latency(aws, Role, folder) {
  const invoke = (fn, principal, SourceArn) =>
    aws.lambda.addPermission({
      ...{ FunctionName: fn.name, StatementId: 'bench', Action: 'lambda:InvokeFunction', Principal: principal },
      SourceArn,
    });
  const results = {};
  const attempt = async (name, run) => {
    try {
      results[name] = await run();
    } catch (error) {
      say(`  ${name}: ${error.message}`);
    }
  };
  await attempt('sqs', async () => {
    const queue = await queueOf(aws, 'latency');
    const fn = await functionOf(aws, Role, folder);
    await mapped(aws, fn, queue.arn);
    return latencyOf(fn.out, (at) => aws.sqs.sendMessage({ QueueUrl: queue.url, MessageBody: `${at}` }));
  });
  await attempt('kinesis', async () => {
    const stream = await streamOf(aws, 'latency', 1);
    const fn = await functionOf(aws, Role, folder);
    await mapped(aws, fn, stream, { StartingPosition: 'TRIM_HORIZON' });
    return latencyOf(fn.out, (at) =>
      aws.kinesis.putRecord({ StreamName: 'latency', Data: Buffer.from(`${at}`), PartitionKey: 'a' }),
    );
  });
  await attempt('dynamodb', async () => {
    const { TableDescription } = await aws.dynamodb.createTable({
      ...{ TableName: 'latency', BillingMode: 'PAY_PER_REQUEST' },
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    });
    for (let tries = 0; tries < 100; tries++) {
      const { Table } = await aws.dynamodb.describeTable({ TableName: 'latency' });
      if (Table.TableStatus === 'ACTIVE') break;
      await pause(50);
    }
    const fn = await functionOf(aws, Role, folder);
    await mapped(aws, fn, TableDescription.LatestStreamArn, { StartingPosition: 'TRIM_HORIZON' });
    return latencyOf(fn.out, (at) =>
      aws.dynamodb.putItem({ TableName: 'latency', Item: { id: { S: `${at}` }, t: { N: `${at}` } } }),
    );
  });
  await attempt('sns', async () => {
    const { TopicArn } = await aws.sns.createTopic({ Name: 'latency' });
    const fn = await functionOf(aws, Role, folder);
    await invoke(fn, 'sns.amazonaws.com', TopicArn);
    await aws.sns.subscribe({ TopicArn, Protocol: 'lambda', Endpoint: fn.arn });
    return latencyOf(fn.out, (at) => aws.sns.publish({ TopicArn, Message: `${at}` }));
  });
  await attempt('eventbridge', async () => {
    const fn = await functionOf(aws, Role, folder);
    const { RuleArn } = await aws.eventbridge.putRule({
      Name: 'latency',
      EventPattern: JSON.stringify({ source: ['bench'] }),
    });
    await invoke(fn, 'events.amazonaws.com', RuleArn);
    await aws.eventbridge.putTargets({ Rule: 'latency', Targets: [{ Id: 'f', Arn: fn.arn }] });
    return latencyOf(fn.out, (at) =>
      aws.eventbridge.putEvents({ Entries: [{ Source: 'bench', DetailType: 't', Detail: JSON.stringify({ t: at }) }] }),
    );
  });
  return results;
}

/** Memory of the emulator, alone and with the processes of its functions: before, at most while the queue fills and drains, and after. */
async function memory(aws, Role, folder, pid) {
  const measured = () => ({ alone: aloneOf(pid), whole: treeOf([pid]).memory });
  const before = measured();
  const most = { ...before };
  const timer = setInterval(() => {
    const { alone, whole } = measured();
    most.alone = Math.max(most.alone, alone);
    most.whole = Math.max(most.whole, whole);
  }, 200);
  const queue = await queueOf(aws, 'drain');
  const fn = await functionOf(aws, Role, folder);
  const began = now();
  await toQueue(aws, queue.url, drained);
  const filledMs = now() - began;
  await mapped(aws, fn, queue.arn);
  const { got, ms } = await countOf(fn.out, drained);
  clearInterval(timer);
  return { before, most, after: measured(), got, filledMs, drainedMs: ms };
}

/** Resident bytes of one process. */
function aloneOf(pid) {
  const [, kilobytes = '0'] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

const mb = (bytes) => `${(bytes / 1024 / 1024).toFixed(0)} MB`;
const times = (subject, peer) => (peer === undefined || !subject ? '' : `${(subject / peer).toFixed(2)}×`);

const subjects = [fx(top), ...(options['no-peer'] ? [] : [ministack(top, process.env.PYTHON ?? 'python3')])];
const found = {};
try {
  for (const subject of subjects) {
    say(subject.name);
    const { endpoint, pid, stop } = await subject.start();
    try {
      const aws = clients(endpoint);
      const Role = await setUp(aws);
      const folder = join(top, subject.name.toLowerCase());
      const result = {};
      result.latency = await latency(aws, Role, folder);
      say('  latency measured');
      result.throughput = await throughput(aws, Role, folder);
      say('  throughput measured');
      result.memory = await memory(aws, Role, folder, pid);
      found[subject.name] = result;
    } finally {
      await stop();
    }
  }
} finally {
  rmSync(top, { recursive: true, force: true });
}

const mine = found['fx'];
const peer = found['MiniStack'];
const rows = [];
for (const kind of ['sqs', 'kinesis']) {
  const [a, b] = [mine.throughput[kind], peer?.throughput[kind]];
  const text = (one) =>
    one === undefined
      ? ''
      : `${one.rate.toFixed(0)}/s${one.got < messages ? ` (${one.got} of ${messages} in ${patienceMs / 1000} s)` : ''}`;
  rows.push([`${kind}, ${messages} messages, batch ${batch}`, text(a), text(b), times(a.rate, b?.rate)]);
}
for (const kind of ['sqs', 'kinesis', 'dynamodb', 'sns', 'eventbridge']) {
  const [a, b] = [mine.latency[kind], peer?.latency[kind]];
  const text = (one) => (one === undefined ? 'none' : `${one.p50.toFixed(1)} / ${one.p99.toFixed(1)} ms`);
  rows.push([`${kind}, put to handler, p50 / p99`, text(a), peer === undefined ? '' : text(b), times(a?.p50, b?.p50)]);
}
for (const [kind, what] of [
  ['alone', 'the emulator'],
  ['whole', 'with its functions'],
]) {
  const text = (one) =>
    one === undefined ? '' : [one.before, one.most, one.after].map((each) => mb(each[kind])).join(' → ');
  const [a, b] = [mine.memory, peer?.memory];
  rows.push([
    `${drained} messages, memory before, most, after: ${what}`,
    text(a),
    text(b),
    times(a.most[kind], b?.most[kind]),
  ]);
}
const drainText = (one) =>
  one === undefined
    ? ''
    : `${(one.filledMs / 1000).toFixed(1)} s, ${(one.drainedMs / 1000).toFixed(1)} s${one.got < drained ? ` (${one.got} only)` : ''}`;
rows.push([`${drained} messages: sent in, drained in`, drainText(mine.memory), drainText(peer?.memory), '']);
console.log(tableOf(['what', 'fx', 'MiniStack', 'ratio'], rows));
console.log(
  `\nNode ${process.versions.node}, ${cpus().length} cores (${cpus()[0].model}), load ${loadavg()[0].toFixed(1)}`,
);
