// Packaging from the command line: hooks, layers, why a file is packed, sizes, and build progress.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { buildLayers } from '../src/artifact/layers.ts';
import { build } from '../src/operate/build.ts';
import { buildIn, problemsIn } from './support/artifacts.ts';
import { fx, stopAfter } from './support/fx.ts';
import { folderOf, handler, load, schemas, writeFiles } from './support/project.ts';
import { reasonMissing, runs } from './support/toolchain.ts';

const python = runs('python3', '-c', 'import sys; print("%d.%d" % sys.version_info[:2])');

describe('hooks', () => {
  const project = `name: shop
hooks: {build: 'echo project $FX_PROJECT $FX_ENVIRONMENT $FX_REGION $FX_FUNCTION. >> log; pwd >> log', clean: echo cleaned >> log}
functions:
  a:
    source: functions/a
    handler: index.handler
    hooks:
      build:
        - echo 'export const handler = async () => 1;' > index.mjs; echo "function $FX_FUNCTION $FX_HOOK" >> ../../log
        - echo second line
      clean: rm index.mjs
`;
  test('run around a build, each in its folder with its variables, and their output is shown', async () => {
    const folder = await folderOf({ 'project.yml': project, 'functions/a/.keep': '' });
    const run = await fx(folder, ['build']);
    expect([run.exitCode, run.stderr]).toEqual([0, expect.stringContaining('a build: second line')]);
    expect(readFileSync(join(folder, 'log'), 'utf8').trim().split('\n')).toEqual([
      'project shop local us-east-1 .',
      expect.stringContaining('fx-test-'),
      'function a build',
      'cleaned',
    ]);
    // the hook writes the same content again: nothing is rebuilt
    expect((await fx(folder, ['build'])).stderr).toContain('unchanged a');
  });

  test('stop the command if one fails, with its exit code, at its line', async () => {
    const folder = await folderOf({
      'project.yml': 'name: shop\nhooks:\n  build: "echo going; exit 7"\nfunctions:\n  a: {handler: a.handler}\n',
      'a.ts': handler,
    });
    const run = await fx(folder, ['build']);
    expect(run.exitCode).toBe(4);
    expect(run.stderr).toContain('going\n');
    expect(run.stderr).toContain('the build hook of the project ended with 7 [HOOK_FAILED]');
    expect(run.stderr).toContain('project.yml:3:3 echo going; exit 7 ended with 7');
  });
});

describe('layers', () => {
  const project = (layers: string, use: string) =>
    `name: shop\nlayers:\n${layers}functions:\n  a: {handler: a.handler, layers: ${use}}\n`;
  const shared =
    '  Shared: {path: layers/shared, description: what we share, compatibleArchitectures: [arm64], license: MIT}\n';

  test('are versions of their content, retained, and used by name', async () => {
    const folder = await folderOf({
      'project.yml': project(shared, '[Shared, "arn:aws:lambda:us-east-1:111122223333:layer:x:3"]'),
      'a.ts': handler,
      'layers/shared/nodejs/node_modules/x/index.js': 'module.exports = 1;',
      'layers/shared/.env': 'SECRET=1',
    });
    const compiled = async () => {
      const { compiled: result, layers } = await build(await load(folder), {
        report: () => {},
        signal: new AbortController().signal,
        schemas,
      });
      const [id = '', resource] =
        Object.entries(result.stacks.root.template.Resources).find(
          ([, { Type }]) => Type === 'AWS::Lambda::LayerVersion',
        ) ?? [];
      return {
        id,
        resource,
        layers,
        function: result.stacks.root.template.Resources['AFunction'],
        all: Object.keys(result.stacks.root.template.Resources),
      };
    };
    const first = await compiled();
    expect(first.layers[0]?.manifest.map(({ path }) => path)).toEqual(['nodejs/node_modules/x/index.js']);
    expect(first.id).toMatch(/^SharedLayer[0-9a-f]{12}$/);
    expect(first.resource).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        LayerName: 'shop-local-Shared',
        Description: 'what we share',
        CompatibleArchitectures: ['arm64'],
        LicenseInfo: 'MIT',
      },
    });
    expect(first.function?.Properties?.['Layers']).toEqual([
      { Ref: first.id },
      'arn:aws:lambda:us-east-1:111122223333:layer:x:3',
    ]);
    expect((await compiled()).id).toBe(first.id);
    await writeFiles(folder, { 'layers/shared/nodejs/node_modules/x/index.js': 'module.exports = 2;' });
    const second = await compiled();
    expect(second.id).not.toBe(first.id);
    // the version was published with another layer, so it is a new version
    expect(second.all.find((id) => id.startsWith('AVersion'))).not.toBe(
      first.all.find((id) => id.startsWith('AVersion')),
    );
    expect((await buildLayers(await load(folder)))[0]?.cached).toBe(true);
  });

  test('are deployed to the local AWS, found by the function, and updated by a change', async () => {
    const folder = await folderOf({
      'project.yml':
        'name: lay\nlayers:\n  Shared: {path: layers/shared}\nfunctions:\n  a: {handler: a.handler, layers: [Shared], external: [x]}\n',
      'a.js': "exports.handler = async () => require('x');",
      'layers/shared/nodejs/node_modules/x/package.json': '{"name": "x"}',
      'layers/shared/nodejs/node_modules/x/index.js': 'module.exports = 1;',
    });
    stopAfter(folder);
    const answer = async () => (await fx(folder, ['invoke', 'a'])).stdout.trim();
    const first = await fx(folder, ['deploy']);
    expect(first.exitCode, first.stderr).toBe(0);
    expect(await answer()).toBe('1');
    await writeFiles(folder, { 'layers/shared/nodejs/node_modules/x/index.js': 'module.exports = 2;' });
    expect((await fx(folder, ['deploy'])).exitCode).toBe(0);
    expect(await answer()).toBe('2');
    // the old layer was retained for this
    expect((await fx(folder, ['rollback'])).exitCode).toBe(0);
    expect(await answer()).toBe('1');
  });

  test('are there when a function is loaded after the build, as they are then', async () => {
    const here = process.arch === 'arm64' ? 'arm64' : 'x86_64';
    const folder = await folderOf({
      'project.yml': `name: s\nlayers:\n  Shared: {path: layers/shared}\nfunctions:\n  a: {handler: a.handler, architecture: ${here}, layers: [Shared], external: [x]}\n`,
      'a.js': "const x = require('x'); exports.handler = async () => x;",
      'layers/shared/nodejs/node_modules/x/package.json': '{"name": "x"}',
      'layers/shared/nodejs/node_modules/x/index.js': 'module.exports = 1;',
    });
    expect((await buildIn(folder)).notes).toEqual([]);
    await writeFiles(folder, { 'layers/shared/nodejs/node_modules/x/index.js': "throw new Error('no x');" });
    expect(await problemsIn(folder)).toEqual([expect.stringContaining('"a" throws while loading: Error: no x')]);
  });

  test('contain packages that the function then omits', async () => {
    const other = process.arch === 'arm64' ? 'x86_64' : 'arm64';
    const folder = await folderOf({
      'project.yml': `name: s\nlayers:\n  Shared: {path: layers/shared}\nfunctions:\n  a: {handler: a.handler, architecture: ${other}, layers: [Shared], external: [x]}\n`,
      'a.js': "exports.handler = async () => require('x');",
      'layers/shared/nodejs/node_modules/x/package.json': '{"name": "x"}',
    });
    const { artifacts, notes } = await buildIn(folder);
    expect(artifacts.get('a')?.manifest.map(({ path }) => path)).toEqual(['a.js', 'a.js.map']);
    expect(notes).toEqual(['a was not loaded here: it needs what its layers have']);
    await writeFiles(folder, { 'layers/shared/nodejs/node_modules/x/package.json': '' });
    execFileSync('rm', ['-r', join(folder, 'layers/shared/nodejs/node_modules/x')]);
    const without = await buildIn(folder);
    expect(without.notes).toEqual(['a: not installed, so left out: x (under `external`, imported by a.js)']);
  });

  test('are in the output of fx build --output', async () => {
    const folder = await folderOf({
      'project.yml': project(shared, '[Shared]'),
      'a.ts': handler,
      'layers/shared/nodejs/node_modules/x/index.js': 'module.exports = 1;',
    });
    const { exitCode, stdout } = await fx(folder, ['build', '--output', 'out']);
    expect([exitCode, stdout]).toEqual([0, 'Wrote 2 zips and template.json to out.\n']);
    expect(readdirSync(join(folder, 'out'), { recursive: true, encoding: 'utf8' }).sort()).toEqual([
      'a.zip',
      'layers',
      join('layers', 'Shared.zip'),
      'template.json',
    ]);
  });

  test('missing layers, layers for another processor, and too many layers are reported at their lines', async () => {
    const folder = await folderOf({ 'project.yml': project(shared, '[Shard]'), 'a.ts': handler });
    await expect(load(folder)).rejects.toMatchObject({
      problems: [{ message: 'there is no layer "Shard"', hint: 'did you mean "Shared"? layers are Shared' }],
    });
    await writeFiles(folder, { 'project.yml': project(shared.replace('[arm64]', '[x86_64]'), '[Shared]') });
    await expect(load(folder)).rejects.toMatchObject({
      problems: [{ message: 'the layer "Shared" does not support arm64, the architecture of "a"' }],
    });
    await writeFiles(folder, { 'project.yml': project(shared, '[Shared, Shared, Shared, Shared, Shared, Shared]') });
    await expect(load(folder)).rejects.toMatchObject({
      problems: [{ message: 'expected at most 5 here, found 6' }],
    });
    await writeFiles(folder, { 'project.yml': project(shared, '[Shared]') });
    await expect(buildLayers(await load(folder))).rejects.toMatchObject({
      problems: [{ message: 'the folder of the layer Shared does not exist: layers/shared' }],
    });
  });
});

describe('fx build', () => {
  test('explains why a file is packed, including one of an installed package, and lists the largest', async () => {
    const folder = await folderOf({
      'project.yml': 'name: s\nfunctions:\n  a: {handler: a.handler, external: [one]}\n',
      'a.js': "exports.handler = async () => require('one');",
      'node_modules/one/package.json': '{"name": "one", "dependencies": {"two": "*"}}',
      'node_modules/one/index.js': "module.exports = require('two');",
      'node_modules/two/package.json': '{"name": "two"}',
      'node_modules/two/index.js': `module.exports = '${'x'.repeat(5000)}';`,
    });
    const why = await fx(folder, ['build', '--why', 'node_modules/two/index.js']);
    expect(why.stdout).toBe(
      'node_modules/two/index.js, 4.9 KB, in a, was built from\n  node_modules/two/index.js\n  needed by a.js\n  needed by one\n',
    );
    const size = await fx(folder, ['build', '--size']);
    expect(size.stdout).toMatch(/^a {2}[\d.]+ KB in 6 files, [\d.]+ (KB|B) zipped\n {2}4.9 KB two \(2 files\)\n/);
    const wrong = await fx(folder, ['build', '--why', 'a.mjs']);
    expect([wrong.exitCode, wrong.stderr]).toEqual([
      4,
      expect.stringContaining('no artifact contains the file or package "a.mjs"'),
    ]);
  });

  test('says why a package is packed even if the build fails', async () => {
    const folder = await folderOf({
      'project.yml': 'name: s\nfunctions:\n  a: {handler: a.handler}\n',
      'a.js': "exports.handler = async () => [require('one')(), require('./absent'), require('missing')];",
      'node_modules/one/package.json': '{"name": "one", "version": "1.0.0"}',
      'node_modules/one/index.js':
        "const fs = require('fs'); module.exports = () => fs.readFileSync(__dirname + '/one.dat', 'utf8');",
      'node_modules/one/one.dat': 'right',
    });
    const { exitCode, stdout, stderr } = await fx(folder, ['build', '--why', 'one']);
    expect([exitCode, stdout]).toEqual([4, 'one is packed as installed in a\n  index.js opens one.dat beside it\n']);
    expect(stderr).toContain('Could not resolve "./absent"');
  });

  test('reports each function when it is done, and the second time that nothing changed', async () => {
    const folder = await folderOf({
      'project.yml': 'name: s\nfunctions:\n  a: {handler: a.handler}\n  b: {handler: a.handler}\n',
      'a.ts': handler,
    });
    expect((await fx(folder, ['build'])).stderr).toMatch(/built a, .*\n.*built b, |built b, .*\n.*built a, /);
    expect((await fx(folder, ['build'])).stderr).toMatch(/unchanged a, .*\n.*unchanged b, /);
  });

  test("reports a tool error once, with its position, and without fx's stack", async () => {
    const folder = await folderOf({
      'project.yml': 'name: s\nfunctions:\n  a: {handler: a.handler}\n',
      'a.ts': 'export const handler = () => {\n  retrun 1 1;\n};\n',
    });
    const { exitCode: code, stderr } = await fx(folder, ['build']);
    expect(code).toBe(4);
    expect(stderr.match(/Expected ";"/g)).toHaveLength(1);
    expect(stderr).toContain('a.ts:2:');
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('packs no secret, key or project file, whatever the patterns match', async () => {
    const secrets = [
      '.env',
      '.env.local',
      'x.pem',
      'id_rsa',
      'id_ed25519.pub',
      '.npmrc',
      '.git/config',
      'project.yml',
      'project.prod.yml',
      '.aws/credentials',
    ];
    const folder = await folderOf({
      ...Object.fromEntries(secrets.map((name) => [name, ''])),
      'project.yml': 'name: s\nfunctions:\n  a: {handler: a.handler, include: ["**"]}\n',
      'project.prod.yml': 'region: us-east-1\n',
      'a.ts': handler,
      'kept.txt': '',
    });
    const { artifacts } = await buildIn(folder);
    expect(artifacts.get('a')?.manifest.map(({ path }) => path)).toEqual(['a.mjs', 'a.mjs.map', 'a.ts', 'kept.txt']);
    await writeFiles(folder, { 'project.yml': 'name: s\nfunctions:\n  a: {handler: b.handler}\n' });
    expect(await problemsIn(folder)).toEqual([expect.stringContaining('has no file b.ts')]);
  });
});

describe.skipIf(process.platform !== 'linux')('a build that is ended', () => {
  const bin = join(import.meta.dirname, '../dist/bin.js');
  const state = (pid: string) =>
    existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] : undefined;

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'by %s ends its tools, and leaves nothing half made',
    async (signal) => {
      const folder = await folderOf({
        'project.yml': 'name: s\nfunctions:\n  a: {source: f, handler: main.handler, runtime: python3.11}\n',
        'f/main.py': '',
        'f/requirements.txt': 'six==1.17.0\n',
        'bin/uv': '#!/bin/sh\necho $$ > "$(dirname "$0")/../pid"\nexec tail -f /dev/null\n',
      });
      await chmod(join(folder, 'bin/uv'), 0o755);
      const child = spawn(process.execPath, [bin, 'build'], {
        cwd: folder,
        env: { ...process.env, PATH: `${join(folder, 'bin')}:${process.env['PATH']}` },
        stdio: 'ignore',
      });
      const ended = once(child, 'exit');
      const pid = await vi.waitUntil(
        () => existsSync(join(folder, 'pid')) && readFileSync(join(folder, 'pid'), 'utf8').trim(),
        {
          timeout: 20_000,
        },
      );
      child.kill(signal);
      expect(await ended).toEqual([5, null]);
      await vi.waitUntil(() => [undefined, 'Z', 'X'].includes(state(pid)), { timeout: 20_000 });
      expect(readdirSync(join(folder, '.fx/cache/python'))).toEqual([]);
    },
  );
});

test('an image is a function without code from fx', async () => {
  const folder = await folderOf({
    'project.yml':
      'name: s\nfunctions:\n  a: {image: {uri: "111122223333.dkr.ecr.us-east-1.amazonaws.com/x:1", command: [app.main]}}\n',
  });
  const { compiled } = await build(await load(folder), {
    report: () => {},
    signal: new AbortController().signal,
    schemas,
  });
  expect(compiled.stacks.root.template.Resources['AFunction']?.Properties).toMatchObject({
    PackageType: 'Image',
    Code: { ImageUri: '111122223333.dkr.ecr.us-east-1.amazonaws.com/x:1' },
    ImageConfig: { Command: ['app.main'] },
    Architectures: ['arm64'],
  });
  expect(compiled.stacks.root.template.Resources['AFunction']?.Properties).not.toHaveProperty('Runtime');
  expect(compiled.stacks.root.template.Resources['AFunction']?.Properties).not.toHaveProperty('Handler');
});

describe.skipIf(python === undefined)(
  `functions of several languages${reasonMissing(python, 'there is no python3 here')}`,
  () => {
    test('are deployed together to the local AWS, and each answers; a deploy hook runs only on a deploy', async () => {
      const folder = await folderOf({
        'project.yml': `name: poly
defaults: {architecture: ${process.arch === 'arm64' ? 'arm64' : 'x86_64'}}
hooks: {deploy: echo deploying $FX_PROJECT}
functions:
  web: {handler: src/web.handler}
  snake: {runtime: python${python}}
  own: {source: out, include: [main.mjs]}
`,
        'src/web.ts': 'export const handler = async (event: { n: number }) => event.n + 1;',
        'functions/snake/main.py':
          'def handle(event, context):\n    return {"n": event["n"] * 2, "name": context.function_name}\n',
        'out/bootstrap': '#!/bin/sh\nexec node "$LAMBDA_TASK_ROOT/main.mjs"\n',
        'out/main.mjs': `const base = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime/invocation/';
for (;;) {
  const next = await fetch(base + 'next');
  const { n } = await next.json();
  await fetch(base + next.headers.get('lambda-runtime-aws-request-id') + '/response', { method: 'POST', body: JSON.stringify(-n) });
}`,
      });
      stopAfter(folder);
      const first = await fx(folder, ['deploy']);
      expect([first.exitCode, first.stderr]).toEqual([0, expect.stringContaining('poly deploy: deploying poly')]);
      const answers = [];
      for (const name of ['web', 'snake', 'own'])
        answers.push((await fx(folder, ['invoke', name, '--data', '{"n": 5}'])).stdout.trim());
      expect(answers.map((one) => JSON.parse(one))).toEqual([6, { n: 10, name: 'poly-local-snake' }, -5]);
      const again = await fx(folder, ['deploy']);
      expect(again.stderr + again.stdout).toContain('Nothing to change');
      expect(again.stderr).not.toContain('deploying');
    });
  },
);
