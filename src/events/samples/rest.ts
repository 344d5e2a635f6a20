// Samples of `rest`, whose shape is also the payload format 1.0 of an HTTP API.
import type { Sample } from './_sample.ts';

const nobody = {
  accessKey: null,
  accountId: null,
  caller: null,
  cognitoAuthenticationProvider: null,
  cognitoAuthenticationType: null,
  cognitoIdentityId: null,
  cognitoIdentityPoolId: null,
  principalOrgId: null,
  user: null,
  userArn: null,
};

export const rest: Sample = {
  about: 'a request to a REST API',
  aws: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html',
  event: {
    resource: '/orders/{id}',
    path: '/orders/1',
    httpMethod: 'POST',
    headers: {
      Accept: '*/*',
      'Content-Type': 'application/json',
      Host: 'a1b2c3d4e5.execute-api.us-east-1.amazonaws.com',
    },
    multiValueHeaders: {
      Accept: ['*/*'],
      'Content-Type': ['application/json'],
      Host: ['a1b2c3d4e5.execute-api.us-east-1.amazonaws.com'],
    },
    queryStringParameters: { page: '2' },
    multiValueQueryStringParameters: { page: ['2'] },
    pathParameters: { id: '1' },
    stageVariables: null,
    requestContext: {
      deploymentId: 'x1y2z3',
      resourceId: 'ab12cd',
      resourcePath: '/orders/{id}',
      httpMethod: 'POST',
      extendedRequestId: 'JKJaXmPLvHcESHA=',
      requestTime: '29/Nov/2026:09:53:20 +0000',
      path: '/live/orders/1',
      accountId: '111122223333',
      protocol: 'HTTP/1.1',
      stage: 'live',
      domainPrefix: 'a1b2c3d4e5',
      requestTimeEpoch: 1764410000000,
      requestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
      identity: { ...nobody, sourceIp: '203.0.113.10', userAgent: 'curl/8.10.1' },
      domainName: 'a1b2c3d4e5.execute-api.us-east-1.amazonaws.com',
      apiId: 'a1b2c3d4e5',
    },
    body: '{"id":1}',
    isBase64Encoded: false,
  },
};
