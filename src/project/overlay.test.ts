// JSON Merge Patch (RFC 7396): its test cases, and its laws on arbitrary values.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromPlain, type Located, type LocatedMap, type Plain, toPlain } from '../base/located.ts';
import { composePatch, mergeLayer, mergePatch } from './overlay.ts';

const at = (line: number) => ({ file: 'f', line, column: 1, length: 1 });
const located = (value: Plain, line = 1): Located => fromPlain(value, at(line));
const merge = (base: Plain, patch: Plain): Plain => toPlain(mergePatch(located(base), located(patch)));

// https://www.rfc-editor.org/rfc/rfc7396, appendix A
test.each<[Plain, Plain, Plain]>([
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
])('%j with %j over it is %j', (base, patch, merged) => {
  expect(merge(base, patch)).toEqual(merged);
});

test.each<[Plain, Plain, Plain]>([
  [{ a: { Ref: 'A' } }, { a: { 'Fn::GetAtt': ['B', 'Arn'] } }, { a: { 'Fn::GetAtt': ['B', 'Arn'] } }],
  [{ a: { 'Fn::Sub': 'x' } }, { a: { b: 1 } }, { a: { b: 1 } }],
  [{ a: { b: 1 } }, { a: { Ref: 'A' } }, { a: { Ref: 'A' } }],
  [{ a: { Ref: 'A' } }, { a: { Ref: null } }, { a: {} }],
  [{ a: { Ref: 'A', b: 1 } }, { a: { b: 2 } }, { a: { Ref: 'A', b: 2 } }],
])('an intrinsic is one value: %j with %j over it is %j', (base, patch, merged) => {
  expect(merge(base, patch)).toEqual(merged);
});

const scalar = fc.oneof(fc.constantFrom<Plain>(null, true, 'x', ''), fc.integer({ min: 0, max: 9 }));
const key = fc.constantFrom('a', 'b', 'c', 'd');
const { value } = fc.letrec<{ value: Plain; map: Plain }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, scalar, fc.array(scalar, { maxLength: 3 }), tie('map')),
  map: fc.dictionary(key, tie('value'), { maxKeys: 4 }),
}));
const map = fc.dictionary(key, value, { maxKeys: 4 });
const withoutNulls = (one: Plain): boolean =>
  one !== null && (typeof one !== 'object' || (Array.isArray(one) ? true : Object.values(one).every(withoutNulls)));

const isPlainMap = (one: Plain | undefined): one is Record<string, Plain> =>
  typeof one === 'object' && one !== null && !Array.isArray(one);

describe('the laws', () => {
  const holds = (law: (...values: Record<string, Plain>[]) => void, count: number) =>
    fc.assert(
      fc.property(fc.tuple(...Array.from({ length: count }, () => map)), (values) => {
        law(...values);
      }),
    );

  test('an empty patch changes nothing', () => {
    holds((base) => expect(merge(base ?? {}, {})).toEqual(base), 1);
  });

  test('over nothing, a patch is itself without its removals', () => {
    fc.assert(
      fc.property(map.filter(withoutNulls), (patch) => {
        expect(merge({}, patch)).toEqual(patch);
      }),
    );
  });

  test('applying a patch twice equals applying it once', () => {
    holds((base = {}, patch = {}) => expect(merge(merge(base, patch), patch)).toEqual(merge(base, patch)), 2);
  });

  test("a patch's values hold afterwards", () => {
    holds((base = {}, patch = {}) => {
      const merged = merge(base, patch) as Record<string, Plain>;
      for (const [name, said] of Object.entries(patch)) {
        if (said === null) expect(merged).not.toHaveProperty(name);
        else if (typeof said !== 'object' || Array.isArray(said)) expect(merged[name]).toEqual(said);
      }
      for (const name of Object.keys(base)) if (!(name in patch)) expect(merged[name]).toEqual(base[name]);
    }, 2);
  });

  test('the order of keys does not matter', () => {
    const turned = (one: Plain): Plain =>
      typeof one === 'object' && one !== null && !Array.isArray(one)
        ? Object.fromEntries(
            Object.entries(one)
              .reverse()
              .map(([name, inner]) => [name, turned(inner)]),
          )
        : one;
    holds((base = {}, patch = {}) => expect(merge(turned(base), turned(patch))).toEqual(merge(base, patch)), 2);
  });

  test('patches on different keys commute', () => {
    fc.assert(
      fc.property(map, map, map, (base, first, second) => {
        const other = Object.fromEntries(Object.entries(second).map(([name, inner]) => [`${name}2`, inner]));
        expect(merge(merge(base, first), other)).toEqual(merge(merge(base, other), first));
      }),
    );
  });

  // a map in place of another value starts empty, which a patch cannot express: there the two differ
  const mapOverOther = (first: Plain | undefined, second: Plain): boolean =>
    isPlainMap(second) &&
    ((first !== undefined && !isPlainMap(first)) ||
      Object.entries(second).some(([name, inner]) => mapOverOther(isPlainMap(first) ? first[name] : undefined, inner)));
  test('two composed patches equal both in sequence', () => {
    holds((base = {}, first = {}, second = {}) => {
      fc.pre(!mapOverOther(first, second));
      const composed = toPlain(composePatch(located(first), located(second)));
      expect(merge(base, composed)).toEqual(merge(merge(base, first), second));
    }, 3);
  });

  test('neither side is changed', () => {
    holds((base = {}, patch = {}) => {
      const [left, right] = [located(base), located(patch)];
      mergePatch(left, right);
      expect([toPlain(left), toPlain(right)]).toEqual([base, patch]);
    }, 2);
  });

  test('every value keeps its position', () => {
    holds((base = {}, patch = {}) => {
      const merged = mergePatch(located(base, 1), located(patch, 2));
      const walk = (one: Located, own: Plain | undefined, over: Plain | undefined): void => {
        if (one.kind !== 'map') {
          expect(one.at.line).toBe(over === undefined ? 1 : 2);
          return;
        }
        const inner = (from: Plain | undefined, name: string) => (isPlainMap(from) ? from[name] : undefined);
        for (const [name, entry] of one.entries) walk(entry.value, inner(own, name), inner(over, name));
      };
      walk(merged, base, patch);
    }, 2);
  });
});

test("an environment's removals under extend stay, for the resource that they patch", () => {
  const base = located({ extend: { Api: { Properties: { A: 1 } } }, tags: { a: 'x' } }) as LocatedMap;
  const layer = located({ extend: { Api: { Properties: { B: null } } }, tags: { a: null, b: null } }) as LocatedMap;
  expect(toPlain(mergeLayer(base, layer))).toEqual({ extend: { Api: { Properties: { A: 1, B: null } } }, tags: {} });
});
