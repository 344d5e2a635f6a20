import { DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { pageOf, type Row } from './page.ts';

const dynamodb = new DynamoDBClient();
const s3 = new S3Client();
const dayMs = 86_400_000;

export const handler = async ({ night }: { readonly night: string }) => {
  const day = new Date(Date.parse(night) - dayMs).toISOString().slice(0, 10);
  const rows = await rowsOf(day);
  const Key = `${day}.html`;
  const page = {
    Bucket: process.env['REPORTS'],
    Key,
    ContentType: 'text/html; charset=utf-8',
    Body: pageOf(day, rows),
  };
  await s3.send(new PutObjectCommand(page));
  const cents = rows.reduce((sum, row) => sum + row.cents, 0);
  console.log(`${Key}: ${rows.length} items, ${(cents / 100).toFixed(2)} in all`);
  return { report: Key, cents };
};

/** The sales of a day by item, the most first. */
async function rowsOf(day: string): Promise<readonly Row[]> {
  const rows = new Map<string, Row>();
  const query = {
    TableName: process.env['SALES'],
    KeyConditionExpression: '#day = :day',
    ExpressionAttributeNames: { '#day': 'day' },
    ExpressionAttributeValues: { ':day': { S: day } },
  };
  for await (const { Items = [] } of paginateQuery({ client: dynamodb }, query)) {
    for (const sale of Items) {
      const item = sale['item']?.S ?? '';
      const { count, cents } = rows.get(item) ?? { count: 0, cents: 0 };
      rows.set(item, { item, count: count + 1, cents: cents + Number(sale['cents']?.N) });
    }
  }
  return [...rows.values()].sort((a, b) => b.cents - a.cents);
}
