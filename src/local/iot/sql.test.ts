// Statements of IoT's SQL, on messages as AWS documents them.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isTopicFilter, topicMatches } from '../../cfn/iot-topics.ts';
import { parseStatement } from './sql.ts';

const payload = {
  deviceid: 'iot123',
  temp: 54.98,
  humidity: 32,
  coords: { latitude: 47.6, longitude: -122.3 },
  tags: ['a', 'b'],
  on: true,
  none: null,
  'a-b': 1,
};
const message = {
  topic: 'rooms/7/temperature',
  raw: Buffer.from(JSON.stringify(payload)),
  payload,
  timestamp: 1_000,
  clientId: 'device',
  accountId: '000000000000',
  traceId: 'trace',
};
const select = (sql: string) => parseStatement(sql).select(message)?.selected;

test.each<[string, unknown]>([
  ["SELECT * FROM 'rooms/#'", payload],
  ["SELECT * FROM 'rooms/+'", undefined],
  ["select temp, coords.latitude from 'rooms/+/temperature'", { temp: 54.98, latitude: 47.6 }],
  ["SELECT temp AS t, topic(2) AS room FROM '#'", { t: 54.98, room: '7' }],
  ["SELECT *, timestamp() AS at FROM '#' WHERE temp > 50 AND humidity < 40", { ...payload, at: 1000 }],
  ["SELECT temp FROM '#' WHERE temp > 60", undefined],
  ["SELECT temp FROM '#' WHERE nothing > 60", undefined],
  ["SELECT temp FROM '#' WHERE NOT nothing = 60", undefined],
  ["SELECT temp FROM '#' WHERE isUndefined(nothing) AND isNull(none)", { temp: 54.98 }],
  ["SELECT nothing, on FROM '#' WHERE on = true", { on: true }],
  ["SELECT humidity * 2 + 1 AS h, -temp AS t, 7 % 4 AS m FROM '#'", { h: 65, t: -54.98, m: 3 }],
  ["SELECT deviceid + '-' + humidity AS id FROM '#'", { id: 'iot123-32' }],
  ["SELECT tags[1] AS second, get(tags, 0) AS first FROM '#' WHERE 'a' IN tags", { second: 'b', first: 'a' }],
  ["SELECT `a-b` FROM '#' WHERE `a-b` <> 2", { 'a-b': 1 }],
  [
    "SELECT upper(deviceid) AS u, substring(deviceid, 3) AS s, length(deviceid) AS l FROM '#'",
    { u: 'IOT123', s: '123', l: 6 },
  ],
  ["SELECT CASE humidity WHEN 32 THEN 'dry' ELSE 'wet' END AS air FROM '#'", { air: 'dry' }],
  ["SELECT encode(*, 'base64') AS data FROM '#'", { data: message.raw.toString('base64') }],
  [
    "SELECT clientid() AS c, accountid() AS a FROM '#' WHERE startswith(topic(), 'rooms/')",
    { c: 'device', a: '000000000000' },
  ],
  [
    "SELECT regexp_replace(deviceid, '[0-9]+', '#') AS r FROM '#' WHERE regexp_matches(deviceid, '^iot')",
    { r: 'iot#' },
  ],
  [
    "SELECT floor(temp) AS f, round(temp) AS r, abs(-1) AS a, trunc(temp, 1) AS t FROM '#'",
    { f: 54, r: 55, a: 1, t: 54.9 },
  ],
])('%s', (sql, expected) => {
  expect(select(sql)).toEqual(expected);
});

describe('is refused', () => {
  test.each([
    ['SELECT', 'Unexpected the end of the statement'],
    ["SELECT FROM 'a'", "Unexpected 'FROM'"],
    ['SELECT * FRM x', "Expected FROM but found 'FRM'"],
    ["SELECT * FROM 'a/#/b'", '"a/#/b" is not a topic filter'],
    ["SELECT a AS FROM 'x' WHERE", "Expected FROM but found 'x'"],
    ["SELECT * FROM 'x' WHERE a ~ 1", 'Unexpected characters at " ~ 1"'],
    [
      "SELECT aws_lambda('arn', *) FROM 'x'",
      "the function aws_lambda in IoT's SQL is not implemented by the fx local AWS",
    ],
  ])('%s', (sql, problem) => {
    expect(() => parseStatement(sql)).toThrow(problem);
  });
});

test('a filter matches the topics that its wildcards stand for', () => {
  const level = fc.stringMatching(/^[a-z]{0,3}$/);
  const topics = fc.array(level, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(topics, fc.nat(3), (levels, at) => {
      const topic = levels.join('/');
      const [any, below] = [levels.with(at % levels.length, '+').join('/'), [...levels.slice(0, at), '#'].join('/')];
      expect([topic, any, '#'].every((filter) => isTopicFilter(filter || '#'))).toBe(true);
      expect([topicMatches(topic, topic), topicMatches(any, topic), topicMatches('#', topic)]).toEqual([
        true,
        true,
        true,
      ]);
      expect(topicMatches(below, topic)).toBe(at < levels.length);
      expect(topicMatches(`${topic}/x`, topic)).toBe(false);
    }),
  );
  expect([topicMatches('#', '$aws/x'), topicMatches('$aws/#', '$aws/x')]).toEqual([false, true]);
});
