// Watching real folders: saves as editors make them.
import { mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { folderOf } from '../../test/support/project.ts';
import { Watch } from './dev-watch.ts';

const { signal } = new AbortController();

async function watching(files: Readonly<Record<string, string>>) {
  const folder = realpathSync(await folderOf(files));
  const watch = new Watch(folder, (error) => {
    throw error;
  });
  onTestFinished(() => watch.end());
  /** Until each of these files was reported, in whatever portions. */
  const reported = async (...names: readonly string[]) => {
    const missing = new Set(names.map((name) => join(folder, name)));
    while (missing.size > 0) for (const file of (await watch.next(signal))?.changed ?? []) missing.delete(file);
  };
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  return { folder, watch, reported, write };
}

test('reports writes, renames, deletions and folders that appear and come back', async () => {
  const { folder, reported, write } = await watching({ 'a.ts': '1', 'src/b.ts': '1' });
  write('a.ts', '2');
  await reported('a.ts');
  write('src/.b.swp', '2');
  renameSync(join(folder, 'src/.b.swp'), join(folder, 'src/b.ts'));
  await reported('src/b.ts');
  rmSync(join(folder, 'a.ts'));
  await reported('a.ts');
  write('a.ts', '3');
  await reported('a.ts');
  mkdirSync(join(folder, 'new/deep'), { recursive: true });
  write('new/deep/c.ts', '1');
  await reported('new/deep/c.ts');
  rmSync(join(folder, 'src'), { recursive: true });
  await reported('src/b.ts');
  mkdirSync(join(folder, 'src'));
  write('src/b.ts', '4');
  await reported('src/b.ts');
  write('src/b.ts', '5');
  await reported('src/b.ts');
});

test('reports several saves together, and packages only if a build reads them', async () => {
  const { folder, watch, reported, write } = await watching({
    'a.ts': '1',
    'b.ts': '1',
    '.fx/c': '1',
    'node_modules/p/in.js': '1',
    'node_modules/p/other.js': '1',
  });
  const input = join(folder, 'node_modules/p/in.js');
  watch.add([join(folder, 'node_modules/p')], (file) => file === input);
  for (const name of ['a.ts', 'b.ts', '.fx/c', 'node_modules/p/other.js']) write(name, '2');
  const { changed } = (await watch.next(signal)) ?? { changed: new Set() };
  expect([...changed].sort()).toEqual([join(folder, 'a.ts'), join(folder, 'b.ts')]);
  write('node_modules/p/in.js', '2');
  await reported('node_modules/p/in.js');
});

test('waits for the rest of a save that has only truncated its file so far', async () => {
  const { folder, watch, write } = await watching({ 'a.ts': '1' });
  write('a.ts', '');
  const next = watch.next(signal);
  let isEarly = true;
  void next.then(() => expect(isEarly).toBe(false));
  await new Promise((done) => setTimeout(done, 30));
  isEarly = false;
  write('a.ts', '2');
  expect([...((await next)?.changed ?? [])]).toEqual([join(folder, 'a.ts')]);
});

test('tells a save from a touch, and ends with the signal', async () => {
  const { folder, watch, write } = await watching({ 'a.ts': '1' });
  const file = join(folder, 'a.ts');
  expect([...watch.withNewContent([file])]).toEqual([file]);
  write('a.ts', '1');
  expect([...watch.withNewContent([file])]).toEqual([]);
  rmSync(file);
  expect([...watch.withNewContent([file])]).toEqual([file]);
  const end = new AbortController();
  const asked = new Watch(folder, () => {});
  onTestFinished(() => asked.end());
  asked.ask();
  expect(await asked.next(end.signal)).toMatchObject({ asked: true });
  const next = asked.next(end.signal);
  end.abort();
  expect(await next).toBeUndefined();
});
