// Ruby, .NET, and prebuilt artifacts. The authors' machine has no .NET, and need not have Ruby, so the tests check their commands.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { artifactIn, buildIn, pathsOf, problemsIn } from '../../test/support/artifacts.ts';
import { folderOf, writeFiles } from '../../test/support/project.ts';
import { dotnetPublish } from './dotnet.ts';
import { bundleInstall } from './ruby.ts';
import type { FunctionSource } from './runtime.ts';

const source = { name: 'a', runtime: 'dotnet8', architecture: 'arm64' } as unknown as FunctionSource;

describe('Ruby', () => {
  test('takes its files, and needs no tool without a Gemfile', async () => {
    const folder = await folderOf({
      'project.yml': 'name: s\nfunctions: {a: {}}\n',
      'functions/a/lambda.rb': 'def handler(event:, context:) = 1\n',
      'functions/a/lib/x.rb': '',
      'functions/a/spec/x.rb': '',
    });
    const { artifacts, notes } = await buildIn(folder);
    expect([artifacts.get('a')?.code.handler, pathsOf(artifacts.get('a') ?? never())]).toEqual([
      'lambda.handler',
      ['lambda.rb', 'lib/x.rb'],
    ]);
    expect(notes).toEqual(['a was not loaded here: fx does not load Ruby']);
  });

  test('lets bundler install gems where the runtime looks, in a copy', () => {
    expect(bundleInstall('/scratch')).toMatchObject({
      folder: '/scratch',
      args: ['install', '--quiet'],
      variables: { BUNDLE_PATH: 'vendor/bundle', BUNDLE_DEPLOYMENT: 'true', BUNDLE_WITHOUT: 'development:test' },
    });
  });

  test('packs what bundler installs', async () => {
    const folder = await folderOf({
      'project.yml': 'name: s\nfunctions: {a: {runtime: ruby3.4}}\n',
      'functions/a/lambda.rb': 'def handler(event:, context:) = 1\n',
      'functions/a/Gemfile': '',
      'bin/bundle':
        '#!/bin/sh\nmkdir -p vendor/bundle/ruby/3.4.0/gems/x vendor/bundle/ruby/3.4.0/cache\necho 1 > vendor/bundle/ruby/3.4.0/gems/x/x.rb\necho 2 > vendor/bundle/ruby/3.4.0/cache/x.gem\n',
    });
    execFileSync('chmod', ['+x', join(folder, 'bin/bundle')]);
    await withPath(join(folder, 'bin'), async () => {
      expect(pathsOf(await artifactIn(folder))).toEqual([
        'Gemfile',
        'lambda.rb',
        'vendor/bundle/ruby/3.4.0/gems/x/x.rb',
      ]);
    });
  });
});

describe('.NET', () => {
  test('is built again after a change in a referenced project', async () => {
    const folder = await folderOf({
      'project.yml': 'name: s\nfunctions: {a: {}}\n',
      'functions/a/F.csproj': '<Project><ProjectReference Include="..\\..\\lib\\Lib.csproj" /></Project>',
      'functions/a/F.cs': '',
      'lib/Lib.csproj': '<Project />',
      'lib/Lib.cs': '',
      'bin/dotnet':
        '#!/bin/sh\nwhile [ $# -gt 0 ]; do [ "$1" = --output ] && mkdir -p "$2" && echo 1 > "$2/F.dll"; shift; done\n',
    });
    execFileSync('chmod', ['+x', join(folder, 'bin/dotnet')]);
    await withPath(join(folder, 'bin'), async () => {
      await buildIn(folder);
      expect((await buildIn(folder)).fresh).toEqual([]);
      await writeFiles(folder, { 'lib/Lib.cs': '// changed' });
      expect((await buildIn(folder)).fresh).toEqual(['a']);
      await writeFiles(folder, { 'Directory.Build.props': '<Project />' });
      expect((await buildIn(folder)).fresh).toEqual(['a']);
    });
  });

  test('is published for Linux without the runtime', () => {
    expect(dotnetPublish(source, { folder: '/f', project: 'F.csproj', output: '/out' }).args).toEqual([
      ...['publish', 'F.csproj', '--configuration', 'Release', '--framework', 'net8.0', '--runtime', 'linux-arm64'],
      ...[
        '--self-contained',
        'false',
        '/p:GenerateRuntimeConfigurationFiles=true',
        '/p:ContinuousIntegrationBuild=true',
      ],
      ...['/p:DebugType=none', '--output', '/out', '--nologo'],
    ]);
  });

  test('packs the published files, and reports a compiler error at its line', async () => {
    const folder = await folderOf({
      'project.yml': 'name: s\nfunctions: {a: {}}\n',
      'functions/a/F.csproj': '<Project/>',
      'bin/dotnet':
        '#!/bin/sh\nwhile [ "$1" != --output ]; do shift; done\nmkdir -p "$2" && echo x > "$2/F.dll" && echo y > "$2/F.pdb"\n',
    });
    execFileSync('chmod', ['+x', join(folder, 'bin/dotnet')]);
    await withPath(join(folder, 'bin'), async () => {
      const artifact = await artifactIn(folder);
      expect([artifact.code.handler, pathsOf(artifact)]).toEqual(['F', ['F.dll']]);
      await writeFiles(folder, {
        'functions/a/F.cs': '',
        'bin/dotnet': `#!/bin/sh\necho "${folder}/functions/a/F.cs(3,9): error CS0103: The name 'x' does not exist [${folder}/functions/a/F.csproj]"\nexit 1\n`,
      });
      expect(await problemsIn(folder)).toEqual([
        expect.stringMatching(/^functions\/a\/F.cs:3 CS0103: The name 'x' does not exist \| /),
      ]);
    });
  });
});

describe('a prebuilt artifact', () => {
  const project = (artifact: string) =>
    `name: s\nfunctions:\n  a: {artifact: ${artifact}, runtime: nodejs22.x, handler: index.handler}\n`;

  test('may be a folder or a zip, with the same result', async () => {
    const folder = await folderOf({
      'project.yml': project('out'),
      'out/index.js': 'exports.handler = async () => 1;',
      'out/node_modules/x/index.js': '',
      'out/.env': 'SECRET=1',
    });
    const byFolder = await artifactIn(folder);
    expect(pathsOf(byFolder)).toEqual(['index.js', 'node_modules/x/index.js']);
    execFileSync(
      'python3',
      [
        '-c',
        'import zipfile,sys\nwith zipfile.ZipFile("out.zip","w") as z:\n  for n in ["node_modules/x/index.js","index.js"]: z.write("out/"+n, n)',
      ],
      { cwd: folder },
    );
    await writeFiles(folder, { 'project.yml': project('out.zip') });
    expect((await artifactIn(folder)).code.key).toBe(byFolder.code.key);
    expect((await buildIn(folder)).fresh).toEqual([]);
    await writeFiles(folder, { 'out.zip': 'no zip' });
    expect(await problemsIn(folder)).toEqual([expect.stringContaining('the artifact of "a" is not a readable zip')]);
    await writeFiles(folder, { 'project.yml': project('absent.zip') });
    expect(await problemsIn(folder)).toEqual([
      'project.yml:3 the artifact of "a" does not exist: absent.zip | build it first',
    ]);
  });

  test('may lie outside the project if its path says so', async () => {
    const outside = await folderOf({ 'out/index.js': 'exports.handler = async () => 1;' });
    const folder = await folderOf({ 'project.yml': project(join(outside, 'out')) });
    expect(pathsOf(await artifactIn(folder))).toEqual(['index.js']);
  });

  test('keeps certificates, but neither keys nor .env files', async () => {
    const block = (what: string) => `-----BEGIN ${what}-----\nAA==\n-----END ${what}-----\n`;
    const folder = await folderOf({
      'project.yml': project('out'),
      'out/index.js': 'exports.handler = async () => 1;',
      'out/certifi/cacert.pem': block('CERTIFICATE'),
      'out/server.pem': block('CERTIFICATE') + block('PRIVATE KEY'),
      'out/tls.key': block('PRIVATE KEY'),
      'out/.envrc': 'export SECRET=1',
      'out/.env-prod': 'SECRET=1',
      'out/.docker/config.json': '{}',
    });
    expect(pathsOf(await artifactIn(folder))).toEqual(['certifi/cacert.pem', 'index.js']);
    await writeFiles(folder, { 'project.yml': project('out, include: [tls.key]') });
    expect(pathsOf(await artifactIn(folder))).toEqual(['certifi/cacert.pem', 'index.js', 'tls.key']);
  });

  test.skipIf(process.platform !== 'linux')('reports a name that is not UTF-8', async () => {
    const folder = await folderOf({
      'project.yml': project('out'),
      'out/index.js': 'exports.handler = async () => 1;',
    });
    writeFileSync(Buffer.concat([Buffer.from(join(folder, 'out/x')), Buffer.from([0xff])]), '');
    await expect(buildIn(folder)).rejects.toThrow('a file name cannot be stored in a zip: "x\ufffd" is not UTF-8');
  });

  test('may be an S3 object, which Lambda uses unchanged', async () => {
    const folder = await folderOf({ 'project.yml': project('s3://bucket/dir/x.zip?versionId=abc') });
    expect(await artifactIn(folder)).toMatchObject({
      code: { object: { bucket: 'bucket', key: 'dir/x.zip', version: 'abc' } },
      zip: undefined,
    });
  });

  test('is rejected for another processor, and requires a runtime', async () => {
    const elf = Buffer.alloc(64);
    elf.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
    elf.writeUInt16LE(62, 18);
    const folder = await folderOf({ 'project.yml': 'name: s\nfunctions:\n  a: {source: out}\n', 'out/bootstrap': elf });
    expect(await problemsIn(folder)).toEqual([
      'project.yml:3 the function "a" runs on Linux arm64, but bootstrap was built for Linux on x86_64 | build it for Linux arm64, or set `architecture`',
    ]);
    await writeFiles(folder, { 'project.yml': 'name: s\nfunctions:\n  a: {artifact: out}\n' });
    expect(await problemsIn(folder)).toEqual([
      'project.yml:3 the function "a" uses a prebuilt artifact, so `runtime` is required',
    ]);
  });
});

async function withPath(folder: string, work: () => Promise<void>): Promise<void> {
  const path = process.env['PATH'];
  process.env['PATH'] = `${folder}:${path}`;
  try {
    await work();
  } finally {
    process.env['PATH'] = path;
  }
}

function never(): never {
  throw new Error('nothing was built');
}
