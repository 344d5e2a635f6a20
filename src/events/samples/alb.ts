// Samples of `alb`.
import type { ALBEvent } from 'aws-lambda';
import type { Sample } from './_sample.ts';

export const alb: Sample<ALBEvent> = {
  about: 'a request to an Application Load Balancer',
  aws: 'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html',
  event: {
    requestContext: {
      elb: {
        targetGroupArn:
          'arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/shop-prod-orders/49e9d65c45c6791a',
      },
    },
    httpMethod: 'POST',
    path: '/orders/1',
    queryStringParameters: { page: '2' },
    headers: {
      accept: '*/*',
      'content-type': 'application/json',
      host: 'shop-1234567890.us-east-1.elb.amazonaws.com',
      'user-agent': 'curl/8.10.1',
      'x-amzn-trace-id': 'Root=1-692abc10-0d3b3f1f6c1f5f8e2b2a1c3d',
      'x-forwarded-for': '203.0.113.10',
      'x-forwarded-port': '80',
      'x-forwarded-proto': 'http',
    },
    body: '{"id":1}',
    isBase64Encoded: false,
  },
};
