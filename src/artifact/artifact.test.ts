import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { folderOf, writeFiles } from '../../test/support/project.ts';
import type { ArtifactFile } from '../runtimes/runtime.ts';
import { keyOf, manifestOf, modeOf, type PackedEntry } from './artifact.ts';
import { Deflater } from './deflate.ts';
import { factsOf, factsOfFile } from './facts.ts';
import { checkUnzipped, unzippedLimit } from './limits.ts';
import { readZip, writeZip } from './zip.ts';

const manifest = (files: readonly ArtifactFile[]) => manifestOf(files, factsOfFile);
const file = (path: string, content: string | Uint8Array): ArtifactFile => ({
  path,
  content: { bytes: Buffer.from(content) },
  from: [],
});
async function zipped(files: readonly ArtifactFile[]): Promise<Buffer> {
  const folder = await folderOf({});
  return readZip(await writeZip(manifest(files), files, join(folder, 'f.zip'), new Deflater()));
}

const segment = fc.stringMatching(/^[a-zA-Z0-9_@.-]{1,12}$/).filter((name) => !/^\.+$/.test(name));
const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const anyFiles = fc.uniqueArray(fc.tuple(path, fc.uint8Array({ maxLength: 200 })), {
  selector: ([name]) => name,
  maxLength: 8,
});

describe('an artifact', () => {
  test('has one key and one zip, whatever the order of its files, from memory or from disk', async () => {
    await fc.assert(
      fc.asyncProperty(anyFiles, fc.infiniteStream(fc.nat()), async (entries, random) => {
        const files = entries.map(([name, bytes]) => file(name, bytes));
        const folder = await folderOf({});
        const onDisk = entries.map(([name, bytes], index): ArtifactFile => {
          writeFileSync(join(folder, String(index)), bytes);
          return { path: name, content: { file: join(folder, String(index)) }, from: ['elsewhere'] };
        });
        const shuffled = onDisk
          .map((one) => ({ one, at: random.next().value }))
          .sort((a, b) => a.at - b.at)
          .map(({ one }) => one);
        expect(keyOf(manifest(shuffled))).toBe(keyOf(manifest(files)));
        expect((await zipped(shuffled)).equals(await zipped(files))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  test('has another key if a name, a byte or a mode differs', () => {
    fc.assert(
      fc.property(path, fc.uint8Array({ minLength: 1, maxLength: 100 }), fc.nat(), (name, bytes, position) => {
        const changed = Uint8Array.from(bytes);
        const index = position % bytes.length;
        changed[index] = (bytes[index] ?? 0) ^ 1;
        const key = keyOf(manifest([file(name, bytes)]));
        expect(keyOf(manifest([file(name, changed)]))).not.toBe(key);
        expect(keyOf(manifest([file(`${name}x`, bytes)]))).not.toBe(key);
      }),
    );
    const entry = { path: 'a', sha256: 'x', size: 1 } as const;
    expect(keyOf([{ ...entry, mode: 0o755 }])).not.toBe(keyOf([{ ...entry, mode: 0o644 }]));
  });

  test('is unpacked by unzip with its files, modes and date', async () => {
    const folder = await folderOf({});
    const bytes = await zipped([
      file('src/a.mjs', 'a'),
      file('bootstrap', '#!/bin/sh\n'),
      file('bin/tool', Buffer.from('\x7fELF and some twenty bytes', 'latin1')),
    ]);
    writeFileSync(join(folder, 'f.zip'), bytes);
    const listing = execFileSync(
      'python3',
      [
        '-c',
        'import sys,zipfile\nfor i in zipfile.ZipFile(sys.argv[1]).infolist(): print(i.filename, oct(i.external_attr >> 16), i.date_time[:3])',
        join(folder, 'f.zip'),
      ],
      { encoding: 'utf8' },
    );
    expect(listing.trim().split('\n')).toEqual([
      'bin/tool 0o100755 (1980, 1, 1)',
      'bootstrap 0o100755 (1980, 1, 1)',
      'src/a.mjs 0o100644 (1980, 1, 1)',
    ]);
  });

  test('sets modes by rule', () => {
    const mode = (name: string, content: string) => modeOf(name, factsOf(Buffer.from(content, 'latin1')));
    expect(mode('x', '#!/usr/bin/env node')).toBe(0o755);
    expect(mode('x', '\x7fELF and some twenty bytes')).toBe(0o755);
    expect(mode('bootstrap', '')).toBe(0o755);
    expect(mode('a/bootstrap', 'text')).toBe(0o644);
  });

  test('over the limit is rejected, with the largest packages, including its layers', () => {
    const artifact = {
      name: 'f',
      unzippedSize: unzippedLimit + 1,
      manifest: manifest([
        file('small', 'x'),
        file('node_modules/a/one', 'y'.repeat(3000)),
        file('node_modules/a/node_modules/@b/c/two', 'z'.repeat(2000)),
        file('node_modules/a/three', 'y'.repeat(1000)),
      ]),
    };
    expect(() => checkUnzipped(artifact)).toThrow(
      'the function "f" is 250.0 MB unzipped; Lambda takes at most 250.0 MB',
    );
    try {
      checkUnzipped(artifact);
    } catch (error) {
      expect(error).toMatchObject({
        code: 'ARTIFACT_TOO_LARGE',
        exitCode: 4,
        hint: 'the largest: 3.9 KB a (2 files), 2.0 KB @b/c, 1 B small',
      });
    }
    const whole = { ...artifact, unzippedSize: unzippedLimit };
    expect(() => checkUnzipped(whole)).not.toThrow();
    expect(() => checkUnzipped(whole, [{ name: 'L', unzippedSize: 1 }])).toThrow('unzipped with its layers');
  });

  test('of Python that is too large names its packages, and the way out', () => {
    const entry = (path: string, size: number): PackedEntry => ({ path, size, mode: 0o644, sha256: '', from: [] });
    const files = [
      entry('main.py', 1),
      entry('botocore/data/x.json', 3000),
      entry('scipy/a.py', 1000),
      entry('scipy.libs/b.so', 9000),
      entry('scipy-1.dist-info/METADATA', 1),
    ];
    const artifact = { name: 'f', unzippedSize: unzippedLimit + 1, manifest: files };
    const hint =
      'the largest: 9.8 KB scipy (2 files), 2.9 KB botocore, 1 B main.py, 1 B scipy-1.dist-info; leave boto3 to the runtime with `sdk: runtime`, remove what the function does not need, or deploy a container image with `image`';
    expect(() => checkUnzipped(artifact)).toThrow(expect.objectContaining({ hint }));
    const small = { ...artifact, manifest: files.filter(({ path }) => !path.startsWith('botocore')) };
    expect(() => checkUnzipped(small)).toThrow(expect.objectContaining({ hint: expect.not.stringContaining('sdk') }));
  });

  test('damaged on disk is not used', async () => {
    const folder = await folderOf({});
    const files = [file('a', 'one')];
    const zip = await writeZip(manifest(files), files, join(folder, 'f.zip'), new Deflater());
    await writeFiles(folder, { 'f.zip': readFileSync(zip.file).subarray(0, 40) });
    await expect(readZip(zip)).rejects.toMatchObject({ code: 'BUILD_FAILED' });
  });
});

describe('the first bytes of a file', () => {
  const head = (bytes: readonly number[], more: Record<number, number> = {}) => {
    const buffer = Buffer.alloc(256);
    buffer.set(bytes);
    for (const [at, value] of Object.entries(more)) buffer[Number(at)] = value;
    return factsOf(buffer).native;
  };
  test('identify its platform', () => {
    expect(head([0x7f, 0x45, 0x4c, 0x46, 2, 1], { 18: 62 })).toBe('elf-x86_64');
    expect(head([0x7f, 0x45, 0x4c, 0x46, 2, 1], { 18: 183 })).toBe('elf-arm64');
    expect(head([0x7f, 0x45, 0x4c, 0x46, 1, 2], { 19: 8 })).toBe('elf-other');
    expect(head([0xcf, 0xfa, 0xed, 0xfe])).toBe('mach-o');
    expect(head([0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 2])).toBe('mach-o');
    expect(head([0x4d, 0x5a], { 60: 128, 128: 0x50, 129: 0x45 })).toBe('pe');
  });
  test('are not mistaken for native code', () => {
    expect(head([0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 65])).toBeUndefined();
    expect(
      factsOf(Buffer.from('MZ is how some poem begins, which is longer than sixty-four bytes of text.')).native,
    ).toBeUndefined();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 19 }), (bytes) => factsOf(bytes).native === undefined));
  });
});
