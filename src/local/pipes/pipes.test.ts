// EventBridge Pipes: sources, filters, enrichment, templates, targets, permissions, and what stopping means.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cloud, Input } from '../cloud.ts';
import { startWithClock } from '../fixture.ts';
import { createFunction, createRole } from '../lambda/fixture.ts';
import { createMachine } from '../states/test-states.ts';

let local: Awaited<ReturnType<typeof startWithClock>>;
let cloud: Cloud;
let RoleArn: string;
let urls: Record<string, string>;
const service = 'pipes.amazonaws.com';
const arnOf = (kind: string, resource: string) => `arn:aws:${kind}:us-east-1:000000000000:${resource}`;

beforeAll(async () => {
  local = await startWithClock();
  cloud = local.cloud;
  RoleArn = await createRole(cloud, { Effect: 'Allow', Action: '*', Resource: '*' }, service);
  urls = {};
  for (const QueueName of ['in', 'out', 'failing', 'idle']) {
    urls[QueueName] = (await cloud.call('sqs', 'CreateQueue', { QueueName })).QueueUrl ?? '';
  }
});
afterAll(() => local[Symbol.asyncDispose]());

type Settings = Partial<Input<'pipes', 'CreatePipe'>>;

async function create(Name: string, settings: Settings): Promise<void> {
  const Source = arnOf('sqs', 'in');
  await cloud.call('pipes', 'CreatePipe', { Name, RoleArn, Source, Target: arnOf('sqs', 'out'), ...settings });
  await settled(Name);
}

async function settled(Name: string): Promise<string | undefined> {
  for (;;) {
    const { CurrentState } = await cloud.call('pipes', 'DescribePipe', { Name });
    if (!['CREATING', 'UPDATING', 'STARTING', 'STOPPING'].includes(CurrentState ?? '')) return CurrentState;
    await local.clock.advance(25);
    await new Promise((done) => setTimeout(done, 2));
  }
}

const drop = (Name: string) => cloud.call('pipes', 'DeletePipe', { Name });
const send = (queue: string, body: unknown) =>
  cloud.call('sqs', 'SendMessage', { QueueUrl: urls[queue], MessageBody: JSON.stringify(body) });

async function received(queue = 'out'): Promise<unknown> {
  for (;;) {
    const { Messages = [] } = await cloud.call('sqs', 'ReceiveMessage', { QueueUrl: urls[queue] });
    const [message] = Messages;
    if (message !== undefined) {
      await cloud.call('sqs', 'DeleteMessage', { QueueUrl: urls[queue], ReceiptHandle: message.ReceiptHandle });
      return JSON.parse(message.Body ?? '') as unknown;
    }
    await new Promise((done) => setTimeout(done, 2));
  }
}

describe('from a queue', () => {
  test('filters, templates, and a queue as the target', async () => {
    await create('templates', {
      SourceParameters: { FilterCriteria: { Filters: [{ Pattern: '{"body":{"kind":["order"]}}' }] } },
      TargetParameters: {
        InputTemplate:
          '{"id": <$.body.id>, "text": "order <$.body.id> of <$.body.who>", "pipe": "<aws.pipes.pipe-name>"}',
      },
    });
    await send('in', { kind: 'visit', id: 1, who: 'x' });
    await send('in', { kind: 'order', id: 2, who: 'A "B"' });
    expect(await received()).toEqual({ id: 2, text: 'order 2 of A "B"', pipe: 'templates' });
    await drop('templates');
  });

  test('a function enriches, and a state machine is started', async () => {
    const name = await createFunction(
      cloud,
      `export const handler = async (events) => events.map(({ body }) => ({ ...JSON.parse(body), rich: true }));`,
    );
    const states = { Keep: { Type: 'Pass', End: true } };
    const Target = await createMachine(cloud, states);
    await create('enriched', { Enrichment: arnOf('lambda', `function:${name}`), Target });
    await send('in', { id: 3 });
    for (;;) {
      const { executions = [] } = await cloud.call('states', 'ListExecutions', { stateMachineArn: Target });
      const [execution] = executions;
      if (execution?.status === 'SUCCEEDED') {
        const { output } = await cloud.call('states', 'DescribeExecution', { executionArn: execution.executionArn });
        expect(JSON.parse(output ?? '')).toEqual([{ id: 3, rich: true }]);
        break;
      }
      await new Promise((done) => setTimeout(done, 2));
    }
    await drop('enriched');
  });

  test('an express state machine enriches', async () => {
    const machine = { QueryLanguage: 'JSONata' };
    const states = { Name: { Type: 'Pass', Output: '{% [$states.input.body] %}', End: true } };
    const Enrichment = await createMachine(cloud, states, { type: 'EXPRESS', machine });
    await create('express', { Enrichment });
    await send('in', 'hello');
    expect(await received()).toBe('hello');
    await drop('express');
  });

  test('what the target refuses stays in the queue, and a stopped pipe leaves messages alone', async () => {
    const name = await createFunction(cloud, 'export const handler = async () => { throw new Error("no"); };');
    const Source = arnOf('sqs', 'failing');
    await create('failing', { Source, Target: arnOf('lambda', `function:${name}`) });
    await send('failing', { id: 4 });
    const left = async () => {
      const { Attributes } = await cloud.call('sqs', 'GetQueueAttributes', {
        ...{ QueueUrl: urls['failing'], AttributeNames: ['All'] },
      });
      return [Attributes?.ApproximateNumberOfMessages, Attributes?.ApproximateNumberOfMessagesNotVisible];
    };
    while ((await left()).join() !== '0,1') await new Promise((done) => setTimeout(done, 2));
    await cloud.call('pipes', 'StopPipe', { Name: 'failing' });
    expect(await settled('failing')).toBe('STOPPED');
    await local.clock.advance(31_000);
    expect(await left()).toEqual(['1', '0']);
    await drop('failing');
  });
});

test('records of a stream are flat, and go to a bus', async () => {
  const StreamName = 'clicks';
  await cloud.call('kinesis', 'CreateStream', { StreamName, ShardCount: 1 });
  while (
    (await cloud.call('kinesis', 'DescribeStreamSummary', { StreamName })).StreamDescriptionSummary?.StreamStatus !==
    'ACTIVE'
  ) {
    await local.clock.advance(100);
    await new Promise((done) => setTimeout(done, 2));
  }
  await cloud.call('events', 'PutRule', { Name: 'clicks', EventPattern: '{"source":["pipe"]}' });
  const Targets = [{ Id: 'q', Arn: arnOf('sqs', 'out') }];
  await cloud.call('events', 'PutTargets', { Rule: 'clicks', Targets });
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:*', Resource: '*' }],
  });
  await cloud.call('sqs', 'SetQueueAttributes', { QueueUrl: urls['out'], Attributes: { Policy } });
  await create('clicks', {
    Source: arnOf('kinesis', 'stream/clicks'),
    SourceParameters: { KinesisStreamParameters: { StartingPosition: 'TRIM_HORIZON' } },
    Target: arnOf('events', 'event-bus/default'),
    TargetParameters: {
      EventBridgeEventBusParameters: { Source: 'pipe', DetailType: 'click' },
      InputTemplate: '{"page": <$.data.page>, "key": <$.partitionKey>}',
    },
  });
  const Data = Buffer.from('{"page":"/a"}');
  await cloud.call('kinesis', 'PutRecord', { StreamName, Data, PartitionKey: 'k' });
  expect(await received()).toMatchObject({ 'detail-type': 'click', detail: { page: '/a', key: 'k' } });
  await drop('clicks');

  // what fails is told to the dead-letter queue
  const broken = await createFunction(cloud, 'export const handler = async () => { throw new Error("no"); };');
  await create('broken', {
    Source: arnOf('kinesis', 'stream/clicks'),
    SourceParameters: {
      KinesisStreamParameters: {
        ...{ StartingPosition: 'TRIM_HORIZON', MaximumRetryAttempts: 0 },
        DeadLetterConfig: { Arn: arnOf('sqs', 'out') },
      },
    },
    Target: arnOf('lambda', `function:${broken}`),
  });
  expect(await received()).toEqual({
    context: { partnerResourceArn: arnOf('pipes', 'pipe/broken'), condition: 'RetryAttemptsExhausted' },
    ...{ version: '1.0', timestamp: expect.any(String) },
    KinesisBatchInfo: expect.objectContaining({ batchSize: 1, streamArn: arnOf('kinesis', 'stream/clicks') }),
  });
  await drop('broken');
});

test('a pipe is described, tagged and listed; its role must be assumable and allowed', async () => {
  await create('idle', { Source: arnOf('sqs', 'idle'), DesiredState: 'STOPPED', Tags: { a: '1' } });
  const Arn = arnOf('pipes', 'pipe/idle');
  expect(await cloud.call('pipes', 'DescribePipe', { Name: 'idle' })).toMatchObject({
    ...{ Arn, CurrentState: 'STOPPED', DesiredState: 'STOPPED', RoleArn, Tags: { a: '1' } },
  });
  await cloud.call('pipes', 'TagResource', { resourceArn: Arn, tags: { b: '2' } });
  expect(await cloud.call('pipes', 'ListTagsForResource', { resourceArn: Arn })).toEqual({ tags: { a: '1', b: '2' } });
  expect((await cloud.call('pipes', 'ListPipes', { NamePrefix: 'id' })).Pipes).toHaveLength(1);
  await expect(create('idle', {})).rejects.toMatchObject({ code: 'ConflictException' });
  await drop('idle');
  await expect(drop('idle')).rejects.toMatchObject({ code: 'NotFoundException' });

  const lambdaRole = await createRole(cloud, { Effect: 'Allow', Action: '*', Resource: '*' });
  await expect(create('untrusted', { RoleArn: lambdaRole })).rejects.toMatchObject({ code: 'ValidationException' });
  const weak = await createRole(cloud, { Effect: 'Allow', Action: 'sqs:Receive*', Resource: '*' }, service);
  await create('weak', { RoleArn: weak });
  expect(await cloud.call('pipes', 'DescribePipe', { Name: 'weak' })).toMatchObject({
    ...{ CurrentState: 'CREATE_FAILED', StateReason: expect.stringContaining('sqs:DeleteMessage') },
  });
  await expect(create('odd', { Source: arnOf('mq', 'broker:x') })).rejects.toMatchObject({ code: 'NotImplemented' });
});
