// Layers of dependencies: fx installs what requirements.txt or package.json names, and functions leave it out.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Artifact } from '../src/artifact/artifact.ts';
import { installLayers } from '../src/artifact/layer-dependencies.ts';
import { FxError } from '../src/base/error.ts';
import type { Reporter } from '../src/base/report.ts';
import { build } from '../src/operate/build.ts';
import { pathsOf } from './support/artifacts.ts';
import { fx, stopAfter } from './support/fx.ts';
import { folderOf, load, schemas, writeFiles } from './support/project.ts';
import { reasonMissing, runs } from './support/toolchain.ts';

const version = runs('python3', '-c', 'import sys; print("%d.%d" % sys.version_info[:2])');
const here = process.arch === 'arm64' ? 'arm64' : 'x86_64';
const timeout = 240_000;

async function built(folder: string): Promise<{
  readonly functions: ReadonlyMap<string, Artifact>;
  readonly layers: readonly Artifact[];
  readonly notes: readonly string[];
}> {
  const notes: string[] = [];
  const project = await load(folder);
  const report: Reporter = (one) => {
    if (one.kind === 'not-loaded') notes.push(one.reason);
  };
  const { artifacts, layers } = await build(project, { report, schemas, signal: new AbortController().signal });
  return { functions: new Map(artifacts.map((one) => [one.name, one])), layers, notes };
}

async function problemsOf(folder: string): Promise<readonly string[]> {
  const error: unknown = await installLayers(await load(folder)).catch((thrown: unknown) => thrown);
  if (!(error instanceof FxError)) throw new Error(`expected an FxError, got ${String(error)}`);
  return error.problems.map(({ at, message, hint }) => `${at.file}:${at.line} ${message} | ${hint}`);
}

describe.skipIf(version === undefined)(
  `a layer of Python packages${reasonMissing(version, 'there is no python3 here')}`,
  () => {
    const project = (more = '') =>
      `name: lay\nlayers:\n  Deps: {path: layers/deps, dependencies: python${more}}\nfunctions:\n  a: {source: functions/a, handler: main.handler, runtime: python${version}, architecture: ${here}, layers: [Deps]}\n`;
    const main =
      'import six\n\ndef handler(event, context):\n    return six.__version__ + " " + six.__file__.split("/")[-2]\n';

    test('is installed, found by its functions on the local AWS, and left out of them', { timeout }, async () => {
      const folder = await folderOf({
        'project.yml': project(),
        'layers/deps/requirements.txt': 'six==1.16.0\n',
        'functions/a/main.py': main,
        'functions/a/requirements.txt': 'six==1.16.0\nidna==3.7\n',
      });
      const { functions, layers, notes } = await built(folder);
      expect(layers.map(pathsOf)).toEqual([
        expect.arrayContaining(['python/six.py', 'python/six-1.16.0.dist-info/METADATA']),
      ]);
      const paths = pathsOf(functions.get('a') ?? never());
      expect([paths.filter((path) => path.includes('six')), paths.includes('idna/core.py'), notes]).toEqual([
        [],
        true,
        [],
      ]);
      stopAfter(folder);
      const deployed = await fx(folder, ['deploy']);
      expect(deployed.exitCode, deployed.stderr).toBe(0);
      expect((await fx(folder, ['invoke', 'a'])).stdout.trim()).toBe('"1.16.0 python"');
      // another version in the function is its own
      await writeFiles(folder, { 'functions/a/requirements.txt': 'six==1.15.0\n' });
      expect(pathsOf((await built(folder)).functions.get('a') ?? never())).toContain('six.py');
      await writeFiles(folder, {
        'functions/a/requirements.txt': 'six==1.16.0\n',
        'layers/deps/requirements.txt': 'six==1.15.0\n',
      });
      expect(pathsOf((await built(folder)).functions.get('a') ?? never())).toContain('six.py');
      // the load sees the layer's content
      await writeFiles(folder, {
        'functions/a/requirements.txt': '',
        'functions/a/main.py': `${main}\nassert six.__version__ == "1.16.0"\n`,
      });
      await expect(built(folder)).rejects.toMatchObject({
        problems: [{ message: expect.stringContaining('throws while loading: AssertionError') }],
      });
    });

    test('has a folder for each version of Python, and is refused for two processors if it has native code', {
      timeout,
    }, async () => {
      const second = `  b: {source: functions/a, handler: main.handler, runtime: python${version === '3.13' ? '3.12' : '3.13'}, architecture: ${here}, layers: [Deps]}\n`;
      const folder = await folderOf({
        'project.yml': project() + second,
        'layers/deps/requirements.txt': 'bcrypt==4.2.1\n',
        'functions/a/main.py': 'def handler(event, context): return 1\n',
      });
      const paths = (await built(folder)).layers.flatMap(pathsOf);
      expect(new Set(paths.map((path) => path.split('/').slice(0, 3).join('/'))).size).toBe(2);
      const other = here === 'arm64' ? 'x86_64' : 'arm64';
      const others = second.replace(/python[\d.]+/, `python${version}`).replace(here, other);
      await writeFiles(folder, { 'project.yml': project() + others });
      const [problem] = await problemsOf(folder);
      expect(problem).toMatch(
        /^project.yml:3 the layer Deps would need two contents: python\/\S+ is another file for python\S+ on \w+ than for python\S+ on \w+ \| declare a layer for each, both with the same path, or /,
      );
      // the remedy: a layer for each
      await writeFiles(folder, {
        'project.yml': (project() + others.replace('[Deps]', '[DepsToo]')).replace(
          'functions:',
          '  DepsToo: {path: layers/deps, dependencies: python}\nfunctions:',
        ),
      });
      expect((await built(folder)).layers).toHaveLength(2);
    });

    test('that lists nothing, or that no function uses, says so', async () => {
      const folder = await folderOf({ 'project.yml': project(), 'functions/a/main.py': main, 'layers/deps/x.txt': '' });
      expect(await problemsOf(folder)).toEqual([
        'project.yml:3 the layer Deps has no requirements.txt, uv.lock, poetry.lock, pdm.lock, Pipfile.lock, pyproject.toml in layers/deps | write one, or remove `dependencies: python`',
      ]);
      await writeFiles(folder, {
        'layers/deps/requirements.txt': '',
        'project.yml': project().replace(', layers: [Deps]', ''),
      });
      expect(await problemsOf(folder)).toEqual([
        expect.stringContaining(
          'no python function uses the layer Deps, so fx does not know what to install it for | list it',
        ),
      ]);
    });
  },
);

describe('a layer of Node.js packages', () => {
  const project = (handler: string) =>
    `name: lay\nlayers:\n  Deps: {path: layers/deps, dependencies: nodejs}\nfunctions:\n  a: {handler: ${handler}, architecture: ${here}, layers: [Deps]}\n`;
  const manifest = (dependencies: object) => JSON.stringify({ name: 'deps', version: '1.0.0', dependencies });

  test('is installed by its lock file, found on the local AWS, and left out of CommonJS functions', {
    timeout,
  }, async () => {
    const folder = await folderOf({
      'project.yml': project('a.handler'),
      'layers/deps/package.json': manifest({ ms: '2.1.3' }),
      'a.js': "const ms = require('ms');\nexports.handler = async () => ms('2 days');\n",
    });
    const [problem = ''] = await problemsOf(folder);
    expect(problem).toBe(
      'project.yml:3 the layer Deps has a package.json but no package-lock.json, pnpm-lock.yaml, yarn.lock, bun.lock: each build could install something else | npm install --package-lock-only --prefix layers/deps',
    );
    execFileSync('sh', ['-c', problem.slice(problem.indexOf('| ') + 2)], { cwd: folder, stdio: 'pipe' });
    const { functions, layers } = await built(folder);
    expect(layers.flatMap(pathsOf)).toEqual(
      expect.arrayContaining(['nodejs/node_modules/ms/index.js', 'nodejs/node_modules/ms/package.json']),
    );
    expect(pathsOf(functions.get('a') ?? never())).toEqual(['a.js', 'a.js.map']);
    stopAfter(folder);
    const deployed = await fx(folder, ['deploy']);
    expect(deployed.exitCode, deployed.stderr).toBe(0);
    expect((await fx(folder, ['invoke', 'a'])).stdout.trim()).toBe('172800000');
  });

  const integrity = {
    debug: 'sha512-PRWFHuSU3eDtQJPvnNY7Jcket1j0t5OuOsFzPPzsekD52Zl8qUfFIPEiswXqIvHWGVHOgX+7G/vCNNhehwxfkQ==',
    ms2: 'sha512-sGkPx+VjMtmA6MX27oA4FBFELFCZZ4S4XqeGOXCv68tT+jb3vk/RyaKWP0PTKyWtmLSM0b+adUTEvbs1PEaH2w==',
    ms3: 'sha512-6FlzubTLZG3J2a/NVCAleEhjzq5oxgHyaCU9yYXvcLsvoVaHJq/s5xXI6/XXP6tz7R9xAOtHnSO/tXtF3WRTlA==',
  };
  test.each([
    [
      'pnpm-lock.yaml',
      `lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      debug: {specifier: ^4.3.4, version: 4.3.4}\n      ms: {specifier: ^2.1.3, version: 2.1.3}\npackages:\n  debug@4.3.4: {resolution: {integrity: ${integrity.debug}}}\n  ms@2.1.2: {resolution: {integrity: ${integrity.ms2}}}\n  ms@2.1.3: {resolution: {integrity: ${integrity.ms3}}}\nsnapshots:\n  debug@4.3.4: {dependencies: {ms: 2.1.2}}\n  ms@2.1.2: {}\n  ms@2.1.3: {}\n`,
    ],
    [
      'yarn.lock',
      `# yarn lockfile v1\n\n\ndebug@^4.3.4:\n  version "4.3.4"\n  integrity ${integrity.debug}\n  dependencies:\n    ms "2.1.2"\n\nms@2.1.2:\n  version "2.1.2"\n  integrity ${integrity.ms2}\n\nms@^2.1.3:\n  version "2.1.3"\n  integrity ${integrity.ms3}\n`,
    ],
    [
      'yarn.lock',
      '__metadata:\n  version: 8\n\n"debug@npm:^4.3.4":\n  version: 4.3.4\n  resolution: "debug@npm:4.3.4"\n  dependencies:\n    ms: "npm:2.1.2"\n\n"deps@workspace:.":\n  version: 0.0.0-use.local\n  resolution: "deps@workspace:."\n\n"ms@npm:2.1.2":\n  version: 2.1.2\n  resolution: "ms@npm:2.1.2"\n\n"ms@npm:^2.1.3":\n  version: 2.1.3\n  resolution: "ms@npm:2.1.3"\n',
    ],
    [
      'bun.lock',
      `{\n  "lockfileVersion": 1,\n  "workspaces": {"": {"name": "deps", "dependencies": {"debug": "^4.3.4", "ms": "^2.1.3",},},},\n  "packages": {\n    "debug": ["debug@4.3.4", "", {"dependencies": {"ms": "2.1.2"}}, "${integrity.debug}"],\n    "ms": ["ms@2.1.3", "", {}, "${integrity.ms3}"],\n    "debug/ms": ["ms@2.1.2", "", {}, "${integrity.ms2}"],\n  }\n}\n`,
    ],
  ])('has the versions of %s', { timeout }, async (file, lock) => {
    const folder = await folderOf({
      'project.yml': project('a.handler'),
      'layers/deps/package.json': manifest({ debug: '^4.3.4', ms: '^2.1.3' }),
      [`layers/deps/${file}`]: lock,
      'a.js': "const ms = require('ms');\nexports.handler = async () => ms('2 days');\n",
    });
    const { layers } = await built(folder);
    const manifests = layers.flatMap(({ manifest: all }) => all.filter(({ path }) => path.endsWith('/package.json')));
    expect(manifests.map(({ path, from }) => [path, from])).toEqual(
      ['debug/node_modules/ms', 'debug', 'ms'].map((name) => [
        `nodejs/node_modules/${name}/package.json`,
        expect.anything(),
      ]),
    );
  });

  test("does not serve ES modules, which look only beside themselves: their packages are the function's", {
    timeout,
  }, async () => {
    const folder = await folderOf({
      'project.yml': project('b.handler'),
      'package.json': manifest({ ms: '2.1.3' }),
      'layers/deps/package.json': manifest({ ms: '2.1.3' }),
      'b.mjs': "import ms from 'ms';\nexport const handler = async () => ms('1 day');\n",
    });
    execFileSync(
      'sh',
      ['-c', 'npm install --silent && npm install --silent --package-lock-only --prefix layers/deps'],
      { cwd: folder, stdio: 'pipe' },
    );
    stopAfter(folder);
    const deployed = await fx(folder, ['deploy']);
    expect(deployed.exitCode, deployed.stderr).toBe(0);
    expect((await fx(folder, ['invoke', 'a'])).stdout.trim()).toBe('86400000');
    execFileSync('rm', ['-r', join(folder, 'node_modules')]);
    expect((await fx(folder, ['build'])).stderr).toContain('ms');
  });

  test('has native packages for both processors, if npm has them apart', { timeout }, async () => {
    const folder = await folderOf({
      'project.yml': `${project('a.handler')}  b: {handler: a.handler, architecture: ${here === 'arm64' ? 'x86_64' : 'arm64'}, layers: [Deps]}\n`,
      'layers/deps/package.json': manifest({ esbuild: '0.25.0' }),
      'a.js': 'exports.handler = async () => 1;\n',
    });
    execFileSync('npm', ['install', '--silent', '--package-lock-only', '--ignore-scripts', '--prefix', 'layers/deps'], {
      cwd: folder,
      stdio: 'pipe',
    });
    const paths = (await built(folder)).layers.flatMap(pathsOf);
    for (const cpu of ['x64', 'arm64'])
      expect(paths).toContain(`nodejs/node_modules/@esbuild/linux-${cpu}/bin/esbuild`);
    expect(paths.some((path) => /darwin|win32/.test(path))).toBe(false);
  });
});

function never(): never {
  throw new Error('nothing was built');
}
