import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileFilterPolicy, type FilterScope } from './filter-policy.ts';

const passes = (policy: object, value: object, scope: FilterScope = 'MessageAttributes') =>
  compileFilterPolicy(policy, scope)(value);

test.each<[object, object, boolean]>([
  [{ store: ['a', 'b'] }, { store: 'b' }, true],
  [{ store: ['a'] }, { store: 'A' }, false],
  [{ store: ['a'], price: [1] }, { store: 'a' }, false],
  [{ store: ['a'] }, { store: ['b', 'a'] }, true],
  [{ price: [{ numeric: ['>', 0, '<=', 100] }] }, { price: 100 }, true],
  [{ price: [{ numeric: ['>', 0, '<=', 100] }] }, { price: 0 }, false],
  [{ price: [{ numeric: ['=', 5] }] }, { price: '5' }, false],
  [{ store: [{ prefix: 'eu-' }] }, { store: 'eu-1' }, true],
  [{ store: [{ suffix: '-1' }] }, { store: 'eu-2' }, false],
  [{ store: [{ 'equals-ignore-case': 'EU' }] }, { store: 'eu' }, true],
  [{ store: [{ 'anything-but': ['a', 'b'] }] }, { store: 'c' }, true],
  [{ store: [{ 'anything-but': ['a'] }] }, {}, false],
  [{ store: [{ 'anything-but': { prefix: 'eu-' } }] }, { store: 'eu-1' }, false],
  [{ store: [{ exists: true }] }, { store: 1 }, true],
  [{ store: [{ exists: false }] }, { other: 1 }, true],
  [{ ip: [{ cidr: '10.0.0.0/24' }] }, { ip: '10.0.0.255' }, true],
  [{ ip: [{ cidr: '10.0.0.0/24' }] }, { ip: '10.0.1.0' }, false],
  [{ $or: [{ a: ['x'] }, { b: ['y'] }], c: ['z'] }, { b: 'y', c: 'z' }, true],
  [{ $or: [{ a: ['x'] }, { b: ['y'] }], c: ['z'] }, { b: 'y' }, false],
])('%j with the attributes %j', (policy, attributes, expected) => {
  expect(passes(policy, attributes)).toBe(expected);
});

test.each<[object, object, boolean]>([
  [{ order: { kind: ['gift'] } }, { order: { kind: 'gift', id: 1 } }, true],
  [
    { Records: { s3: { key: [{ prefix: 'auto-' }] }, name: ['put'] } },
    { Records: [{ s3: { key: 'auto-1' }, name: 'put' }] },
    true,
  ],
  [{ Records: { s3: { key: ['a'] }, name: ['put'] } }, { Records: [{ s3: { key: 'a' } }, { name: 'put' }] }, false],
  [{ Records: { s3: { key: ['a'] } } }, { Records: [[{ s3: [[{ key: 'a' }]] }]] }, true],
  [{ done: [true], error: [null] }, { done: true, error: null }, true],
])('%j with the body %j', (policy, body, expected) => {
  expect(passes(policy, body, 'MessageBody')).toBe(expected);
});

describe('what SNS does not accept', () => {
  const many = Array.from({ length: 151 }, (_, value) => String(value));
  test.each<[unknown, string, FilterScope?]>([
    [[], 'Filter is not an object'],
    [{ key: 'value' }, '"key" must be an object or an array'],
    [{ key: [] }, 'Empty arrays are not allowed'],
    [{ key: [{ exists: null }] }, 'exists match pattern must be either true or false.'],
    [{ key: [{ 'anything-but': { suffix: 'x' } }] }, 'Unsupported anything-but pattern: suffix'],
    [{ key: [{ 'anything-but': { prefix: false } }] }, 'prefix match pattern must be a string'],
    [{ key: [{ wildcard: '*' }] }, 'Unrecognized match type wildcard'],
    [{ key: [{ numeric: ['<', 'x'] }] }, 'Value of < must be numeric'],
    [{ key: [{ numeric: ['>', 5, '<', 5] }] }, 'Bottom must be less than top'],
    [{ key: many }, 'Filter policy is too complex'],
    [{ $or: [{ a: many.slice(0, 100) }, { b: many.slice(0, 51) }] }, 'Filter policy is too complex'],
    [{ a: { b: { c: many.slice(0, 51) } } }, 'Filter policy is too complex', 'MessageBody'],
    [{ a: ['1'], b: ['1'], c: ['1'], d: ['1'], e: ['1'], f: ['1'] }, 'Filter policy can not have more than 5 keys'],
    [{ a: { b: ['c'] } }, 'Filter policy scope MessageAttributes does not support nested filter policy'],
  ])('%j', (policy, message, scope = 'MessageAttributes') => {
    expect(() => compileFilterPolicy(policy, scope)).toThrow(message);
  });
});

test('anything-but passes what the same list refuses, and a numeric range what both its bounds pass', () => {
  const word = fc.constantFrom('a', 'b', 'c', 'd');
  fc.assert(
    fc.property(fc.array(word, { minLength: 1 }), word, (list, value) => {
      expect(passes({ key: [{ 'anything-but': list }] }, { key: value })).toBe(!passes({ key: list }, { key: value }));
    }),
  );
  const number = fc.integer({ min: -5, max: 5 });
  fc.assert(
    fc.property(number, fc.integer({ min: 1, max: 5 }), number, (bottom, width, value) => {
      const numeric = (...rule: (string | number)[]) => passes({ key: [{ numeric: rule }] }, { key: value });
      const top = bottom + width;
      expect(numeric('>', bottom, '<=', top)).toBe(numeric('>', bottom) && numeric('<=', top));
    }),
  );
});
