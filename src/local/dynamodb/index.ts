// DynamoDB: tables with indexes, items, transactions, streams and time to live. PartiQL, backups and global tables are not implemented.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/Welcome.html
import type { Cloud, Service } from '../cloud.ts';
import { Expiry } from './expiry.ts';
import { itemOperations } from './items.ts';
import { settingOperations } from './settings.ts';
import { Tables } from './state.ts';
import { Streams } from './streams.ts';
import { tableOperations } from './tables.ts';
import { transactionOperations } from './transactions.ts';

export function createDynamoDb(cloud: Cloud): Service<'dynamodb'> {
  const streams = new Streams(cloud);
  const expiry = new Expiry(cloud);
  const tables: Tables = new Tables(cloud, (table, before, after) => {
    const { StreamSpecification, LatestStreamArn = '' } = table;
    if (StreamSpecification?.StreamEnabled === true) {
      streams.append(LatestStreamArn, { before, after, isExpired: expiry.isSweeping });
    }
    if (after !== undefined) expiry.note(table, after, tables);
  });
  const settings = settingOperations(tables);
  const { UpdateTimeToLive } = settings;
  return {
    name: 'dynamodb',
    operations: {
      ...tableOperations(tables, streams),
      ...itemOperations(tables),
      ...transactionOperations(tables),
      ...settings,
      ...(UpdateTimeToLive === undefined
        ? {}
        : {
            UpdateTimeToLive: {
              ...UpdateTimeToLive,
              run(input, request) {
                const answer = UpdateTimeToLive.run(input, request);
                expiry.sweep(tables);
                return answer;
              },
            },
          }),
    },
    async start() {
      expiry.sweep(tables);
    },
    async stop() {
      expiry.stop();
    },
  };
}
