// The lease: one holder at a time, taken over only when it has expired.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Objects } from '../aws/aws.ts';
import type { Report } from '../base/report.ts';
import { type LeaseContext, leaseKey, leaseMs, takeLease } from './lease.ts';
import { readLease } from './lease-record.ts';
import type { LedgerPlace } from './ledger.ts';

const place: LedgerPlace = { bucket: 'b', project: 'shop', environment: 'prod' };
const me = { who: 'arn:aws:iam::111122223333:user/me', command: 'fx deploy --env prod', fx: '0.1.0' };
const other = { ...me, who: 'arn:aws:iam::111122223333:user/other' };

beforeEach(
  () => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'performance', 'Date'] }),
);
afterEach(() => void vi.useRealTimers());

function world() {
  const objects = new Map<string, { body: Buffer; etag: string; modified: Date }>();
  let writes = 0;
  const store: LeaseContext['objects'] = {
    getTagged: async (_, key) => objects.get(key),
    putIf: async (_, key, etag, body) => {
      if (objects.get(key)?.etag !== etag) return undefined;
      objects.set(key, { body: Buffer.from(body), etag: `"${++writes}"`, modified: new Date() });
      return `"${writes}"`;
    },
    deleteIf: async (_, key, etag) => {
      if (objects.has(key) && objects.get(key)?.etag !== etag) return false;
      objects.delete(key);
      return true;
    },
  } satisfies Pick<Objects, 'getTagged' | 'putIf' | 'deleteIf'>;
  const reports: Report[] = [];
  const context = (more: Partial<LeaseContext> = {}): LeaseContext => ({
    objects: store,
    report: (report) => void reports.push(report),
    signal: new AbortController().signal,
    pollMs: 1000,
    wait: true,
    space: 'here',
    isRunning: () => true,
    now: () => Date.now(),
    ...more,
  });
  /** The same objects, over a line that can be cut. */
  const line = {
    isCut: false,
    objects: {
      ...store,
      putIf: async (...args: Parameters<typeof store.putIf>) => {
        if (line.isCut) throw new Error('cut off');
        return store.putIf(...args);
      },
    },
  };
  return {
    context,
    reports,
    line,
    record: () => readLease(objects.get(leaseKey(place))?.body ?? Buffer.from('')),
  };
}

test('a second fx waits, says for whom, and gets the lease when the first releases it', async () => {
  const { context, reports, record } = world();
  const first = await takeLease(place, other, context());
  const taking = takeLease(place, me, context());
  await vi.advanceTimersByTimeAsync(10 * leaseMs);
  expect(record()?.who).toBe(other.who);
  expect(reports).toEqual([expect.objectContaining({ kind: 'waiting-for-lease', who: other.who })]);
  await first.release();
  await vi.advanceTimersByTimeAsync(2000);
  const second = await taking;
  expect([first.waited, second.waited]).toEqual([false, true]);
  expect(record()?.who).toBe(me.who);
  await second.release();
  expect(record()).toBeUndefined();
});

test('without waiting, a held lease is BUSY and names its holder', async () => {
  const { context } = world();
  await takeLease(place, other, context());
  await expect(takeLease(place, me, context({ wait: false }))).rejects.toMatchObject({
    code: 'BUSY',
    message: expect.stringContaining(other.who),
  });
});

test('a lease of a dead process on this machine is taken over at once', async () => {
  const { context, reports } = world();
  await takeLease(place, other, context());
  const taken = await takeLease(place, me, context({ isRunning: () => false, wait: false }));
  // what the dead process did is not in what was read before
  expect(taken.waited).toBe(true);
  expect(reports).toEqual([expect.objectContaining({ kind: 'lease-expired' })]);
});

test('a lease of another machine is taken over only when nothing renewed it for its whole time', async () => {
  const { context, line, record } = world();
  await takeLease(place, other, context({ space: 'there', objects: line.objects }));
  const taking = takeLease(place, me, context({ isRunning: () => false }));
  await vi.advanceTimersByTimeAsync(3 * leaseMs);
  expect(record()?.who).toBe(other.who);
  line.isCut = true;
  await vi.advanceTimersByTimeAsync(leaseMs / 2);
  expect(record()?.who).toBe(other.who);
  // the holder comes back in time
  line.isCut = false;
  await vi.advanceTimersByTimeAsync(3 * leaseMs);
  expect(record()?.who).toBe(other.who);
  line.isCut = true;
  await vi.advanceTimersByTimeAsync(leaseMs + 2000);
  expect((await taking).waited).toBe(true);
  expect(record()?.who).toBe(me.who);
});

test('a holder that lost its lease learns it at its next renewal, and releases nothing', async () => {
  const { context, record } = world();
  const first = await takeLease(place, other, context());
  const second = await takeLease(place, me, context({ isRunning: () => false }));
  await vi.advanceTimersByTimeAsync(leaseMs);
  expect(first.lost.aborted).toBe(true);
  expect(first.lost.reason).toMatchObject({ code: 'BUSY' });
  await first.release();
  expect(record()?.who).toBe(me.who);
  expect(second.lost.aborted).toBe(false);
});

test('a holder that is asked to give up learns it, keeps the lease, and can still release it', async () => {
  const { context, record } = world();
  const first = await takeLease(place, other, context());
  const taking = takeLease(place, me, context(), { ask: ({ command }) => command.includes('deploy') });
  await vi.advanceTimersByTimeAsync(1000);
  expect(record()).toMatchObject({ who: other.who, asked: { who: me.who } });
  await vi.advanceTimersByTimeAsync(leaseMs / 2);
  expect([first.asked.aborted, first.lost.aborted]).toEqual([true, false]);
  await first.release();
  await vi.advanceTimersByTimeAsync(2000);
  expect((await taking).waited).toBe(true);
});

test('a release whose renewal was never sent still happens', async () => {
  const { context, record } = world();
  const first = await takeLease(place, other, context());
  const taking = takeLease(place, me, context(), { ask: () => true });
  await vi.advanceTimersByTimeAsync(100);
  // asked, but not yet noticed: the object has another ETag
  await first.release();
  await vi.advanceTimersByTimeAsync(2000);
  await taking;
  expect(record()?.who).toBe(me.who);
});

test('an object that is no lease holds nothing', async () => {
  const { context, record } = world();
  const { objects } = context();
  await objects.putIf('b', leaseKey(place), undefined, Buffer.from('{'));
  await takeLease(place, me, context({ wait: false }));
  expect(record()?.who).toBe(me.who);
});
