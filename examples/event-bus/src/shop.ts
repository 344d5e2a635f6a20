// Takes an order, and tells everyone who wants to know.
import { randomUUID } from 'node:crypto';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';

const client = new EventBridgeClient({});

interface Request {
  readonly body?: string;
}

export async function handler({ body = '{}' }: Request) {
  const { total = 0, country = 'DE' } = JSON.parse(body) as { readonly total?: number; readonly country?: string };
  const order = { id: randomUUID(), total, country };
  const { Entries = [] } = await client.send(
    new PutEventsCommand({
      Entries: [
        {
          EventBusName: process.env['BUS'],
          Source: 'shop',
          DetailType: 'OrderPlaced',
          Detail: JSON.stringify(order),
        },
      ],
    }),
  );
  // PutEvents succeeds even if an entry did not
  const refused = Entries.find(({ ErrorCode }) => ErrorCode !== undefined);
  if (refused !== undefined) throw new Error(`${refused.ErrorCode}: ${refused.ErrorMessage}`);
  return { statusCode: 202, body: JSON.stringify(order) };
}
