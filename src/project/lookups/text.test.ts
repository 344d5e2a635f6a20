// How a text is parsed.
import { describe, expect, test } from 'vitest';
import { type Part, parseText, UnclosedLookup } from './text.ts';

const shown = (parts: readonly Part[]): unknown =>
  parts.map((part) =>
    typeof part === 'string'
      ? part
      : { name: shown(part.name), ...(part.fallback === undefined ? {} : { or: shown(part.fallback) }) },
  );

describe('a text', () => {
  test.each<[string, unknown]>([
    ['plain', ['plain']],
    ['', []],
    ['${env}', [{ name: ['env'] }]],
    ['a ${ env } b', ['a ', { name: ['env'] }, ' b']],
    ['${params.x, 7}', [{ name: ['params.x'], or: ['7'] }]],
    ['${params.x,}', [{ name: ['params.x'], or: [] }]],
    ["${params.x, 'a, }b'}", [{ name: ['params.x'], or: ['a, }b'] }]],
    ["${params.x, it's}", [{ name: ['params.x'], or: ["it's"] }]],
    [
      '${ssm:/shop/${env}/url, ${var.URL, none}}',
      [{ name: ['ssm:/shop/', { name: ['env'] }, '/url'], or: [{ name: ['var.URL'], or: ['none'] }] }],
    ],
    ['$${env} and $${x', ['${env} and ${x']],
    ['${file:a.txt, a$${b}', [{ name: ['file:a.txt'], or: ['a${b'] }]],
    ['{"a": 1} $ {x} $5', ['{"a": 1} $ {x} $5']],
    ['arn:aws:s3:::a/*', ['arn:aws:s3:::a/*']],
  ])('%s', (text, parts) => {
    expect(shown(parseText(text))).toEqual(parts);
  });

  test.each(['${env', 'a ${params.x, b', '${ssm:${env}', `${'${a.'.repeat(30)}x${'}'.repeat(30)}`])(
    '%s has no end, or too many inside',
    (text) => {
      expect(() => parseText(text)).toThrow(UnclosedLookup);
    },
  );
});
