import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isAlive, lockHolder, takeLock } from './process-lock.ts';

function file(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fx-lock-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'lock');
}

test('has one holder, and is free after its release', () => {
  const lock = file();
  const held = takeLock(lock);
  expect(lockHolder(lock)).toBe(process.pid);
  expect(takeLock(lock)).toBeUndefined();
  held?.release();
  expect(lockHolder(lock)).toBeUndefined();
  expect(takeLock(lock)).toBeDefined();
});

test('is taken over from a dead process, and from a damaged file', async () => {
  const lock = file();
  const child = spawn(process.execPath, ['-e', '0']);
  await new Promise((done) => child.once('exit', done));
  expect(isAlive(child.pid ?? 0)).toBe(false);
  for (const text of [String(child.pid), '', 'nonsense']) {
    writeFileSync(lock, text);
    takeLock(lock)?.release();
    writeFileSync(lock, text);
    expect(takeLock(lock)).toBeDefined();
    expect(readFileSync(lock, 'utf8')).toBe(String(process.pid));
  }
});

test('is not taken from a running process', async () => {
  const lock = file();
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise((done) => child.once('spawn', done));
  writeFileSync(lock, String(child.pid));
  expect(takeLock(lock)).toBeUndefined();
});
