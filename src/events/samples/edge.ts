// Samples of `edge`.
import type { CloudFrontRequestEvent, CloudFrontResponseEvent } from 'aws-lambda';
import type { Sample } from './_sample.ts';

const aws = 'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html';
const request = {
  clientIp: '203.0.113.10',
  headers: {
    host: [{ key: 'Host', value: 'd111111abcdef8.cloudfront.net' }],
    'user-agent': [{ key: 'User-Agent', value: 'curl/8.10.1' }],
  },
  method: 'GET',
  querystring: '',
  uri: '/index.html',
};
const config = {
  distributionDomainName: 'd111111abcdef8.cloudfront.net',
  distributionId: 'EDFDVBD6EXAMPLE',
  requestId: '4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ==',
};

export const edge: Sample<CloudFrontRequestEvent> = {
  about: 'a request of a viewer, at CloudFront',
  aws,
  event: { Records: [{ cf: { config: { ...config, eventType: 'viewer-request' }, request } }] },
};

export const edgeOriginResponse: Sample<CloudFrontResponseEvent> = {
  about: "the origin's response, at CloudFront",
  aws,
  event: {
    Records: [
      {
        cf: {
          config: { ...config, eventType: 'origin-response' },
          request,
          response: {
            headers: { 'content-type': [{ key: 'Content-Type', value: 'text/html' }] },
            status: '200',
            statusDescription: 'OK',
          },
        },
      },
    ],
  },
};
