// fx logs where the local AWS cannot be: without answers, and with credentials that expire.
import { expect, test } from 'vitest';
import type { Aws, LogPage, LogSearch } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import type { Report } from '../base/report.ts';
import type { Environment } from '../project/environment.ts';
import type { Context } from './context.ts';
import { allLogs, logs } from './logs.ts';

const now = Date.UTC(2026, 10, 26, 8);
const functions = ['orders', 'mail'].map((name) => ({ name, physicalName: `shop-${name}`, logGroup: `/${name}` }));
// the verb reads no more of it
const environment = { name: 'prod', project: 'shop', region: 'eu-west-1', stackName: 'shop-prod', functions };

/** Reads the logs of an environment whose one AWS call is `page`. */
function setting(page: (search: LogSearch) => Promise<LogPage | 'missing' | 'throttled'>, own = functions) {
  const reports: Report[] = [];
  const stop = new AbortController();
  const aws = {
    identity: async () => ({ account: '111122223333', arn: '' }),
    logs: { page },
    stacks: { describe: async () => undefined },
  };
  const context = {
    aws: aws as unknown as Aws,
    report: (report: Report) => {
      if (report.kind !== 'target') reports.push(report);
    },
    signal: stop.signal,
    now: () => now,
    pollMs: 0,
  } as unknown as Context;
  const read = async (options: Partial<typeof allLogs>) => {
    const lines: string[] = [];
    const of = { ...environment, functions: own } as unknown as Environment;
    for await (const { message } of logs(of, { ...allLogs, ...options }, context)) {
      lines.push(message);
    }
    return lines;
  };
  return { read, reports, stop };
}

const event = (id: string, time = now - 1000) => ({
  id,
  group: '/orders',
  stream: '2026/11/26/shop-orders[1]00ff',
  time: new Date(time),
  message: id,
});

test('credentials that expire while following end it, with the way to go on', async () => {
  let polls = 0;
  const { read } = setting(async ({ group }) => {
    if (group === '/mail') return { events: [], next: undefined };
    if (++polls > 2) throw new FxError('AWS_CREDENTIALS', 'expired', { hint: 'sign in' });
    return { events: [event('one')], next: undefined };
  });
  await expect(read({ follow: true })).rejects.toMatchObject({
    code: 'AWS_CREDENTIALS',
    hint: 'sign in; then --since 2026-11-26T07:59:59.000Z continues where this ends',
  });
});

test('an environment that was never deployed says so, and -f waits for it', async () => {
  const { read } = setting(async () => 'missing');
  await expect(read({})).rejects.toMatchObject({ code: 'NOT_DEPLOYED', hint: 'fx deploy --env prod' });
  await expect(read({ count: 5 })).rejects.toMatchObject({ code: 'NOT_DEPLOYED' });
  await expect(read({ requestId: 'some-request' })).rejects.toMatchObject({ code: 'NOT_DEPLOYED' });
  let polls = 0;
  const {
    read: follow,
    reports,
    stop,
  } = setting(async ({ group }) => {
    if (group === '/mail') return 'missing';
    if (++polls < 3) return 'missing';
    stop.abort();
    return { events: [event('first')], next: undefined };
  });
  expect(await follow({ follow: true })).toEqual(['first']);
  expect(reports).toEqual([{ kind: 'logs-missing', functions: ['orders', 'mail'], awaited: true }]);
});

test('a function without a log group beside others is said; the lines of many pages are in order', async () => {
  const { read, reports } = setting(async ({ group, next }) => {
    if (group === '/mail') return 'missing';
    const [from, following] = next === undefined ? [0, '1'] : next === '1' ? [2, '2'] : [4, undefined];
    // a page may be empty
    const events = next === '1' ? [] : [from, from + 1].map((index) => event(String(index), now + index));
    return { events, next: following };
  });
  expect(await read({})).toEqual(['0', '1', '4', '5']);
  expect(reports).toEqual([{ kind: 'logs-missing', functions: ['mail'], awaited: false }]);
});

test('-n stops reading as soon as it has enough', async () => {
  const searches: LogSearch[] = [];
  const { read } = setting(async (search) => {
    searches.push(search);
    if (search.group === '/mail')
      return { events: [{ ...event('mail', now - 9), stream: '2026/11/26/shop-mail[1]00ff' }], next: undefined };
    return { events: [event('new', now), event('old', now - 10)], next: 'more' };
  });
  expect(await read({ count: 2 })).toEqual(['mail', 'new']);
  expect(searches.map(({ group, newestFirst, limit }) => [group, newestFirst, limit])).toEqual([
    ['/orders', true, 2],
    ['/mail', true, 2],
  ]);
});

test('two hundred log groups are read once each, and how long that takes is said first', async () => {
  const many = Array.from({ length: 200 }, (_, index) => ({
    name: `f${index}`,
    physicalName: `shop-f${index}`,
    logGroup: `/f${index}`,
  }));
  let calls = 0;
  const { read, reports } = setting(async () => {
    calls++;
    return { events: [], next: undefined };
  }, many);
  await read({});
  expect([calls, reports]).toEqual([200, [{ kind: 'logs-slow', groups: 200, seconds: 45, follow: false }]]);
});

test('-f over a long time shows what was in order over all groups, and then each new line once', async () => {
  const old = (group: string, id: string, age: number) => ({
    ...event(id, now - age),
    group,
    stream: `2026/11/26/shop${group.replace('/', '-')}[1]00ff`,
  });
  const stored = [
    old('/orders', 'first', 7_200_000),
    old('/mail', 'second', 3_600_000),
    old('/orders', 'third', 60_000),
    old('/mail', 'fourth', 30_000),
  ];
  const fresh = old('/orders', 'fifth', 1_000);
  const searches: LogSearch[] = [];
  const { read, stop } = setting(async (search) => {
    searches.push(search);
    if (searches.length > 6) stop.abort();
    const events = searches.length > 4 ? [...stored, fresh] : stored;
    return {
      events: events.filter(({ group, time }) => group === search.group && time >= search.since),
      next: undefined,
    };
  });
  const since = new Date(now - 86_400_000);
  expect(await read({ follow: true, since })).toEqual(['first', 'second', 'third', 'fourth', 'fifth']);
  expect(searches.slice(0, 4).map(({ since: from }) => from.getTime() - now)).toEqual([
    -86_400_000, -86_400_000, -120_000, -120_000,
  ]);
});
