// Samples of `kafka` and `msk`.
import type { MSKEvent, SelfManagedKafkaEvent } from 'aws-lambda';
import type { Sample } from './_sample.ts';

const records = {
  'orders-0': [
    {
      topic: 'orders',
      partition: 0,
      offset: 15,
      timestamp: 1764410000000,
      timestampType: 'CREATE_TIME' as const,
      key: Buffer.from('1').toString('base64'),
      value: Buffer.from('{"id":1}').toString('base64'),
      headers: [{ trace: [...Buffer.from('a1')] }],
    },
  ],
};
const bootstrapServers = 'b-1.shop.example.com:9092,b-2.shop.example.com:9092';

export const msk: Sample<MSKEvent> = {
  about: 'a record of a topic of Amazon MSK; key and value are base64',
  aws: 'https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html',
  event: {
    eventSource: 'aws:kafka',
    eventSourceArn: 'arn:aws:kafka:us-east-1:111122223333:cluster/shop/751d2973-a626-431c-9d4e-d7975eb44dd7-2',
    bootstrapServers,
    records,
  },
};

export const kafka: Sample<SelfManagedKafkaEvent> = {
  about: 'a record of a topic of another Kafka cluster',
  aws: 'https://docs.aws.amazon.com/lambda/latest/dg/with-kafka.html',
  event: { eventSource: 'SelfManagedKafka', bootstrapServers, records },
};
