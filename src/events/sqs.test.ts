// `sqs` with a queue that fx makes, and the checks of mappings.
import { describe, expect, test } from 'vitest';
import { compiled, projectOf } from '../../test/support/project.ts';
import { FxError } from '../base/error.ts';

const project = (events: string, more = '') =>
  `name: s\nregion: us-east-1\nfunctions:\n  a: {handler: a.handler, timeout: 10s, events: [${events}]}\n${more}`;

async function problems(events: string, more = '') {
  const error = await projectOf(project(events, more)).catch((thrown: unknown) => thrown);
  if (!(error instanceof FxError)) throw new Error(`expected an FxError, got ${String(error)}`);
  return error.problems.map(({ message, hint }) => (hint === undefined ? message : `${message} | ${hint}`));
}

test('makes a queue with a dead-letter queue, and prints its URL', async () => {
  const { template } = await compiled(project('sqs: {queue: {make: true}, batchSize: 20, batchWindow: 5}'));
  const { AQueue: queue, AQueueDeadLetters: dead, ASqsQueue: mapping } = template.Resources;
  expect(queue?.Properties).toEqual({
    VisibilityTimeout: 65,
    RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['AQueueDeadLetters', 'Arn'] }, maxReceiveCount: 5 },
  });
  expect(dead?.Properties).toEqual({ MessageRetentionPeriod: 1_209_600 });
  expect(mapping?.Properties?.['EventSourceArn']).toEqual({ 'Fn::GetAtt': ['AQueue', 'Arn'] });
  expect(template.Outputs?.['AQueueUrl']?.Value).toEqual({ Ref: 'AQueue' });
});

test('other functions refer to a made queue like to one of resources', async () => {
  const sender =
    '  b: {handler: b.handler, permissions: ["sqs:SendMessage on Jobs"], deadLetterQueue: JobsDeadLetters, variables: {QUEUE: !Ref Jobs}}\n';
  const { template } = await compiled(project('sqs: {queue: {make: Jobs, name: jobs}}', sender));
  expect(template.Resources['Jobs']?.Properties?.['QueueName']).toBe('s-local-jobs');
  const statements = JSON.stringify(template.Resources['BRole']?.Properties?.['Policies']);
  expect(statements).toContain('"Action":["sqs:SendMessage"],"Resource":[{"Fn::GetAtt":["Jobs","Arn"]}]');
  expect(template.Resources['BFunction']?.Properties).toMatchObject({
    DeadLetterConfig: { TargetArn: { 'Fn::GetAtt': ['JobsDeadLetters', 'Arn'] } },
    Environment: { Variables: { QUEUE: { Ref: 'Jobs' } } },
  });
});

describe('the key of an encrypted queue', () => {
  const decrypts = async (queue: string, more = '') => {
    const resources = `resources:\n  Key: {Type: AWS::KMS::Key, Properties: {KeyPolicy: {}}}\n  Jobs: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: ${queue}}}\n`;
    const { template } = await compiled(project(`sqs: {queue: Jobs${more}}`, resources));
    const policies = template.Resources['ARole']?.Properties?.['Policies'] as
      | { PolicyDocument: { Statement: object[] } }[]
      | undefined;
    return policies?.[0]?.PolicyDocument.Statement.filter((statement) =>
      JSON.stringify(statement).includes('kms:Decrypt'),
    );
  };
  const key = { 'Fn::GetAtt': ['Key', 'Arn'] };

  test.each([
    ['!Ref Key', '', [key]],
    ['!GetAtt Key.Arn', '', [key]],
    ['alias/mine', ', kmsKey: !GetAtt Key.Arn', [key]],
  ])('%s%s', async (queue, more, Resource) => {
    expect(await decrypts(queue, more)).toEqual([{ Effect: 'Allow', Action: ['kms:Decrypt'], Resource }]);
  });

  test('an alias alone is a problem, but for the key of AWS', async () => {
    const resources = (key: string) =>
      `resources: {Jobs: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: ${key}, VisibilityTimeout: 60}}}\n`;
    expect(await problems('sqs: Jobs', resources('alias/mine'))).toEqual([
      "Jobs has a KMS key, and fx cannot tell its ARN, which the function's role needs | give the ARN of the key: sqs: {queue: …, kmsKey: arn:aws:kms:…:key/…}",
    ]);
    expect(await decrypts('alias/aws/sqs')).toEqual([]);
  });
});

test.each([
  [
    'sqs: {queue: {make: true, visibilityTimeout: 5s}}',
    'messages of the queue "AQueue" become visible again after 5 seconds, but "a" may run for 10 | remove visibilityTimeout: by default, it is six times the timeout',
  ],
  ['sqs: {queue: {make: true, highThroughput: true}}', 'highThroughput is for FIFO queues only | add fifo: true'],
  [
    'sqs: {queue: {make: true, fifo: true}, batchWindow: 5}',
    'batchWindow is 5, but "AQueue" is a FIFO queue, which does not support it | remove batchWindow',
  ],
  [
    'sqs: {queue: {make: true}}, sqs: {queue: {make: true}}',
    'two queues would have the logical id "AQueue" | give one another: make: Orders',
  ],
  ['sqs: {queue: {make: Jobs, dlq: false}}', expect.stringContaining('"dlq" is called `deadLetters` here') as string],
  [
    'sqs: {queue: {make: Jobs}, provisionedPollers: {minimum: 3}, maximumConcurrency: 2}',
    'provisionedPollers and maximumConcurrency exclude each other | remove one of them',
  ],
  [
    'sqs: {queue: {make: Jobs}, provisionedPollers: {minimum: 5, maximum: 4}}',
    'provisionedPollers.minimum is 5, more than its maximum, 4',
  ],
  [
    'sqs: {queue: {make: Jobs}, filters: [{kind: [order]}]}',
    'no message has "kind", so the filter {"kind":["order"]} would drop all of them | a filter\'s first keys are those of the record: messageId, receiptHandle, body, attributes, messageAttributes, md5OfBody, md5OfMessageAttributes, eventSource, eventSourceARN, awsRegion',
  ],
  [
    'sqs: {queue: {make: Jobs}, filters: [{body: {kind: order}}]}',
    'Lambda does not accept the filter {"body":{"kind":"order"}}: "kind" must be an object or an array',
  ],
  ['sqs: {queue: {make: Jobs}, filterKey: !Ref K}', 'filterKey needs filters'],
  ['sqs: {queue: {make: Jobs}, kmsKey: !Ref K}', 'kmsKey is for an existing queue | write queue: {make: …, kmsKey: …}'],
])('%s', async (events, expected) => {
  expect(await problems(events)).toEqual([expected]);
});

test('two functions on one queue, and dead letters that expire early, are warnings', async () => {
  const { warnings } = await projectOf(
    project(
      '{sqs: Jobs}, {sqs: {queue: {make: Own, deadLetters: {retention: 1d}}}}',
      '  b: {handler: b.handler, events: [sqs: Jobs]}\nresources: {Jobs: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 60}}}\n',
    ),
  );
  expect(warnings.map(({ message }) => message)).toEqual([
    '"a" and "b" both poll Jobs: each message reaches one of them, and a filter deletes what it does not let pass',
    'dead letters of Own may expire early: their age counts from when they were sent',
  ]);
});

test('another function polls the dead-letter queue that fx makes', async () => {
  const key = 'arn:aws:kms:us-east-1:111122223333:key/k';
  const { template } = await compiled(
    project(
      `{sqs: {queue: {make: Jobs, kmsKey: "${key}"}}}`,
      '  b: {handler: b.handler, events: [sqs: JobsDeadLetters]}\n',
    ),
  );
  expect(template.Resources['BSqsJobsDeadLetters']?.Properties?.['EventSourceArn']).toEqual({
    'Fn::GetAtt': ['JobsDeadLetters', 'Arn'],
  });
  expect(JSON.stringify(template.Resources['BRole'])).toContain(`"Action":["kms:Decrypt"],"Resource":["${key}"]`);
});
