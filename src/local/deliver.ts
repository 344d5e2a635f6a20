// Sends events from one service to a target in another: one row per target service, used by every sender.
import { randomUUID } from 'node:crypto';
import { AwsError, type Cloud, type Principal } from './cloud.ts';

export interface Delivered {
  readonly body: string;
  /** Message attributes, if the target supports them. */
  readonly attributes?: Readonly<Record<string, { readonly DataType: string; readonly StringValue: string }>>;
  /** The subject, if the target is a topic. */
  readonly subject?: string;
  /** The caller's X-Ray trace, which queues pass on. */
  readonly traceHeader?: string;
  /** For FIFO queues. */
  readonly messageGroupId?: string;
  /** For streams; without one, records spread. */
  readonly partitionKey?: string;
  /** For buckets: the first parts of the object's key, and the object if it is not `body`. */
  readonly object?: { readonly folder: string; readonly body?: string };
}

/** A type of target, in this region and account. */
export interface TargetKind {
  /** The action that a role must allow to send here. */
  readonly action: string;
  /** All that it must allow, if that is not the action on the target. */
  needs?(arn: string): readonly (readonly [action: string, resource: string])[];
  exists(cloud: Cloud, arn: string): Promise<boolean>;
  /** Sends with the sender's permissions: the policies of a role, or the target's policy for a service. */
  send(cloud: Cloud, arn: string, delivered: Delivered, sender: Principal): Promise<void>;
}

const kinds: Readonly<Record<string, TargetKind>> = {
  events: {
    action: 'events:PutEvents',
    exists: (cloud, arn) =>
      lookupSucceeds('ResourceNotFoundException', cloud.call('events', 'DescribeEventBus', { Name: arn })),
    // the record of an asynchronous invocation is the detail of an event:
    // https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    async send(cloud, arn, { body }, sender) {
      const { requestContext } = JSON.parse(body) as { requestContext?: { condition: string; functionArn: string } };
      const result = requestContext?.condition === 'Success' ? 'Success' : 'Failure';
      const event = {
        EventBusName: arn,
        Source: 'lambda',
        DetailType: `Lambda Function Invocation Result - ${result}`,
        Detail: body,
        Resources: [arn, ...(requestContext === undefined ? [] : [requestContext.functionArn])],
      };
      await cloud.call('events', 'PutEvents', { Entries: [event] }, sender);
    },
  },
  kinesis: {
    action: 'kinesis:PutRecord',
    exists: (cloud, arn) =>
      lookupSucceeds('ResourceNotFoundException', cloud.call('kinesis', 'DescribeStreamSummary', { StreamARN: arn })),
    async send(cloud, arn, { body, partitionKey = randomUUID() }, sender) {
      const record = { StreamARN: arn, PartitionKey: partitionKey, Data: Buffer.from(body) };
      await cloud.call('kinesis', 'PutRecord', record, sender);
    },
  },
  lambda: {
    action: 'lambda:InvokeFunction',
    exists: (cloud, arn) =>
      lookupSucceeds(
        'ResourceNotFoundException',
        cloud.call('lambda', 'GetFunctionConfiguration', { FunctionName: arn }),
      ),
    async send(cloud, arn, { body }, sender) {
      const event = { FunctionName: arn, InvocationType: 'Event', Payload: Buffer.from(body) } as const;
      await cloud.call('lambda', 'Invoke', event, sender);
    },
  },
  sns: {
    action: 'sns:Publish',
    exists: (cloud, arn) =>
      lookupSucceeds('NotFoundException', cloud.call('sns', 'GetTopicAttributes', { TopicArn: arn })),
    async send(cloud, arn, { body, attributes, subject }, sender) {
      const message = { TopicArn: arn, Message: body, ...(subject === undefined ? {} : { Subject: subject }) };
      const withAttributes = attributes === undefined ? message : { ...message, MessageAttributes: { ...attributes } };
      await cloud.call('sns', 'Publish', withAttributes, sender);
    },
  },
  sqs: {
    action: 'sqs:SendMessage',
    exists: (cloud, arn) =>
      lookupSucceeds('QueueDoesNotExist', cloud.call('sqs', 'GetQueueUrl', { QueueName: arn.split(':').at(-1) })),
    async send(cloud, arn, { body, attributes, messageGroupId, traceHeader }, sender) {
      const message = {
        QueueUrl: queueUrl(cloud, arn),
        MessageBody: body,
        ...(attributes === undefined ? {} : { MessageAttributes: { ...attributes } }),
        ...(messageGroupId === undefined ? {} : { MessageGroupId: messageGroupId }),
        ...(traceHeader === undefined
          ? {}
          : { MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String' as const, StringValue: traceHeader } } }),
      };
      await cloud.call('sqs', 'SendMessage', message, sender);
    },
  },
  states: {
    action: 'states:StartExecution',
    exists: (cloud, arn) =>
      lookupSucceeds(
        'StateMachineDoesNotExist',
        cloud.call('states', 'DescribeStateMachine', { stateMachineArn: arn }),
      ),
    async send(cloud, arn, { body }, sender) {
      await cloud.call('states', 'StartExecution', { stateMachineArn: arn, input: body }, sender);
    },
  },
};

/** Where records of failures go, besides the other kinds; the ARN of a bucket has no region and account. */
const bucketKind: TargetKind = {
  action: 's3:PutObject',
  // https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
  needs: (arn) => [
    ['s3:PutObject', `${arn}/*`],
    ['s3:ListBucket', arn],
  ],
  exists: (cloud, arn) => lookupSucceeds('NotFound', cloud.call('s3', 'HeadBucket', { Bucket: bucketName(arn) })),
  async send(cloud, arn, { body, object }, sender) {
    const time = new Date(cloud.now()).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length);
    const day = time.slice(0, 'YYYY-MM-DD'.length).replaceAll('-', '/');
    const Key = [object?.folder, day, `${time.replaceAll(':', '.')}-${randomUUID()}`].join('/');
    await cloud.call('s3', 'PutObject', { Bucket: bucketName(arn), Key, Body: object?.body ?? body }, sender);
  },
};

/** A target, or a bucket, which takes records of failures only. */
export function recordDestination(cloud: Cloud, arn: string): TargetKind | undefined {
  // state machines take no records of what failed
  if (arn.split(':')[2] === 'states') return undefined;
  return /^arn:aws:s3:::[^/]+$/.test(arn) ? bucketKind : targetKind(cloud, arn);
}

/** Undefined if the local AWS does not have the target: another service, region or account. */
export function targetKind(cloud: Cloud, arn: string): TargetKind | undefined {
  const [, , service = '', region, account] = arn.split(':');
  const isHere = region === cloud.region && account === cloud.accountId;
  // other resources of EventBridge are no targets
  if (service === 'events' && !arn.includes(':event-bus/')) return undefined;
  if (service === 'states' && !arn.includes(':stateMachine:')) return undefined;
  return isHere && Object.hasOwn(kinds, service) ? kinds[service] : undefined;
}

/**
 * Sends the event, or logs a warning that it was dropped; tells which. AWS drops events that it cannot deliver, without telling the sender, and
 * counts them in a metric.
 */
export async function deliver(
  cloud: Cloud,
  arn: string,
  delivered: Delivered,
  { sender, what }: { readonly sender: Principal; readonly what: string },
): Promise<boolean> {
  try {
    const kind = recordDestination(cloud, arn);
    if (kind === undefined) throw new AwsError('NotImplemented', 'the fx local AWS does not support this target', 501);
    await kind.send(cloud, arn, delivered, sender);
    return true;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    process.emitWarning(`${what} for ${arn} was dropped: ${error.message}`);
    return false;
  }
}

function bucketName(arn: string): string {
  return arn.slice('arn:aws:s3:::'.length);
}

export function queueUrl(cloud: Cloud, queueArn: string): string {
  return `${cloud.endpoint}/${cloud.accountId}/${queueArn.split(':').at(-1)}`;
}

async function lookupSucceeds(code: string, lookup: Promise<unknown>): Promise<boolean> {
  try {
    await lookup;
    return true;
  } catch (error) {
    if (error instanceof AwsError && error.code === code) return false;
    throw error;
  }
}
