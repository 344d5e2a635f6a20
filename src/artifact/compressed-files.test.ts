import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderOf } from '../../test/support/project.ts';
import { CompressedFiles, sharedFiles } from './compressed-files.ts';
import { Deflater } from './deflate.ts';
import { factsOf } from './facts.ts';
import { writeZip } from './zip.ts';

test('only files in several lists are shared', () => {
  expect([
    ...sharedFiles([
      ['a', 'b', 'b'],
      ['b', 'c'],
      ['c', 'd'],
    ]),
  ]).toEqual(['b', 'c']);
});

test('a shared file is compressed once, at the same time too; any other each time', async () => {
  const folder = await folderOf({});
  const files = new CompressedFiles(join(folder, 'compressed'), new Set(['/a', '/b']));
  const calls: string[] = [];
  const get = (file: string) =>
    files.get(file, async () => {
      calls.push(file);
      return { crc: file.length, size: 9, method: 8, bytes: Buffer.from(`of ${file}`) };
    });
  const results = await Promise.all(['/a', '/b', '/a', '/c', '/b', '/c'].map(get));
  expect(calls.sort()).toEqual(['/a', '/b', '/c', '/c']);
  expect(results.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual([
    'of /a',
    'of /b',
    'of /a',
    'of /c',
    'of /b',
    'of /c',
  ]);
  expect(await get('/a')).toEqual({ crc: 2, size: 9, method: 8, bytes: Buffer.from('of /a') });
  await files.end();
  expect(existsSync(join(folder, 'compressed'))).toBe(false);
});

test('a zip is the same with and without it', async () => {
  const texts = { small: 'x', large: Array.from({ length: 9_000 }, (_, index) => `line ${index * index}`).join('\n') };
  const folder = await folderOf(texts);
  const entries = Object.entries(texts).map(([path, text]) => {
    const { sha256, size } = factsOf(Buffer.from(text));
    return {
      entry: { path, mode: 0o644 as const, sha256, size },
      file: { path, content: { file: join(folder, path) }, from: [] },
    };
  });
  const write = (name: string, compressed?: CompressedFiles) =>
    writeZip(
      entries.map(({ entry }) => entry),
      entries.map(({ file }) => file),
      join(folder, name),
      new Deflater(),
      compressed,
    );
  const shared = new CompressedFiles(join(folder, 'compressed'), new Set(entries.map(({ file }) => file.content.file)));
  const zips = [await write('a.zip'), await write('b.zip', shared), await write('c.zip', shared)];
  await shared.end();
  expect(new Set(zips.map(({ sha256 }) => sha256)).size).toBe(1);
});
