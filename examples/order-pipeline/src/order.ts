// What an order is, for all functions.
export interface Order {
  readonly id: string;
  readonly customer: string;
  readonly lines: readonly { readonly item: string; readonly count: number }[];
}

/** In cents. */
export const prices: Readonly<Record<string, number>> = { tea: 450, mug: 1200, pot: 3900 };

/** Throws an error that says what is wrong. */
export function totalOf({ lines }: Order): number {
  return lines.reduce((sum, { item, count }) => {
    const price = prices[item];
    if (price === undefined) throw new Error(`"${item}" has no price`);
    return sum + price * count;
  }, 0);
}
