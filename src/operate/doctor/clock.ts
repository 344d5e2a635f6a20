// The clock of this machine: AWS refuses requests that are signed more than five minutes off.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
import type { Check } from './check.ts';

const mostOffMs = 300_000;
const noticedMs = 30_000;

export const clock: Check = {
  about: 'the clock of this machine',
  async run({ context: { aws } }) {
    // the machine's own clock, by which the SDK signs
    const offMs = Date.now() - (await aws.account.time()).getTime();
    if (Number.isNaN(offMs)) return { skipped: 'the endpoint does not say what time it is' };
    const seconds = Math.round(Math.abs(offMs) / 1000);
    if (Math.abs(offMs) < noticedMs) return [];
    return [
      {
        level: Math.abs(offMs) >= mostOffMs ? 'problem' : 'warning',
        message: `the clock of this machine is ${seconds} s ${offMs > 0 ? 'ahead of' : 'behind'} AWS's; from 300 s on, AWS refuses what it signs`,
        hint: 'synchronize it with a time server',
      },
    ];
  },
};
