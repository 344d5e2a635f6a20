import type { Order } from './order.ts';
import { type Batch, forEach } from './queue.ts';

export const handler = (batch: Batch) =>
  forEach<Order>(batch, async ({ customer, lines }) => {
    const items = lines.map(({ item, count }) => `${count} ${item}`).join(', ');
    console.log(`shipped ${items} to ${customer}`);
  });
