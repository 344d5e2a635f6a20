import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileEventPattern } from './event-pattern.ts';
import { busDialect, filterDialect, PatternError } from './event-pattern-language.ts';

const matches = (pattern: unknown, event: unknown) => compileEventPattern(pattern, busDialect)(event);
const on = (condition: unknown) => (value: unknown) => matches({ a: [condition] }, { a: value });

// The examples and rules of https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
describe('a condition', () => {
  test.each([
    ['EventBridge', 'EventBridge', true],
    ['EventBridge', 'eventbridge', false],
    [null, null, true],
    [null, 'null', false],
    ['', '', true],
    [true, true, true],
    [true, 'true', false],
    [300, 300.0, true],
    ['300', 300, false],
    ['::1', '0:0:0:0:0:0:0:1', true],
    [{ prefix: 'us-' }, 'us-east-1', true],
    [{ prefix: 'us-' }, 'eu-west-1', false],
    [{ prefix: '' }, '', true],
    [{ prefix: 'us-' }, 1, false],
    [{ prefix: { 'equals-ignore-case': 'EVENTB' } }, 'eventbridge', true],
    [{ suffix: '.png' }, 'a.png', true],
    [{ suffix: '.png' }, 'a.PNG', false],
    [{ suffix: { 'equals-ignore-case': '.png' } }, 'a.PNG', true],
    [{ 'equals-ignore-case': 'alice' }, 'Alice', true],
    [{ exactly: 'a' }, 'a', true],
    [{ exists: true }, 'x', true],
    [{ exists: true }, null, true],
    [{ exists: true }, undefined, false],
    [{ exists: true }, [], false],
    [{ exists: true }, { deep: 1 }, false],
    [{ exists: false }, undefined, true],
    [{ exists: false }, 'x', false],
    [{ 'anything-but': 'x' }, 'y', true],
    [{ 'anything-but': 'x' }, null, true],
    [{ 'anything-but': 'x' }, undefined, false],
    [{ 'anything-but': 5 }, 5, false],
    [{ 'anything-but': ['x', 'y'] }, 'y', false],
    [{ 'anything-but': [1, 2] }, 3, true],
    [{ 'anything-but': { prefix: 'init' } }, 'initial', false],
    [{ 'anything-but': { prefix: ['init', 'post'] } }, 'post-init', false],
    [{ 'anything-but': { suffix: '.txt' } }, 'a.rtf', true],
    [{ 'anything-but': { 'equals-ignore-case': ['a', 'b'] } }, 'B', false],
    [{ 'anything-but': { wildcard: ['*/lib/*', '*/bin/*'] } }, 'a/bin/b', false],
    [{ numeric: ['=', 301.8] }, 301.8, true],
    [{ numeric: ['>', 0, '<=', 5] }, 5, true],
    [{ numeric: ['>', 0, '<=', 5] }, 0, false],
    [{ numeric: ['>=', 0, '<', 5] }, 5, false],
    [{ numeric: ['>', 100] }, '300', false],
    [{ cidr: '10.0.0.0/24' }, '10.0.0.255', true],
    [{ cidr: '10.0.0.0/24' }, '10.0.1.0', false],
    [{ cidr: '10.0.0.0/24' }, '10.0.0.256', false],
    [{ cidr: '2001:db8::/33' }, '2001:db8:7fff::1', true],
    [{ cidr: '2001:db8::/33' }, '2001:db8:8000::', false],
    [{ cidr: '0.0.0.0/0' }, '::1', false],
    [{ wildcard: 'dir/*.png' }, 'dir/a/b.png', true],
    [{ wildcard: 'dir/*.png' }, 'dir.png', false],
    [{ wildcard: 'a*a' }, 'a', false],
    [{ wildcard: '*a*b*' }, 'xbxa', false],
    [{ wildcard: String.raw`2\*2\\*` }, String.raw`2*2\4`, true],
  ])('%j with %j: %j', (condition, value, expected) => {
    expect(on(condition)(value)).toBe(expected);
  });
});

describe('a pattern', () => {
  test('needs all its keys, and one of the choices of $or beside them', () => {
    const pattern = { source: ['a'], $or: [{ x: [1] }, { y: [{ numeric: ['>', 1] }], z: [true] }] };
    expect(matches(pattern, { source: 'a', x: 1 })).toBe(true);
    expect(matches(pattern, { source: 'a', y: 2, z: true })).toBe(true);
    expect(matches(pattern, { source: 'a', y: 2 })).toBe(false);
    expect(matches(pattern, { source: 'b', x: 1 })).toBe(false);
  });

  test('applies keys to leaves only, by dotted names', () => {
    expect(matches({ a: { b: ['x'] } }, { 'a.b': 'x' })).toBe(true);
    expect(matches({ 'a.b': ['x'] }, { a: { b: 'x' } })).toBe(true);
    expect(matches({ a: { b: ['x'] } }, { a: '{"b":"x"}' })).toBe(false);
  });

  test('matches any element of an array, and several keys within one element', () => {
    const event = {
      tags: ['a', 'b'],
      people: [
        { first: 'Ann', last: 'Lee' },
        { first: 'Bob', last: 'Kim' },
      ],
    };
    expect(matches({ tags: ['b'] }, event)).toBe(true);
    expect(matches({ people: { first: ['Ann'], last: ['Lee'] } }, event)).toBe(true);
    expect(matches({ people: { first: ['Ann'], last: ['Kim'] } }, event)).toBe(false);
    expect(matches({ tags: ['a'], people: { last: ['Kim'] } }, event)).toBe(true);
  });

  test('takes time that its wildcards do not multiply', () => {
    expect(on({ wildcard: `${'*a'.repeat(500)}b` })('a'.repeat(100_000))).toBe(false);
  });
});

describe('a wrong pattern', () => {
  test.each([
    [[], 'Filter is not an object', []],
    [{}, 'Empty objects are not allowed', []],
    [{ a: [] }, 'Empty arrays are not allowed', ['a']],
    [{ a: 'x' }, '"a" must be an object or an array', ['a']],
    [{ a: [['x']] }, 'Match value must be String, number, true, false, or null', ['a', 0]],
    [{ a: [{}] }, 'Match expression name not found', ['a', 0]],
    [{ a: [{ EXISTS: true }] }, 'Unrecognized match type EXISTS', ['a', 0, 'EXISTS']],
    [{ a: [{ exists: 'x' }] }, 'exists match pattern must be either true or false.', ['a', 0, 'exists']],
    [{ a: [{ prefix: 'x', suffix: 'y' }] }, 'Only one key allowed in match expression', ['a', 0, 'suffix']],
    [{ a: [{ prefix: 1 }] }, 'prefix match pattern must be a string', ['a', 0, 'prefix']],
    [{ a: [{ prefix: { x: 'y' } }] }, 'Unsupported prefix pattern: x', ['a', 0, 'prefix', 'x']],
    [{ a: [{ wildcard: 'x**' }] }, 'Consecutive wildcard characters at pos 2', ['a', 0, 'wildcard']],
    [{ a: [{ wildcard: String.raw`\x` }] }, 'Invalid escape character at pos 1', ['a', 0, 'wildcard']],
    [{ a: [{ numeric: ['<', 'x'] }] }, 'Value of < must be numeric', ['a', 0, 'numeric', 1]],
    [{ a: [{ numeric: ['!', 1] }] }, 'Unrecognized numeric range operator: !', ['a', 0, 'numeric', 1]],
    [{ a: [{ numeric: ['<', 1, '>', 0] }] }, 'Too many elements in numeric expression', ['a', 0, 'numeric', 2]],
    [{ a: [{ numeric: ['>', 5, '<', 5] }] }, 'Bottom must be less than top', ['a', 0, 'numeric']],
    [{ a: [{ numeric: ['=', 6e9] }] }, 'Value must be between -5.0E9 and 5.0E9, inclusive', ['a', 0, 'numeric', 1]],
    [
      { a: [{ 'anything-but': { cidr: 'x' } }] },
      'Unsupported anything-but pattern: cidr',
      ['a', 0, 'anything-but', 'cidr'],
    ],
    [{ a: [{ cidr: '10.0.0.0' }] }, "Malformed CIDR, one '/' required", ['a', 0, 'cidr']],
    [{ a: [{ cidr: '10.0.0.0/32' }] }, 'IPv4 mask bits must be < 32', ['a', 0, 'cidr']],
    [{ $or: [{ a: ['x'] }] }, 'There must have at least 2 Objects in $or relationship.', ['$or']],
    [{ $or: ['x', 'y'] }, 'Only JSON object is allowed in array of $or relationship.', ['$or', 0]],
  ])('%j: %s', (pattern, message, path) => {
    expect(() => matches(pattern, {})).toThrow(expect.objectContaining({ message, path }));
  });

  test('is one with operators that Lambda does not filter by', () => {
    for (const condition of [{ wildcard: 'a*' }, { cidr: '10.0.0.0/8' }, { 'anything-but': { prefix: 'a' } }]) {
      expect(() => compileEventPattern({ a: [condition] }, filterDialect)).toThrow(PatternError);
    }
  });
});

const scalar = fc.oneof(
  fc.constantFrom('a', 'b', 'A', '', 'ab'),
  fc.integer({ min: -3, max: 3 }),
  fc.boolean(),
  fc.constant(null),
);
const word = fc.stringMatching(/^[a-cA-C]{1,3}$/);
const condition = fc.oneof(
  scalar,
  word.map((prefix) => ({ prefix })),
  word.map((suffix) => ({ suffix })),
  word.map((text) => ({ 'equals-ignore-case': text })),
  word.map((text) => ({ wildcard: `*${text}*` })),
  fc.integer({ min: -3, max: 3 }).map((bound) => ({ numeric: ['<', bound] })),
);
const event = fc.record({ a: scalar, b: scalar }, { requiredKeys: [] });

describe('for every event', () => {
  test('a list of conditions is met if one of them is', () => {
    fc.assert(
      fc.property(condition, condition, event, (x, y, e) => {
        expect(matches({ a: [x, y] }, e)).toBe(matches({ a: [x] }, e) || matches({ a: [y] }, e));
      }),
    );
  });
  test('$or is met if one of its choices is, and two keys if both are', () => {
    fc.assert(
      fc.property(condition, condition, event, (x, y, e) => {
        const [left, right] = [matches({ a: [x] }, e), matches({ b: [y] }, e)];
        expect(matches({ $or: [{ a: [x] }, { b: [y] }] }, e)).toBe(left || right);
        expect(matches({ a: [x], b: [y] }, e)).toBe(left && right);
      }),
    );
  });
  test('anything-but is the opposite of what it contains, if there is a value', () => {
    fc.assert(
      fc.property(word, fc.constantFrom('prefix', 'suffix', 'equals-ignore-case'), event, (text, operator, e) => {
        const positive = matches({ a: [{ [operator]: text }] }, e);
        expect(matches({ a: [{ 'anything-but': { [operator]: text } }] }, e)).toBe('a' in e && !positive);
      }),
    );
  });
  test('exists: false is the opposite of exists: true', () => {
    fc.assert(
      fc.property(event, (e) => {
        expect(matches({ a: [{ exists: false }] }, e)).toBe(!matches({ a: [{ exists: true }] }, e));
      }),
    );
  });
  test('a wildcard agrees with the regular expression of the same meaning', () => {
    const characters = fc.array(fc.constantFrom('a', 'b'), { maxLength: 8 }).map((all) => all.join(''));
    const pattern = fc.stringMatching(/^\*?([ab]{1,3}\*){0,3}[ab]{0,2}$/);
    fc.assert(
      fc.property(pattern, characters, (text, value) => {
        expect(on({ wildcard: text })(value)).toBe(new RegExp(`^${text.replaceAll('*', '.*')}$`).test(value));
      }),
    );
  });
});
