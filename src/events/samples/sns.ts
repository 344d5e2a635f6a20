// Samples of `sns`.
import type { SNSEvent } from 'aws-lambda';
import type { Sample } from './_sample.ts';

export const sns: Sample<SNSEvent> = {
  about: 'a message of a topic',
  aws: 'https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html',
  event: {
    Records: [
      {
        EventVersion: '1.0',
        EventSubscriptionArn: 'arn:aws:sns:us-east-1:111122223333:news:21be56ed-a058-49f5-8c98-aedd2564c486',
        EventSource: 'aws:sns',
        Sns: {
          SignatureVersion: '1',
          Timestamp: '2026-11-29T09:53:20.000Z',
          Signature: 'tcc6faL2yUC6dgZdmrwh1Y4cGa/ebXEkAi6RibDsvpi+tE/1+82j',
          SigningCertUrl:
            'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-ac565b8b1a6c5d002d285f9598aa1d9b.pem',
          MessageId: '95df01b4-ee98-5cb9-9903-4c221d41eb5e',
          Message: '{"id":1}',
          MessageAttributes: { kind: { Type: 'String', Value: 'order' } },
          Type: 'Notification',
          UnsubscribeUrl:
            'https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:us-east-1:111122223333:news:21be56ed-a058-49f5-8c98-aedd2564c486',
          TopicArn: 'arn:aws:sns:us-east-1:111122223333:news',
          Subject: 'News',
        },
      },
    ],
  },
};
