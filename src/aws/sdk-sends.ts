// Sends to queues, topics, tables, streams, buses and log groups through the SDK.
import { randomUUID } from 'node:crypto';
import { FxError } from '../base/error.ts';
import { attributeValues } from './attribute-values.ts';
import type { Sends, SentMessage } from './aws.ts';
import { queueUrl } from './queue-url.ts';
import { retryStrategy } from './retry.ts';
import { type Ask, type Config, once } from './sdk-call.ts';

export function sdkSends(config: Config, ask: Ask): Sends {
  const withRetries = async (region = config.region) => ({ ...config, region, retryStrategy: await retryStrategy() });
  const sqs = once(async () => {
    const sdk = await import('./clients/sqs.ts');
    return { sdk, client: new sdk.SQSClient(await withRetries()) };
  });
  return {
    async toQueue(queue, message) {
      const QueueUrl = await ask('sqs:GetQueueUrl', () => queueUrl(queue, sqs));
      return ask('sqs:SendMessage', async () => {
        const { sdk, client } = await sqs();
        const input = { QueueUrl, MessageBody: message.body, ...messageInput(QueueUrl, message) };
        return (await client.send(new sdk.SendMessageCommand(input))).MessageId ?? '';
      });
    },
    toTopic: (TopicArn, message) =>
      ask('sns:Publish', async () => {
        const { SNSClient, PublishCommand } = await import('./clients/sns.ts');
        // a topic may be in another region than the function
        const client = new SNSClient(await withRetries(TopicArn.split(':')[3]));
        const input = { TopicArn, Message: message.body, ...messageInput(TopicArn, message) };
        return (await client.send(new PublishCommand(input))).MessageId ?? '';
      }),
    toTable: (TableName, item) =>
      ask('dynamodb:PutItem', async () => {
        const { DynamoDBClient, PutItemCommand } = await import('./clients/dynamodb.ts');
        const client = new DynamoDBClient(await withRetries());
        await client.send(new PutItemCommand({ TableName, Item: attributeValues(item) }));
      }),
    toStream: (stream, { data, key }) =>
      ask('kinesis:PutRecord', async () => {
        const { KinesisClient, NodeHttpHandler, PutRecordCommand } = await import('./clients/kinesis.ts');
        // HTTP/1.1, as for all other calls: proxies need not know HTTP/2
        const client = new KinesisClient({ ...(await withRetries()), requestHandler: new NodeHttpHandler() });
        const named = stream.startsWith('arn:') ? { StreamARN: stream } : { StreamName: stream };
        const input = { ...named, Data: Buffer.from(data), PartitionKey: key };
        return (await client.send(new PutRecordCommand(input))).SequenceNumber ?? '';
      }),
    toBus: ({ bus, source, detailType, detail }) =>
      ask('events:PutEvents', async () => {
        const { EventBridgeClient, PutEventsCommand } = await import('./clients/eventbridge.ts');
        const client = new EventBridgeClient(await withRetries());
        const named = bus === undefined ? {} : { EventBusName: bus };
        const entry = { ...named, Source: source, DetailType: detailType, Detail: detail };
        const { Entries: [result] = [] } = await client.send(new PutEventsCommand({ Entries: [entry] }));
        if (result?.EventId !== undefined) return result.EventId;
        throw new FxError('AWS_REFUSED', `events:PutEvents: ${result?.ErrorCode}: ${result?.ErrorMessage}`);
      }),
    toDeviceTopic: (topic, payload) =>
      ask('iotdata:Publish', async () => {
        const { IoTDataPlaneClient, PublishCommand } = await import('./clients/iot-data.ts');
        const client = new IoTDataPlaneClient(await withRetries());
        await client.send(new PublishCommand({ topic, payload, qos: 1 }));
      }),
    toLogGroup: (logGroupName, logStreamName, message, time) =>
      ask('logs:PutLogEvents', async () => {
        const sdk = await import('./clients/logs.ts');
        const client = new sdk.CloudWatchLogsClient(await withRetries());
        await client.send(new sdk.CreateLogStreamCommand({ logGroupName, logStreamName }));
        const logEvents = [{ timestamp: time.getTime(), message }];
        await client.send(new sdk.PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
      }),
  };
}

/** Each message of a FIFO queue or topic is a new one, whatever its body. */
function messageInput(place: string, { attributes, group }: SentMessage) {
  const entries = Object.entries(attributes);
  return {
    ...(entries.length === 0
      ? {}
      : {
          MessageAttributes: Object.fromEntries(
            entries.map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
          ),
        }),
    ...(place.endsWith('.fifo') ? { MessageGroupId: group ?? 'fx', MessageDeduplicationId: randomUUID() } : {}),
  };
}
