// Samples of `dynamodb`.
import type { DynamoDBStreamEvent } from 'aws-lambda';
import type { Sample } from './_sample.ts';

const arn = 'arn:aws:dynamodb:us-east-1:111122223333:table/orders/stream/2026-11-29T09:00:00.000';
const record = { eventVersion: '1.1', eventSource: 'aws:dynamodb', awsRegion: 'us-east-1', eventSourceARN: arn };
const changed = {
  ApproximateCreationDateTime: 1764410000,
  Keys: { id: { S: '1' } },
  StreamViewType: 'NEW_AND_OLD_IMAGES',
} as const;

export const dynamodb: Sample<DynamoDBStreamEvent> = {
  about: 'an item that is put, changed and deleted',
  aws: 'https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html',
  event: {
    Records: [
      {
        eventID: 'c4ca4238a0b923820dcc509a6f75849b',
        eventName: 'INSERT',
        ...record,
        dynamodb: {
          ...changed,
          NewImage: { id: { S: '1' }, state: { S: 'open' } },
          SequenceNumber: '4421584500000000017450439091',
          SizeBytes: 17,
        },
      },
      {
        eventID: 'c81e728d9d4c2f636f067f89cc14862c',
        eventName: 'MODIFY',
        ...record,
        dynamodb: {
          ...changed,
          NewImage: { id: { S: '1' }, state: { S: 'paid' } },
          OldImage: { id: { S: '1' }, state: { S: 'open' } },
          SequenceNumber: '4421584500000000017450439092',
          SizeBytes: 31,
        },
      },
      {
        eventID: 'eccbc87e4b5ce2fe28308fd9f2a7baf3',
        eventName: 'REMOVE',
        ...record,
        dynamodb: {
          ...changed,
          OldImage: { id: { S: '1' }, state: { S: 'paid' } },
          SequenceNumber: '4421584500000000017450439093',
          SizeBytes: 17,
        },
      },
    ],
  },
};
