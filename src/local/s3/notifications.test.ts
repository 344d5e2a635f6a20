import {
  type BucketLocationConstraint,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetBucketNotificationConfigurationCommand,
  GetObjectTaggingCommand,
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  type S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { startTestAws } from '../fixture.ts';
import { createFunction, createRole } from '../lambda/fixture.ts';
import { readNotifications } from './notification-rules.ts';
import { encodeKey } from './notify.ts';

const aws = await startTestAws();
afterAll(() => aws.stop());
const cloud = await aws.cloud();
const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
const s3 = new S3Client({ endpoint: aws.endpoint, region: 'us-east-1', credentials, forcePathStyle: true });
afterAll(() => s3.destroy());

let created = 0;
async function bucket(): Promise<string> {
  const Bucket = `bucket-${created++}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  return Bucket;
}

function policy(Action: string, Resource: string, Condition?: object) {
  const statement = { Effect: 'Allow', Principal: { Service: 's3.amazonaws.com' }, Action, Resource };
  return JSON.stringify({ Version: '2012-10-17', Statement: [Condition ? { ...statement, Condition } : statement] });
}

/** A queue that only that bucket may send to. */
async function queue(Bucket: string) {
  const QueueName = `queue-${created++}`;
  const arn = `arn:aws:sqs:us-east-1:000000000000:${QueueName}`;
  const condition = {
    ArnLike: { 'aws:SourceArn': `arn:aws:s3:::${Bucket}` },
    StringEquals: { 'aws:SourceAccount': '000000000000' },
  };
  const Policy = policy('sqs:SendMessage', arn, condition);
  const { QueueUrl = '' } = await cloud.call('sqs', 'CreateQueue', { QueueName, Attributes: { Policy } });
  return { arn, url: QueueUrl };
}

/** The next messages of a queue, as soon as there are that many. */
async function receive(QueueUrl: string, count: number) {
  const all: { Body?: string | undefined; Attributes?: Record<string, string> | undefined }[] = [];
  while (all.length < count) {
    const { Messages = [] } = await cloud.call('sqs', 'ReceiveMessage', {
      QueueUrl,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 10,
      AttributeNames: ['All'],
    });
    if (Messages.length === 0) break;
    for (const { ReceiptHandle } of Messages) await cloud.call('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle });
    all.push(...Messages);
  }
  return all;
}

interface S3Record {
  readonly eventName: string;
  readonly eventVersion: string;
  readonly s3: { readonly object: { readonly key: string; readonly sequencer?: string } };
}

async function records(url: string, count: number): Promise<S3Record[]> {
  const messages = await receive(url, count);
  return messages.flatMap(({ Body = '' }) => (JSON.parse(Body) as { Records: S3Record[] }).Records);
}

const configure = (Bucket: string, NotificationConfiguration: NotificationConfiguration, more: object = {}) =>
  s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration, ...more }));
const current = async (Bucket: string) => {
  const { $metadata: _, ...shown } = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
  return shown;
};
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => 'accepted',
    (error: S3ServiceException) => {
      const {
        name,
        message,
        $metadata,
        $fault: _,
        $response: __,
        ...fields
      } = error as never as Record<string, never> & { $metadata: { httpStatusCode: number } };
      return {
        name,
        message,
        status: $metadata.httpStatusCode,
        ...shownFields(fields),
      };
    },
  );
const shownFields = (fields: object) =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => /^(Argument|BucketName)/.test(name)));

describe('a notification configuration', () => {
  it('is stored with ids and filters as S3 shows them, and replaced as a whole', async () => {
    const Bucket = await bucket();
    expect(await current(Bucket)).toEqual({});
    const { arn } = await queue(Bucket);
    await configure(Bucket, {
      QueueConfigurations: [
        {
          QueueArn: arn,
          Events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:Delete'],
          Filter: {
            Key: {
              FilterRules: [
                { Name: 'prefix', Value: 'up/' },
                { Name: 'suffix', Value: '.txt' },
              ],
            },
          },
        },
        {
          Id: 'own',
          QueueArn: arn,
          Events: ['s3:ObjectTagging:*'],
          Filter: { Key: { FilterRules: [{ Name: 'suffix', Value: '' }] } },
        },
      ],
      EventBridgeConfiguration: {},
    });
    expect(await current(Bucket)).toEqual({
      EventBridgeConfiguration: {},
      QueueConfigurations: [
        {
          Id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          QueueArn: arn,
          Events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:Delete'],
          Filter: {
            Key: {
              FilterRules: [
                { Name: 'Prefix', Value: 'up/' },
                { Name: 'Suffix', Value: '.txt' },
              ],
            },
          },
        },
        {
          Id: 'own',
          QueueArn: arn,
          Events: ['s3:ObjectTagging:*'],
          Filter: { Key: { FilterRules: [{ Name: 'Suffix', Value: '' }] } },
        },
      ],
    });
    await configure(Bucket, {});
    expect(await current(Bucket)).toEqual({});
    expect(await failure(current('no-such-bucket'))).toEqual({
      name: 'NoSuchBucket',
      message: 'The specified bucket does not exist',
      status: 404,
      BucketName: 'no-such-bucket',
    });
  });

  it('is refused if S3 cannot reach a destination, which it names', async () => {
    const Bucket = await bucket();
    const Events = ['s3:ObjectCreated:*' as const];
    const unable = {
      name: 'InvalidArgument',
      status: 400,
      message: 'Unable to validate the following destination configurations',
    };
    const unparsed = { name: 'InvalidArgument', status: 400, message: 'The ARN could not be parsed' };
    const sqs = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;
    expect(await failure(configure(Bucket, { QueueConfigurations: [{ QueueArn: 'no-arn', Events }] }))).toEqual({
      ...unparsed,
      ArgumentName: 'Queue',
      ArgumentValue: 'no-arn',
    });
    const topic = { TopicConfigurations: [{ TopicArn: 'no-arn', Events }] };
    expect(await failure(configure(Bucket, topic, { SkipDestinationValidation: true }))).toEqual({
      ...unparsed,
      ArgumentName: 'Topic',
      ArgumentValue: 'no-arn',
    });
    const missing = {
      QueueConfigurations: [
        { QueueArn: sqs('missing'), Events },
        { QueueArn: sqs('missing-2'), Events: ['s3:ObjectRemoved:*' as const] },
      ],
    };
    expect(await failure(configure(Bucket, missing))).toEqual({
      ...unable,
      ArgumentName1: sqs('missing'),
      ArgumentValue1: 'The destination queue does not exist',
      ArgumentName2: sqs('missing-2'),
      ArgumentValue2: 'The destination queue does not exist',
    });
    expect(await failure(configure(Bucket, missing, { SkipDestinationValidation: true }))).toBe('accepted');

    const other = await queue('another-bucket');
    expect(await failure(configure(Bucket, { QueueConfigurations: [{ QueueArn: other.arn, Events }] }))).toEqual({
      ...unable,
      ArgumentName1: other.arn,
      ArgumentValue1: 'Permissions on the destination queue do not allow S3 to publish notifications from this bucket',
    });
    const { TopicArn = '' } = await cloud.call('sns', 'CreateTopic', { Name: 'closed' });
    expect(await failure(configure(Bucket, { TopicConfigurations: [{ TopicArn, Events }] }))).toMatchObject({
      ArgumentValue1: 'Permissions on the destination topic do not allow S3 to publish notifications from this bucket',
    });
    const LambdaFunctionArn = 'arn:aws:lambda:us-east-1:000000000000:function:absent';
    expect(await failure(configure(Bucket, { LambdaFunctionConfigurations: [{ LambdaFunctionArn, Events }] }))).toEqual(
      {
        ...unable,
        ArgumentName1: `${LambdaFunctionArn}, null`,
        ArgumentValue1: `Not authorized to invoke function [${LambdaFunctionArn}]`,
      },
    );
    const elsewhere = 'arn:aws:sqs:eu-west-1:000000000000:q';
    expect(await failure(configure(Bucket, { QueueConfigurations: [{ QueueArn: elsewhere, Events }] }))).toMatchObject({
      message: 'The notification destination service region is not valid for the bucket location constraint',
    });
  });

  it('is refused with unknown events, wrong filters and overlaps', async () => {
    const Bucket = await bucket();
    const { arn: QueueArn } = await queue(Bucket);
    const rule = (Events: string[], ...FilterRules: object[]) =>
      ({ QueueArn, Events, ...(FilterRules.length === 0 ? {} : { Filter: { Key: { FilterRules } } }) }) as never;
    const refused = (...QueueConfigurations: never[]) => failure(configure(Bucket, { QueueConfigurations }));
    const prefix = (Value: string) => ({ Name: 'prefix', Value });
    const suffix = (Value: string) => ({ Name: 'suffix', Value });
    const malformed = {
      name: 'MalformedXML',
      status: 400,
      message: 'The XML you provided was not well-formed or did not validate against our published schema',
    };
    const created = 's3:ObjectCreated:*';
    expect(await refused(rule([created], { Name: 'prefix' }))).toEqual(malformed);
    expect(await refused(rule([created], { Value: 'a' }))).toEqual(malformed);
    expect(await refused(rule([created], {}))).toEqual(malformed);
    expect(await refused(rule([created], { Name: 'infix', Value: 'a' }))).toMatchObject({
      message: 'filter rule name must be either prefix or suffix',
      ArgumentValue: 'infix',
    });
    expect(await refused(rule([created], prefix('a'), prefix('b')))).toMatchObject({
      message: 'Cannot specify more than one prefix rule in a filter.',
    });
    expect(await refused(rule(['s3:ObjectCreated:Made']))).toMatchObject({
      message: 'The event is not supported for notifications',
    });
    const overlap = { message: expect.stringContaining('Configurations overlap.') };
    const ambiguous = { message: expect.stringContaining('Configuration is ambiguously defined.') };
    expect(await refused(rule([created, 's3:ObjectCreated:Put']))).toMatchObject(overlap);
    expect(await refused(rule([created]), rule(['s3:ObjectCreated:Copy']))).toMatchObject(overlap);
    expect(await refused(rule([created], prefix('a')), rule([created]))).toMatchObject(ambiguous);
    expect(await refused(rule([created], prefix('a'), suffix('.x')), rule([created], suffix('b.x')))).toMatchObject(
      ambiguous,
    );
    expect(await refused(rule([created], prefix('a')), rule([created], prefix('b')))).toBe('accepted');
    expect(await refused(rule([created], suffix('.a')), rule([created], suffix('.b')))).toBe('accepted');
    expect(await refused(rule([created]), rule(['s3:ObjectRemoved:*']))).toBe('accepted');
  });

  it('lets no key match two rules of one event', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 3 });
    fc.assert(
      fc.property(text, text, text, text, text, (prefix, suffix, otherPrefix, otherSuffix, middle) => {
        const rule = (first: string, last: string) => ({
          QueueArn: 'arn:aws:sqs:us-east-1:000000000000:q',
          Events: ['s3:ObjectCreated:Put' as const],
          Filter: {
            Key: {
              FilterRules: [
                { Name: 'prefix' as const, Value: first },
                { Name: 'suffix' as const, Value: last },
              ],
            },
          },
        });
        const written = { QueueConfigurations: [rule(prefix, suffix), rule(otherPrefix, otherSuffix)] };
        let isAccepted = true;
        try {
          readNotifications(written);
        } catch {
          isAccepted = false;
        }
        if (!isAccepted) return;
        const key = `${prefix}${middle}${suffix}`;
        expect(key.startsWith(otherPrefix) && key.endsWith(otherSuffix)).toBe(false);
      }),
    );
  });
});

describe('what happens to objects', () => {
  it('is told to a queue, by event and key, in order, after a test event', async () => {
    const Bucket = await bucket();
    const { arn, url } = await queue(Bucket);
    await configure(Bucket, {
      QueueConfigurations: [
        {
          Id: 'up',
          QueueArn: arn,
          Events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*', 's3:ObjectTagging:*'],
          Filter: {
            Key: {
              FilterRules: [
                { Name: 'prefix', Value: 'up/' },
                { Name: 'suffix', Value: '' },
              ],
            },
          },
        },
        {
          Id: 'encoded',
          QueueArn: arn,
          Events: ['s3:ObjectCreated:Put'],
          Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'a+b%3D/' }] } },
        },
      ],
    });
    const [test] = await receive(url, 1);
    expect(JSON.parse(test?.Body ?? '')).toEqual({
      Service: 'Amazon S3',
      Event: 's3:TestEvent',
      Time: expect.stringMatching(/^\d{4}-.*Z$/),
      Bucket,
      RequestId: expect.any(String),
      HostId: expect.any(String),
    });
    await s3.send(new PutObjectCommand({ Bucket, Key: 'other/a', Body: 'x' }));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'a b=/c', Body: 'x' }));
    expect(await records(url, 1)).toMatchObject([{ s3: { configurationId: 'encoded', object: { key: 'a+b%3D/c' } } }]);
    const Key = 'up/a b@c+d(é).txt';
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'something', Tagging: 'kind=new' }));
    expect(await records(url, 1)).toEqual([
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: 'us-east-1',
        eventTime: expect.stringMatching(/^\d{4}-.*Z$/),
        eventName: 'ObjectCreated:Put',
        userIdentity: { principalId: expect.stringMatching(/^AWS:/) },
        requestParameters: { sourceIPAddress: '127.0.0.1' },
        responseElements: { 'x-amz-request-id': expect.any(String), 'x-amz-id-2': expect.any(String) },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: 'up',
          bucket: { name: Bucket, ownerIdentity: { principalId: expect.any(String) }, arn: `arn:aws:s3:::${Bucket}` },
          object: {
            key: 'up/a+b%40c%2Bd%28%C3%A9%29.txt',
            size: 9,
            eTag: '437b930db84b8079c2dd804a71936b5f',
            sequencer: expect.stringMatching(/^[0-9A-F]{18}$/),
          },
        },
      },
    ]);
    expect((await s3.send(new GetObjectTaggingCommand({ Bucket, Key }))).TagSet).toEqual([
      { Key: 'kind', Value: 'new' },
    ]);
    const named: [string, () => Promise<unknown>][] = [
      [
        'ObjectTagging:Put',
        () => s3.send(new PutObjectTaggingCommand({ Bucket, Key, Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } })),
      ],
      ['ObjectTagging:Delete', () => s3.send(new DeleteObjectTaggingCommand({ Bucket, Key }))],
      [
        'ObjectCreated:Copy',
        () => s3.send(new CopyObjectCommand({ Bucket, Key: 'up/copy', CopySource: `${Bucket}/other/a` })),
      ],
      ['ObjectRemoved:Delete', () => s3.send(new DeleteObjectCommand({ Bucket, Key }))],
      [
        'ObjectRemoved:Delete',
        () => s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'up/copy' }] } })),
      ],
    ];
    const all: S3Record[] = [];
    for (const [name, act] of named) {
      await act();
      const [record] = await records(url, 1);
      expect(record?.eventName).toBe(name);
      if (record !== undefined) all.push(record);
    }
    expect(all[0]).toMatchObject({ eventVersion: '2.3', s3: { object: { eTag: '437b930db84b8079c2dd804a71936b5f' } } });
    expect(all[0]?.s3.object).not.toHaveProperty('sequencer');
    expect(all[3]?.s3.object).toEqual({ key: 'up/a+b%40c%2Bd%28%C3%A9%29.txt', sequencer: expect.any(String) });
    const order = all.flatMap((record) => record.s3.object.sequencer ?? []);
    expect(order).toEqual([...order].sort());
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'up/parts' }));
    const part = { Bucket, Key: 'up/parts', UploadId, PartNumber: 1 };
    const { ETag } = await s3.send(new UploadPartCommand({ ...part, Body: 'one' }));
    const MultipartUpload = { Parts: [{ ETag, PartNumber: 1 }] };
    await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: 'up/parts', UploadId, MultipartUpload }));
    expect(await records(url, 1)).toMatchObject([{ eventName: 'ObjectCreated:CompleteMultipartUpload' }]);
  });

  it('is told with versions, and with the trace of the request', async () => {
    const Bucket = await bucket();
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    const { arn, url } = await queue(Bucket);
    await configure(Bucket, {
      QueueConfigurations: [{ QueueArn: arn, Events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'] }],
    });
    await receive(url, 1);
    const traced = new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' });
    const trace = 'Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=7fa8c0f79203be72;Sampled=1';
    traced.middlewareStack.add(
      (next) => (args) => {
        (args.request as { headers: Record<string, string> }).headers['X-Amzn-Trace-Id'] = trace;
        return next(args);
      },
      { step: 'build' },
    );
    const { VersionId } = await s3.send(traced);
    const [message] = await receive(url, 1);
    expect(message?.Attributes?.['AWSTraceHeader']).toBe(trace);
    expect(JSON.parse(message?.Body ?? '')).toMatchObject({ Records: [{ s3: { object: { versionId: VersionId } } }] });
    const marker = await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    expect(await records(url, 1)).toMatchObject([
      {
        eventName: 'ObjectRemoved:DeleteMarkerCreated',
        s3: { object: { key: 'k', eTag: 'd41d8cd98f00b204e9800998ecf8427e', versionId: marker.VersionId } },
      },
    ]);
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId }));
    expect(await records(url, 1)).toMatchObject([
      { eventName: 'ObjectRemoved:Delete', s3: { object: { key: 'k', versionId: VersionId } } },
    ]);
  });

  it('calls a function that lets the bucket, and tells a topic', async () => {
    const Bucket = await bucket();
    const out = await queue(Bucket);
    const Role = await createRole(cloud, { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' });
    const FunctionName = await createFunction(cloud, 'export const handler = async () => {};', { Role });
    const LambdaFunctionArn = `arn:aws:lambda:us-east-1:000000000000:function:${FunctionName}`;
    const DestinationConfig = { OnSuccess: { Destination: out.arn } };
    await cloud.call('lambda', 'PutFunctionEventInvokeConfig', { FunctionName, DestinationConfig });
    const Events = ['s3:ObjectCreated:Put' as const];
    const rule = { LambdaFunctionConfigurations: [{ Id: 'f', LambdaFunctionArn, Events }] };
    expect(await failure(configure(Bucket, rule))).toMatchObject({
      ArgumentValue1: `Not authorized to invoke function [${LambdaFunctionArn}]`,
    });
    await cloud.call('lambda', 'AddPermission', {
      FunctionName,
      StatementId: 's3',
      Action: 'lambda:InvokeFunction',
      Principal: 's3.amazonaws.com',
      SourceArn: `arn:aws:s3:::${Bucket}`,
      SourceAccount: '000000000000',
    });
    const { TopicArn = '' } = await cloud.call('sns', 'CreateTopic', { Name: 'open' });
    const Policy = policy('sns:Publish', TopicArn);
    await cloud.call('sns', 'SetTopicAttributes', { TopicArn, AttributeName: 'Policy', AttributeValue: Policy });
    const Attributes = { Policy: policy('sqs:SendMessage', '*').replace('s3.amazonaws', 'sns.amazonaws') };
    const { QueueUrl = '' } = await cloud.call('sqs', 'CreateQueue', { QueueName: 'of-topic', Attributes });
    const Endpoint = 'arn:aws:sqs:us-east-1:000000000000:of-topic';
    await cloud.call('sns', 'Subscribe', { TopicArn, Protocol: 'sqs', Endpoint });
    const removed = ['s3:ObjectRemoved:*' as const];
    await configure(Bucket, { ...rule, TopicConfigurations: [{ TopicArn, Events: removed }] });
    await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
    const [told] = await receive(out.url, 1);
    expect(JSON.parse(told?.Body ?? '')).toMatchObject({
      requestPayload: { Records: [{ eventName: 'ObjectCreated:Put', s3: { configurationId: 'f' } }] },
    });
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    const messages = (await receive(QueueUrl, 2)).map(
      ({ Body = '' }) => JSON.parse(Body) as { Subject: string; Message: string },
    );
    expect(messages.map(({ Subject }) => Subject)).toEqual(['Amazon S3 Notification', 'Amazon S3 Notification']);
    expect(messages.map(({ Message }) => JSON.parse(Message) as object)).toMatchObject([
      { Event: 's3:TestEvent' },
      { Records: [{ eventName: 'ObjectRemoved:Delete' }] },
    ]);
  });

  it('goes to EventBridge as events of aws.s3', async () => {
    const Bucket = await bucket();
    const QueueName = 'of-rule';
    const Attributes = { Policy: policy('sqs:SendMessage', '*').replace('s3.amazonaws', 'events.amazonaws') };
    const { QueueUrl = '' } = await cloud.call('sqs', 'CreateQueue', { QueueName, Attributes });
    const EventPattern = JSON.stringify({ source: ['aws.s3'], detail: { bucket: { name: [Bucket] } } });
    await cloud.call('events', 'PutRule', { Name: 'r', EventPattern });
    const Arn = `arn:aws:sqs:us-east-1:000000000000:${QueueName}`;
    await cloud.call('events', 'PutTargets', { Rule: 'r', Targets: [{ Id: 't', Arn }] });
    await configure(Bucket, { EventBridgeConfiguration: {} });
    const next = async () => JSON.parse((await receive(QueueUrl, 1))[0]?.Body ?? '{}') as object;
    await s3.send(new PutObjectCommand({ Bucket, Key: 'a b', Body: 'x' }));
    expect(await next()).toEqual({
      version: '0',
      id: expect.any(String),
      'detail-type': 'Object Created',
      source: 'aws.s3',
      account: '000000000000',
      time: expect.any(String),
      region: 'us-east-1',
      resources: [`arn:aws:s3:::${Bucket}`],
      detail: {
        version: '0',
        bucket: { name: Bucket },
        object: { key: 'a b', size: 1, etag: '9dd4e461268c8034f5c8564e155c67a6', sequencer: expect.any(String) },
        'request-id': expect.any(String),
        requester: '000000000000',
        'source-ip-address': '127.0.0.1',
        reason: 'PutObject',
      },
    });
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'a b' }));
    expect(await next()).toMatchObject({
      'detail-type': 'Object Deleted',
      detail: {
        object: { key: 'a b', sequencer: expect.any(String) },
        reason: 'DeleteObject',
        'deletion-type': 'Permanently Deleted',
      },
    });
  });

  it('reaches destinations in the region of the bucket', async () => {
    const eu = await aws.cloud('eu-west-1');
    const LocationConstraint: BucketLocationConstraint = 'eu-west-1';
    await eu.call('s3', 'CreateBucket', { Bucket: 'in-eu', CreateBucketConfiguration: { LocationConstraint } });
    const QueueArn = 'arn:aws:sqs:eu-west-1:000000000000:q';
    const Attributes = { Policy: policy('sqs:SendMessage', QueueArn) };
    const { QueueUrl } = await eu.call('sqs', 'CreateQueue', { QueueName: 'q', Attributes });
    await configure('in-eu', { QueueConfigurations: [{ QueueArn, Events: ['s3:ObjectCreated:*'] }] });
    await s3.send(new PutObjectCommand({ Bucket: 'in-eu', Key: 'k', Body: 'x' }));
    const bodies: string[] = [];
    while (bodies.length < 2) {
      const { Messages = [] } = await eu.call('sqs', 'ReceiveMessage', {
        QueueUrl,
        WaitTimeSeconds: 10,
        MaxNumberOfMessages: 10,
      });
      for (const { ReceiptHandle } of Messages) await eu.call('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle });
      bodies.push(...Messages.map(({ Body = '' }) => Body));
    }
    expect(bodies[1]).toContain('"awsRegion":"eu-west-1"');
  });

  it('has keys that decode to themselves', () => {
    const key = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
    fc.assert(fc.property(key, (text) => new URLSearchParams(`key=${encodeKey(text)}`).get('key') === text));
  });
});
