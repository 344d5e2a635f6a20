// AWS::SQS: queues and their policies.
import { AwsError, type Cloud } from '../../cloud.ts';
import type { Properties } from '../stack.ts';
import type { Providers } from './provider.ts';
import { json, tagChanges, tagMap, textList } from './values.ts';

/** The attributes by the names of the properties, with their defaults. */
const attributeDefaults: Readonly<Record<string, string>> = {
  ContentBasedDeduplication: 'false',
  DeduplicationScope: 'queue',
  DelaySeconds: '0',
  FifoThroughputLimit: 'perQueue',
  KmsDataKeyReusePeriodSeconds: '300',
  KmsMasterKeyId: '',
  MaximumMessageSize: '1048576',
  MessageRetentionPeriod: '345600',
  ReceiveMessageWaitTimeSeconds: '0',
  RedriveAllowPolicy: '',
  RedrivePolicy: '',
  SqsManagedSseEnabled: 'true',
  VisibilityTimeout: '30',
};

function attributeText(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function attributesOf(properties: Properties): Record<string, string> {
  const names = ['FifoQueue', ...Object.keys(attributeDefaults)].filter((name) => Object.hasOwn(properties, name));
  // A standard queue does not have the attribute.
  const isStandard = properties['FifoQueue'] === false;
  return Object.fromEntries(
    names.filter((name) => name !== 'FifoQueue' || !isStandard).map((name) => [name, attributeText(properties[name])]),
  );
}

async function described(cloud: Cloud, QueueUrl: string) {
  const { Attributes } = await cloud.call('sqs', 'GetQueueAttributes', { QueueUrl, AttributeNames: ['QueueArn'] });
  const Arn = Attributes?.QueueArn ?? '';
  return { physicalId: QueueUrl, attributes: { Arn, QueueName: Arn.split(':').at(-1), QueueUrl } };
}

export const sqsProviders: Providers = {
  'AWS::SQS::Queue': {
    service: 'Sqs',
    properties: ['FifoQueue', 'QueueName', 'Tags', ...Object.keys(attributeDefaults)],
    name: {
      property: 'QueueName',
      limit: 80,
      suffix: (properties) => (properties['FifoQueue'] === true ? '.fifo' : ''),
    },
    async create({ cloud, name, properties }) {
      const { QueueUrl = '' } = await cloud.call('sqs', 'CreateQueue', {
        QueueName: name,
        Attributes: attributesOf(properties),
        tags: tagMap(properties),
      });
      return described(cloud, QueueUrl);
    },
    async update({ cloud, physicalId: QueueUrl, before, after, changed }) {
      const Attributes = Object.fromEntries(
        [...changed]
          .filter((name) => Object.hasOwn(attributeDefaults, name))
          .map((name) => [name, Object.hasOwn(after, name) ? attributeText(after[name]) : attributeDefaults[name]]),
      );
      if (Object.keys(Attributes).length > 0) {
        await cloud.call('sqs', 'SetQueueAttributes', { QueueUrl, Attributes: Attributes as Record<string, string> });
      }
      if (changed.has('Tags')) {
        const { set, remove } = tagChanges(before, after);
        if (remove.length > 0) await cloud.call('sqs', 'UntagQueue', { QueueUrl, TagKeys: remove });
        if (Object.keys(set).length > 0) await cloud.call('sqs', 'TagQueue', { QueueUrl, Tags: set });
      }
      return described(cloud, QueueUrl);
    },
    async delete({ cloud, physicalId: QueueUrl }) {
      await cloud.call('sqs', 'DeleteQueue', { QueueUrl });
    },
    async read({ cloud, physicalId: QueueUrl, properties }) {
      try {
        const { Attributes = {} } = await cloud.call('sqs', 'GetQueueAttributes', {
          QueueUrl,
          AttributeNames: ['All'],
        });
        const simple = Object.entries(attributeDefaults).filter(([, usual]) => /^(\d+|true|false)$/.test(usual));
        return Object.fromEntries(
          simple
            .map(([name, usual]) => [name, Attributes[name as keyof typeof Attributes] ?? usual] as const)
            .filter(([name, now]) => Object.hasOwn(properties, name) || now !== attributeDefaults[name]),
        );
      } catch (error) {
        if (error instanceof AwsError && error.code === 'QueueDoesNotExist') return undefined;
        throw error;
      }
    },
  },

  'AWS::SQS::QueuePolicy': {
    service: 'Sqs',
    properties: ['PolicyDocument', 'Queues'],
    async create({ cloud, name, properties }) {
      await setPolicy(cloud, textList(properties, 'Queues'), json(properties['PolicyDocument']));
      return { physicalId: name, attributes: { Id: name } };
    },
    async update({ cloud, physicalId, before, after }) {
      const queues = textList(after, 'Queues');
      await setPolicy(cloud, queues, json(after['PolicyDocument']));
      await setPolicy(
        cloud,
        textList(before, 'Queues').filter((url) => !queues.includes(url)),
        '',
      );
      return { physicalId, attributes: { Id: physicalId } };
    },
    async delete({ cloud, properties }) {
      await setPolicy(cloud, textList(properties, 'Queues'), '');
    },
  },
};

async function setPolicy(cloud: Cloud, queues: readonly string[], Policy: string): Promise<void> {
  for (const QueueUrl of queues) await cloud.call('sqs', 'SetQueueAttributes', { QueueUrl, Attributes: { Policy } });
}
