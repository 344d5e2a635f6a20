import type { Order } from './order.ts';

export const handler = async ({ id, total }: Order): Promise<void> => {
  console.log(`bill for ${id}: ${total.toFixed(2)}`);
};
