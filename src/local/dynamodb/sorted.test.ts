import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SortedMap } from './sorted.ts';

const key = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 8 });
const bounds = fc.record({
  from: key,
  to: key,
  isFromIn: fc.boolean(),
  isToIn: fc.boolean(),
  reverse: fc.boolean(),
  limit: fc.constantFrom(-1, 0, 1, 3),
});

test('a range is what sorting and filtering all keys gives', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(key, fc.boolean()), { maxLength: 2000 }), bounds, (changes, one) => {
      const map = new SortedMap<string>();
      const plain = new Set<string>();
      for (const [text, isPut] of changes) {
        if (isPut) map.set(text, text);
        else expect(map.delete(text)).toBe(plain.has(text));
        if (isPut) plain.add(text);
        else plain.delete(text);
      }
      const { from, to, isFromIn, isToIn, reverse, limit } = one;
      const range = {
        ...(isFromIn ? { gte: from } : { gt: from }),
        ...(isToIn ? { lte: to } : { lt: to }),
        reverse,
        limit,
      };
      const wanted = [...plain]
        .filter((text) => (isFromIn ? text >= from : text > from) && (isToIn ? text <= to : text < to))
        .sort();
      if (reverse) wanted.reverse();
      expect([...map.range(range)]).toEqual(limit < 0 ? wanted : wanted.slice(0, limit));
      expect([...map.range({})]).toEqual([...plain].sort());
      expect([...map.range({ reverse: true })]).toEqual([...plain].sort().reverse());
      expect(map.size).toBe(plain.size);
    }),
    { numRuns: 300 },
  );
});
