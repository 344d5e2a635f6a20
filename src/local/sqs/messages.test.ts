import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AdjustableClock } from '../clock.ts';
import type { Cloud } from '../cloud.ts';
import { testClock } from '../fixture.ts';
import { Store } from '../store.ts';
import type { StoredMessage } from './message.ts';
import { Messages } from './messages.ts';

const hour = 3_600_000;
const day = 24 * hour;

function queue(clock: AdjustableClock, isFifo = false, store = new Store(undefined)) {
  const cloud = { now: () => clock.now(), after: (ms, run) => clock.after(ms, run) } as Cloud;
  return new Messages(cloud, 'q', { in: store.collection<StoredMessage>('messages'), isFifo });
}
const standard = { attributes: {}, delayMs: 0 };
const receive = { limit: 10, visibilityMs: hour, retentionMs: 4 * day, redrive: undefined };

test('receives and deletes 150,000 delayed messages', async () => {
  const clock = testClock();
  const messages = queue(clock);
  const count = 150_000;
  for (let i = 0; i < count; i++) messages.send({ ...standard, body: String(i), delayMs: 60_000 }, false, 'queue');
  expect(messages.receive(receive)).toEqual([]);
  const changed = messages.change(20 * 60_000, new AbortController().signal);
  await clock.advance(61_000);
  await changed;
  let received = 0;
  for (let batch = messages.receive(receive); batch.length > 0; batch = messages.receive(receive)) {
    for (const message of batch) messages.delete(message);
    received += batch.length;
  }
  expect(received).toBe(count);
  expect(messages.counts(receive.retentionMs)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
});

test('a FIFO queue delivers as many messages of a group as it can before the next group', () => {
  const messages = queue(testClock(), true);
  for (const [groupId, body] of [
    ['1', '1a'],
    ['2', '2a'],
    ['1', '1b'],
    ['1', '1c'],
  ] as const) {
    messages.send({ ...standard, body, groupId, deduplicationId: body }, true, 'queue');
  }
  const bodies = (limit: number) => messages.receive({ ...receive, limit }).map(({ body }) => body);
  expect(bodies(2)).toEqual(['1a', '1b']);
  // 1c waits for its group
  expect(bodies(10)).toEqual(['2a']);
  expect(bodies(10)).toEqual([]);
});

test('a message is delivered twice only after it was returned', () => {
  const messages = queue(testClock());
  for (const body of ['a', 'b', 'c']) messages.send({ ...standard, body }, false, 'queue');
  const bodies = () => messages.receive({ ...receive, visibilityMs: 0 }).map(({ body }) => body);
  expect(bodies()).toEqual(['a', 'b', 'c']);
  expect(bodies()).toEqual(['a', 'b', 'c']);
});

test('a message hidden twice until the same time is delivered once', async () => {
  const clock = testClock();
  const messages = queue(clock);
  messages.send({ ...standard, body: 'a' }, false, 'queue');
  const [message] = messages.receive(receive);
  if (message === undefined) throw new Error('received nothing');
  messages.changeVisibility(message, 60_000);
  messages.changeVisibility(message, 60_000);
  await clock.advance(61_000);
  expect(messages.receive({ ...receive, visibilityMs: 0 })).toHaveLength(1);
});

// Comparison with a model that scans all messages

interface Modelled {
  readonly body: string;
  readonly group: string;
  visibleAt: number;
  receiveCount: number;
  message: StoredMessage;
}

const step = fc.oneof(
  fc.record({
    kind: fc.constant('send' as const),
    group: fc.constantFrom('x', 'y', 'z'),
    delay: fc.constantFrom(0, 0, 10),
  }),
  fc.record({
    kind: fc.constant('receive' as const),
    limit: fc.integer({ min: 1, max: 4 }),
    visibility: fc.constantFrom(0, 5, 20),
  }),
  fc.record({ kind: fc.constant('advance' as const), minutes: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ kind: fc.constant('delete' as const), which: fc.nat({ max: 20 }) }),
  fc.record({ kind: fc.constant('visibility' as const), which: fc.nat({ max: 20 }), minutes: fc.constantFrom(0, 7) }),
  fc.record({ kind: fc.constant('restart' as const) }),
);

test.each([['standard', false] as const, ['FIFO', true] as const])(
  'a %s queue delivers what a scan of all messages would',
  (_, isFifo) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        // advances only between steps, so that queue and model see the same time
        let now = 0;
        const clock = { now: () => now, after: () => () => {} } as unknown as AdjustableClock;
        const store = new Store(undefined);
        let messages = queue(clock, isFifo, store);
        let model: Modelled[] = [];
        let sent = 0;
        for (const step of steps) {
          if (step.kind === 'advance') now += step.minutes * 60_000;
          if (step.kind === 'restart') messages = queue(clock, isFifo, store);
          if (step.kind === 'send') {
            const [body, delayMs] = [String(sent++), isFifo ? 0 : step.delay * 60_000];
            const ids = isFifo ? { groupId: step.group, deduplicationId: body } : {};
            const message = messages.send({ ...standard, ...ids, body, delayMs }, isFifo, 'queue');
            const group = isFifo ? step.group : body;
            model.push({ body, group, visibleAt: now + delayMs, receiveCount: 0, message });
          }
          if (step.kind === 'receive') {
            const visibilityMs = step.visibility * 60_000;
            const received = messages.receive({ ...receive, limit: step.limit, visibilityMs });
            const expected = isFifo
              ? checkedFifo(model, received, now, step.limit)
              : visible(model, now).slice(0, step.limit);
            expect(received.map(({ body }) => body)).toEqual(expected.map(({ body }) => body));
            for (const [i, entry] of expected.entries()) {
              entry.visibleAt = now + visibilityMs;
              entry.receiveCount++;
              entry.message = received[i] ?? entry.message;
            }
          }
          const chosen = 'which' in step ? model[step.which % Math.max(1, model.length)] : undefined;
          if (step.kind === 'delete' && chosen !== undefined) {
            messages.delete(chosen.message);
            model = model.filter((entry) => entry !== chosen);
          }
          if (step.kind === 'visibility' && chosen !== undefined && chosen.receiveCount > 0 && chosen.visibleAt > now) {
            messages.changeVisibility(chosen.message, step.minutes * 60_000);
            chosen.visibleAt = now + step.minutes * 60_000;
          }
        }
      }),
      { numRuns: 300 },
    );
  },
);

const visible = (model: readonly Modelled[], now: number) => model.filter(({ visibleAt }) => visibleAt <= now);

/** SQS may choose any order of groups. It delivers the oldest messages of a group up to the first invisible one, and all of these
 * except for the last group. */
function checkedFifo(model: readonly Modelled[], received: readonly StoredMessage[], now: number, limit: number) {
  const free = (group: string | undefined) => {
    const entries = model.filter((entry) => entry.group === group);
    const blocking = entries.findIndex(({ visibleAt }) => visibleAt > now);
    return blocking < 0 ? entries : entries.slice(0, blocking);
  };
  const groups = [...new Set(model.map(({ group }) => group))];
  expect(received).toHaveLength(Math.min(limit, groups.flatMap(free).length));
  return [...new Set(received.map(({ groupId }) => groupId))].flatMap(free).slice(0, limit);
}
