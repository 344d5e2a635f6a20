// The fake is of two calls of AWS only: no local AWS refuses sessions, samples, or loses lines between two.
import { expect, test } from 'vitest';
import type { Aws, LiveUpdate, LogEvent, LogSearch } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import type { Report } from '../base/report.ts';
import { liveEvents, ShownOnce } from './log-live.ts';
import { LogReader } from './log-reader.ts';
import { logSources } from './log-source.ts';

const start = Date.UTC(2026, 10, 26, 8);
const functions = [{ name: 'orders', physicalName: 'shop-orders', logGroup: '/orders' }];
const event = (message: string, at: number, id = ''): LogEvent => ({
  id,
  group: '/orders',
  stream: '2026/11/26/shop-orders[1]00ff',
  time: new Date(start + at),
  message,
});

interface Session {
  /** What a poll at its start finds. */
  readonly stored: readonly LogEvent[];
  /** After so many milliseconds, these come. */
  readonly updates: readonly (readonly [ms: number, events: readonly LogEvent[], sampled?: boolean])[];
}

async function played(sessions: readonly Session[], groups = functions) {
  const clock = { now: start };
  const reports: Report[] = [];
  const searches: LogSearch[] = [];
  let number = -1;
  const live = async () => {
    number++;
    const session = sessions[number];
    if (session === undefined) throw new FxError('AWS_REFUSED', 'logs:StartLiveTail was refused');
    async function* updates(): AsyncGenerator<LiveUpdate, void> {
      for (const [ms, events, sampled = false] of session?.updates ?? []) {
        clock.now += ms;
        yield { events, sampled };
      }
    }
    return updates();
  };
  const page = async (search: LogSearch) => {
    searches.push(search);
    const events = (sessions[number]?.stored ?? []).filter(({ time }) => time >= search.since);
    return { events, next: undefined };
  };
  const context = {
    // no other call is made
    aws: { endpoint: undefined, logs: { live, page } } as unknown as Aws,
    report: (report: Report) => void reports.push(report),
    signal: new AbortController().signal,
  };
  const options = {
    sources: logSources(groups, groups),
    arnOf: (group: string) => `arn:aws:logs:eu-west-1:111122223333:log-group:${group}`,
    since: new Date(start),
    pattern: undefined,
    shown: new ShownOnce(),
    now: () => clock.now,
  };
  const batches = liveEvents(options, context, new LogReader(context));
  const messages: string[] = [];
  for (;;) {
    const batch = await batches.next();
    if (batch.done === true) return { messages, reports, searches, from: batch.value };
    messages.push(...batch.value.map(({ event: { message } }) => message));
  }
}

test('a line that the poll and the session both have is shown once; two equal ones twice', async () => {
  const { messages } = await played([
    {
      stored: [event('history', 10, '1'), event('both', 20, '2')],
      updates: [
        [1000, [event('both', 20), event('twice', 900), event('twice', 900)]],
        [20_000, [event('late', 30), event('first', 25)]],
      ],
    },
  ]);
  expect(messages).toEqual(['history', 'both', 'twice', 'twice', 'first', 'late']);
});

test('a session that ends is followed by another, and a poll finds what was written between them', async () => {
  const threeHours = 3 * 3_600_000;
  const last = event('last', threeHours - 10);
  const between = event('between', threeHours + 5, '8');
  const { messages, searches, reports } = await played([
    { stored: [], updates: [[threeHours, [last]]] },
    { stored: [{ ...last, id: '7' }, between], updates: [[30_000, [event('after', threeHours + 20_000)]]] },
  ]);
  expect(messages).toEqual(['last', 'between', 'after']);
  expect(searches.map(({ since }) => since.getTime() - start)).toEqual([0, threeHours - 60_000]);
  expect(reports).toEqual([{ kind: 'logs-live' }, { kind: 'logs-polling', reason: 'logs:StartLiveTail was refused' }]);
});

test('samples are said once; a session that ends at once, and too many groups, are polled', async () => {
  const sampled = await played([
    {
      stored: [],
      updates: [
        [1000, [], true],
        [1000, [event('a', 1)], true],
      ],
    },
  ]);
  expect(sampled.reports).toEqual([
    { kind: 'logs-live' },
    { kind: 'logs-sampled' },
    { kind: 'logs-polling', reason: 'its session ended at once' },
  ]);
  const many = Array.from({ length: 11 }, (_, index) => ({
    name: `f${index}`,
    physicalName: `shop-f${index}`,
    logGroup: `/f${index}`,
  }));
  const polled = await played([], many);
  expect(polled).toMatchObject({ reports: [{ kind: 'logs-polling', reason: 'it takes 10 log groups, not 11' }] });
  expect(polled.from).toEqual(new Date(start));
});
