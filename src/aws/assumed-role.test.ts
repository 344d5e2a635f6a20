// The session of a role, where AWS's clock and the machine's disagree.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AdjustableClock } from '../local/clock.ts';
import { startLocalAws } from '../local/host.ts';
import { assumedRole } from './assumed-role.ts';

beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
});

const role = 'arn:aws:iam::000000000000:role/deployer';

test.each(['2020-01-01T00:00:00Z', '2040-01-01T00:00:00Z'])(
  'is assumed once within its hour, and again after it, though AWS says that it is %s',
  async (time) => {
    await using local = await startedAt(time);
    const credentials = assumedRole(role, { region: 'us-east-1', endpoint: local.endpoint });
    const first = await credentials();
    expect(await credentials()).toBe(first);

    vi.useFakeTimers({ now: Date.now() + 56 * 60_000, toFake: ['Date'] });
    expect(await credentials()).not.toBe(first);
  },
);

async function startedAt(time: string) {
  const local = await startLocalAws({ clock: new AdjustableClock(time) });
  return { ...local, [Symbol.asyncDispose]: () => local.stop() };
}
