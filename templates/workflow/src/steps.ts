interface Order {
  readonly id: string;
}

export const charge = async ({ id }: Order) => ({ payment: `payment-of-${id}` });

/** Its name is what the workflow catches. */
class OutOfStock extends Error {
  override name = 'OutOfStock';
}

export const pack = async (line: string) => {
  if (line === 'unicorn') throw new OutOfStock(`there is no ${line}`);
  console.log(`packed ${line}`);
  return { line };
};

export const refund = async ({ payment }: { readonly payment: string }) => {
  console.log(`refunded ${payment}`);
};
