// Segment documents as spans: callers before what they called, times from the beginning of the trace.
import { expect, test } from 'vitest';
import { spansOf } from './trace-spans.ts';

const at = (ms: number) => 1_795_000_000 + ms / 1000;
const span = (id: string, name: string, from: number, to: number, more: object = {}) => ({
  id,
  name,
  start_time: at(from),
  end_time: at(to),
  ...more,
});
const texts = (...segments: object[]) => segments.map((segment) => JSON.stringify(segment));

test('segments hang below the subsegment that called them, in any order', () => {
  const documents = texts(
    span('c', 'mailer', 30, 80, { parent_id: 'b2', origin: 'AWS::Lambda', fault: true }),
    span('b', 'orders', 10, 90, {
      parent_id: 'a',
      origin: 'AWS::Lambda::Function',
      subsegments: [span('b2', 'Lambda', 20, 85, { namespace: 'aws' }), span('b1', 'Initialization', -40, 10)],
    }),
    span('a', 'orders', 0, 100, { origin: 'AWS::Lambda' }),
  );
  expect(
    spansOf(documents).map(({ name, depth, start, duration, kind, failed }) => [
      name,
      depth,
      start,
      duration,
      kind,
      failed,
    ]),
  ).toEqual([
    ['orders', 0, 0, 100, 'service', false],
    ['orders', 1, 10, 80, 'service', false],
    ['Initialization', 2, -40, 50, 'cold start', false],
    ['Lambda', 2, 20, 65, 'call', false],
    ['mailer', 3, 30, 50, 'service', true],
  ]);
});

test('a part whose caller is missing stands by itself; one in progress has no duration yet', () => {
  const part = { id: 'x', name: 'late', start_time: at(5), parent_id: 'gone', in_progress: true, type: 'subsegment' };
  expect(
    spansOf(texts(span('a', 'web', 0, 10), part)).map(({ name, depth, duration, kind }) => [
      name,
      depth,
      duration,
      kind,
    ]),
  ).toEqual([
    ['web', 0, 10, 'part'],
    ['late', 0, 0, 'part'],
  ]);
  expect(spansOf([])).toEqual([]);
  expect(spansOf(['1', '[]', 'null'])).toEqual([]);
});
