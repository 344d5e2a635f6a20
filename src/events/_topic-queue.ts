// The configuration of an `sns` entry, and the queue that it may have between the topic and the function.
import type { Plain } from '../base/located.ts';
import type { FilterScope } from '../cfn/filter-policy.ts';
import type { Resource, Value } from '../cfn/resource.ts';
import type { MadeQueue } from './_queue.ts';
import type { QueueSettings } from './_sqs-mapping.ts';
import { isFifoTopic, madeTopics, type NamedTopic, topicIdPart } from './_topic.ts';
import type { Use } from './source.ts';

export interface QueueBetween extends QueueSettings {
  readonly queue: { readonly kind: 'made'; readonly made: MadeQueue };
  /** Without SNS's envelope. */
  readonly raw: boolean;
}

export interface TopicSource {
  readonly topic: NamedTopic;
  readonly filterPolicy: Plain | undefined;
  readonly filterPolicyScope: FilterScope;
  /** Where messages go that SNS cannot deliver: true makes a queue; else a logical id, an ARN or an intrinsic. */
  readonly deadLetters: Plain | undefined;
  /** Of a topic whose ARN fx cannot read. */
  readonly region: string | undefined;
  readonly sqs: QueueBetween | undefined;
}

/** The region of the topic, as far as the entry tells. */
export function regionOf({ topic, region }: TopicSource): string | undefined {
  if (topic.kind === 'existing' && typeof topic.named === 'string' && topic.named.startsWith('arn:')) {
    return topic.named.split(':')[3];
  }
  return region;
}

/** The queue with its logical id; it is FIFO if the topic is, unless it says otherwise. */
export function queueOf(
  { function: to, config }: Use<TopicSource>,
  uses: readonly Use<TopicSource>[],
  resources: ReadonlyMap<string, Resource>,
):
  | { readonly id: string; readonly made: MadeQueue; readonly settings: QueueSettings; readonly raw: boolean }
  | undefined {
  if (config.sqs === undefined) return undefined;
  const { queue, raw, ...settings } = config.sqs;
  const { made } = queue;
  const id = made.make === true ? to.id(`${topicIdPart(config.topic)}Queue`) : made.make;
  const ofFifo = isFifoTopic(config.topic, { made: madeTopics(uses), resources });
  return { id, made: { ...made, make: id, fifo: made.fifo ?? ofFifo === true }, settings, raw };
}

/** Lets a topic send to queues. https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html */
export function sendPolicy(queue: Value, url: Value, topic: Value, principal: string): Resource {
  return {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [url],
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: principal },
            Action: 'sqs:SendMessage',
            Resource: queue,
            Condition: { ArnEquals: { 'aws:SourceArn': topic } },
          },
        ],
      },
    },
  };
}
