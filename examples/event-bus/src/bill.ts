interface Order {
  readonly id: string;
  readonly total: number;
}

export const handler = async ({ id, total }: Order): Promise<void> => {
  console.log(`bill for order ${id}: ${total.toFixed(2)}`);
};
