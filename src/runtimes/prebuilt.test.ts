// A prebuilt artifact whose handler is not where the runtime looks is an error, and each remedy that the error names works.
import { execFileSync } from 'node:child_process';
import { cpSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { artifactIn, buildIn, pathsOf, problemsIn } from '../../test/support/artifacts.ts';
import { folderOf, writeFiles } from '../../test/support/project.ts';
import { reasonMissing, runs } from '../../test/support/toolchain.ts';

const project = (artifact: string, runtime: string, handler: string) =>
  `name: s\nfunctions:\n  a:\n    runtime: ${runtime}\n    artifact: ${artifact}\n    handler: ${handler}\n`;

interface Wrapped {
  readonly runtime: string;
  readonly handler: string;
  readonly file: string;
  readonly content: string;
  /** What the error says is absent. */
  readonly wanted: string;
  /** The handler that finds the file in the folder around it. */
  readonly remedy: string;
}

const wrapped: readonly Wrapped[] = [
  {
    runtime: 'nodejs22.x',
    handler: 'index.handler',
    file: 'index.mjs',
    content: 'export const handler = async () => 1;',
    wanted: 'index.mjs, index.js or index.cjs',
    remedy: 'wrap/index.handler',
  },
  {
    runtime: 'python3.12',
    handler: 'app.api.handler',
    file: 'app/api.py',
    content: 'def handler(event, context): return 1\n',
    wanted: 'app/api.py',
    remedy: 'wrap.app.api.handler',
  },
  {
    runtime: 'ruby3.4',
    handler: 'lambda.handler',
    file: 'lambda.rb',
    content: 'def handler(event:, context:) = 1\n',
    wanted: 'lambda.rb',
    remedy: 'wrap/lambda.handler',
  },
];

describe.each(wrapped)('a prebuilt $runtime function in a folder of its own', (row) => {
  const { runtime, handler, file, content, wanted, remedy } = row;

  test('of a zip is an error, and both remedies work', async () => {
    const folder = await folderOf({ 'project.yml': project('x.zip', runtime, handler), [`out/wrap/${file}`]: content });
    zip(folder, 'out', 'x.zip');
    expect(await problemsIn(folder)).toEqual([
      `project.yml:5 the function "a" has no ${wanted} in x.zip; found wrap/${file} | zip the contents of wrap, or set \`handler: ${remedy}\``,
    ]);
    await writeFiles(folder, { 'project.yml': project('x.zip', runtime, remedy) });
    expect(pathsOf(await artifactIn(folder))).toEqual([`wrap/${file}`]);
    zip(folder, 'out/wrap', 'x.zip');
    await writeFiles(folder, { 'project.yml': project('x.zip', runtime, handler) });
    expect(pathsOf(await artifactIn(folder))).toEqual([file]);
  });

  test('of a folder is an error, and both remedies work', async () => {
    const folder = await folderOf({ 'project.yml': project('out', runtime, handler), [`out/wrap/${file}`]: content });
    expect(await problemsIn(folder)).toEqual([
      `project.yml:5 the function "a" has no ${wanted} in out; found wrap/${file} | set \`artifact: out/wrap\`, or set \`handler: ${remedy}\``,
    ]);
    for (const [artifact, used] of [
      ['out/wrap', handler],
      ['out', remedy],
    ] as const) {
      await writeFiles(folder, { 'project.yml': project(artifact, runtime, used) });
      expect((await artifactIn(folder)).code.handler).toBe(used);
    }
  });

  test('with another name is an error with the handler for it', async () => {
    const ending = file.slice(file.lastIndexOf('.'));
    const folder = await folderOf({
      'project.yml': project('out', runtime, handler),
      [`out/other${ending}`]: content,
      [`out/node_modules/x/index.js`]: '',
    });
    const [problem = ''] = await problemsIn(folder);
    expect(problem).toContain(`; found other${ending} | set \`handler: other.handler\`, or put `);
    await writeFiles(folder, { 'project.yml': project('out', runtime, 'other.handler') });
    await buildIn(folder);
  });
});

describe('a prebuilt function', () => {
  test('may have its handler where only the runtime looks', async () => {
    for (const [runtime, handler, files] of [
      ['nodejs22.x', 'index.handler', { 'out/index/index.js': '' }],
      ['nodejs22.x', 'node_modules/wrapper/dist/handler.handler', { 'out/node_modules/wrapper/dist/handler.js': '' }],
      ['nodejs22.x', 'src/app.v2.handler', { 'out/src/app.js': '' }],
      ['nodejs22.x', '/opt/nodejs/node_modules/wrapper/handler.handler', { 'out/x.js': '' }],
      ['python3.12', 'app.handler', { 'out/app/__init__.py': '' }],
      ['python3.12', 'src/app.handler', { 'out/src/app.py': '' }],
      ['python3.12', 'app.handler', { 'out/app.cpython-312-x86_64-linux-gnu.so': '' }],
      ['dotnet8', 'F::F.Function::Run', { 'out/F.dll': '' }],
    ] as const) {
      const folder = await folderOf({ 'project.yml': project('out', runtime, handler), ...files });
      expect((await artifactIn(folder)).code.handler).toBe(handler);
    }
  });

  test('may have its handler in a layer', async () => {
    const layered = (layer: string) =>
      `${project('out', 'nodejs22.x', 'wrapper.handler')}    layers: [${layer}]\nlayers: {L: {path: layer}}\n`;
    const folder = await folderOf({
      'project.yml': layered('L'),
      'out/x.js': '',
      'layer/nodejs/node_modules/wrapper/index.js': '',
    });
    await buildIn(folder);
    await writeFiles(folder, {
      'project.yml': layered('arn:aws:lambda:eu-west-1:111122223333:layer:w:3').replace(
        'name: s',
        'name: s\nregion: eu-west-1',
      ),
    });
    await buildIn(folder);
    renameSync(join(folder, 'layer/nodejs/node_modules/wrapper'), join(folder, 'layer/nodejs/node_modules/other'));
    await writeFiles(folder, { 'project.yml': layered('L') });
    expect(await problemsIn(folder)).toEqual([
      expect.stringContaining('has no wrapper.mjs, wrapper.js or wrapper.cjs in out; found x.js'),
    ]);
  });

  test('in TypeScript says what makes JavaScript of it', async () => {
    const folder = await folderOf({
      'project.yml': project('out', 'nodejs22.x', 'index.handler'),
      'out/index.ts': 'export const handler = async () => 1;',
    });
    expect(await problemsIn(folder)).toEqual([
      'project.yml:5 the function "a" has no index.mjs, index.js or index.cjs in out; found index.ts | compile index.ts first, or let fx bundle it: use `source` instead of `artifact`',
    ]);
    await writeFiles(folder, {
      'project.yml': project('out', 'nodejs22.x', 'index.handler').replace('artifact:', 'source:'),
    });
    expect(pathsOf(await artifactIn(folder))).toContain('index.mjs');
  });

  test('for .NET or a provided runtime is found in a folder too', async () => {
    const folder = await folderOf({
      'project.yml': project('out', 'dotnet8', 'F::F.Function::Run'),
      'out/publish/F.dll': '',
      'out/publish/bootstrap': '#!/bin/sh\n',
    });
    expect(await problemsIn(folder)).toEqual([
      'project.yml:5 the function "a" has no F.dll in out; found publish/F.dll | set `artifact: out/publish`',
    ]);
    await writeFiles(folder, { 'project.yml': project('out', 'provided.al2023', 'x') });
    expect(await problemsIn(folder)).toEqual([
      'project.yml:5 the function "a" has no bootstrap in out; found publish/bootstrap | set `artifact: out/publish`',
    ]);
    await writeFiles(folder, { 'project.yml': project('out/publish', 'provided.al2023', 'x') });
    await buildIn(folder);
    await writeFiles(folder, { 'project.yml': project('out/publish', 'dotnet8', 'G') });
    expect(await problemsIn(folder)).toEqual([
      'project.yml:5 the function "a" has no G.dll in out/publish; found F.dll | set `handler: F`, or put G.dll at its top',
    ]);
    await writeFiles(folder, { 'project.yml': project('out/publish', 'dotnet8', 'F') });
    await buildIn(folder);
  });
});

const javac = runs('javac', '-version');

describe.skipIf(javac === undefined)(
  `a prebuilt Java function${reasonMissing(javac, 'there is no javac here')}`,
  () => {
    const handler = 'com.example.App::run';

    test('is looked for on the class path, and each remedy works', async () => {
      const folder = await folderOf({
        'App.java': 'package com.example;\npublic class App { public String run(String in) { return in; } }\n',
      });
      execFileSync('javac', ['-d', 'classes', 'App.java'], { cwd: folder });
      execFileSync('jar', ['cf', 'app.jar', '-C', 'classes', '.'], { cwd: folder });
      const problemsOf = async (artifact: string, use = handler) => {
        await writeFiles(folder, { 'project.yml': project(artifact, 'java21', use) });
        return problemsIn(folder);
      };
      const builds = async (artifact: string, use = handler) => {
        await writeFiles(folder, { 'project.yml': project(artifact, 'java21', use) });
        await buildIn(folder);
      };
      await builds('app.jar');
      await writeFiles(folder, { 'out/readme.txt': '' });
      cpSync(join(folder, 'app.jar'), join(folder, 'out/app.jar'));
      expect(await problemsOf('out')).toEqual([
        'project.yml:5 the function "a" has no class com.example.App in out; found it in app.jar | put app.jar into lib/, or set `artifact` to that jar',
      ]);
      await builds('out/app.jar');
      await writeFiles(folder, { 'out/lib/readme.txt': '' });
      renameSync(join(folder, 'out/app.jar'), join(folder, 'out/lib/app.jar'));
      await builds('out');
      expect(await problemsOf('out', 'example.App::run')).toEqual([
        'project.yml:5 the function "a" has no class example.App in out; found com.example.App | set `handler: com.example.App::run`, or put the jar with example.App into lib/',
      ]);
      cpSync(join(folder, 'classes'), join(folder, 'boot/BOOT-INF/classes'), { recursive: true });
      zip(folder, 'boot', 'boot.jar');
      expect(await problemsOf('boot.jar')).toEqual([
        'project.yml:5 the function "a" has no class com.example.App in boot.jar; found BOOT-INF/classes/com/example/App.class | zip the contents of BOOT-INF/classes, or put the classes into a jar in lib/',
      ]);
      zip(folder, 'boot/BOOT-INF/classes', 'boot.jar');
      await builds('boot.jar');
    });
  },
);

function zip(folder: string, from: string, to: string): void {
  const script =
    'import shutil,sys,os; os.replace(shutil.make_archive(sys.argv[2]+".new","zip",sys.argv[1]), sys.argv[2])';
  execFileSync('python3', ['-c', script, join(folder, from), join(folder, to)]);
}
