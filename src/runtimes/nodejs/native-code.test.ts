// Packages with native code.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { answerOf, artifactIn, buildIn, pathsOf, problemsIn } from '../../../test/support/artifacts.ts';
import { installed, one, plain, reasonIn } from '../../../test/support/packages.ts';
import { folderOf, writeFiles } from '../../../test/support/project.ts';
import type { Artifact } from '../../artifact/artifact.ts';

const npm = (folder: string, ...words: string[]) =>
  execFileSync('npm', [...words, '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder, stdio: 'pipe' });

const reads =
  "import sharp from 'sharp';\nexport const handler = async () => (await sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } }).png().toBuffer()).length > 20;\n";

describe('a package with native code', () => {
  /** A project with sharp, as npm installs it on this machine. */
  async function withSharp(projectText: string): Promise<string> {
    const folder = await folderOf({ 'project.yml': projectText, 'package.json': '{"name": "p"}', 'a.mjs': reads });
    npm(folder, 'install', 'sharp@0.34.5');
    return folder;
  }

  test("is packed as installed, for the function's platform", async () => {
    const folder = await withSharp(plain);
    const artifact = await artifactIn(folder);
    expect(pathsOf(artifact)).toContain('node_modules/@img/sharp-linux-x64/lib/sharp-linux-x64.node');
    expect(pathsOf(artifact).filter((path) => /musl|darwin|wasm32|\.d\.ts$/.test(path))).toEqual([]);
    expect(answerOf(artifact)).toBe(true);
  });

  test('for another processor is fetched, in the version and with the integrity of the lock file', async () => {
    const folder = await withSharp(plain.replace('x86_64', 'arm64'));
    const { artifacts, notes } = await buildIn(folder);
    const artifact = artifacts.get('a');
    expect([...new Set(artifact?.manifest.map(({ native }) => native))].sort()).toEqual(['elf-arm64', undefined]);
    expect(pathsOf(artifact as Artifact)).toContain('node_modules/@img/sharp-linux-arm64/lib/sharp-linux-arm64.node');
    expect(notes).toEqual(['a was not loaded here: it has native code for Linux arm64']);
    expect((await buildIn(folder)).fresh).toEqual([]);
    const lock = readFileSync(join(folder, 'package-lock.json'), 'utf8');
    const { packages } = JSON.parse(lock) as { packages: Record<string, { integrity: string }> };
    const integrity = packages['node_modules/@img/sharp-linux-arm64']?.integrity ?? '';
    await writeFiles(folder, { 'package-lock.json': lock.replace(integrity, `sha512-${'A'.repeat(86)}==`) });
    execFileSync('rm', ['-r', join(folder, '.fx')]);
    expect(await problemsIn(folder)).toEqual([
      expect.stringMatching(/sharp-linux-arm64@[\d.]+ does not match the integrity in the lock file\)$/),
    ]);
  });

  test('that cannot be fetched is reported with the command that installs it, which works', async () => {
    const folder = await withSharp(plain.replace('x86_64', 'arm64'));
    await writeFiles(folder, { '.npmrc': 'registry=http://127.0.0.1:1/\nfetch-retry-mintimeout=1\n' });
    const [problem = ''] = await problemsIn(folder);
    expect(problem).toMatch(
      /^project.yml:4 the function "a" runs on Linux arm64, where sharp needs @img\/sharp-libvips-linux-arm64, @img\/sharp-linux-arm64, which are not installed/,
    );
    const [, command = ''] = /\| (npm install .*) \(fetching failed: .+\)$/.exec(problem) ?? [];
    execFileSync('rm', [join(folder, '.npmrc')]);
    npm(folder, ...command.split(' ').slice(1));
    const { artifacts } = await buildIn(folder);
    expect(artifacts.get('a')?.manifest.some(({ native }) => native === 'elf-arm64')).toBe(true);
  });

  test('built for another system is reported', async () => {
    const machO = Buffer.alloc(64);
    machO.writeUInt32LE(0xfeedfacf, 0);
    const other = await folderOf({
      'project.yml': one('external: [fast]'),
      'a.js': "exports.handler = async () => require('fast');",
      'node_modules/fast/package.json': '{"name": "fast", "version": "1.0.0"}',
      'node_modules/fast/index.js': "module.exports = require('./build/Release/fast.node');",
      'node_modules/fast/build/Release/fast.node': machO,
    });
    expect(await problemsIn(other)).toEqual([
      'project.yml:4 the function "a" runs on Linux x86_64, but fast (node_modules/fast/build/Release/fast.node) was built for macOS | its native code is compiled on installation: run npm rebuild fast on Linux x86_64',
    ]);
  });

  test('with prebuilt code packs only the right one, and reports if there is none', async () => {
    const elf = (machine: number) => {
      const bytes = Buffer.alloc(64);
      bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
      bytes.writeUInt16LE(machine, 18);
      return bytes;
    };
    const other = await folderOf({
      'project.yml': `name: s\nfunctions:\n  a: {handler: a.handler, architecture: arm64}\n`,
      'a.js': "exports.handler = async () => require('quick');",
      'node_modules/quick/package.json':
        '{"name": "quick", "version": "1.0.0", "dependencies": {"node-gyp-build": "*"}}',
      'node_modules/quick/index.js': "module.exports = require('node-gyp-build')(__dirname);",
      'node_modules/quick/prebuilds/darwin-x64+arm64/quick.node': 'x',
      'node_modules/quick/prebuilds/linux-arm64/quick.node': elf(183),
      'node_modules/quick/prebuilds/linux-x64/quick.node': elf(62),
      'node_modules/node-gyp-build/package.json': '{"name": "node-gyp-build"}',
      'node_modules/node-gyp-build/index.js': 'module.exports = () => 1;',
    });
    expect(pathsOf(await artifactIn(other)).filter((path) => path.includes('prebuilds'))).toEqual([
      'node_modules/quick/prebuilds/linux-arm64/quick.node',
    ]);
    execFileSync('rm', ['-r', join(other, 'node_modules/quick/prebuilds/linux-arm64')]);
    expect(await problemsIn(other)).toEqual([
      expect.stringContaining('runs on Linux arm64, but quick has native code for other platforms only'),
    ]);
  });
});

/** The header of a program for a processor. */
const elf = (machine: number) => {
  const bytes = Buffer.alloc(64);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  bytes.writeUInt16LE(machine, 18);
  return bytes;
};

test('prebuilt code for other platforms, libraries and versions of Node.js stays out, and --why tells it', async () => {
  const folder = await folderOf({
    'project.yml': one('external: [quick]'),
    'a.cjs': "exports.handler = async () => require('quick');",
    ...installed('quick', {
      'index.js': 'module.exports = 1;',
      'prebuilds/ios-arm64-simulator/quick.bare': Buffer.concat([Buffer.from('cffaedfe', 'hex'), Buffer.alloc(60)]),
      'prebuilds/linuxglibc-arm64/node-115.node': elf(183),
      'prebuilds/linuxglibc-x64/node-115.node': elf(62),
      'prebuilds/linuxglibc-x64/node-108.node': elf(62),
      'prebuilds/linuxmusl-x64/node-115.node': elf(62),
      'bin/linux/arm64/tool': elf(183),
      'bin/linux/x64/tool': elf(62),
      'tool.js.map': '{}',
      'README.md': '',
      'docs/x.js': '',
      'test/x.js': '',
    }),
  });
  const artifact = await artifactIn(folder);
  expect(pathsOf(artifact).filter((path) => path.startsWith('node_modules'))).toEqual([
    'node_modules/quick/bin/linux/x64/tool',
    'node_modules/quick/index.js',
    'node_modules/quick/package.json',
    'node_modules/quick/prebuilds/linuxglibc-x64/node-115.node',
  ]);
  const { from } = artifact.manifest.find(({ path }) => path === 'node_modules/quick/package.json') ?? {};
  expect(from).toContain('left out: 5 files for other platforms, such as bin/linux/arm64/tool');
});

test("Prisma's generated client is packed with its engine, or the error says how to generate the right one", async () => {
  const files = {
    'a.mjs':
      "import { PrismaClient } from '@prisma/client'; export const handler = async () => new PrismaClient().engine();",
    ...installed('@prisma/client', {
      'default.js': "module.exports = { ...require('.prisma/client/default') };",
      'package.json': '{"name": "@prisma/client", "version": "6.0.0", "main": "default.js"}',
    }),
    'node_modules/.prisma/client/package.json': '{"name": "prisma-client-0123", "main": "index.js"}',
    'node_modules/.prisma/client/default.js': "module.exports = { ...require('./index') };",
    'node_modules/.prisma/client/index.js':
      "const path = require('path'), fs = require('fs');\nconst engine = path.join(__dirname, 'libquery_engine-rhel-openssl-3.0.x.so.node');\nexports.PrismaClient = class { engine() { return fs.existsSync(engine); } };",
    'node_modules/.prisma/client/libquery_engine-rhel-openssl-3.0.x.so.node': elf(62),
  };
  const folder = await folderOf({ 'project.yml': plain, ...files });
  expect(await reasonIn(folder, '.prisma/client')).toEqual({
    answer: true,
    reason: expect.stringContaining('index.js opens libquery_engine-rhel-openssl-3.0.x.so.node beside it'),
  });
  const other = await folderOf({ 'project.yml': plain.replace('x86_64', 'arm64'), ...files });
  expect(await problemsIn(other)).toEqual([
    expect.stringContaining(
      'set binaryTargets = ["native", "linux-arm64-openssl-3.0.x"] in the generator of schema.prisma',
    ),
  ]);
});

test('a folder of tests or documentation stays if the package refers to it', async () => {
  const folder = await folderOf({
    'project.yml': one('external: [lib]'),
    'a.cjs': "exports.handler = async () => require('lib');",
    ...installed('lib', {
      'index.js': "module.exports = require('./docs/x');",
      'docs/x.js': "module.exports = 'right';",
    }),
  });
  expect(answerOf(await artifactIn(folder))).toBe('right');
});
