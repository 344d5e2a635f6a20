// Packages as the package managers install them.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { answerOf, artifactIn, buildIn, pathsOf, problemsIn } from '../../../test/support/artifacts.ts';
import { one, plain } from '../../../test/support/packages.ts';
import { folderOf, writeFiles } from '../../../test/support/project.ts';

const npm = (folder: string, ...words: string[]) =>
  execFileSync('npm', [...words, '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder, stdio: 'pipe' });

describe('packages that are not bundled', () => {
  // debug 2 needs ms 2.0.0, and the handler another one
  const handler =
    "import debug from 'debug';\nimport ms from 'ms';\nexport const handler = async () => [typeof debug('x'), ms('2 days')];\n";
  const files = {
    'project.yml': one('external: [debug, ms]'),
    'package.json': '{"name": "p", "dependencies": {"debug": "2.6.9", "ms": "0.7.3"}}',
    'a.mjs': handler,
  };
  const bare = (path: string) => /node_modules\/(?:[^/]+)\/package\.json$/.test(path);
  const manager = async (name: string) => {
    const tools = await folderOf({ 'package.json': '{}' });
    npm(tools, 'install', name);
    return tools;
  };
  const expectRuns = async (folder: string) => {
    const artifact = await artifactIn(folder);
    expect(pathsOf(artifact).filter(bare)).toEqual([
      'node_modules/debug/node_modules/ms/package.json',
      'node_modules/debug/package.json',
      'node_modules/ms/package.json',
    ]);
    expect(answerOf(artifact)).toEqual(['function', 172_800_000]);
    return artifact.manifest
      .filter(({ path }) => path.startsWith('node_modules/') && /\.js$/.test(path))
      .map(({ path, sha256 }) => `${path} ${sha256}`);
  };

  test('come out the same from npm, Yarn 1, Yarn 4 with and without node_modules, pnpm isolated and hoisted', {
    timeout: 180_000,
  }, async () => {
    const [byNpm, byYarn, isolated, hoisted] = await Promise.all([
      folderOf(files),
      folderOf(files),
      folderOf(files),
      folderOf(files),
    ]);
    npm(byNpm, 'install');
    const yarn = await manager('yarn@1.22.22');
    execFileSync(
      process.execPath,
      [join(yarn, 'node_modules/yarn/bin/yarn.js'), 'install', '--silent', '--cache-folder', join(yarn, 'cache')],
      { cwd: byYarn, stdio: 'pipe' },
    );
    const pnpm = await manager('pnpm@10.34.9');
    for (const [folder, linker] of [
      [isolated, 'isolated'],
      [hoisted, 'hoisted'],
    ] as const) {
      const words = [
        'install',
        `--config.node-linker=${linker}`,
        '--store-dir',
        join(pnpm, 'store'),
        '--reporter=silent',
      ];
      execFileSync(process.execPath, [join(pnpm, 'node_modules/pnpm/bin/pnpm.cjs'), ...words], {
        cwd: folder,
        stdio: 'pipe',
      });
    }
    const berry = await manager('@yarnpkg/cli-dist@4.14.1');
    const plugged: string[] = [];
    for (const linker of ['pnp', 'node-modules']) {
      const folder = await folderOf({
        ...files,
        '.yarnrc.yml': `nodeLinker: ${linker}\nenableTelemetry: false\nenableGlobalCache: false\nenableImmutableInstalls: false\n`,
        'yarn.lock': '',
      });
      execFileSync(process.execPath, [join(berry, 'node_modules/@yarnpkg/cli-dist/bin/yarn.js'), 'install'], {
        cwd: folder,
        stdio: 'pipe',
      });
      plugged.push(folder);
    }
    const expected = await expectRuns(byNpm);
    for (const folder of [byYarn, isolated, hoisted, ...plugged]) expect(await expectRuns(folder)).toEqual(expected);
  });

  test('are bundled from the zips of Yarn Plug’n’Play, and found by its rules', async () => {
    const folder = await folderOf({
      ...files,
      'project.yml': plain,
      '.yarnrc.yml':
        'nodeLinker: pnp\nenableTelemetry: false\nenableGlobalCache: false\nenableImmutableInstalls: false\n',
      'yarn.lock': '',
    });
    const berry = await manager('@yarnpkg/cli-dist@4.14.1');
    execFileSync(process.execPath, [join(berry, 'node_modules/@yarnpkg/cli-dist/bin/yarn.js'), 'install'], {
      cwd: folder,
      stdio: 'pipe',
    });
    const artifact = await artifactIn(folder);
    expect([answerOf(artifact), pathsOf(artifact)]).toEqual([
      ['function', 172_800_000],
      ['a.mjs', 'a.mjs.map'],
    ]);
    expect((await buildIn(folder)).fresh).toEqual([]);
    await writeFiles(folder, { 'a.mjs': "import absent from 'absent'; export const handler = absent;" });
    expect(await problemsIn(folder)).toEqual([
      expect.stringMatching(/^a.mjs:1 Could not resolve "absent" \| install it in the project: yarn add absent/),
    ]);
  });

  test('of a workspace are packed from their real location, with their dependencies there', async () => {
    const folder = await folderOf({
      'package.json': '{"name": "top", "private": true, "workspaces": ["packages/*"]}',
      'packages/app/package.json': '{"name": "app", "dependencies": {"lib": "*", "ms": "0.7.3"}}',
      'packages/app/project.yml': one('external: [lib, ms]'),
      'packages/app/a.mjs':
        "import lib from 'lib';\nimport ms from 'ms';\nexport const handler = async () => [lib, ms('1s')];\n",
      'packages/lib/package.json': '{"name": "lib", "version": "1.0.0", "dependencies": {"ms": "2.1.3"}}',
      'packages/lib/index.js': "module.exports = require('ms')('1m');",
      'packages/lib/.env': 'SECRET=1',
    });
    npm(folder, 'install');
    const artifact = await artifactIn(join(folder, 'packages/app'));
    expect(answerOf(artifact)).toEqual([60_000, 1000]);
    expect(pathsOf(artifact).filter((path) => path.includes('.env'))).toEqual([]);
    expect(artifact.manifest.find(({ path }) => path === 'node_modules/lib/index.js')?.from).toEqual([
      '../lib/index.js',
      'needed by a.mjs',
    ]);
  });
});
