// Samples of `s3`: by notification, and by a rule of EventBridge.
import type { EventBridgeEvent, S3Event } from 'aws-lambda';
import type { Sample } from './_sample.ts';

export const s3: Sample<S3Event> = {
  about: 'an object that is put into a bucket',
  aws: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html',
  event: {
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: 'us-east-1',
        eventTime: '2026-11-29T09:53:20.123Z',
        eventName: 'ObjectCreated:Put',
        userIdentity: { principalId: 'AWS:AIDAJDPLRKLG7UEXAMPLE' },
        requestParameters: { sourceIPAddress: '203.0.113.10' },
        responseElements: {
          'x-amz-request-id': 'C3D13FE58DE4C810',
          'x-amz-id-2': 'FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S/JRWeUWerMUE5JgHvANOjpD',
        },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: '0f8e7d6c',
          bucket: {
            name: 'shop-uploads',
            ownerIdentity: { principalId: 'A3NL1KOZZKExample' },
            arn: 'arn:aws:s3:::shop-uploads',
          },
          object: {
            key: 'images/a+photo.jpg',
            size: 1024,
            eTag: 'd41d8cd98f00b204e9800998ecf8427e',
            sequencer: '0055AED6DCD90281E5',
          },
        },
      },
    ],
  },
};

export const s3Rule: Sample<EventBridgeEvent<'Object Created', object>> = {
  about: 'an object that is put, by a rule of EventBridge',
  aws: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html',
  event: {
    version: '0',
    id: '17793124-05d4-b198-2fde-7ededc63b103',
    'detail-type': 'Object Created',
    source: 'aws.s3',
    account: '111122223333',
    time: '2026-11-29T09:53:20Z',
    region: 'us-east-1',
    resources: ['arn:aws:s3:::shop-uploads'],
    detail: {
      version: '0',
      bucket: { name: 'shop-uploads' },
      object: {
        key: 'images/a photo.jpg',
        size: 1024,
        etag: 'd41d8cd98f00b204e9800998ecf8427e',
        sequencer: '0055AED6DCD90281E5',
      },
      'request-id': 'N4N7GDK58NMKJ12R',
      requester: '111122223333',
      'source-ip-address': '203.0.113.10',
      reason: 'PutObject',
    },
  },
};
