// Samples of `kinesis`.
import type { KinesisStreamEvent } from 'aws-lambda';
import type { Sample } from './_sample.ts';

export const kinesis: Sample<KinesisStreamEvent> = {
  about: 'a record of a stream; its data is base64',
  aws: 'https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html',
  event: {
    Records: [
      {
        kinesis: {
          kinesisSchemaVersion: '1.0',
          partitionKey: '1',
          sequenceNumber: '49590338271490256608559692538361571095921575989136588898',
          data: Buffer.from('{"id":1}').toString('base64'),
          approximateArrivalTimestamp: 1764410000.987,
        },
        eventSource: 'aws:kinesis',
        eventVersion: '1.0',
        eventID: 'shardId-000000000006:49590338271490256608559692538361571095921575989136588898',
        eventName: 'aws:kinesis:record',
        invokeIdentityArn: 'arn:aws:iam::111122223333:role/lambda-role',
        awsRegion: 'us-east-1',
        eventSourceARN: 'arn:aws:kinesis:us-east-1:111122223333:stream/clicks',
      },
    ],
  },
};
