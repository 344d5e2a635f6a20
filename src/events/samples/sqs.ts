// Samples of `sqs`.
import type { SQSEvent } from 'aws-lambda';
import type { Sample } from './_sample.ts';

const record = {
  receiptHandle: 'AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a',
  messageAttributes: {},
  md5OfBody: '098f6bcd4621d373cade4e832627b4f6',
  eventSource: 'aws:sqs',
  eventSourceARN: 'arn:aws:sqs:us-east-1:111122223333:jobs',
  awsRegion: 'us-east-1',
};

export const sqs: Sample<SQSEvent> = {
  about: 'two messages of a queue',
  aws: 'https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html',
  event: {
    Records: ['{"id":1}', '{"id":2}'].map((body, index) => ({
      messageId: `059f36b4-87a3-44ab-83d2-66197${index}975a7d`,
      ...record,
      body,
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: '1764410000000',
        SenderId: 'AIDAIENQZJOLO23YVJ4VO',
        ApproximateFirstReceiveTimestamp: '1764410000012',
      },
    })),
  },
};

export const sqsFifo: Sample<SQSEvent> = {
  about: 'a message of a FIFO queue',
  aws: 'https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html',
  event: {
    Records: [
      {
        messageId: '11d6ee51-4cc7-4302-9e22-7cd8afdaadf5',
        ...record,
        eventSourceARN: 'arn:aws:sqs:us-east-1:111122223333:jobs.fifo',
        body: '{"id":1}',
        attributes: {
          ApproximateReceiveCount: '1',
          SentTimestamp: '1764410000000',
          SequenceNumber: '18849496460467696128',
          MessageGroupId: 'customer-1',
          SenderId: 'AIDAIO23YVJENQZJOL4VO',
          MessageDeduplicationId: '1',
          ApproximateFirstReceiveTimestamp: '1764410000012',
        },
      },
    ],
  },
};
