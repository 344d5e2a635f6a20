// When the metrics of new versions abort a deployment.
import { expect, test } from 'vitest';
import type { AlarmState, MetricQuery, Metrics } from '../aws/aws.ts';
import { type AbortCondition, parseCondition } from '../project/deployment.ts';
import { measure } from './traffic-watch.ts';

const versions = ['orders', 'bill'].map((name) => ({ name, physicalName: `shop-${name}`, version: '2' }));
const range = { since: new Date(0), until: new Date(60_000) };

const states: Readonly<Record<string, AlarmState>> = { quiet: 'OK', new: 'INSUFFICIENT_DATA', loud: 'ALARM' };

/** CloudWatch with these values by minute; everything else has none. */
async function measured(values: Readonly<Record<string, readonly number[]>>, ...texts: readonly string[]) {
  let asked: readonly MetricQuery[] = [];
  const metrics: Metrics = {
    byMinute: async (queries) => {
      asked = queries;
      return new Map(Object.entries(values));
    },
    totals: async () => [],
    alarms: async (names) =>
      new Map(names.flatMap((name) => (states[name] === undefined ? [] : [[name, states[name]]]))),
  };
  const conditions = texts.map((text) => parseCondition(text) as AbortCondition);
  return { ...(await measure(metrics, versions, { conditions, ...range })), asked };
}

test('errors count over all minutes, as a share or a number', async () => {
  const values = { 'orders Invocations': [100, 100], 'orders Errors': [1, 1], 'bill Invocations': [3] };
  expect(await measured(values, 'errors>1%')).toMatchObject({ invocations: 203, errors: 2, broken: undefined });
  expect((await measured(values, 'errors>0.9%')).broken).toBe('errors>0.9% in orders (2 of 200 calls)');
  expect((await measured(values, 'errors>2', 'errors>1')).broken).toBe('errors>1 in orders (2 errors)');
});

test('without calls, no share of errors is over the limit', async () => {
  expect((await measured({ 'orders Errors': [0] }, 'errors>1%')).broken).toBeUndefined();
});

test('throttles count, and a duration in any minute', async () => {
  expect((await measured({ 'bill Throttles': [0, 1] }, 'throttles>0')).broken).toBe(
    'throttles>0 in bill (1 throttles)',
  );
  const slow = await measured({ 'bill p99': [100, 2100, 50] }, 'p99>2s');
  expect(slow.broken).toBe('p99>2s in bill (2100 ms)');
  expect(slow.asked.find(({ id }) => id === 'bill p99')).toMatchObject({
    functionName: 'shop-bill',
    alias: 'live',
    version: '2',
    metric: 'Duration',
    statistic: 'p99',
  });
  expect((await measured({ 'orders Average': [500] }, 'duration>500ms')).broken).toBeUndefined();
});

test('an alarm aborts once it is off, and if it is gone', async () => {
  expect((await measured({}, 'alarm:quiet', 'alarm:new')).broken).toBeUndefined();
  expect((await measured({}, 'alarm:quiet', 'alarm:loud')).broken).toBe('the alarm "loud" went off');
  expect((await measured({}, 'alarm:gone')).broken).toBe('there is no alarm "gone"');
});
