import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { folderOf } from '../../test/support/project.ts';
import type { ArtifactFile } from '../runtimes/runtime.ts';
import { type Artifact, keyOf, manifestOf, modeOf } from './artifact.ts';
import { checkUnzipped, checkZipped, unzippedLimit, zippedLimit } from './limits.ts';
import { zip } from './zip.ts';

function artifactOf(files: readonly ArtifactFile[]): Artifact {
  const manifest = manifestOf(files);
  const unzippedSize = manifest.reduce((sum, { size }) => sum + size, 0);
  return { functionName: 'f', key: keyOf(manifest), manifest, files, handler: 'a.h', variables: {}, unzippedSize };
}
const file = (path: string, content: string | Uint8Array): ArtifactFile => ({
  path,
  bytes: Buffer.from(content),
  from: [],
});

const segment = fc.stringMatching(/^[a-zA-Z0-9_@.-]{1,12}$/).filter((name) => !/^\.+$/.test(name));
const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const anyFiles = fc.uniqueArray(fc.tuple(path, fc.uint8Array({ maxLength: 200 })), {
  selector: ([name]) => name,
  maxLength: 8,
});

describe('an artifact', () => {
  test('has one key and one zip, in whatever order its files come', async () => {
    await fc.assert(
      fc.asyncProperty(anyFiles, fc.infiniteStream(fc.nat()), async (entries, random) => {
        const files = entries.map(([name, bytes]) => file(name, bytes));
        const shuffled = files
          .map((one) => ({ one, at: random.next().value }))
          .sort((a, b) => a.at - b.at)
          .map(({ one }) => one);
        const [first, second] = [artifactOf(files), artifactOf(shuffled)];
        expect(second.key).toBe(first.key);
        expect((await zip(second)).equals(await zip(first))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  test('has another key when a name, a byte or a mode is another', () => {
    fc.assert(
      fc.property(path, fc.uint8Array({ minLength: 1, maxLength: 100 }), fc.nat(), (name, bytes, position) => {
        const changed = Uint8Array.from(bytes);
        const index = position % bytes.length;
        changed[index] = (bytes[index] ?? 0) ^ 1;
        const key = keyOf(manifestOf([file(name, bytes)]));
        expect(keyOf(manifestOf([file(name, changed)]))).not.toBe(key);
        expect(keyOf(manifestOf([file(`${name}x`, bytes)]))).not.toBe(key);
      }),
    );
    const entry = { path: 'a', sha256: 'x', size: 1 } as const;
    expect(keyOf([{ ...entry, mode: 0o755 }])).not.toBe(keyOf([{ ...entry, mode: 0o644 }]));
  });

  test('is unpacked by unzip with its files, modes and the one date', async () => {
    const folder = await folderOf({});
    const bytes = await zip(
      artifactOf([
        file('src/a.mjs', 'a'),
        file('bootstrap', '#!/bin/sh\n'),
        file('bin/tool', Buffer.from('\x7fELF rest', 'latin1')),
      ]),
    );
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

  test('takes modes by rule', () => {
    expect(modeOf({ path: 'x', bytes: Buffer.from('#!/usr/bin/env node') })).toBe(0o755);
    expect(modeOf({ path: 'x', bytes: Buffer.from('\x7fELF', 'latin1') })).toBe(0o755);
    expect(modeOf({ path: 'bootstrap', bytes: Buffer.from('') })).toBe(0o755);
    expect(modeOf({ path: 'a/bootstrap', bytes: Buffer.from('text') })).toBe(0o644);
  });

  test('over a limit is refused, with the largest files', () => {
    const artifact = {
      ...artifactOf([file('small', 'x'), file('large', 'y'.repeat(3000))]),
      unzippedSize: unzippedLimit + 1,
    };
    expect(() => checkUnzipped(artifact)).toThrow(
      'the function "f" is 250.0 MB unzipped; Lambda takes at most 250.0 MB',
    );
    expect(() => checkZipped(artifact, zippedLimit + 1)).toThrow('50.0 MB zipped');
    try {
      checkUnzipped(artifact);
    } catch (error) {
      expect(error).toMatchObject({
        code: 'ARTIFACT_TOO_LARGE',
        exitCode: 4,
        hint: 'the largest files: 2.9 KB large, 1 B small',
      });
    }
    expect(() => checkUnzipped({ ...artifact, unzippedSize: unzippedLimit })).not.toThrow();
  });
});
