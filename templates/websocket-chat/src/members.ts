// Who is connected.
import { DeleteItemCommand, DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';

const client = new DynamoDBClient();
const TableName = process.env.MEMBERS;

export const join = (connection: string) =>
  client.send(new PutItemCommand({ TableName, Item: { connection: { S: connection } } }));

export const leave = (connection: string) =>
  client.send(new DeleteItemCommand({ TableName, Key: { connection: { S: connection } } }));

export async function everyone(): Promise<string[]> {
  const { Items = [] } = await client.send(new ScanCommand({ TableName }));
  return Items.map((item) => item.connection?.S ?? '');
}
