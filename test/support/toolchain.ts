// Says why a suite is skipped: the toolchain that it is about is not on this machine.
import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';

/** Names the file in which the reasons are kept until all tests are over. */
export const skippedVariable = 'FX_TEST_SKIPPED';

/** What a program prints, or undefined where it does not run. */
export function runs(program: string, ...args: string[]): string | undefined {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** For the title of a suite; said at the end too, since not each reporter shows the titles of what is skipped. */
export function reasonMissing(found: unknown, reason: string): string {
  if (found !== undefined && found !== false) return '';
  const file = process.env[skippedVariable];
  if (file === undefined) process.stderr.write(`skipped: ${reason}\n`);
  else appendFileSync(file, `${reason}\n`);
  return ` (skipped: ${reason})`;
}
