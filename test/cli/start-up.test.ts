// What a command line loads before it knows which command it is for, and where compiled code is kept.
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { bin, fx } from '../support/fx.ts';
import { folderOf } from '../support/project.ts';

/** A file of dist/ and all that it imports at once. */
function loadedWith(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(file, 'utf8');
  for (const [, specifier = ''] of text.matchAll(/^(?:import|\} from)[^;(]*?"(\.[^"]+)";$/gm))
    loadedWith(resolve(dirname(file), specifier), seen);
  return seen;
}

test('the entry is small: a command and its help load only when asked for', () => {
  const files = [...loadedWith(bin)];
  expect(files.map((file) => statSync(file).size).reduce((sum, size) => sum + size)).toBeLessThan(20_000);
  // the check sees what is imported: a command loads far more
  const command = /import\("(\.\/chunks\/deploy-[^"]+)"\)/.exec(readFileSync(bin, 'utf8'))?.[1] ?? '';
  expect(loadedWith(resolve(dirname(bin), command)).size).toBeGreaterThan(5);
});

/** fx as installed: the package's folder, and nothing else. */
async function installed(): Promise<string> {
  const folder = await folderOf({});
  mkdirSync(join(folder, 'dist'));
  copyFileSync(resolve(bin, '../../package.json'), join(folder, 'package.json'));
  for (const part of ['bin.js', 'package.json', 'chunks'])
    cpSync(resolve(bin, '..', part), join(folder, 'dist', part), { recursive: true });
  return folder;
}

const help = (folder: string) => fx(folder, ['local', 'status', '--help'], { bin: join(folder, 'dist/bin.js') });

test('compiled code is kept within the package, where Node can keep it', async () => {
  const folder = await installed();
  expect(await help(folder)).toMatchObject({ exitCode: 0 });
  expect(existsSync(join(folder, '.cache/compile'))).toBe('enableCompileCache' in module);
});

test('a package that cannot be written to works all the same', async () => {
  const folder = await installed();
  // even root cannot make a folder within a file
  writeFileSync(join(folder, '.cache'), '');
  expect(await help(folder)).toMatchObject({ exitCode: 0, stderr: '' });
});
