// The steps of an order.
interface Order {
  readonly id: string;
  readonly cents: number;
  readonly article: string;
}

class OutOfStock extends Error {
  override readonly name = 'OutOfStock';
}

export const reserve = async ({ article }: Order) => {
  if (article === 'unicorn') throw new OutOfStock(`there is no ${article} left`);
  return { reserved: true };
};

export const charge = async ({ id, cents }: Order) => ({ receipt: `${id}: ${(cents / 100).toFixed(2)}` });
