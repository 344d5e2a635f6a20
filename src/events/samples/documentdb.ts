// Samples of `documentdb`.
import type { Sample } from './_sample.ts';

export const documentdb: Sample = {
  about: 'a document that is inserted',
  aws: 'https://docs.aws.amazon.com/lambda/latest/dg/with-documentdb.html',
  event: {
    eventSourceArn: 'arn:aws:rds:us-east-1:111122223333:cluster:shop',
    events: [
      {
        event: {
          _id: { _data: '0163eeb6e7000000090100000009000041e1' },
          clusterTime: { $timestamp: { t: 1764410000, i: 9 } },
          documentKey: { _id: { $oid: '63eeb6e7d418cd98afb1c1d7' } },
          fullDocument: { _id: { $oid: '63eeb6e7d418cd98afb1c1d7' }, state: 'open' },
          ns: { db: 'shop', coll: 'orders' },
          operationType: 'insert',
        },
      },
    ],
    eventSource: 'aws:docdb',
  },
};
