// Samples of `pipe`.
import type { SQSRecord } from 'aws-lambda';
import type { Sample } from './_sample.ts';

export const pipe: Sample<readonly SQSRecord[]> = {
  about: 'a message of a queue, without an input of your own',
  aws: 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-sqs.html',
  event: [
    {
      messageId: '059f36b4-87a3-44ab-83d2-661975830a7d',
      receiptHandle: 'AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a',
      body: '{"id":1}',
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: '1764410000000',
        SenderId: 'AIDAIENQZJOLO23YVJ4VO',
        ApproximateFirstReceiveTimestamp: '1764410000012',
      },
      messageAttributes: {},
      md5OfBody: 'd2ce28b9a7fd7e4407e2b0fd499b7fe4',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:111122223333:jobs',
      awsRegion: 'us-east-1',
    },
  ],
};
