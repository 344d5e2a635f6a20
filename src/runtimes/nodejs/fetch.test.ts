// Fetches one small package by each kind of lock file.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderOf } from '../../../test/support/project.ts';
import { fetchPackage } from './fetch.ts';

const name = '@node-rs/xxhash-linux-arm64-gnu';
const version = '1.7.6';
const wrong = `sha512-${'A'.repeat(86)}==`;

const locks = (integrity: string): Readonly<Record<string, string>> => ({
  'package-lock.json': JSON.stringify({
    packages: {
      [`node_modules/x/node_modules/${name}`]: { version: '1.0.0', integrity: 'sha512-other' },
      [`node_modules/${name}`]: { version, integrity },
    },
  }),
  'pnpm-lock.yaml': `lockfileVersion: '9.0'\npackages:\n  '${name}@${version}':\n    resolution: {integrity: ${integrity}}\n`,
  'yarn.lock': `# yarn lockfile v1\n\n"${name}@${version}":\n  version "${version}"\n  resolved "x"\n  integrity ${integrity}\n\nother@1:\n  version "1"\n`,
  'bun.lock': `{\n  "packages": {\n    "${name}": ["${name}@${version}", "", { "os": "linux" }, "${integrity}"],\n  }\n}\n`,
});

const fetchIn = async (folder: string, range = version) =>
  fetchPackage(
    { name, range },
    { projectFolder: folder, cache: join(folder, 'cache'), signal: new AbortController().signal },
  );

test.each(Object.keys(locks('')))('%s decides what content is right', async (file) => {
  const folder = await folderOf({ 'package.json': '{}', [file]: locks(wrong)[file] ?? '' });
  expect(await fetchIn(folder)).toEqual({
    failure: `${name}@${version} does not match the integrity in the lock file`,
  });
  expect(existsSync(join(folder, 'cache/packages/node_modules'))).toBe(true);
});

test('without a lock file, the dependent package decides the version, and the second time nothing is fetched', async () => {
  const folder = await folderOf({ 'package.json': '{}' });
  const [first, same] = await Promise.all([fetchIn(folder, `^${version}`), fetchIn(folder, `^${version}`)]);
  expect(first).toEqual(same);
  expect(first).toMatchObject({ manifest: { name, version, cpu: ['arm64'] } });
  const path = process.env['PATH'];
  process.env['PATH'] = '';
  try {
    expect(await fetchIn(folder)).toEqual(first);
    expect(
      await fetchPackage(
        { name: 'other', range: '1.0.0' },
        { projectFolder: folder, cache: folder, signal: new AbortController().signal },
      ),
    ).toEqual({
      failure: 'npm is not on PATH',
    });
  } finally {
    process.env['PATH'] = path;
  }
});

test('a version that does not exist is a failure with its reason', async () => {
  const folder = await folderOf({ 'package.json': '{}' });
  expect(await fetchIn(folder, '0.0.999')).toEqual({
    failure: expect.stringMatching(/No matching version|not found|404/i),
  });
});
