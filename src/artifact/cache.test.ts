import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { chmod, cp } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerOf, artifactIn, buildIn } from '../../test/support/artifacts.ts';
import { folderOf, writeFiles } from '../../test/support/project.ts';
import { suiteTime } from '../local/fixture.ts';

const bin = join(import.meta.dirname, '../../dist/bin.js');

/** Functions, every third of which shares a module. */
function manyFunctions(count: number): Record<string, string> {
  const names = Array.from({ length: count }, (_, index) => `f${index}`);
  const files: Record<string, string> = {
    'project.yml': `name: s\nfunctions:\n${names.map((name) => `  ${name}: {handler: src/${name}.handler}\n`).join('')}`,
    'src/all.ts': 'export const all = 1;',
    'src/shared.ts': 'export const shared = 1;',
  };
  for (const [index, name] of names.entries()) {
    const shared = index < 3 ? "import { shared } from './shared.ts';" : 'const shared = 0;';
    files[`src/${name}.ts`] =
      `import { all } from './all.ts'; ${shared} export const handler = async () => [all, shared, ${index}];`;
  }
  return files;
}

const old = new Date(Date.now() - 60_000);
/** Dated a minute ago: a file written just now is always read again. */
function age(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.startsWith('.fx')) utimesSync(join(folder, name), old, old);
  }
}

/** Fails if a process starts. */
const noProcesses = `
const child = require('node:child_process');
for (const name of ['spawn', 'spawnSync', 'execFile', 'execFileSync', 'fork', 'exec', 'execSync'])
  child[name] = (...words) => { throw new Error('started ' + words[0]); };
require('node:module').syncBuiltinESMExports();
`;

describe('a build', () => {
  test('without changes starts no process', async () => {
    const folder = await folderOf({ ...manyFunctions(50), 'none.cjs': noProcesses });
    await run(folder).output;
    const output = execFileSync(process.execPath, ['--require', join(folder, 'none.cjs'), bin, 'build'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: 'pipe',
    });
    expect(output.trim().split('\n')).toHaveLength(50);
    await writeFiles(folder, { 'src/f9.ts': 'export const handler = async () => 9;' });
    expect(() =>
      execFileSync(process.execPath, ['--require', join(folder, 'none.cjs'), bin, 'build'], {
        cwd: folder,
        stdio: 'pipe',
      }),
    ).toThrow('started');
  });

  test('builds only the functions that share a changed module', async () => {
    const folder = await folderOf(manyFunctions(10));
    await buildIn(folder);
    await writeFiles(folder, { 'src/shared.ts': 'export const shared = 2;' });
    expect((await buildIn(folder)).fresh).toEqual(['f0', 'f1', 'f2']);
    await writeFiles(folder, { 'src/all.ts': 'export const all = 2;' });
    expect((await buildIn(folder)).fresh).toHaveLength(10);
    expect((await buildIn(folder)).fresh).toEqual([]);
  });

  test('ignores touch, and sees a change that keeps size and date', async () => {
    const folder = await folderOf(manyFunctions(10));
    age(folder);
    await buildIn(folder);
    utimesSync(join(folder, 'src/shared.ts'), new Date(), new Date());
    expect((await buildIn(folder)).fresh).toEqual([]);
    writeFileSync(join(folder, 'src/shared.ts'), 'export const shared = 3;');
    utimesSync(join(folder, 'src/shared.ts'), old, old);
    expect((await buildIn(folder)).fresh).toEqual(['f0', 'f1', 'f2']);
  });

  test('sees what redirects an import: a new file beside, another tsconfig.json, another setting', async () => {
    const own = await folderOf({
      'project.yml': 'name: s\nfunctions:\n  a: {handler: a.handler}\n',
      'a.ts': "import { x } from './x'; export const handler = async () => x;",
      'x.js': 'export const x = 1;',
      'unrelated.ts': '',
    });
    expect((await buildIn(own)).fresh).toEqual(['a']);
    const changes: Record<string, string>[] = [
      { 'x.ts': 'export const x = 2;' },
      { 'tsconfig.json': '{"compilerOptions": {"target": "es2020"}}' },
      { 'package.json': '{"type": "module"}' },
      { 'package-lock.json': '{}' },
      { 'project.yml': 'name: s\nfunctions:\n  a: {handler: a.handler, minify: true}\n' },
    ];
    for (const change of changes) {
      await writeFiles(own, change);
      expect([change, (await buildIn(own)).fresh]).toEqual([change, ['a']]);
      expect((await buildIn(own)).fresh).toEqual([]);
    }
    await writeFiles(own, { 'unrelated.ts': '// changed', 'new.ts': '' });
    expect((await buildIn(own)).fresh).toEqual([]);
  });
});

test('a build sees a module that `paths` would find first, and one that was missing for a `try`', async () => {
  const folder = await folderOf({
    'project.yml': 'name: s\nfunctions:\n  a: {handler: src/a.handler}\n',
    'src/tsconfig.json':
      '{\n  // made, else written\n  "compilerOptions": {"paths": {"@/*": ["../made/*", "./lib/*"],}},\n}',
    'src/lib/x.ts': "export const x = 'lib';",
    'src/a.ts':
      "import { x } from '@/x'; let y = 0; try { y = require('./y.js').y; } catch {} export const handler = async () => [x, y];",
  });
  expect(answerOf(await artifactIn(folder))).toEqual(['lib', 0]);
  await writeFiles(folder, { 'made/x.ts': "export const x = 'made';" });
  expect(answerOf(await artifactIn(folder))).toEqual(['made', 0]);
  await writeFiles(folder, { 'src/y.ts': 'export const y = 1;' });
  expect(answerOf(await artifactIn(folder))).toEqual(['made', 1]);
  await writeFiles(folder, { 'made/other.ts': '', 'src/lib/z.ts': '' });
  expect((await buildIn(folder)).fresh).toEqual([]);
});

test('a build sees a change of a tsconfig.json in a shared package', async () => {
  const folder = await folderOf({
    'project.yml': 'name: s\nfunctions:\n  a: {handler: a.handler}\n',
    'tsconfig.json': '{"extends": "shared/base"}',
    'node_modules/shared/package.json': '{"name": "shared", "version": "1.0.0"}',
    'node_modules/shared/base.json': '{"compilerOptions": {}}',
    'a.ts': 'export const handler = async () => 1;',
  });
  await buildIn(folder);
  await writeFiles(folder, { 'node_modules/shared/base.json': '{"compilerOptions": {"target": "es2020"}}' });
  expect((await buildIn(folder)).fresh).toEqual(['a']);
});

describe('the cache', () => {
  const cacheOf = (folder: string) => join(folder, '.fx/cache/build');
  const cachedFiles = (folder: string) =>
    readdirSync(cacheOf(folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(json|zip)$/.test(name))
      .map((name) => join(cacheOf(folder), name));

  test('keeps the valid artifacts of a failed build', async () => {
    const folder = await folderOf({
      'project.yml': 'name: s\nfunctions:\n  a: {handler: a.handler}\n  b: {handler: b.handler}\n',
      'a.ts': 'export const handler = async () => 1;',
      'b.ts': 'export const other = 1;',
    });
    await expect(buildIn(folder)).rejects.toThrow('cannot run');
    await writeFiles(folder, { 'b.ts': 'export const handler = async () => 1;' });
    expect((await buildIn(folder)).fresh).toEqual(['b']);
  });

  test('copied with its project is not used by the copy', async () => {
    const folder = await folderOf({
      'project.yml': 'name: s\nfunctions:\n  a: {handler: a.handler}\n',
      'a.ts': 'export const handler = async () => 1;',
    });
    await buildIn(folder);
    const copy = await folderOf({});
    await cp(folder, copy, { recursive: true, preserveTimestamps: true });
    await writeFiles(copy, { 'a.ts': 'export const handler = async () => 2;' });
    expect(answerOf(await artifactIn(copy))).toBe(2);
    expect(answerOf(await artifactIn(folder))).toBe(1);
  });

  test('is rebuilt wherever it is damaged', async () => {
    const folder = await folderOf(manyFunctions(3));
    age(folder);
    const expected = [...(await buildIn(folder)).artifacts.values()].map(({ code, zip }) => [code.key, zip?.sha256]);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        async (which, part, cuts) => {
          const files = cachedFiles(folder);
          const file = files[which % files.length] ?? '';
          const bytes = readFileSync(file);
          const at = Math.min(bytes.length - 1, Math.floor(bytes.length * part));
          if (cuts) truncateSync(file, at);
          else {
            bytes[at] = (bytes[at] ?? 0) ^ 0xff;
            writeFileSync(file, bytes);
          }
          const again = [...(await buildIn(folder)).artifacts.values()].map(({ code, zip }) => [code.key, zip?.sha256]);
          expect(again).toEqual(expected);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('is shared by concurrent builds', async () => {
    const folder = await folderOf(manyFunctions(10));
    const runs = Array.from({ length: 4 }, () => run(folder));
    const outputs = await Promise.all(runs.map(({ output }) => output));
    expect(new Set(outputs).size).toBe(1);
    expect(
      execFileSync(process.execPath, [bin, 'build', '--json'], { cwd: folder, encoding: 'utf8', stdio: 'pipe' }),
    ).not.toContain('"cached":false');
    expect(readdirSync(join(cacheOf(folder), 'zips')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test("survives a kill at any line of a build's output, and during writes", async () => {
    const files = manyFunctions(10);
    const expected = await run(await folderOf(files)).output;
    const folder = await folderOf(files);
    for (const moment of ['Building', 'built f', 'built f9']) {
      const { child, output } = run(folder);
      child.stderr.on('data', (text: Buffer) => text.toString().includes(moment) && child.kill('SIGKILL'));
      await output;
      expect(await run(folder).output).toBe(expected);
      await writeFiles(folder, { 'src/all.ts': `export const all = 1; // ${moment}` });
    }
  });

  test('may be read-only', async () => {
    const folder = await folderOf(manyFunctions(2));
    await chmod(folder, 0o555);
    // root can write everywhere
    const uid = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
    await chmod(join(folder, 'src'), 0o755);
    const output = execFileSync(process.execPath, [bin, 'build'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: 'pipe',
      env: { PATH: process.env['PATH'], HOME: '/tmp', FX_LOCAL_TIME: suiteTime },
      ...uid,
    });
    expect(output.trim().split('\n')).toHaveLength(2);
    expect(existsSync(join(folder, '.fx'))).toBe(false);
    await chmod(folder, 0o755);
  });
});

function run(folder: string) {
  const child = spawn(process.execPath, [bin, 'build'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const output = new Promise<string>((done) => child.once('close', () => done(text)));
  return { child, output };
}

describe('a project', () => {
  test('has the same keys and zips from another folder, through a link, touched, with other modes and time zones', async () => {
    const folder = await folderOf({ ...manyFunctions(3), 'in/ä.txt': '1', 'in/Z.txt': '2', 'in/a.txt': '3' });
    await writeFiles(folder, { 'project.yml': `${manyFunctions(3)['project.yml']}defaults: {include: [in/**]}\n` });
    const expected = zips(await buildIn(folder));
    const other = await folderOf({});
    await cp(folder, join(other, 'copy'), { recursive: true, filter: (path) => !path.includes('.fx') });
    symlinkSync(join(other, 'copy'), join(other, 'link'));
    age(join(other, 'copy'));
    await chmod(join(other, 'copy/in/a.txt'), 0o755);
    for (const [umask, TZ, locale] of [
      ['077', 'Pacific/Kiritimati', 'tr_TR.UTF-8'],
      ['000', 'America/St_Johns', 'C'],
    ] as const) {
      const script = `umask ${umask}; rm -rf .fx; exec "$@"`;
      const env = {
        PATH: process.env['PATH'],
        TZ,
        LC_ALL: locale,
        LANG: locale,
        HOME: '/tmp',
        FX_LOCAL_TIME: suiteTime,
      };
      const words = [
        '-c',
        script,
        'sh',
        process.execPath,
        '--require',
        join(other, 'shuffle.cjs'),
        bin,
        'build',
        '--output',
        join(other, 'out'),
      ];
      await writeFiles(other, { 'shuffle.cjs': shuffledReading });
      execFileSync('sh', words, { cwd: join(other, 'link'), env, stdio: 'pipe' });
      const made = ['f0', 'f1', 'f2'].map((name) => readFileSync(join(other, `out/${name}.zip`)));
      expect(made.map((bytes) => bytes.equals(expected.shift() ?? Buffer.alloc(0)))).toEqual([true, true, true]);
      expected.push(...zips(await buildIn(folder)));
    }
  });
});

const zips = ({ artifacts }: Awaited<ReturnType<typeof buildIn>>) =>
  [...artifacts.values()].map(({ zip }) => readFileSync(zip?.file ?? ''));

/** Lists folders in a different order than the disk. */
const shuffledReading = `
const fs = require('node:fs');
const read = fs.readdirSync;
fs.readdirSync = (...words) => read(...words).reverse();
require('node:module').syncBuiltinESMExports();
`;
