import { expect, test } from 'vitest';
import { compiled } from '../../test/support/project.ts';
import { monthOf } from './month.ts';

const now = Date.parse('2026-11-26T08:00:00Z');

async function unitsOf(yaml: string) {
  const { template, project } = await compiled(`name: s\nregion: us-east-1\n${yaml}`);
  const functions = project.functions.map(({ name, traffic = {} }) => ({ name, traffic }));
  const { quantities, functions: months } = monthOf([template], functions, now);
  const used = quantities.filter(({ units }) => units > 0);
  return {
    months,
    units: Object.fromEntries(used.map(({ owner, dimension, units }) => [`${owner} ${dimension}`, units])),
  };
}

const functionWith = (lines: string, events = '') =>
  `functions:\n  f:\n    handler: a.handler\n    memory: 1024\n${lines}${events === '' ? '' : `    events:\n${events}`}`;
const million = '    traffic: {requests: 1M, duration: 100ms}\n';

test('requests and duration, and the bytes that Lambda itself logs', async () => {
  const { months, units } = await unitsOf(functionWith(million));
  expect(months).toEqual([{ name: 'f', memory: 1024, architecture: 'arm64', requests: 1e6, gbSeconds: 1e5 }]);
  expect(units).toEqual({
    'f lambda.requests': 1e6,
    'f lambda.duration.arm64': 1e5,
    'f logs.lambda': 5e8 / 1024 ** 3,
  });
});

test('initialization is billed as duration; /tmp beyond 512 MB by the second', async () => {
  const traffic = '    traffic: {requests: 1M, duration: 100ms, coldStarts: 1%, initialization: 2s, logs: 0B}\n';
  const { units } = await unitsOf(functionWith(`${traffic}    architecture: x86_64\n    ephemeralStorage: 1536\n`));
  expect(units).toEqual({
    'f lambda.requests': 1e6,
    'f lambda.duration.x86_64': 1e5 + 2e4,
    'f lambda.storage': 1e5,
  });
});

test('what passes a NAT gateway, and how long clients are connected, as far as the traffic says', async () => {
  const traffic = '    traffic: {requests: 1M, nat: 1KB, connectionMinutes: 4M}\n';
  const { units } = await unitsOf(functionWith(traffic));
  expect(units).toMatchObject({ 'f nat.bytes': 1e6 / 1024 ** 2, 'f api.websocket-minutes': 4e6 });
});

test('provisioned concurrency costs all month, and makes the duration cheaper', async () => {
  const { units } = await unitsOf(functionWith(`${million}    provisionedConcurrency: 2\n`));
  expect(units).toMatchObject({
    'f lambda.provisioned.arm64': 2 * 730 * 3600,
    'f lambda.provisioned-duration.arm64': 1e5,
  });
  expect(units).not.toHaveProperty(['f lambda.duration.arm64']);
});

test('a snapshot of Python is kept and restored for money; one of Java is not', async () => {
  const lines =
    '    snapStart: true\n    artifact: a.ts\n    traffic: {requests: 1M, coldStarts: 1%, initialization: 2s}\n';
  const python = await unitsOf(functionWith(`${lines}    runtime: python3.13\n`));
  expect(python.units).toMatchObject({ 'f lambda.snapshot-cache': 730 * 3600, 'f lambda.snapshot-restore': 10_000 });
  const java = await unitsOf(functionWith(`${lines}    runtime: java21\n`));
  expect(Object.keys(java.units)).toEqual(['f lambda.requests', 'f logs.lambda']);
});

test('schedules say how often they run; other sources share the rest', async () => {
  const events = [
    'schedule: rate(1 hour)',
    'schedule: {expression: rate(1 hour), rule: true}',
    'http: GET /',
    'sns: {topic: {make: News}}',
  ];
  const text = events.map((event) => `      - ${event}\n`).join('');
  const alone = await unitsOf(functionWith('', text));
  expect(alone.units).toMatchObject({ 'f lambda.requests': 1460, 'f scheduler.invocations': 730 });
  const { units } = await unitsOf(functionWith(million, text));
  expect(units).toMatchObject({
    'f lambda.requests': 1e6,
    'f scheduler.invocations': 730,
    'f api.http': (1e6 - 1460) / 2,
  });
});

test('a queue is read and emptied by the batch, and read while it is empty', async () => {
  const { units } = await unitsOf(functionWith(million, '      - sqs: {queue: {make: true, fifo: true}}\n'));
  expect(units['f sqs.fifo']).toBe(2e6 + (5 * 730 * 3600) / 20);
});

test.each([
  ['rest: GET /', 'api.rest'],
  ['websocket: chat', 'api.websocket'],
  ['eventbridge: {bus: Orders, pattern: {source: [shop]}}', 'eventbridge.events'],
  ['pipe: {source: Jobs}', 'pipes.requests'],
])('%s', async (event, dimension) => {
  const resources =
    'resources:\n  Orders: {Type: AWS::Events::EventBus, Properties: {Name: o}}\n  Jobs: {Type: AWS::SQS::Queue}\n';
  const { units } = await unitsOf(`${functionWith(million, `      - ${event}\n`)}${resources}`);
  expect(units[`f ${dimension}`]).toBe(1e6);
});

test('what is streamed beyond 6 MB', async () => {
  const lines = '    traffic: {requests: 1k, response: 7MB}\n    url: {authType: NONE, invokeMode: RESPONSE_STREAM}\n';
  expect((await unitsOf(functionWith(lines))).units).toMatchObject({ 'f lambda.streaming': 1000 / 1024 });
});

test('a NAT gateway costs by the hour, whatever passes', async () => {
  const resources = 'resources:\n  Nat: {Type: AWS::EC2::NatGateway, Properties: {SubnetId: subnet-1}}\n';
  expect((await unitsOf(`${functionWith('')}${resources}`)).units).toEqual({ 'Nat nat.hours': 730 });
});
