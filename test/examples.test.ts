// Each project in examples/ does on the local AWS what its README says, from a copy in a separate folder.
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { APIGatewayClient, GetApiKeyCommand } from '@aws-sdk/client-api-gateway';
import { CloudWatchClient, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetScheduleCommand, ListSchedulesCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { ReceiveMessageCommand, SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { packageFolder } from '../src/base/packaged.ts';
import { clock, fx, resultOf, startFx, stopAfter } from './support/fx.ts';
import { folderOf } from './support/project.ts';

interface Deployed {
  readonly outputs: Readonly<Record<string, string>>;
  /** Runs fx in the project and returns its output. */
  run(...words: string[]): Promise<string>;
  /** Runs with --json and returns the result. */
  result(...words: string[]): Promise<unknown>;
  readonly folder: string;
}

interface Options {
  readonly variables?: Readonly<Record<string, string>>;
  /** Uses the packages that fx is developed with, instead of `npm install`. */
  readonly dependencies?: true;
  /** Put into the Parameter Store before the deploy, as secrets. */
  readonly parameters?: Readonly<Record<string, string>>;
}

async function deployed(
  example: string,
  { variables = {}, dependencies, parameters = {} }: Options = {},
): Promise<Deployed> {
  const folder = await folderOf({});
  await cp(join(packageFolder(), 'examples', example), folder, { recursive: true });
  if (dependencies) await symlink(join(packageFolder(), 'node_modules'), join(folder, 'node_modules'));
  stopAfter(folder);
  const run = async (...words: string[]) => {
    const done = await fx(folder, words, { variables });
    expect(done.exitCode, done.stderr + done.stdout).toBe(0);
    return done.stdout;
  };
  const result = async (...words: string[]) => resultOf(await fx(folder, [...words, '--json'], { variables }));
  if (Object.keys(parameters).length > 0) await result('local', 'start');
  for (const [Name, Value] of Object.entries(parameters)) {
    const ssm = new SSMClient(await clientOptions({ result }));
    onTestFinished(() => ssm.destroy());
    await ssm.send(new PutParameterCommand({ Name, Value, Type: 'SecureString' }));
  }
  const { outputs } = (await result('deploy')) as { outputs: Record<string, string> };
  return { outputs, run, result, folder };
}

async function removed({ run, folder }: Deployed): Promise<void> {
  await run('remove', '--yes');
  expect((await fx(folder, ['info'])).stderr).toContain('[NOT_DEPLOYED]');
}

async function clientOptions({ result }: Pick<Deployed, 'result'>) {
  const { endpoint } = (await result('local', 'status')) as { endpoint: string };
  return { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
}

test('protected-api: refuses, authorizes, limits, and logs each request', async () => {
  const project = await deployed('protected-api');
  const url = project.outputs['HttpApiUrl'] ?? '';
  const admin = project.outputs['AdminHttpApiUrl'] ?? '';
  const call = async (address: string, init: RequestInit = {}) => {
    const response = await fetch(address, init);
    return [response.status, await response.json()];
  };
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
  expect(await call(`${url}/status`)).toEqual([200, { status: 'up' }]);
  expect(await call(`${url}/notes`)).toEqual([401, { message: 'Unauthorized' }]);
  expect(await call(`${url}/notes`, bearer('wrong'))).toEqual([403, { message: 'Forbidden' }]);
  expect(await call(`${url}/notes`, bearer('let-me-in'))).toEqual([200, { notesOf: 'alice' }]);
  const post = { method: 'POST', ...bearer('open-sesame') };
  const posts = await Promise.all(Array.from({ length: 8 }, () => call(`${url}/notes`, post)));
  expect(posts).toContainEqual([429, { message: 'Too Many Requests' }]);
  expect(posts).toContainEqual([200, { notesOf: 'bob' }]);
  expect(await call(`${admin}/notes`, { method: 'DELETE' })).toEqual([403, { message: 'Forbidden' }]);
  const authorization =
    'AWS4-HMAC-SHA256 Credential=local/20261129/us-east-1/execute-api/aws4_request, SignedHeaders=host, Signature=0a';
  const [status, answer] = await call(`${admin}/notes`, { method: 'DELETE', headers: { authorization } });
  expect([status, answer]).toEqual([200, { deletedBy: 'arn:aws:iam::000000000000:root' }]);
  const logs = new CloudWatchLogsClient(await clientOptions(project));
  const logGroupName = '/aws/vendedlogs/protected-api-local/http';
  const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName }));
  expect(JSON.parse(events[0]?.message ?? '')).toMatchObject({ routeKey: 'GET /status', status: '200' });
  await removed(project);
});

test('chat: lets members in, sends to everyone, answers, and announces from outside', async () => {
  const project = await deployed('chat', { dependencies: true });
  const url = project.outputs['WebSocketApiUrl'] ?? '';
  const heard: string[] = [];
  const enter = async (name: string) => {
    const socket = new WebSocket(`${url}?name=${name}`);
    socket.on('message', (data: Buffer) => heard.push(`${name}: ${data.toString()}`));
    await once(socket, 'open');
    return socket;
  };
  const ann = await enter('ann');
  const ben = await enter('ben');
  const [, refusal] = await once(new WebSocket(`${url}?name=nobody`), 'unexpected-response');
  expect(refusal.statusCode).toBe(403);
  ann.send('{"action": "say", "text": "hello"}');
  const hello = '{"from":"ann","text":"hello"}';
  await expect.poll(() => [...heard].sort()).toEqual([`ann: ${hello}`, `ben: ${hello}`]);
  ben.send('{"action": "who"}');
  await expect.poll(() => heard).toContain('ben: {"here":["ann","ben"]}');
  ann.close();
  await once(ann, 'close');
  await expect
    .poll(async () => JSON.parse(await project.run('invoke', 'announce', '--data', '{"text": "closing"}')))
    .toEqual({ heardBy: 1 });
  expect(heard).toContain('ben: {"announcement":"closing"}');
  ben.terminate();
}, 60_000);

test('rest-api: keys, validation, templates, an answer of the API itself, and a stream', async () => {
  const project = await deployed('rest-api');
  const url = project.outputs['RestApiUrl'] ?? '';
  const call = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${url}${path}`, init);
    return [response.status, await response.text()];
  };
  const order = (body: object) => ({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(await call('/orders/7')).toEqual([200, '{"id":"7"}']);
  expect(await call('/orders', order({}))).toEqual([400, '{"message":"Invalid request body"}']);
  expect(await call('/orders', order({ item: 'tea' }))).toEqual([201, '{"ordered":{"item":"tea"}}']);
  expect(await call('/hello?name=Ann')).toEqual([200, '<p>Hello Ann</p>']);
  expect(await call('/hello')).toEqual([404, '{"error": "nobody here"}']);
  expect(await call('/status')).toEqual([200, '{"up": true}']);
  const preflight = await fetch(`${url}/status`, {
    method: 'OPTIONS',
    headers: { origin: 'https://admin.example.com' },
  });
  expect(preflight.headers.get('access-control-allow-origin')).toBe('https://admin.example.com');

  expect(await call('/prices')).toEqual([403, '{"message":"Forbidden"}']);
  const gateway = new APIGatewayClient(await clientOptions(project));
  const apiKey = project.outputs['RestApiKeyMobileId'];
  const { value = '' } = await gateway.send(new GetApiKeyCommand({ apiKey, includeValue: true }));
  const statuses = [];
  for (let count = 0; count < 4; count++)
    statuses.push((await call('/prices', { headers: { 'x-api-key': value } }))[0]);
  expect(statuses).toEqual([200, 200, 200, 429]);

  const ticks: string[] = [];
  const { body } = await fetch(`${url}/ticker`);
  for await (const chunk of body ?? []) ticks.push(Buffer.from(chunk).toString());
  expect(ticks).toEqual(['tick 1\n', 'tick 2\n', 'tick 3\n']);
  await removed(project);
});

test('function-url: a story arrives word by word, and pages of one origin may read it', async () => {
  const project = await deployed('function-url');
  const url = project.outputs['StoryUrl'] ?? '';
  const response = await fetch(`${url}?about=a+cat`, { headers: { origin: 'https://shop.example.com' } });
  expect(response.headers.get('access-control-allow-origin')).toBe('https://shop.example.com');
  const words: string[] = [];
  for await (const chunk of response.body ?? []) words.push(Buffer.from(chunk).toString());
  expect(words).toEqual(['Once ', 'upon ', 'a ', 'time ', 'there ', 'was ', 'a cat. ']);
  await removed(project);
});

test('load-balancer: chooses by path, method and header, sets two cookies, and answers the rest itself', async () => {
  const project = await deployed('load-balancer');
  const url = project.outputs['Url'] ?? '';
  const get = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${url}${path}`, init);
    return [response.status, await response.json()];
  };
  expect(await get('/products?max=1000')).toEqual([200, ['tea', 'green tea']]);
  expect(await get('/products/green%20tea')).toEqual([200, { name: 'green tea', price: 520 }]);
  expect(await get('/products/coffee')).toEqual([404, { error: 'no product "coffee"' }]);
  const beta = { headers: { 'x-version': 'Beta2' } };
  expect(await get('/products/tea', beta)).toEqual([200, { version: 'beta', path: '/products/tea' }]);
  expect(await get('/products', { method: 'POST' })).toEqual([404, { error: 'no such page' }]);
  const created = await fetch(`${url}/basket`, { method: 'POST', body: 'mug', headers: { cookie: 'basket=tea' } });
  expect([created.status, created.statusText, await created.json()]).toEqual([201, 'Created', ['tea', 'mug']]);
  expect(created.headers.getSetCookie()).toEqual(['basket=tea.mug; HttpOnly', 'seen=yes']);
  await removed(project);
});

test('site: serves files, its own paths and the API, and rolls all of them back', async () => {
  const project = await deployed('site');
  const url = project.outputs['SiteUrl'] ?? '';
  const text = async (path: string) => (await fetch(`${url}${path}`)).text();
  expect(await text('/about')).toContain('<h1>Hello</h1>');
  expect((await fetch(url)).headers.get('x-greeting')).toBe('hello from the edge');
  expect((await fetch(`${url}/assets/style-3f2a91bc.css`)).headers.get('cache-control')).toContain('immutable');
  expect(JSON.parse(await text('/api/time'))).toEqual({ time: expect.any(String) });
  expect((await fetch(`${url}/api/none`)).status).toBe(404);
  await writeFile(join(project.folder, 'public/index.html'), '<h1>Changed</h1>');
  await project.run('deploy');
  expect(await text('/')).toBe('<h1>Changed</h1>');
  await project.run('rollback');
  expect(await text('/')).toContain('<h1>Hello</h1>');
  await removed(project);
});

test('http-api: lists, finds, quotes, and returns errors in JSON', async () => {
  const project = await deployed('http-api');
  const url = project.outputs['HttpApiUrl'] ?? '';
  const call = async (path: string, body?: string) => {
    const response = await fetch(url + path, body === undefined ? {} : { method: 'POST', body });
    expect(response.headers.get('content-type')).toBe('application/json');
    return [response.status, await response.json()];
  };

  expect(await call('/products?max=1200')).toEqual([
    200,
    { products: [expect.objectContaining({ id: 'tea' }), expect.objectContaining({ id: 'mug' })] },
  ]);
  expect(await call('/products/pot')).toEqual([200, { id: 'pot', name: 'Tea pot', price: 3900 }]);
  expect(await call('/quotes', '{"items": [{"id": "tea", "count": 2}, {"id": "mug", "count": 1}]}')).toEqual([
    201,
    expect.objectContaining({ total: 2100, currency: 'EUR' }),
  ]);

  expect(await call('/products/cup')).toEqual([404, { error: 'there is no product "cup"' }]);
  expect(await call('/products?max=cheap')).toEqual([400, { error: 'max is a number of cents, not "cheap"' }]);
  expect(await call('/quotes', 'two teas')).toEqual([400, { error: 'the body is not JSON' }]);
  expect(await call('/quotes', '{"items": [{"id": "cup", "count": 1}]}')).toEqual([
    422,
    { error: 'there is no product "cup"' },
  ]);
  expect(await call('/quotes')).toEqual([404, { error: 'nothing answers GET /quotes' }]);

  expect(await project.run('logs', 'quotes')).toContain('quoted 2 lines, 2100 in all');
  await removed(project);
});

test('table-stream: keeps the totals of customers from the changes of a table', async () => {
  const project = await deployed('table-stream', { dependencies: true });
  for (const [id, cents] of [
    ['17', 1250],
    ['18', 800],
  ]) {
    await project.run('invoke', 'orders', '--data', JSON.stringify({ id, customer: 'ann', cents }));
  }
  const client = new DynamoDBClient(await clientOptions(project));
  onTestFinished(() => client.destroy());
  const scan = new ScanCommand({ TableName: project.outputs['TotalsTable'] });
  const total = async () => (await client.send(scan)).Items?.[0]?.['cents']?.N;
  await expect.poll(total, { timeout: 20_000 }).toBe('2050');
  await removed(project);
});

test('pipe: orders of a queue, with the names of their customers', async () => {
  const project = await deployed('pipe');
  const sqs = new SQSClient(await clientOptions(project));
  onTestFinished(() => sqs.destroy());
  const QueueUrl = project.outputs['OrdersUrl'];
  for (const MessageBody of ['{"kind": "note"}', '{"kind": "order", "id": 17, "customer": "c1"}']) {
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  }
  const log = () => project.run('logs', 'ship');
  await expect.poll(log, { timeout: 20_000 }).toContain('order 17 goes to Ann');
  expect(await log()).not.toContain('undefined');
  await removed(project);
});

test('state-machine: packs what there is, and gives the money back for what is out of stock', async () => {
  const project = await deployed('state-machine', { dependencies: true });
  const client = new SFNClient(await clientOptions(project));
  onTestFinished(() => client.destroy());
  const end = async (id: string, lines: readonly string[]) => {
    const answer = await project.run('invoke', 'order', '--data', JSON.stringify({ id, lines }));
    const { executionArn } = JSON.parse(answer) as { executionArn: string };
    const describe = () => client.send(new DescribeExecutionCommand({ executionArn }));
    await expect.poll(async () => (await describe()).status, { timeout: 20_000 }).toBe('SUCCEEDED');
    return JSON.parse((await describe()).output ?? '') as unknown;
  };
  expect(await end('17', ['lamp', 'chair'])).toEqual({ status: 'packed', lines: ['lamp', 'chair'] });
  expect(await end('18', ['lamp', 'unicorn'])).toEqual({ status: 'refunded: OutOfStock' });
  expect(await project.run('logs', 'refund')).toContain('refunded payment-of-18');

  const bus = new EventBridgeClient(await clientOptions(project));
  onTestFinished(() => bus.destroy());
  const Detail = JSON.stringify({ id: '16', lines: ['lamp'] });
  await bus.send(new PutEventsCommand({ Entries: [{ Source: 'shop', DetailType: 'OrderPlaced', Detail }] }));

  // a rollback brings the definition back
  const file = join(project.folder, 'checkout.asl.yml');
  await writeFile(file, (await readFile(file, 'utf8')).replace('{status: packed,', '{status: ready,'));
  await project.run('deploy');
  expect(await end('19', ['lamp'])).toMatchObject({ status: 'ready' });
  await project.run('rollback');
  expect(await end('20', ['lamp'])).toMatchObject({ status: 'packed' });

  const orders = new DynamoDBClient(await clientOptions(project));
  onTestFinished(() => orders.destroy());
  const { Items = [] } = await orders.send(new ScanCommand({ TableName: project.outputs['OrdersTable'] }));
  const statuses = Items.map(({ id, status }) => [id?.S, status?.S]);
  expect(statuses).toEqual(
    expect.arrayContaining([
      ['16', 'packed'],
      ['17', 'packed'],
      ['18', 'refunded: OutOfStock'],
    ]),
  );
  await removed(project);
});

test('thumbnails: halves a new image, and logs all that happens in the bucket', async () => {
  const project = await deployed('thumbnails', { dependencies: true });
  const client = new S3Client({ ...(await clientOptions(project)), forcePathStyle: true });
  onTestFinished(() => client.destroy());
  const Bucket = project.outputs['ImagesName'] ?? '';
  const Body = Buffer.concat([Buffer.from('P6\n64 2\n255\n'), Buffer.alloc(64 * 2 * 3, 8)]);
  await client.send(new PutObjectCommand({ Bucket, Key: 'in/a tea.ppm', Body }));
  const small = async () => {
    const { Body: image } = await client.send(new GetObjectCommand({ Bucket, Key: 'out/a tea.ppm' }));
    return Buffer.from((await image?.transformToByteArray()) ?? []);
  };
  await expect
    .poll(small, { timeout: 20_000 })
    .toEqual(Buffer.concat([Buffer.from('P6\n32 1\n255\n'), Buffer.alloc(32 * 3, 8)]));
  const log = () => project.run('logs', 'catalog', '--since', '1h');
  await expect.poll(log, { timeout: 20_000 }).toContain('Object Created: out/a tea.ppm');
  for (const Key of ['in/a tea.ppm', 'out/a tea.ppm']) await client.send(new DeleteObjectCommand({ Bucket, Key }));
  await expect.poll(log, { timeout: 20_000 }).toContain('Object Deleted: in/a tea.ppm');
  await removed(project);
});

test('alarm: calls a function when its state changes', async () => {
  const project = await deployed('alarm');
  const client = new CloudWatchClient(await clientOptions(project));
  onTestFinished(() => client.destroy());
  const alarm = { AlarmName: 'alarm-local-errors', StateValue: 'ALARM', StateReason: 'a test' } as const;
  await client.send(new SetAlarmStateCommand(alarm));
  const log = () => project.run('logs', 'pager');
  await expect.poll(log, { timeout: 20_000 }).toContain('alarm-local-errors is ALARM: a test');
  await removed(project);
});

test('devices: calls a function for the messages that a rule selects', async () => {
  const project = await deployed('devices');
  const client = new IoTDataPlaneClient(await clientOptions(project));
  onTestFinished(() => client.destroy());
  const publish = (topic: string, temperature: number) =>
    client.send(new PublishCommand({ topic, payload: Buffer.from(JSON.stringify({ temperature })) }));
  await publish('rooms/8/temperature', 20);
  await publish('rooms/7/temperature', 31);
  const log = () => project.run('logs', 'cool');
  await expect.poll(log, { timeout: 20_000 }).toContain('room 7 has 31 degrees');
  expect(await log()).not.toContain('room 8');
  await removed(project);
});

test('sign-up: a user pool has its triggers, which answer as Cognito expects', async () => {
  const project = await deployed('sign-up');
  expect(project.outputs['UserPool']).toMatch(/^us-east-1_/);
  const answer = async (name: string, file: string) =>
    JSON.parse(await project.run('invoke', name, '--file', `events/${file}.json`)).response;
  expect(await answer('signup', 'pre-sign-up')).toMatchObject({ autoConfirmUser: true, autoVerifyEmail: true });
  expect(await answer('tokens', 'tokens')).toMatchObject({
    claimsAndScopeOverrideDetails: { accessTokenGeneration: { claimsToAddOrOverride: { team: 'example.com' } } },
  });
  await removed(project);
});

test('log-alert: calls a function with the errors in the log of another one', async () => {
  const project = await deployed('log-alert');
  await project.run('invoke', 'orders', '--data', '{"id": "17", "cents": 1250}');
  await project.run('invoke', 'orders', '--data', '{"id": "18", "cents": -1}');
  const log = () => project.run('logs', 'alert');
  await expect.poll(log, { timeout: 20_000 }).toContain('/fx/log-alert/local/orders: order 18 has a negative price');
  expect(await log()).not.toContain('order 17');
  await removed(project);
});

test('queue-worker: bills what it can, and moves messages that fail twice to the dead-letter queue', async () => {
  const project = await deployed('queue-worker');
  expect(JSON.parse(await project.run('invoke', 'biller', '--file', 'events/batch.json'))).toEqual({
    batchItemFailures: [{ itemIdentifier: '2' }],
  });

  const sqs = new SQSClient(await clientOptions(project));
  onTestFinished(() => sqs.destroy());
  const bodies = ['{"order": 1, "cents": 999}', 'no order', '{"order": 2, "cents": 1250}'];
  await sqs.send(
    new SendMessageBatchCommand({
      QueueUrl: project.outputs['OrdersUrl'],
      Entries: bodies.map((MessageBody, index) => ({ Id: `m${index}`, MessageBody })),
    }),
  );
  const dead = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: project.outputs['UnbillableUrl'], WaitTimeSeconds: 20 }),
  );
  expect(dead.Messages?.map(({ Body }) => Body)).toEqual(['no order']);

  const log = await project.run('logs', 'biller');
  const times = (line: string) => log.split(line).length - 1;
  expect([times('billed order 1: 9.99'), times('billed order 2: 12.50')]).toEqual([1, 1]);
  // one of the first tries came from the manual batch
  expect([times('try 1 failed: '), times('try 2 failed: '), times('try 3 failed: ')]).toEqual([2, 1, 0]);
  await removed(project);
});

test('schedule: answers an invocation, and the schedules target the alias with their inputs', async () => {
  let status = 200;
  const site = createServer((_, response) => response.writeHead(status).end());
  await new Promise<void>((listening) => site.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void site.close());
  const address = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
  const project = await deployed('schedule', { variables: { SITE: address } });

  expect(JSON.parse(await project.run('invoke', 'heartbeat'))).toMatchObject({ site: address, status: 200 });
  await project.run('invoke', 'heartbeat');
  status = 500;
  const down = await fx(project.folder, ['invoke', 'heartbeat'], { variables: { SITE: address } });
  expect([down.exitCode, down.stdout + down.stderr]).toEqual([3, expect.stringContaining('answers 500')]);
  const input = JSON.stringify({ days: 31, until: '2026-03-01T07:00:00Z' });
  expect(JSON.parse(await project.run('invoke', 'report', '--data', input))).toEqual({
    from: '2026-01-29',
    to: '2026-02-28',
  });

  const scheduler = new SchedulerClient(await clientOptions(project));
  onTestFinished(() => scheduler.destroy());
  const { Schedules = [] } = await scheduler.send(new ListSchedulesCommand({}));
  const schedules = await Promise.all(
    Schedules.map(async ({ Name }) => {
      const shown = await scheduler.send(new GetScheduleCommand({ Name }));
      const { Arn, Input } = shown.Target ?? {};
      const target = Arn?.split(':').slice(-2).join(':');
      return [shown.ScheduleExpression, shown.ScheduleExpressionTimezone, target, Input];
    }),
  );
  expect(schedules).toHaveLength(3);
  expect(schedules).toEqual(
    expect.arrayContaining([
      ['rate(5 minutes)', 'UTC', 'schedule-local-heartbeat:live', undefined],
      ['cron(0 6 ? * MON-FRI *)', 'Europe/Berlin', 'schedule-local-report:live', '{"days":1}'],
      ['cron(0 7 1 * ? *)', 'Europe/Berlin', 'schedule-local-report:live', '{"days":31}'],
    ]),
  );
  expect(await project.run('logs', 'heartbeat')).toMatch(/answers 200 in \d+ ms/);
  await removed(project);
});

test('event-bus: each function receives the events that its pattern selects, in its form', async () => {
  const project = await deployed('event-bus', { dependencies: true });
  const order = async (total: number, country: string) => {
    const body = JSON.stringify({ total, country });
    const placed = JSON.parse(await project.run('invoke', 'shop', '--data', JSON.stringify({ body }))) as {
      body: string;
    };
    return (JSON.parse(placed.body) as { id: string }).id;
  };
  const [small, large] = [await order(9.5, 'FR'), await order(1500, 'FR')];
  const lines = async (name: string, count: number) => {
    const found: string[] = [];
    while (found.length < count) {
      const log = await project.run('logs', name);
      found.splice(0, found.length, ...log.split('\n').filter((line) => line.includes('INFO')));
    }
    return found.map((line) => line.replace(/^.*INFO\t/, '')).toSorted();
  };
  const bills = [`bill for order ${small}: 9.50`, `bill for order ${large}: 1500.00`].toSorted();
  expect(await lines('bill', 2)).toEqual(bills);
  expect(await lines('check', 1)).toEqual([`check ${large}: order ${large} over 1500 (number)`]);
  await removed(project);
});

test('url-shortener: makes links, follows and counts them, and refuses what is no web address', async () => {
  const project = await deployed('url-shortener', { dependencies: true });
  const url = project.outputs['HttpApiUrl'] ?? '';
  const post = async (body: string) => {
    const response = await fetch(`${url}/links`, { method: 'POST', body });
    return [response.status, await response.json()];
  };
  expect(await (await fetch(url)).text()).toContain('<h1>Short links</h1>');
  const address = 'https://example.com/a/long/address?of=many#words';
  const made = await post(JSON.stringify({ url: address }));
  expect(made).toEqual([201, { code: expect.stringMatching(/^[a-z2-9]{6}$/), url: address }]);
  const { code } = made[1] as { readonly code: string };
  for (const _ of [1, 2]) {
    const followed = await fetch(`${url}/${code}`, { redirect: 'manual' });
    expect([followed.status, followed.headers.get('location')]).toEqual([302, address]);
  }
  expect(await (await fetch(`${url}/links/${code}`)).json()).toEqual({ url: address, visits: 2 });
  expect((await fetch(`${url}/nobody`)).status).toBe(404);
  expect((await post('{"url": "javascript:alert(1)"}'))[0]).toBe(400);
  await removed(project);
});

test('order-pipeline: ships orders, keeps dead letters, and gives them to a version that a canary tried', async () => {
  const project = await deployed('order-pipeline', { dependencies: true });
  const order = async (customer: string, item: string) => {
    const body = JSON.stringify({ customer, lines: [{ item, count: 2 }] });
    expect((await fetch(`${project.outputs['HttpApiUrl']}/orders`, { method: 'POST', body })).status).toBe(202);
  };
  await order('ann', 'tea');
  await order('ben', 'unicorn');
  await expect.poll(() => project.run('logs', 'ship'), { timeout: 20_000 }).toContain('shipped 2 tea to ann');
  const dead = async () => JSON.stringify(await project.result('redrive', 'bill', '--dry-run'));
  await expect.poll(dead, { timeout: 20_000 }).toContain('unicorn');
  expect(await project.run('logs', 'bill')).toContain('"unicorn" has no price');

  const file = join(project.folder, 'src/order.ts');
  const source = await readFile(file, 'utf8');
  const canary = ['deploy', '--canary', '50%', '--bake', '1s', '--abort-on', 'errors>1%'];
  // what its event cannot stand is never live
  await writeFile(
    join(project.folder, 'src/bill.ts'),
    'export const handler = async () => { throw new Error("no"); };\n',
  );
  const aborted = await fx(project.folder, canary);
  expect([aborted.exitCode, aborted.stderr]).toEqual([3, expect.stringContaining('[DEPLOY_ABORTED]')]);
  await cp(join(packageFolder(), 'examples/order-pipeline/src/bill.ts'), join(project.folder, 'src/bill.ts'));
  await writeFile(file, source.replace('tea: 450', 'tea: 450, unicorn: 99'));
  await project.run(...canary);
  await project.run('redrive', 'bill', '--yes');
  await expect.poll(() => project.run('logs', 'ship'), { timeout: 20_000 }).toContain('shipped 2 unicorn to ben');
  await removed(project);
});

test('nightly-report: at two in the night, the day before is a page in the bucket', async () => {
  const project = await deployed('nightly-report', { dependencies: true });
  const sell = (sale: object) => project.run('invoke', 'sell', '--data', JSON.stringify(sale));
  const day = new Date(clock.now()).toISOString().slice(0, 10);
  for (const [item, cents] of [
    ['tea', 450],
    ['pot <large>', 3900],
    ['tea', 450],
  ])
    await sell({ item, cents, day });
  await sell({ item: 'mug', cents: 1200, day: '2001-01-01' });
  await project.run('local', 'advance', '1d');
  const log = () => project.run('logs', 'report');
  await expect.poll(log, { timeout: 20_000 }).toContain(`${day}.html: 2 items, 48.00 in all`);
  const s3 = new S3Client({ ...(await clientOptions(project)), forcePathStyle: true });
  onTestFinished(() => s3.destroy());
  const Bucket = project.outputs['ReportsName'];
  const report = await s3.send(new GetObjectCommand({ Bucket, Key: `${day}.html` }));
  expect(report.ContentType).toBe('text/html; charset=utf-8');
  expect(await report.Body?.transformToString()).toMatch(
    /<tr><th>pot &#60;large&#62;<td>1<td>39\.00<td>.*\n<tr><th>tea<td>2<td>9\.00/,
  );
});

test('webhooks: takes what is signed, works on each delivery once, and shows the secret to nobody', async () => {
  const project = await deployed('webhooks', { dependencies: true, parameters: { '/webhooks/local/secret': 'hush' } });
  const post = async (id: string, payload: string, secret = 'hush') => {
    const signature = createHmac('sha256', secret).update(payload).digest('hex');
    const headers = {
      'x-github-event': 'push',
      'x-github-delivery': id,
      'x-hub-signature-256': `sha256=${signature}`,
    };
    return (await fetch(`${project.outputs['HttpApiUrl']}/hooks`, { method: 'POST', headers, body: payload })).status;
  };
  const payload = '{"repository": {"full_name": "ann/shop"}}';
  expect(await post('1', payload)).toBe(202);
  expect(await post('1', payload)).toBe(202);
  expect(await post('2', payload, 'guessed')).toBe(401);
  const log = () => project.run('logs', 'work');
  await expect.poll(log, { timeout: 20_000 }).toContain('1 came again');
  expect((await log()).split('push in ann/shop')).toHaveLength(2);
  expect(await project.run('env', 'receive')).not.toContain('hush');
  await removed(project);
});

test('workspace: outputs of one project reach the two others, which run on one local AWS', async () => {
  const folder = await folderOf({});
  await cp(join(packageFolder(), 'examples/workspace'), folder, { recursive: true });
  stopAfter(folder);
  const result = async (...words: string[]) => resultOf(await fx(folder, [...words, '--json']));
  const { projects } = (await result('deploy')) as {
    projects: readonly { readonly project: string; readonly outputs: Readonly<Record<string, string>> }[];
  };
  expect(projects.map(({ project }) => project)).toEqual(['queues', 'worker', 'site']);
  const [queues, , site] = projects.map(({ outputs }) => outputs);
  const address = queues?.['OrdersUrl'];
  expect(await (await fetch(`${site?.['HttpApiUrl']}/`)).json()).toEqual({ orders: address });

  const sqs = new SQSClient(await clientOptions({ result }));
  onTestFinished(() => sqs.destroy());
  await sqs.send(new SendMessageBatchCommand({ QueueUrl: address, Entries: [{ Id: 'a', MessageBody: 'tea' }] }));
  const logs = startFx(folder, ['logs', '-f', '--project', 'worker']);
  await logs.saying(/shipped tea/);
  logs.interrupt();
  await logs.ended;
  expect((await fx(folder, ['remove', '--yes'])).stdout).toContain('Done: site, worker, queues.');
});

test('javascript: CommonJS and a module answer, overlays and extend take effect', async () => {
  const project = await deployed('javascript');
  const { HttpApiUrl = '', NewUrl = '', OldRole } = project.outputs;
  expect(NewUrl).toBe(`${HttpApiUrl}/new`);
  expect(OldRole).toBe('javascript-local-old-us-east-1');

  const call = async (url: string) => {
    const response = await fetch(url, { headers: { origin: 'https://elsewhere.example.com' } });
    return [response.headers.get('access-control-allow-origin'), await response.json()];
  };
  expect(await call(`${HttpApiUrl}/old`)).toEqual(['*', { message: 'Hello, the neighbours!', from: 'CommonJS' }]);
  expect(await call(NewUrl)).toEqual(['*', { message: 'Hello, the neighbours!', from: 'an ES module' }]);
  expect(await project.run('logs', 'old')).toContain('greeting from CommonJS');
  expect(await project.run('logs', 'new')).toContain('greeting from an ES module');

  expect(await project.result('validate', '--env', 'staging')).toMatchObject({ functions: ['old', 'new'] });
  expect(await project.result('validate', '--env', 'prod')).toMatchObject({ functions: ['new'] });
  const prod = await project.run('config', '--env', 'prod', '--origin');
  expect(prod).toMatch(/region: eu-central-1 +# project\.prod\.yml:2$/m);
  expect(prod).toMatch(/memory: 1024 +# project\.yml:\d+ environments\.prod$/m);
  await removed(project);
});

test('plugins: an event source, settings, a lookup and a transform of its own', async () => {
  const project = await deployed('plugins', { dependencies: true });
  const answer = JSON.parse(await project.run('invoke', 'signup', '--data', '{"email": "ann@example.com"}'));
  expect(answer).toEqual({ queued: true, version: '1.4.0' });
  const { functions } = (await project.result('info')) as { functions: { name: string; events: string[] }[] };
  expect(functions.find(({ name }) => name === 'mailer')?.events).toEqual(['jobs emails']);

  const sqs = new SQSClient(await clientOptions(project));
  onTestFinished(() => sqs.destroy());
  const mail = { to: 'nobody', kind: 'welcome' };
  const QueueUrl = project.outputs['EmailsQueueUrl'];
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(mail) }));
  await expect
    .poll(() => project.run('logs', 'mailer'), { timeout: 30_000 })
    .toContain('sent welcome to ann@example.com');

  const plan = (await project.result('plan')) as { changes: unknown[] };
  expect(plan.changes).toEqual([]);
  await removed(project);
});
