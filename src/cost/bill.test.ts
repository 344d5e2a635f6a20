import fc from 'fast-check';
import { expect, test } from 'vitest';
import { billOf, costOf } from './bill.ts';
import { builtInPrices, dimensionIds, dimensionOf, type PriceList } from './prices.ts';

const terms = { prices: builtInPrices, freeTier: true };
/** Requests of a second at 512 MB, as in the example that AWS's page of prices had for years. */
const classic = (requests: number) => [
  { owner: 'f', dimension: 'lambda.duration.x86_64', units: requests / 2 } as const,
  { owner: 'f', dimension: 'lambda.requests', units: requests } as const,
];
const cents = (usd: number | undefined) => Number(usd?.toFixed(2));

test.each([
  [3e6, 1.1e6, 18.33, 0.4],
  [4e6, 1.6e6, 26.67, 0.6],
])('%i requests of 1 s at 512 MB', (requests, paid, duration, calls) => {
  const [time, request] = billOf(classic(requests), terms);
  expect((time?.units ?? 0) - (time?.freeUnits ?? 0)).toBe(paid);
  expect([cents(time?.cost), cents(request?.cost)]).toEqual([duration, calls]);
});

test('at the price before 2021, the same three million cost a cent more', () => {
  const old: PriceList = {
    region: 'us-east-1',
    date: '2020-01-01',
    tiers: { 'lambda.duration.x86_64': [[0, 0.00001667]] },
  };
  expect(cents(billOf(classic(3e6), { ...terms, prices: old })[0]?.cost)).toBe(18.34);
});

test('without the free tier, all of it costs', () => {
  expect(
    billOf(classic(3e6), { ...terms, freeTier: false }).map(({ cost, freeUnits }) => [cents(cost), freeUnits]),
  ).toEqual([
    [25, 0],
    [0.6, 0],
  ]);
});

test('both architectures share the free tier', () => {
  const bill = billOf(
    [
      { owner: 'a', dimension: 'lambda.duration.x86_64', units: 300_000 },
      { owner: 'b', dimension: 'lambda.duration.arm64', units: 100_000 },
    ],
    terms,
  );
  expect(bill.map(({ cost }) => cost)).toEqual([0, 0]);
});

test('a price falls from one tier to the next', () => {
  const tiers = [
    [0, 1],
    [10, 0.5],
    [20, 0.1],
  ] as const;
  expect([0, 5, 10, 15, 20, 30].map((units) => costOf(tiers, units))).toEqual([0, 5, 10, 12.5, 15, 16]);
});

test('the lines add up to the cost of the sum, and never to less than nothing', () => {
  const quantity = fc.record({
    owner: fc.constantFrom('a', 'b', 'c'),
    dimension: fc.constantFrom(...dimensionIds),
    units: fc.double({ min: 0, max: 1e12, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(quantity, { maxLength: 20 }), fc.boolean(), (quantities, freeTier) => {
      const bill = billOf(quantities, { ...terms, freeTier });
      for (const id of dimensionIds) {
        const lines = bill.filter(({ dimension }) => dimension === id);
        const paid = lines.reduce((sum, { units, freeUnits }) => sum + units - freeUnits, 0);
        const total = lines.reduce((sum, { cost }) => sum + cost, 0);
        const whole = costOf(dimensionOf(id).tiers, paid);
        expect(Math.abs(total - whole)).toBeLessThanOrEqual(1e-6 * Math.max(1, whole));
        expect(lines.every(({ cost, freeUnits, units }) => cost >= 0 && freeUnits >= 0 && freeUnits <= units)).toBe(
          true,
        );
      }
    }),
  );
});
