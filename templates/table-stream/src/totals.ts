import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBStreamHandler } from 'aws-lambda';

const client = new DynamoDBClient();

export const handler: DynamoDBStreamHandler = async ({ Records }) => {
  for (const { dynamodb } of Records) {
    const { customer, cents } = dynamodb?.NewImage ?? {};
    await client.send(
      new UpdateItemCommand({
        TableName: process.env.TOTALS,
        Key: { customer: { S: customer?.S ?? '' } },
        UpdateExpression: 'ADD cents :cents',
        ExpressionAttributeValues: { ':cents': { N: cents?.N ?? '0' } },
      }),
    );
  }
};
