import { expect, test } from 'vitest';
import { compileFilters, InvalidFilter } from './event-filter.ts';

const record = {
  messageId: 'm',
  body: { color: 'Red', price: 12.5, empty: '', nothing: null, tags: ['a', 'b'], nested: { deep: true } },
};

test.each([
  ['{"body":{"color":["Red"]}}', true],
  ['{"body":{"color":["Blue","Red"]}}', true],
  ['{"body":{"color":["red"]}}', false],
  ['{"body":{"color":[{"equals-ignore-case":"red"}]}}', true],
  ['{"body":{"color":[{"prefix":"R"}],"price":[{"numeric":[">",10,"<=",12.5]}]}}', true],
  ['{"body":{"color":[{"suffix":"x"}]}}', false],
  ['{"body":{"price":[{"numeric":["=",12]}]}}', false],
  ['{"body":{"color":[{"anything-but":["Red"]}]}}', false],
  ['{"body":{"color":[{"anything-but":"Blue"}]}}', true],
  ['{"body":{"missing":[{"anything-but":"x"}]}}', false],
  ['{"body":{"missing":[{"exists":false}]}}', true],
  ['{"body":{"color":[{"exists":true}]}}', true],
  ['{"body":{"nothing":[null],"empty":[""]}}', true],
  ['{"body":{"tags":["b"]}}', true],
  ['{"body":{"nested":{"deep":[true]}}}', true],
  ['{"body":{"$or":[{"color":["Blue"]},{"price":[{"numeric":[">",1]}]}]}}', true],
])('%s', (pattern, expected) => {
  expect(compileFilters([pattern])(record)).toBe(expected);
});

test('one of several patterns is enough, and none lets everything pass', () => {
  expect(compileFilters(['{"messageId":["x"]}', '{"messageId":["m"]}'])(record)).toBe(true);
  expect(compileFilters([])(record)).toBe(true);
});

test.each([
  '',
  '[]',
  '{}',
  '{"a":"b"}',
  '{"a":[]}',
  '{"a":[{"wildcard":"*"}]}',
  '{"a":[{"numeric":[">"]}]}',
  '{"a":[{"prefix":1}]}',
])('the malformed pattern %j is refused', (pattern) => {
  expect(() => compileFilters([pattern])).toThrow(InvalidFilter);
});
