// Samples of `http`, and of function URLs, which have the same shape.
import type { APIGatewayProxyEventV2, LambdaFunctionURLEvent } from 'aws-lambda';
import type { Sample } from './_sample.ts';

const headers = {
  accept: '*/*',
  'content-length': '8',
  'content-type': 'application/json',
  host: 'a1b2c3d4e5.execute-api.us-east-1.amazonaws.com',
  'user-agent': 'curl/8.10.1',
  'x-amzn-trace-id': 'Root=1-692abc10-0d3b3f1f6c1f5f8e2b2a1c3d',
  'x-forwarded-for': '203.0.113.10',
  'x-forwarded-port': '443',
  'x-forwarded-proto': 'https',
};
const request = { method: 'POST', protocol: 'HTTP/1.1', sourceIp: '203.0.113.10', userAgent: 'curl/8.10.1' };

export const http: Sample<APIGatewayProxyEventV2> = {
  about: 'a request to an HTTP API, in the payload format 2.0',
  aws: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html',
  event: {
    version: '2.0',
    routeKey: 'POST /orders/{id}',
    rawPath: '/orders/1',
    rawQueryString: 'page=2',
    cookies: ['session=abc'],
    headers,
    queryStringParameters: { page: '2' },
    requestContext: {
      accountId: '111122223333',
      apiId: 'a1b2c3d4e5',
      domainName: 'a1b2c3d4e5.execute-api.us-east-1.amazonaws.com',
      domainPrefix: 'a1b2c3d4e5',
      http: { ...request, path: '/orders/1' },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey: 'POST /orders/{id}',
      stage: '$default',
      time: '29/Nov/2026:09:53:20 +0000',
      timeEpoch: 1764410000000,
    },
    pathParameters: { id: '1' },
    body: '{"id":1}',
    isBase64Encoded: false,
  },
};

export const url: Sample<LambdaFunctionURLEvent> = {
  about: 'a request to a function URL',
  aws: 'https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html',
  event: {
    version: '2.0',
    routeKey: '$default',
    rawPath: '/orders/1',
    rawQueryString: '',
    headers: { ...headers, host: 'abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-east-1.on.aws' },
    requestContext: {
      accountId: 'anonymous',
      apiId: 'abcdefghijklmnopqrstuvwxyz012345',
      domainName: 'abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-east-1.on.aws',
      domainPrefix: 'abcdefghijklmnopqrstuvwxyz012345',
      http: { ...request, path: '/orders/1' },
      requestId: 'e1506fd5-9e7b-434f-bd42-4f8fa224b599',
      routeKey: '$default',
      stage: '$default',
      time: '29/Nov/2026:09:53:20 +0000',
      timeEpoch: 1764410000000,
    },
    body: '{"id":1}',
    isBase64Encoded: false,
  },
};
