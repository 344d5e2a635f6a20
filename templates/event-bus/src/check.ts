import type { Order } from './order.ts';

export const handler = async ({ id, total }: Order): Promise<void> => {
  console.log(`check ${id}: ${total} is a lot`);
};
