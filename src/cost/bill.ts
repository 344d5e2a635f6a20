// From quantities of a month to money: the free tier first, then the tiers of the price, then each owner's share.
import { type DimensionId, dimensionOf, type PriceList, tiersOf } from './prices.ts';

/** What a function, or a resource that is nobody's, uses in a month. */
export interface Quantity {
  /** A function's name, or a resource's logical id. */
  readonly owner: string;
  readonly dimension: DimensionId;
  readonly units: number;
}

export interface BillLine extends Quantity {
  /** Units that the free tier covers. */
  readonly freeUnits: number;
  /** In USD. */
  readonly cost: number;
}

export interface Terms {
  readonly prices: PriceList;
  /** Whether the account's free tier is this project's to use. */
  readonly freeTier: boolean;
}

/** The lines in the order of the quantities; an owner's quantities of one dimension are one line. Prices fall with the sum of all owners,
 * so each line has its share of the sum's cost. */
export function billOf(quantities: readonly Quantity[], { prices, freeTier }: Terms): readonly BillLine[] {
  const merged = mergedByOwner(quantities);
  const sums = summed(merged, ({ dimension }) => dimension);
  const pools = summed(merged, ({ dimension }) => dimensionOf(dimension).free?.pool);
  return merged.map((quantity) => {
    const { dimension, units } = quantity;
    const sum = sums.get(dimension) ?? 0;
    const { free } = dimensionOf(dimension);
    const pool = free === undefined || !freeTier ? 0 : (pools.get(free.pool) ?? 0);
    const freeShare = pool === 0 ? 0 : Math.min(1, (free?.units ?? 0) / pool);
    const cost = sum === 0 ? 0 : (costOf(tiersOf(prices, dimension), sum * (1 - freeShare)) * units) / sum;
    return { ...quantity, freeUnits: units * freeShare, cost };
  });
}

/** The cost of so many units in a month. */
export function costOf(tiers: ReturnType<typeof tiersOf>, units: number): number {
  return tiers.reduce((cost, [from, each], index) => {
    const to = tiers[index + 1]?.[0] ?? Number.POSITIVE_INFINITY;
    return cost + Math.max(0, Math.min(units, to) - from) * each;
  }, 0);
}

function mergedByOwner(quantities: readonly Quantity[]): readonly Quantity[] {
  const byKey = new Map<string, Quantity>();
  for (const quantity of quantities) {
    if (quantity.units === 0) continue;
    const key = `${quantity.owner} ${quantity.dimension}`;
    byKey.set(key, { ...quantity, units: (byKey.get(key)?.units ?? 0) + quantity.units });
  }
  return [...byKey.values()];
}

function summed(quantities: readonly Quantity[], keyOf: (quantity: Quantity) => string | undefined) {
  const sums = new Map<string, number>();
  for (const quantity of quantities) {
    const key = keyOf(quantity);
    if (key !== undefined) sums.set(key, (sums.get(key) ?? 0) + quantity.units);
  }
  return sums;
}
