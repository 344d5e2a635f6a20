// Samples of `eventbridge`.
import type { EventBridgeEvent } from 'aws-lambda';
import type { Sample } from './_sample.ts';

export const eventbridge: Sample<EventBridgeEvent<string, object>> = {
  about: 'an event of a bus',
  aws: 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html',
  event: {
    version: '0',
    id: '17793124-05d4-b198-2fde-7ededc63b103',
    'detail-type': 'OrderPlaced',
    source: 'shop',
    account: '111122223333',
    time: '2026-11-29T09:53:20Z',
    region: 'us-east-1',
    resources: [],
    detail: { id: 1, total: 120 },
  },
};
