// Builds dist/ before the first test: tests of the command line run what users run. After the last, repeats which suites were skipped
// and why, where people see it.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { skippedVariable } from './toolchain.ts';

let folder = '';

export function setup(): void {
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: ['ignore', 'ignore', 'inherit'] });
  folder = mkdtempSync(join(tmpdir(), 'fx-skipped-'));
  // the test processes inherit it from this one
  process.env[skippedVariable] = join(folder, 'reasons');
}

export function teardown(): void {
  const file = join(folder, 'reasons');
  const reasons = existsSync(file) ? [...new Set(readFileSync(file, 'utf8').trim().split('\n'))] : [];
  rmSync(folder, { recursive: true, force: true });
  if (reasons.length === 0) return;
  process.stderr.write(
    `\nSkipped on this machine, since it lacks a toolchain:\n${reasons.map((one) => `  ${one}\n`).join('')}`,
  );
}
