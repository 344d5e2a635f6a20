import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';

interface Delivery {
  readonly id: string;
  readonly event?: string;
  readonly payload: string;
}

interface Batch {
  readonly Records: readonly { readonly messageId: string; readonly body: string }[];
}

const client = new DynamoDBClient();
const keptSeconds = 7 * 86_400;

export const handler = async ({ Records }: Batch) => {
  const failed: string[] = [];
  for (const { messageId, body } of Records) {
    try {
      await work(JSON.parse(body) as Delivery);
    } catch (error) {
      console.error(`message ${messageId}: ${(error as Error).message}`);
      failed.push(messageId);
    }
  }
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
};

async function work({ id, event, payload }: Delivery): Promise<void> {
  if (!(await isNew(id))) return console.log(`${id} came again`);
  try {
    const { repository } = JSON.parse(payload) as { repository?: { full_name: string } };
    console.log(`${event} in ${repository?.full_name}`);
  } catch (error) {
    // it is to come again
    await client.send(new DeleteItemCommand({ TableName: process.env['SEEN'], Key: { delivery: { S: id } } }));
    throw error;
  }
}

/** A queue may deliver a message twice, and a sender a webhook. */
async function isNew(delivery: string): Promise<boolean> {
  const expires = Math.floor(Date.now() / 1000) + keptSeconds;
  const Item = { delivery: { S: delivery }, expires: { N: String(expires) } };
  const ConditionExpression = 'attribute_not_exists(delivery)';
  try {
    await client.send(new PutItemCommand({ TableName: process.env['SEEN'], Item, ConditionExpression }));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
