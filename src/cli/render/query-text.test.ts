import { expect, test } from 'vitest';
import { queryText, statisticsText } from './query-text.ts';
import { style } from './style.ts';

const statistics = { matched: 2, scanned: 3, bytes: 1 };
const rows = [
  { '@timestamp': '2026-11-26 08:00:00.000', '@message': 'first\nline', n: '1' },
  { '@timestamp': '2026-11-26 08:01:00.000', '@message': `long ${'x'.repeat(60)}` },
];
const shown = (columns: number | undefined) =>
  queryText({ columns: ['@timestamp', '@message', 'n'], rows, statistics }, { styles: style(false), columns });

test('a table that fits: wide columns are cut, and a pipe has everything', () => {
  expect(shown(60)).toBe(
    [
      '@timestamp               @message                          n',
      '2026-11-26 08:00:00.000  first\\nline                       1',
      `2026-11-26 08:01:00.000  long ${'x'.repeat(26)}…`,
    ].join('\n'),
  );
  expect(
    Math.max(
      ...shown(60)
        .split('\n')
        .map(({ length }) => length),
    ),
  ).toBeLessThanOrEqual(60);
  expect(shown(undefined)).toContain(`long ${'x'.repeat(60)}\n`.trimEnd());
});

test('without room for the columns, a line for each value', () => {
  expect(shown(25)).toBe(
    [
      '@timestamp  2026-11-26 08:00:00.000',
      '@message    first\\nline',
      'n           1',
      '',
      '@timestamp  2026-11-26 08:01:00.000',
      `@message    long ${'x'.repeat(60)}`,
    ].join('\n'),
  );
});

test('what was read', () => {
  expect(statisticsText({ matched: 1204, scanned: 35_000, bytes: 4_200_000 })).toBe(
    '1,204 lines matched of 35,000, 4.2 MB scanned',
  );
  expect(statisticsText({ matched: 1, scanned: 1, bytes: 10 })).toBe('1 line matched of 1, 1 kB scanned');
});
