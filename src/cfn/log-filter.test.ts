import { describe, expect, test } from 'vitest';
import { compileLogFilter, LogFilterError } from './log-filter.ts';

const lines = ['[ERROR 400] BAD REQUEST', '[ERROR 401] UNAUTHORIZED REQUEST', '[WARN 419] MISSING ARGUMENTS', 'hat'];

describe('terms', () => {
  test.each([
    ['', [0, 1, 2, 3]],
    ['ERROR', [0, 1]],
    ['error', []],
    ['ERROR REQUEST', [0, 1]],
    ['?ERROR ?ARGUMENTS', [0, 1, 2]],
    ['ERROR -401', [0]],
    ['-ERROR', [2, 3]],
    ['"BAD REQUEST"', [0]],
    ['"[ERROR 401]"', [1]],
    ['?ERROR MISSING', [2]],
    ['%^[hc]at%', [3]],
    ['%40[0-9]% -%UN%', [0]],
  ])('%s', (pattern, expected) => {
    const matches = compileLogFilter(pattern);
    expect(lines.flatMap((line, i) => (matches(line) ? [i] : []))).toEqual(expected);
  });
});

const event = JSON.stringify({
  eventType: 'UpdateTrail',
  sourceIPAddress: '111.111.111.111',
  arrayKey: ['value', 'another value'],
  objectList: [{ name: 'a', id: 1 }],
  SomeObject: null,
  ThisFlag: true,
  users: 3.5,
});

describe('JSON', () => {
  test.each([
    ['{ $.eventType = "UpdateTrail" }', true],
    ['{ $.eventType = UpdateTrail }', true],
    ['{ $.eventType != "UpdateTrail" }', false],
    ['{ $.nothing != "x" }', false],
    ['{ $.sourceIPAddress = 111.111.* }', true],
    ['{ $.sourceIPAddress != 123.123.* }', true],
    ['{ $.arrayKey[0] = "value" }', true],
    ['{ $.objectList[0].id = 1 }', true],
    ['{ $.objectList[0].id = "1" }', false],
    ['{ $.SomeObject IS NULL }', true],
    ['{ $.SomeOtherObject NOT EXISTS }', true],
    ['{ $.ThisFlag IS TRUE }', true],
    ['{ $.ThisFlag IS FALSE }', false],
    ['{ $.users >= 3.5 && $.users < 4 }', true],
    ['{ ($.users > 4 || $.ThisFlag IS TRUE) && $.eventType = %^Update% }', true],
    ['{ $.users > 4 || $.ThisFlag IS TRUE && $.users = 1 }', false],
    ['{ $.["eventType"] = "UpdateTrail" }', true],
  ])('%s', (pattern, expected) => {
    expect(compileLogFilter(pattern)(event)).toBe(expected);
  });

  test('a message that is not JSON matches no JSON pattern', () => {
    expect(compileLogFilter('{ $.a NOT EXISTS }')('plain')).toBe(false);
  });
});

test.each(['{ $.a }', '{ $.a = }', '{ a = 1 }', '"open', 'a.b', '%(x)%', '{ $.a > "x" }', '{ $.a = 1 } x'])(
  'rejects the malformed pattern %s',
  (pattern) => {
    expect(() => compileLogFilter(pattern)).toThrow(LogFilterError);
  },
);

describe('space-delimited', () => {
  const lines = [
    '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 200 1534',
    '127.0.0.1 Prod ann [10/Oct/2000:13:35:22 -0700] "GET /products.html HTTP/1.0" 404 500',
    'short line',
  ];
  test.each<[string, number[]]>([
    ['[ip, server, user, time, request, status, bytes]', [0, 1]],
    ['[ip, server, user, time, request, status = 4*, bytes]', [1]],
    ['[ip, server, user, time, request, status = 200, bytes > 1000]', [0]],
    ['[..., status = 404, bytes]', [1]],
    ['[ip, ...]', [0, 1, 2]],
    ['[ip, server, user, time, request = "*html*", status, bytes]', [0, 1]],
    ['[ip, server, (user = frank || user = ann), ..., bytes < 1000]', [1]],
    ['[first = short || first = long, second]', [2]],
    ['[ip != 127.0.0.1, second]', [2]],
  ])('%s', (pattern, expected) => {
    const matches = compileLogFilter(pattern);
    expect(lines.flatMap((line, i) => (matches(line) ? [i] : []))).toEqual(expected);
  });
  test.each(['[a', '[]', '[..., b, ...]', '[a =]', '[a = "b]', '[a = 1 &&, b]', '[a b]'])(
    '%s is refused',
    (pattern) => {
      expect(() => compileLogFilter(pattern)).toThrow('Invalid filter pattern');
    },
  );
});
