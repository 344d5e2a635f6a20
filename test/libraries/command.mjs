// Runs fx in the folder of a table's project, and reads the lines that it prints with --json.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const fx = join(import.meta.dirname, '../../dist/bin.js');

export const fxIn =
  (folder) =>
  (...args) =>
    spawnSync(process.execPath, [fx, ...args], { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 });

export function jsonLines(text) {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}
