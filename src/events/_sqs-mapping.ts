// The mapping of a queue to a function: its keys, its resource, and what the function may do with the queue.
import type { Plain } from '../base/located.ts';
import { allow, type Part } from '../cfn/part.ts';
import type { Resource, Value } from '../cfn/resource.ts';
import { eventSourceMapping, type MappingSettings, mappingFields } from './_mapping.ts';
import { logicalIdOf, type NamedQueue, queueArn, queueIdPart } from './_queue-name.ts';
import type { FunctionReference } from './source.ts';

// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html
export const defaultBatchSize = 10;
export const largestFifoBatch = 10;
export const batchWithoutWindow = 10;

export type QueueSettings = MappingSettings;

export const messageFields = mappingFields({
  record: 'message',
  batchSize: {
    default: defaultBatchSize,
    most: 10_000,
    about: `The maximum number of messages per call. Over ${batchWithoutWindow} needs a batchWindow; a FIFO queue takes ${largestFifoBatch}.`,
  },
  // CloudFormation's bounds; those of the API are wider
  pollers: { least: 2, most: 2000 },
});

/** The mapping, and the permissions to read. */
export function queueMapping(to: FunctionReference, queue: NamedQueue, settings: QueueSettings): Part {
  const arn = queueArn(queue, to);
  return {
    resources: {
      [to.id(`Sqs${queueIdPart(queue)}`)]: eventSourceMapping(to, { EventSourceArn: arn }, settings),
    },
    // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions
    statements: [allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], arn)],
  };
}

/** The ARN of the key that encrypts a queue under resources; undefined if it has none, or fx cannot tell. */
export function keyOf(named: Plain, resources: ReadonlyMap<string, Resource>): Value | undefined {
  const key = resources.get(logicalIdOf(named) ?? '')?.Properties?.['KmsMasterKeyId'];
  if (typeof key === 'string') return key.includes(':key/') ? key : undefined;
  if (typeof key !== 'object' || key === null || Array.isArray(key)) return undefined;
  const { Ref: id, ...others } = key as Readonly<Record<string, Value>>;
  if (typeof id !== 'string') return 'Fn::GetAtt' in others ? key : undefined;
  return resources.get(id)?.Type === 'AWS::KMS::Key' ? { 'Fn::GetAtt': [id, 'Arn'] } : undefined;
}
