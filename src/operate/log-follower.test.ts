// The fake is of one call of AWS only: the local AWS cannot be late.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Aws, LogEvent, LogSearch } from '../aws/aws.ts';
import type { Report } from '../base/report.ts';
import { LogFollower } from './log-follower.ts';
import { LogOrder } from './log-lines.ts';
import { LogReader } from './log-reader.ts';
import { logSources } from './log-source.ts';

const start = Date.UTC(2026, 10, 26, 8);

interface Arriving {
  readonly event: LogEvent;
  readonly arrives: number;
}

type Mood = 'page' | 'empty page' | 'throttled' | 'half page';

/** CloudWatch Logs with a clock that every call and every wait moves on; `moods` say how it answers, over and over. */
function fakeLogs(
  arriving: readonly Arriving[],
  moods: readonly Mood[],
  exists: (group: string, now: number) => boolean,
) {
  const clock = { now: start };
  const reports: Report[] = [];
  let calls = 0;
  const page = async ({ group, since, next, pattern }: LogSearch) => {
    expect(pattern).toBe('wanted');
    clock.now += 200;
    const mood = moods[calls++ % moods.length] ?? 'page';
    if (mood === 'throttled') return 'throttled' as const;
    if (!exists(group, clock.now)) return 'missing' as const;
    const [, offset = '0', isResumed = ''] = /^(\d+)(r?)$/.exec(next ?? '') ?? [];
    if (mood === 'empty page' && isResumed === '') return { events: [], next: `${offset}r` };
    const found = arriving
      .filter(({ event, arrives }) => event.group === group && arrives <= clock.now && event.time >= since)
      .map(({ event }) => event)
      .sort((a, b) => a.time.getTime() - b.time.getTime());
    const from = Number(offset);
    const most = mood === 'half page' ? Math.max(1, Math.floor(found.length / 2)) : found.length;
    const events = found.slice(from, from + most);
    return { events, next: from + most < found.length ? String(from + most) : undefined };
  };
  const context = {
    // the follower makes no other call
    aws: { endpoint: undefined, logs: { page } } as unknown as Aws,
    report: (report: Report) => void reports.push(report),
    signal: new AbortController().signal,
  };
  const wait = async (ms: number) => {
    clock.now += ms;
  };
  return { clock, reports, wait, reader: new LogReader(context, { isPatient: true, wait }), calls: () => calls };
}

const functions = ['a', 'b', 'c'].map((name) => ({
  name,
  physicalName: `shop-${name}`,
  // two share a group
  logGroup: name === 'a' ? '/a' : '/shared',
}));
const streamOf = (name: string) => `2026/11/26/shop-${name}[1]0123`;

async function followed(fake: ReturnType<typeof fakeLogs>, until: number) {
  const sources = logSources(functions, functions);
  const options = { since: new Date(start), pattern: 'wanted', now: () => fake.clock.now };
  const follower = new LogFollower(sources, options, fake.reader);
  const polls: { readonly id: string; readonly time: number; readonly functionName: string }[][] = [];
  while (fake.clock.now < until) {
    const order = new LogOrder();
    const found = await follower.poll();
    const lines = [...found.flatMap(({ event, source }) => order.push(event, source)), ...order.flush()].flat();
    polls.push(lines.map(({ id, time, functionName }) => ({ id, time: time.getTime(), functionName })));
    await fake.wait(2_000);
  }
  return { polls, follower };
}

test('each line comes exactly once, in order within a poll, however late, paged and throttled', async () => {
  const event = fc.record({
    function: fc.constantFrom('a', 'b', 'c'),
    // few values, so that many events share a millisecond
    second: fc.integer({ min: 0, max: 120 }),
    lateMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60_000 })),
  });
  const moods = fc.array(fc.constantFrom<Mood>('page', 'empty page', 'half page', 'page', 'throttled'), {
    minLength: 1,
    maxLength: 9,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 60 }), moods, async (written, answers) => {
      const arriving = written.map(({ function: name, second, lateMs }, index) => {
        const time = start + second * 1000;
        const group = name === 'a' ? '/a' : '/shared';
        return {
          arrives: time + lateMs,
          event: { id: String(index), group, stream: streamOf(name), time: new Date(time), message: `line ${index}` },
        };
      });
      const fake = fakeLogs(arriving, [...answers, 'page'], () => true);
      const { polls } = await followed(fake, start + 300_000);
      const ids = polls.flat().map(({ id }) => id);
      expect(ids.toSorted()).toEqual(arriving.map((_, index) => String(index)).toSorted());
      for (const { id, functionName } of polls.flat()) expect(functionName).toBe(written[Number(id)]?.function);
      for (const poll of polls) {
        const times = poll.map(({ time }) => time);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
      }
      expect(fake.reports.length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 40 },
  );
});

test('a throttled search delays all groups, and is said once', async () => {
  const fake = fakeLogs([], ['throttled', 'throttled', 'page'], () => true);
  await followed(fake, start + 60_000);
  expect(fake.reports).toEqual([{ kind: 'logs-delayed', reason: 'throttled', seconds: 4 }]);
  // calls come at most at the pace of the delays: two groups, each third call answered
  expect(fake.calls()).toBeLessThan(40);
});

test('a group that does not exist yet is awaited; a shared one is read once', async () => {
  const event = { id: '1', group: '/shared', stream: streamOf('b'), time: new Date(start + 30_000), message: 'first' };
  const foreign = { ...event, id: '2', stream: '2026/11/26/other-stack[1]0123' };
  const arriving = [event, foreign].map((written) => ({ event: written, arrives: start + 30_000 }));
  const fake = fakeLogs(arriving, ['page'], (group, now) => group === '/a' || now > start + 20_000);
  const { polls, follower } = await followed(fake, start + 60_000);
  expect(polls.flat()).toEqual([{ id: '1', time: event.time.getTime(), functionName: 'b' }]);
  expect(follower.missing).toEqual(new Set());
  // two calls a poll
  expect(fake.calls()).toBe(2 * polls.length);
});

test('an event with a time in the future hides none of the present', async () => {
  const at = (id: string, ms: number, arrives: number) => ({
    event: { id, group: '/a', stream: streamOf('a'), time: new Date(start + ms), message: id },
    arrives: start + arrives,
  });
  const fake = fakeLogs([at('future', 3_600_000, 0), at('present', 20_000, 21_000)], ['page'], () => true);
  const { polls } = await followed(fake, start + 60_000);
  expect(polls.flat().map(({ id }) => id)).toEqual(['future', 'present']);
});

test('of two hundred groups, each is read again and again, and busy ones more often', async () => {
  const many = Array.from({ length: 200 }, (_, index) => ({
    name: `f${index}`,
    physicalName: `shop-f${index}`,
    logGroup: `/f${index}`,
  }));
  const busy = Array.from({ length: 300 }, (_, index) => ({
    event: {
      id: String(index),
      group: '/f0',
      stream: streamOf('f0'),
      time: new Date(start + index * 1000),
      message: 'x',
    },
    arrives: start + index * 1000,
  }));
  const fake = fakeLogs(busy, ['page'], () => true);
  const follower = new LogFollower(
    logSources(many, many),
    { since: new Date(start), pattern: 'wanted', now: () => fake.clock.now },
    fake.reader,
  );
  const found: number[] = [];
  while (fake.clock.now < start + 300_000) found.push((await follower.poll()).length);
  expect(found.reduce((sum, count) => sum + count)).toBeGreaterThan(280);
  expect(follower.pollsARound).toBe(20);
  // the busy group answers in most polls, not in one of twenty
  expect(found.filter((count) => count > 0).length).toBeGreaterThan(found.length / 5);
});
