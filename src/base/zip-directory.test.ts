// The central directory of a zip, read in parts.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { manifestOf } from '../artifact/artifact.ts';
import { Deflater } from '../artifact/deflate.ts';
import { readZip, writeZip } from '../artifact/zip.ts';
import { zipDirectory } from './zip-directory.ts';

function reading(zip: Buffer) {
  const reads: number[] = [];
  const reader = {
    last: async (length: number) => {
      reads.push(Math.min(length, zip.length));
      return { bytes: zip.subarray(Math.max(0, zip.length - length)), size: zip.length };
    },
    between: async (start: number, end: number) => {
      reads.push(end - start);
      return zip.subarray(start, end);
    },
  };
  return { reader, reads };
}

async function zipOf(contents: Readonly<Record<string, string>>): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'fx-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const files = Object.entries(contents).map(([path, text]) => ({
    path,
    content: { bytes: Buffer.from(text) },
    from: [],
  }));
  const manifest = manifestOf(files, () => undefined);
  return readZip(await writeZip(manifest, files, join(folder, 'a.zip'), new Deflater()));
}

test('has the path, size, checksum and mode of each file', async () => {
  const zip = await zipOf({ 'a/ü.js': 'one', bootstrap: 'two' });
  const { files, size } = (await zipDirectory(reading(zip).reader)) ?? {};
  expect(size).toBe(zip.length);
  expect(files).toEqual([
    { path: 'a/ü.js', size: 3, crc: crc32('one'), mode: 0o644 },
    { path: 'bootstrap', size: 3, crc: crc32('two'), mode: 0o755 },
  ]);
});

test('a long directory takes a second read, and no file is read', async () => {
  const names = Array.from({ length: 1500 }, (_, index) => `folder/with/a/long/name/file-${index}.js`);
  const zip = await zipOf(Object.fromEntries(names.map((name) => [name, name])));
  const { reader, reads } = reading(zip);
  expect((await zipDirectory(reader))?.files).toHaveLength(1500);
  expect(reads).toHaveLength(2);
});

test('a comment at the end is allowed; what is not a zip has no directory', async () => {
  const zip = await zipOf({ a: 'one' });
  const comment = Buffer.from('PK\u0005\u0006 a comment');
  const commented = Buffer.concat([zip, comment]);
  commented.writeUInt16LE(comment.length, zip.length - 2);
  expect((await zipDirectory(reading(commented).reader))?.files).toHaveLength(1);
  for (const bytes of [Buffer.alloc(0), Buffer.from('not a zip'), zip.subarray(0, -1), Buffer.alloc(70_000)]) {
    expect(await zipDirectory(reading(bytes).reader)).toBeUndefined();
  }
});
