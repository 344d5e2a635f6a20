import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fieldsOf } from './fields.ts';
import { parseQuery } from './parse.ts';
import { runQuery } from './run.ts';

const start = Date.UTC(2026, 10, 26, 8);
const id = '3a1b0c5e-3d5f-4f0a-9a57-0d8f6d0b1c2e';

function run(query: string, messages: readonly (string | object)[], limit?: number) {
  const rows = messages.map((message, index) =>
    fieldsOf(
      {
        id: String(index).padStart(56, '0'),
        timestamp: start + index * 60_000,
        ingestionTime: start + index * 60_000 + 500,
        message: typeof message === 'string' ? message : JSON.stringify(message),
        group: '/shop/orders',
        stream: '2026/11/26/[1]00ff',
      },
      '111122223333',
    ),
  );
  const { rows: found, matched } = runQuery(parseQuery(query), rows, limit);
  return { matched, rows: found.map((row) => Object.fromEntries(row.filter(([name]) => name !== '@ptr'))) };
}
const rowsOf = (query: string, messages: readonly (string | object)[]) => run(query, messages).rows;
const one = (expression: string, message: string | object = {}) =>
  rowsOf(`fields ${expression} as result | display result`, [message])[0]?.['result'];

const orders = [
  { level: 'INFO', ms: 10, user: { name: 'anna', ids: [7, 8] }, paid: true },
  { level: 'ERROR', ms: 30, user: { name: 'bert' }, 'a-b': 'x' },
  { level: 'ERROR', ms: 20, user: { name: 'anna' } },
  'plain ERROR line',
];

describe('commands', () => {
  test('without one, the time and the message, the newest first', () => {
    expect(rowsOf('', ['a', 'b'])).toEqual([
      { '@timestamp': '2026-11-26 08:01:00.000', '@message': 'b' },
      { '@timestamp': '2026-11-26 08:00:00.000', '@message': 'a' },
    ]);
  });

  test.each([
    ['filter level = "ERROR" | fields ms', [{ ms: '20' }, { ms: '30' }]],
    ['fields ms | FILTER ms >= 20 and user.name != "bert" | sort ms', [{ ms: '20' }]],
    ['filter ispresent(ms) | fields ms | sort ms desc | limit 2', [{ ms: '30' }, { ms: '20' }]],
    ['filter @message like /(?i)error/ | stats count(*) as n', [{ n: '3' }]],
    ['filter @message like "ERROR line" | stats count() as n', [{ n: '1' }]],
    ['filter @message not like "ERROR" | stats count(*) as n', [{ n: '1' }]],
    ['filter level in ["INFO", "WARN"] or `a-b` = "x" | stats count(*)', [{ 'count(*)': '2' }]],
    ['filter not ispresent(level) | display @message', [{ '@message': 'plain ERROR line' }]],
    ['filter paid = 1 | display user.ids.1, user.name', [{ 'user.ids.1': '8', 'user.name': 'anna' }]],
    [
      'filter ispresent(ms) | stats sum(ms) as s, avg(ms), min(ms) as least, max(ms) as most by user.name as who | sort who',
      [
        { who: 'anna', s: '30', 'avg(ms)': '15', least: '10', most: '20' },
        { who: 'bert', s: '30', 'avg(ms)': '30', least: '30', most: '30' },
      ],
    ],
    ['stats count_distinct(user.name) as n, pct(ms, 50) as median', [{ n: '2', median: '20' }]],
    ['stats max(ms) - min(ms) as spread', [{ spread: '20' }]],
    [
      'stats count(*) as n by bin(2m) as t | sort t',
      [
        { t: '2026-11-26 08:00:00.000', n: '2' },
        { t: '2026-11-26 08:02:00.000', n: '2' },
      ],
    ],
    ['stats latest(level) as last, earliest(level) as first', [{ last: 'ERROR', first: 'INFO' }]],
    [
      'filter ispresent(level) | sort ms | dedup level | limit 10 # of each level, the fastest',
      [
        { '@timestamp': '2026-11-26 08:00:00.000', '@message': JSON.stringify(orders[0]) },
        { '@timestamp': '2026-11-26 08:02:00.000', '@message': JSON.stringify(orders[2]) },
      ],
    ],
    [
      'parse @message "plain * *" as level2, rest | filter ispresent(rest) | display level2, rest',
      [{ level2: 'ERROR', rest: 'line' }],
    ],
    [
      'parse @message /plain (?<word>[A-Z]+)/ | filter ispresent(word) | stats count(*) as n by word',
      [{ word: 'ERROR', n: '1' }],
    ],
  ])('%s', (query, expected) => {
    expect(rowsOf(query, orders)).toEqual(expected);
  });

  test('what the filters let through is counted, and a limit of the call is for queries without one', () => {
    expect(run('filter ms > 10', orders, 1)).toMatchObject({ matched: 2, rows: [{}] });
    expect(run('filter ms > 10 | limit 2', orders, 1).rows).toHaveLength(2);
  });
});

describe('fields', () => {
  test('of what Lambda writes', () => {
    const report = `REPORT RequestId: ${id}\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 78 MB\tInit Duration: 160.1 ms\t`;
    expect(
      rowsOf(
        'filter @type = "REPORT" | display @requestId, @duration, @billedDuration, @memorySize / 1000 / 1000 as mb, @initDuration',
        [report, `START RequestId: ${id} Version: 1`],
      ),
    ).toEqual([
      { '@requestId': id, '@duration': '12.34', '@billedDuration': '13', mb: '128', '@initDuration': '160.1' },
    ]);
    expect(
      rowsOf('display @requestId, sku', [`2026-11-26T08:00:00.000Z\t${id}\tINFO\tsold {"sku":"a}1"} and {"sku":"b"}`]),
    ).toEqual([{ '@requestId': id, sku: 'a}1' }]);
    expect(rowsOf('display @log, @logStream, @ingestionTime, @@x', [{ '@x': 1 }])).toEqual([
      {
        '@log': '111122223333:/shop/orders',
        '@logStream': '2026/11/26/[1]00ff',
        '@ingestionTime': '2026-11-26 08:00:00.500',
        '@@x': '1',
      },
    ]);
  });
});

describe('expressions', () => {
  test.each([
    ['1 + 2 * 3 ^ 2', '19'],
    ['(1 + 2) * 3 - -1', '10'],
    ['10 % 3', '1'],
    ['7 / 2', '3.5'],
    ['1 / 0', undefined],
    ['nothing + 1', undefined],
    ['abs(-2) + ceil(1.2) + floor(1.8) + sqrt(9)', '8'],
    ['greatest(1, 3, 2) - least(1, 3, 2)', '2'],
    ['concat("a", \'b\', 1)', 'ab1'],
    ['strlen("äöü")', '3'],
    ['toupper(tolower("Ab"))', 'AB'],
    ['substr("xyZfooxyZ", 3, 3)', 'foo'],
    ['replace("foo", "o", "0")', 'f00'],
    ['strcontains("foo", "oo")', '1'],
    ['trim("  a ")', 'a'],
    ['ltrim("xyZxyfooxyZ", "xyZ")', 'fooxyZ'],
    ['rtrim("xyZfooxyZ", "xyZ")', 'xyZfoo'],
    ['coalesce(nothing, "b")', 'b'],
    ['isempty(nothing)', '1'],
    ['isblank("  ")', '1'],
    ['ispresent(@message)', '1'],
    ['datefloor(@timestamp, 1h)', '2026-11-26 08:00:00.000'],
    ['dateceil(@timestamp + 1, 1h)', '2026-11-26 09:00:00.000'],
    ['fromMillis(0)', '1970-01-01 00:00:00.000'],
    ['toMillis(@timestamp)', String(start)],
    ['"10" > 9', '1'],
    ['"b" > "a"', '1'],
    ['not (1 = 2) and 1 = 1', '1'],
    ['"x/y" =~ /x\\/y/', '1'],
  ])('%s is %s', (expression, result) => {
    expect(one(expression)).toBe(result);
  });

  test('arithmetic agrees with that of JavaScript', () => {
    const number = fc.integer({ min: 0, max: 1000 }).map(String);
    const sum = fc.letrec<{ term: string; sum: string }>((tie) => ({
      term: fc.oneof(
        { depthSize: 'small' },
        number,
        tie('sum').map((inner) => `(${inner})`),
      ),
      sum: fc
        .tuple(tie('term'), fc.array(fc.tuple(fc.constantFrom('+', '-', '*', '%', '/'), tie('term')), { maxLength: 4 }))
        .map(([first, rest]) => [first, ...rest.flat()].join(' ')),
    })).sum;
    fc.assert(
      fc.property(sum, (text) => {
        // the text has only numbers, signs and parentheses
        const expected = new Function(`return ${text}`)() as number;
        const isWhole = Number.isFinite(expected);
        // what is not a number on the way is missing, and makes the whole missing
        const actual = one(text);
        if (actual !== undefined) expect(Number(actual)).toBeCloseTo(expected);
        else expect(isWhole && !/[/%]/.test(text)).toBe(false);
      }),
    );
  });
});

describe('what cannot be read is refused', () => {
  test.each([
    ['fields a | count(*)', "mismatched input 'count' expecting {K_PARSE"],
    ['pattern @message', 'the local AWS does not have the command pattern'],
    ['fields jsonParse(@message)', 'the local AWS does not have the function jsonParse'],
    ['filter a =', 'unexpected end of the query'],
    ['filter a = 1 b', 'unexpected symbol found b at line 1 and position 13'],
    ['filter a like /(/', 'invalid regular expression /(/'],
    ['stats a by b', 'stats needs a function that aggregates, which a is not'],
    ['stats count(*) by max(a)', 'stats cannot group by max(a), which aggregates'],
    ['parse @message "* *" as a', 'parse has 2 wildcards, and 1 names'],
    ['dedup a | sort b', 'only limit can follow dedup, not sort'],
    ['limit 0', 'unexpected'],
    ['fields substr("a")', 'substr takes 2 or more arguments, not 1'],
    ['fields `a', 'unexpected symbol found ` at'],
    ['filter "a', 'unexpected symbol found "'],
  ])('%s', (query, message) => {
    expect(() => parseQuery(query)).toThrow(
      expect.objectContaining({ code: 'MalformedQueryException', message: expect.stringContaining(message) }),
    );
  });
});
