// Reports why a suite is skipped: this machine lacks the toolchain.
import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';

/** The file that collects the reasons until all tests are over. */
export const skippedVariable = 'FX_TEST_SKIPPED';

/** A program's output, or undefined if it does not run. */
export function runs(program: string, ...args: string[]): string | undefined {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** For the title of a suite; reported at the end too, since not every reporter shows the titles of skipped suites. */
export function reasonMissing(found: unknown, reason: string): string {
  if (found !== undefined && found !== false) return '';
  const file = process.env[skippedVariable];
  if (file === undefined) process.stderr.write(`skipped: ${reason}\n`);
  else appendFileSync(file, `${reason}\n`);
  return ` (skipped: ${reason})`;
}
