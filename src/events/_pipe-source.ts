// What a pipe reads: a queue, a Kinesis stream or the stream of a table, by logical id or ARN.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-source.html
import { sha256 } from '../base/hash.ts';
import { arnOf } from '../cfn/arn.ts';
import { pascalCase } from '../cfn/names.ts';
import { allow, type Statement } from '../cfn/part.ts';
import { attribute, type Value } from '../cfn/resource.ts';
import { tableTypes } from './_table.ts';
import type { SourceContext } from './source.ts';

export type PipeKind = 'dynamodb' | 'kinesis' | 'sqs';

export interface PipeSource {
  readonly kind: PipeKind;
  readonly arn: Value;
}

/** The member of SourceParameters with the settings of the source. */
export const parametersName: Readonly<Record<PipeKind, string>> = {
  dynamodb: 'DynamoDBStreamParameters',
  kinesis: 'KinesisStreamParameters',
  sqs: 'SqsQueueParameters',
};

/** The first keys of a record, for filters.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-filtering.html */
export const recordKeys: Readonly<Record<PipeKind, readonly string[]>> = {
  dynamodb: [
    ...['eventID', 'eventName', 'eventVersion', 'eventSource', 'awsRegion', 'dynamodb', 'userIdentity'],
    'eventSourceARN',
  ],
  kinesis: [
    ...['data', 'partitionKey', 'sequenceNumber', 'approximateArrivalTimestamp', 'kinesisSchemaVersion', 'eventID'],
    ...['eventName', 'eventSource', 'eventSourceARN', 'eventVersion', 'awsRegion', 'invokeIdentityArn'],
  ],
  sqs: [
    ...['messageId', 'receiptHandle', 'body', 'attributes', 'messageAttributes', 'md5OfBody', 'eventSource'],
    ...['eventSourceARN', 'awsRegion'],
  ],
};

const arnPattern = /^arn:[a-z0-9-]+:(sqs|kinesis|dynamodb):[a-z0-9-]+:\d{12}:(\S+)$/;

/** Undefined if it is none that a pipe reads. */
export function pipeSource(named: string, { resources }: SourceContext): PipeSource | undefined {
  const [, service, name = ''] = arnPattern.exec(named) ?? [];
  if (service !== undefined) {
    const isStream = service !== 'dynamodb' || name.includes('/stream/');
    return isStream ? { kind: service as PipeKind, arn: named } : undefined;
  }
  const type = resources.get(named)?.Type ?? '';
  if (tableTypes.includes(type)) return { kind: 'dynamodb', arn: attribute(named, 'StreamArn') };
  if (type === 'AWS::SQS::Queue') return { kind: 'sqs', arn: arnOf(named, type) };
  return type === 'AWS::Kinesis::Stream' ? { kind: 'kinesis', arn: arnOf(named, type) } : undefined;
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-permissions.html */
export function readStatement({ kind, arn }: PipeSource): Statement {
  switch (kind) {
    case 'sqs':
      return allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], arn);
    case 'kinesis':
      return allow(
        [
          ...['kinesis:DescribeStream', 'kinesis:DescribeStreamSummary', 'kinesis:GetRecords'],
          ...['kinesis:GetShardIterator', 'kinesis:ListShards'],
        ],
        arn,
      );
    default:
      return allow(
        ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
        arn,
      );
  }
}

/** For logical ids, from the source alone, so that a new pipe renames no other. */
export function sourceIdPart(named: string): string {
  if (!named.startsWith('arn:')) return named;
  const name = named.split(':').slice(5).join(':').split('/')[named.includes(':sqs:') ? 0 : 1] ?? '';
  return `${pascalCase(name)}${sha256(named).slice(0, 8)}`;
}
