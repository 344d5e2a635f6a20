// Samples of `logs`.
import { gzipSync } from 'node:zlib';
import type { CloudWatchLogsDecodedData, CloudWatchLogsEvent } from 'aws-lambda';
import type { Sample } from './_sample.ts';

const decoded: CloudWatchLogsDecodedData = {
  messageType: 'DATA_MESSAGE',
  owner: '111122223333',
  logGroup: '/aws/lambda/shop-prod-orders',
  logStream: '2026/11/29/[7]f2a4e1b0c3d54a6f8b9c0d1e2f3a4b5c',
  subscriptionFilters: ['errors'],
  logEvents: [
    {
      id: '39338129484950495849584958495849584958495849584958495849',
      timestamp: 1764410000000,
      message: 'ERROR no stock',
    },
  ],
};

export const logs: Sample<CloudWatchLogsEvent> = {
  about: 'lines of a log group: base64 of gzip of JSON',
  aws: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html',
  event: { awslogs: { data: gzipSync(JSON.stringify(decoded)).toString('base64') } },
};
