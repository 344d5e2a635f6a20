// The contributors' guide: every file and folder it mentions exists.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageFolder } from '../src/base/packaged.ts';
import { eventSources } from '../src/events/index.ts';
import { families } from '../src/runtimes/index.ts';
import { settingKeys } from '../src/settings/index.ts';

const text = readFileSync(join(packageFolder(), 'docs/contributing.md'), 'utf8');
const table = text.slice(text.indexOf('## To add X, touch Y'), text.indexOf('## How code here reads'));
const rows = table.split('\n').filter((line) => line.startsWith('| ') && !/^\| (---|to add)/.test(line));
const paths = (row: string) =>
  [...row.matchAll(/`((?:src|test|docs|scripts)\/[^`]*|project\.yml\.example)`/g)].map(([, path = '']) => path);

test('every row names files that exist', () => {
  expect(rows.length).toBeGreaterThan(15);
  const missing = rows.flatMap((row) => {
    // a placeholder represents the file to add: its folder must exist
    const named = paths(row).map((path) => path.replace(/<[^>]*>.*$/, ''));
    expect(named, row).not.toEqual([]);
    return named.filter((path) => !existsSync(join(packageFolder(), path)));
  });
  expect(missing).toEqual([]);
});

test('each table has its rows in the files that the guide names', () => {
  const exists = (path: string) => existsSync(join(packageFolder(), path));
  expect(Object.keys(eventSources).filter((kind) => !exists(`src/events/${kind}.ts`))).toEqual([]);
  expect(Object.keys(families).length).toBeGreaterThan(5);
  expect(settingKeys.length).toBeGreaterThan(30);
});
