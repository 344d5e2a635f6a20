// Samples of `mq`.
import type { Sample } from './_sample.ts';

const aws = 'https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html';
const data = Buffer.from('{"id":1}').toString('base64');

export const mq: Sample = {
  about: 'a message of ActiveMQ; its data is base64',
  aws,
  event: {
    eventSource: 'aws:mq',
    eventSourceArn: 'arn:aws:mq:us-east-1:111122223333:broker:shop:b-9bcfa592-423a-4942-879d-eb284b418fc8',
    messages: [
      {
        messageID:
          'ID:b-9bcfa592-423a-4942-879d-eb284b418fc8-1.mq.us-east-1.amazonaws.com-37557-1234520418293-4:1:1:1:1',
        messageType: 'jms/text-message',
        deliveryMode: 1,
        replyTo: null,
        type: null,
        expiration: '0',
        priority: 4,
        correlationId: '',
        redelivered: false,
        destination: { physicalName: 'orders' },
        data,
        timestamp: 1764410000000,
        brokerInTime: 1764410000001,
        brokerOutTime: 1764410000002,
        properties: { kind: 'order' },
      },
    ],
  },
};

export const mqRabbit: Sample = {
  about: 'a message of RabbitMQ, by queue and virtual host',
  aws,
  event: {
    eventSource: 'aws:rmq',
    eventSourceArn: 'arn:aws:mq:us-east-1:111122223333:broker:shop:b-1a0d1d60-c8c5-4c54-8d17-0ba0a2b6f9f9',
    rmqMessagesByQueue: {
      'orders::/': [
        {
          basicProperties: {
            contentType: 'text/plain',
            contentEncoding: null,
            headers: { kind: { bytes: [...Buffer.from('order')] } },
            deliveryMode: 1,
            priority: 34,
            correlationId: null,
            replyTo: null,
            expiration: '60000',
            messageId: null,
            timestamp: 'Nov 29, 2026, 9:53:20 AM',
            type: null,
            userId: 'AIDACKCEVSQ6C2EXAMPLE',
            appId: null,
            clusterId: null,
            bodySize: 8,
          },
          redelivered: false,
          data,
        },
      ],
    },
  },
};
