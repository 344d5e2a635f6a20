// SQS: queues, their attributes and tags. sqs/delivery.ts sends and receives messages.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html
import { AwsError, type Cloud, type Input, type Operations, type Service } from './cloud.ts';
import { pageByName } from './paging.ts';
import {
  type Attributes,
  checkAttributes,
  checkTogether,
  initialAttributes,
  mergeAttributes,
  redrivePolicy,
} from './sqs/attributes.ts';
import { deliveryOperations } from './sqs/delivery.ts';
import { invalid, missing } from './sqs/message.ts';
import { MoveTasks } from './sqs/move-tasks.ts';
import { permissionOperations } from './sqs/permissions.ts';
import { isFifoQueue, noSuchQueue, type Queue, Queues } from './sqs/queues.ts';
import { withoutKeys } from './without-keys.ts';

const purgePauseMs = 60_000;

export function createSqs(cloud: Cloud): Service<'sqs'> {
  const queues = new Queues(cloud);
  const stopping = new AbortController();
  const moveTasks = new MoveTasks(queues);
  return {
    name: 'sqs',
    operations: {
      ...queueOperations(queues),
      ...tagOperations(queues),
      ...permissionOperations(queues),
      ...deliveryOperations(queues, stopping.signal),
      ...moveTasks.operations(),
    },
    async stop() {
      moveTasks.stop();
      stopping.abort();
      queues.wakeAll();
    },
  };
}

function queueOperations(queues: Queues): Operations<'sqs'> {
  const { records, cloud, onQueue } = queues;
  return {
    CreateQueue: {
      members: ['QueueName', 'Attributes', 'tags'],
      authorize: { resource: ({ QueueName = '' }) => queues.arn(QueueName) },
      run: (input) => createQueue(queues, input),
    },
    GetQueueUrl: {
      members: ['QueueName', 'QueueOwnerAWSAccountId'],
      authorize: { resource: ({ QueueName = '' }) => queues.arn(QueueName) },
      run(input) {
        const owner = input.QueueOwnerAWSAccountId ?? cloud.accountId;
        if (owner !== cloud.accountId || !records.has(input.QueueName ?? '')) throw noSuchQueue();
        return { QueueUrl: queues.url(input.QueueName ?? '') };
      },
    },
    ListQueues: {
      members: ['QueueNamePrefix', 'NextToken', 'MaxResults'],
      run(input) {
        const names = [...records.keys()].filter((name) => name.startsWith(input.QueueNamePrefix ?? '')).sort();
        return list(queues, names, input);
      },
    },
    ListDeadLetterSourceQueues: {
      members: ['QueueUrl', 'NextToken', 'MaxResults'],
      authorize: onQueue,
      run(input) {
        const arn = queues.arn(queues.byUrl(input.QueueUrl).name);
        const sources = records.filter(({ attributes }) => redrivePolicy(attributes)?.deadLetterTargetArn === arn);
        const { QueueUrls, ...next } = list(queues, sources.map(({ name }) => name).sort(), input);
        return { queueUrls: QueueUrls ?? [], ...next };
      },
    },
    GetQueueAttributes: {
      members: ['QueueUrl', 'AttributeNames'],
      authorize: onQueue,
      run(input) {
        const queue = queues.byUrl(input.QueueUrl);
        const names = input.AttributeNames ?? [];
        const all = describeQueue(queues, queue);
        const unknown = names.find((name) => name !== 'All' && !knownAttributes.has(name) && !(name in all));
        if (unknown !== undefined) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
        const requested = Object.entries(all).filter(([name]) =>
          names.some((requestedName) => requestedName === 'All' || requestedName === name),
        );
        return requested.length === 0 ? {} : { Attributes: Object.fromEntries(requested) };
      },
    },
    SetQueueAttributes: {
      members: ['QueueUrl', 'Attributes'],
      authorize: onQueue,
      run(input) {
        const queue = queues.byUrl(input.QueueUrl);
        const changed = (input.Attributes ?? {}) as Attributes;
        if (isFifoQueue(queue) && changed['FifoQueue'] !== undefined) {
          const message = 'Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.';
          throw new AwsError('InvalidAttributeValue', message);
        }
        checkAttributes(changed, isFifoQueue(queue));
        queues.checkRedrive(changed, queue.name, isFifoQueue(queue));
        const attributes = mergeAttributes(queue.attributes, changed);
        checkTogether(attributes);
        records.set(queue.name, { ...queue, attributes, modifiedAt: cloud.now() });
        queues.messages(queue.name).wake();
        return {};
      },
    },
    DeleteQueue: {
      members: ['QueueUrl'],
      authorize: onQueue,
      run(input) {
        queues.delete(queues.byUrl(input.QueueUrl));
        return {};
      },
    },
    PurgeQueue: {
      members: ['QueueUrl'],
      authorize: onQueue,
      run(input) {
        const queue = queues.byUrl(input.QueueUrl);
        if (queue.purgedAt !== undefined && cloud.now() - queue.purgedAt < purgePauseMs) {
          throw new AwsError(
            'PurgeQueueInProgress',
            `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`,
          );
        }
        records.set(queue.name, { ...queue, purgedAt: cloud.now() });
        queues.messages(queue.name).purge();
        return {};
      },
    },
  };
}

/** Optional attributes: a request may name them even if the queue does not have them. */
const knownAttributes = new Set<string>([
  'Policy',
  'RedrivePolicy',
  'RedriveAllowPolicy',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
  'FifoQueue',
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'FifoThroughputLimit',
]);

function createQueue(queues: Queues, input: Input<'sqs', 'CreateQueue'>) {
  const name = input.QueueName ?? '';
  const { FifoQueue: fifo, ...others } = (input.Attributes ?? {}) as Attributes;
  const isFifo = fifo?.toLowerCase() === 'true';
  checkName(name, isFifo);
  // a standard queue must not have the attribute, not even as false:
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
  const requested: Attributes = { ...others, ...(fifo === undefined ? {} : { FifoQueue: fifo.toLowerCase() }) };
  checkAttributes(requested, isFifo);
  queues.checkRedrive(requested, name, isFifo);
  const attributes = initialAttributes(requested, isFifo);
  checkTogether(attributes);
  const existing = queues.records.get(name);
  if (existing !== undefined) {
    const different = Object.keys(requested).find((key) => (existing.attributes[key] ?? '') !== requested[key]);
    if (different !== undefined) {
      throw new AwsError(
        'QueueNameExists',
        `A queue already exists with the same name and a different value for attribute ${different}`,
      );
    }
    return { QueueUrl: queues.url(name) };
  }
  const now = queues.cloud.now();
  queues.records.set(name, { name, attributes, tags: { ...input.tags }, createdAt: now, modifiedAt: now });
  return { QueueUrl: queues.url(name) };
}

function checkName(name: string, isFifo: boolean): void {
  if (isFifo && !(/^[\w-]+\.fifo$/.test(name) && name.length <= 80)) {
    throw invalid(
      'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.',
    );
  }
  if (!isFifo && !/^[\w-]{1,80}$/.test(name)) {
    throw invalid('Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length');
  }
}

function describeQueue(queues: Queues, queue: Queue): Attributes {
  const { attributes, name, createdAt, modifiedAt } = queue;
  const counts = queues.messages(name).counts(Number(attributes['MessageRetentionPeriod']) * 1000);
  return {
    QueueArn: queues.arn(name),
    ApproximateNumberOfMessages: String(counts.visible),
    ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
    ApproximateNumberOfMessagesDelayed: String(counts.delayed),
    CreatedTimestamp: String(Math.floor(createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(modifiedAt / 1000)),
    ...attributes,
  };
}

interface ListRequest {
  readonly NextToken?: string | undefined;
  readonly MaxResults?: number | undefined;
}

function list(queues: Queues, names: readonly string[], { NextToken, MaxResults = 1000 }: ListRequest) {
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueues.html
  if (!(MaxResults >= 1 && MaxResults <= 1000)) {
    throw invalid(
      `Value ${MaxResults} for parameter MaxResults is invalid. Reason: Must be between 1 and 1000, if provided.`,
    );
  }
  const { items, nextToken } = pageByName(names, (name) => name, { token: NextToken, most: MaxResults });
  return {
    ...(items.length > 0 ? { QueueUrls: items.map((name) => queues.url(name)) } : {}),
    ...(nextToken === undefined ? {} : { NextToken: nextToken }),
  };
}

function tagOperations(queues: Queues): Operations<'sqs'> {
  const { onQueue } = queues;
  const change = (queue: Queue, tags: Queue['tags']) => {
    if (Object.keys(tags).length > 50) throw invalid('Too many tags added for queue.');
    queues.records.set(queue.name, { ...queue, tags });
    return {};
  };
  return {
    TagQueue: {
      members: ['QueueUrl', 'Tags'],
      authorize: onQueue,
      run(input) {
        const queue = queues.byUrl(input.QueueUrl);
        if (Object.keys(input.Tags ?? {}).length === 0) throw missing('Tags');
        return change(queue, { ...queue.tags, ...input.Tags });
      },
    },
    UntagQueue: {
      members: ['QueueUrl', 'TagKeys'],
      authorize: onQueue,
      run(input) {
        const queue = queues.byUrl(input.QueueUrl);
        if (input.TagKeys?.length === 0) throw missing('TagKeys');
        return change(queue, withoutKeys(queue.tags, input.TagKeys));
      },
    },
    ListQueueTags: {
      members: ['QueueUrl'],
      authorize: onQueue,
      run(input) {
        const { tags } = queues.byUrl(input.QueueUrl);
        return Object.keys(tags).length === 0 ? {} : { Tags: { ...tags } };
      },
    },
  };
}
