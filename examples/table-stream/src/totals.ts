// Adds each new order to the total of its customer.
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';

interface Change {
  readonly dynamodb: {
    readonly NewImage: { readonly customer: { readonly S: string }; readonly cents: { readonly N: string } };
  };
}

const client = new DynamoDBClient();

export const handler = async ({ Records }: { readonly Records: readonly Change[] }) => {
  for (const { dynamodb } of Records) {
    const { customer, cents } = dynamodb.NewImage;
    await client.send(
      new UpdateItemCommand({
        TableName: process.env['TOTALS'],
        Key: { customer },
        UpdateExpression: 'ADD cents :cents, orders :one',
        ExpressionAttributeValues: { ':cents': cents, ':one': { N: '1' } },
      }),
    );
  }
};
