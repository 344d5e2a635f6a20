// What a command line loads before it knows its command, and where compiled code is cached.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { bin, fx } from '../support/fx.ts';
import { folderOf } from '../support/project.ts';

/** The size of a file of dist/ and of all modules that it can load. */
function loadableSize(file: string, seen = new Set<string>()): number {
  if (seen.has(file)) return 0;
  seen.add(file);
  const text = readFileSync(file, 'utf8');
  const imported = [...text.matchAll(/"(\.\/[^"]+\.js)"/g)].map(([, specifier = '']) => specifier);
  const sizes = imported.map((specifier) => loadableSize(resolve(dirname(file), specifier), seen));
  return sizes.reduce((sum, size) => sum + size, statSync(file).size);
}

test('the entry is small: commands are a separate bundle', () => {
  expect(loadableSize(bin)).toBeLessThan(20_000);
  expect(statSync(bundle).size).toBeGreaterThan(1_000_000);
});

test('--version and --help load no command', async () => {
  const folder = await installed();
  writeFileSync(join(folder, 'dist/main.cjs'), 'throw new Error("loaded")');
  for (const words of [['--version'], ['-V'], ['--help'], ['-h'], ['help'], []])
    expect(await fx(folder, words, { bin: join(folder, 'dist/bin.js') })).toMatchObject({ exitCode: 0, stderr: '' });
  expect((await run(folder, 'validate', '--help')).stderr).toContain('loaded');
});

const bundle = join(dirname(bin), 'main.cjs');

/** fx as installed: the package's folder, and nothing else. */
async function installed(): Promise<string> {
  const folder = await folderOf({});
  mkdirSync(join(folder, 'dist/chunks'), { recursive: true });
  const dist = [
    'bin.js',
    'main.cjs',
    'package.json',
    ...readdirSync(join(dirname(bin), 'chunks')).map((name) => `chunks/${name}`),
  ];
  copyFileSync(resolve(bin, '../../package.json'), join(folder, 'package.json'));
  for (const name of dist) copyFileSync(join(dirname(bin), name), join(folder, 'dist', name));
  return folder;
}

const run = (folder: string, ...words: string[]) => fx(folder, words, { bin: join(folder, 'dist/bin.js') });

/** The only cache file, with the commands whose code it contains. */
function kept(folder: string) {
  const cache = join(folder, '.cache/compile');
  const [name = ''] = readdirSync(cache);
  const content = readFileSync(join(cache, name));
  const end = content.length - 4;
  const commands = JSON.parse(content.toString('utf8', end - content.readUInt32LE(end), end)) as string[];
  return { file: join(cache, name), files: readdirSync(cache).length, commands };
}

test('compiled code is cached in the package, once per command', async () => {
  const folder = await installed();
  const first = await run(folder, 'local', 'status', '--help');
  expect(first.exitCode).toBe(0);
  expect(kept(folder)).toMatchObject({ files: 1, commands: ['local'] });
  expect(basename(kept(folder).file)).toContain(process.version);
  const before = statSync(kept(folder).file).mtimeMs;
  expect(await run(folder, 'local', 'status', '--help')).toMatchObject({ exitCode: 0, stdout: first.stdout });
  expect(statSync(kept(folder).file).mtimeMs).toBe(before);
  expect((await run(folder, 'validate', '--help')).exitCode).toBe(0);
  expect(kept(folder)).toMatchObject({ files: 1, commands: ['local', 'validate'] });
});

test('a command that fails or does not exist caches nothing', async () => {
  const folder = await installed();
  expect((await run(folder, 'validate')).exitCode).not.toBe(0);
  expect((await run(folder, 'valdate')).exitCode).not.toBe(0);
  expect(existsSync(join(folder, '.cache'))).toBe(false);
});

test('a damaged cache is rewritten', async () => {
  const folder = await installed();
  const help = await run(folder, 'validate', '--help');
  for (const damage of ['', 'x', 'not compiled code at all', `${'x'.repeat(100)}[]\u0002\u0000\u0000\u0000`]) {
    writeFileSync(kept(folder).file, damage);
    expect(await run(folder, 'validate', '--help')).toMatchObject({ exitCode: 0, stdout: help.stdout, stderr: '' });
    expect(kept(folder).commands).toEqual(['validate']);
  }
});

test('works in a read-only package', async () => {
  const folder = await installed();
  // even root cannot create a folder inside a file
  writeFileSync(join(folder, '.cache'), '');
  expect(await run(folder, 'local', 'status', '--help')).toMatchObject({ exitCode: 0, stderr: '' });
});
