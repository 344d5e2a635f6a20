// A `bootstrap` that Lambda cannot start is an error with a remedy, and the remedy works.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildIn, problemsIn } from '../../test/support/artifacts.ts';
import { folderOf, writeFiles } from '../../test/support/project.ts';
import { reasonMissing, runs } from '../../test/support/toolchain.ts';

const project = (more = '') => `name: s\nfunctions:\n  a:\n    source: out\n    architecture: x86_64\n${more}`;
const script = 'while true; do curl -s "http://$AWS_LAMBDA_RUNTIME_API/"; done\n';

describe('a script as bootstrap', () => {
  const problemOf = async (bootstrap: string | Buffer, more = '', files: Readonly<Record<string, string>> = {}) => {
    const folder = await folderOf({ 'project.yml': project(more), 'out/bootstrap': bootstrap, ...files });
    return { folder, problems: await problemsIn(folder) };
  };

  test('with the line ends of Windows is refused, and the command in the hint converts it', async () => {
    const { folder, problems } = await problemOf(`#!/bin/sh\r\n${script}\r\n`);
    expect(problems).toEqual([
      'project.yml:3 the function "a" cannot start: bootstrap has the line ends of Windows (CRLF), so that Linux looks for "/bin/sh\\r" | convert it: sed -i \'s/\\r$//\' bootstrap; Git keeps it so with a line "bootstrap text eol=lf" in .gitattributes',
    ]);
    follow(problems, join(folder, 'out'));
    await buildIn(folder);
    execFileSync('git', ['init', '-q', '.'], { cwd: folder });
    await writeFiles(folder, { '.gitattributes': 'bootstrap text eol=lf\n' });
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'core.autocrlf=true', ...args], { cwd: folder, stdio: 'pipe' });
    git('add', 'out/bootstrap');
    execFileSync('rm', ['out/bootstrap'], { cwd: folder });
    git('checkout', '--', 'out/bootstrap');
    expect(readFileSync(join(folder, 'out/bootstrap'), 'utf8')).not.toContain('\r');
  });

  test('with a byte order mark is refused, and the command in the hint removes it', async () => {
    const { folder, problems } = await problemOf(`\ufeff#!/bin/sh\n${script}`);
    expect(problems).toEqual([expect.stringContaining('bootstrap begins with a byte order mark | remove it: sed ')]);
    follow(problems, join(folder, 'out'));
    await buildIn(folder);
    expect(readFileSync(join(folder, 'out/bootstrap'), 'latin1').slice(0, 2)).toBe('#!');
  });

  test('without an interpreter, or empty, is refused', async () => {
    const { folder, problems } = await problemOf('echo hello\n');
    expect(problems).toEqual([
      'project.yml:3 the function "a" cannot start: bootstrap is neither a program for Linux nor a script: it begins with "echo hello" | begin a script with #!/bin/sh; build a program for Linux x86_64',
    ]);
    await writeFiles(folder, { 'out/bootstrap': '#!/bin/sh\necho hello\n' });
    await buildIn(folder);
    expect((await problemOf('')).problems).toEqual([expect.stringContaining('bootstrap is empty | write a script')]);
  });

  test('whose interpreter is not on Amazon Linux 2023 is refused', async () => {
    for (const [line, interpreter] of [
      ['#!/usr/bin/env node', 'node'],
      ['#!/usr/bin/env -S deno run', 'deno'],
      ['#!/usr/bin/python3', '/usr/bin/python3'],
      ['#!/usr/local/bin/bash', '/usr/local/bin/bash'],
      ['#!/opt/bin/php', '/opt/bin/php'],
      ['#!/bin/zsh -e', '/bin/zsh'],
    ] as const) {
      const { problems } = await problemOf(`${line}\n${script}`);
      expect(problems).toEqual([
        `project.yml:3 the function "a" cannot start: bootstrap needs the interpreter ${interpreter}, which provided.al2023 does not have | begin it with #!/bin/sh; pack the interpreter and start it from there, or bring it in a layer and write #!/opt/bin/…`,
      ]);
    }
  });

  test('starts by a shell, by an interpreter in the artifact, or by one in a layer', async () => {
    const layer = 'arn:aws:lambda:eu-west-1:111122223333:layer:php:3';
    for (const [line, more, files] of [
      ['#!/bin/sh', '', {}],
      ['#!/usr/bin/env bash', '', {}],
      ['#! /bin/bash -e', '', {}],
      ['#!/var/task/bin/tool', '', { 'out/bin/tool': '#!/bin/sh\n' }],
      ['#!/opt/bin/php', `    layers: ["${layer}"]\n`, {}],
      ['#!/usr/bin/env php', '    layers: [L]\nlayers: {L: {path: layer}}\n', { 'layer/bin/php': '' }],
    ] as const) {
      const artifact = line.includes('/var/task') ? '    runtime: provided.al2023\n    handler: x\n' : '';
      const yml = `region: eu-west-1\n${project(artifact + more)}`.replace(
        'source:',
        artifact === '' ? 'source:' : 'artifact:',
      );
      const folder = await folderOf({ 'project.yml': yml, 'out/bootstrap': `${line}\n${script}`, ...files });
      await buildIn(folder);
    }
    const { problems } = await problemOf(`#!/var/task/bin/absent\n${script}`);
    expect(problems).toEqual([
      expect.stringContaining('bootstrap needs /var/task/bin/absent, and the artifact has no bin/absent'),
    ]);
  });
});

/** Runs the command that a hint shows. */
function follow(problems: readonly string[], folder: string): void {
  const [, command = ''] = /(sed -i '[^']+' bootstrap)/.exec(problems[0] ?? '') ?? [];
  execFileSync('sh', ['-c', command], { cwd: folder });
}

describe('a program as bootstrap', () => {
  test('for another processor or system is refused', async () => {
    const elf = Buffer.alloc(64);
    elf.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
    elf.writeUInt16LE(183, 18);
    const pe = Buffer.alloc(128);
    pe.write('MZ', 'latin1');
    pe.writeUInt32LE(64, 0x3c);
    pe.write('PE\0\0', 64, 'latin1');
    const machO = Buffer.alloc(64);
    machO.writeUInt32LE(0xfeedfacf);
    for (const [bytes, message] of [
      [
        elf,
        'runs on Linux x86_64, but bootstrap was built for Linux on arm64 | build it for Linux x86_64, or set `architecture`',
      ],
      [pe, 'cannot start: bootstrap is a program for Windows | build it for Linux x86_64'],
      [machO, 'cannot start: bootstrap is a program for macOS | build it for Linux x86_64'],
    ] as const) {
      const folder = await folderOf({ 'project.yml': project(), 'out/bootstrap': bytes });
      expect(await problemsIn(folder)).toEqual([`project.yml:3 the function "a" ${message}`]);
    }
    const folder = await folderOf({ 'project.yml': project().replace('x86_64', 'arm64'), 'out/bootstrap': elf });
    await buildIn(folder);
  });

  const gcc =
    process.platform === 'linux' && process.arch === 'x64' && existsSync('/lib64/ld-linux-x86-64.so.2')
      ? runs('gcc', '--version')
      : undefined;
  test.skipIf(gcc === undefined)(
    `with another loader is refused${reasonMissing(gcc, 'there is no gcc for Linux x86_64 here')}`,
    async () => {
      const folder = await folderOf({ 'project.yml': project(), 'main.c': 'int main() { return 0; }\n', 'out/x': '' });
      const compile = (...flags: string[]) =>
        execFileSync('gcc', ['main.c', '-o', 'out/bootstrap', ...flags], { cwd: folder });
      compile('-Wl,--dynamic-linker=/lib/ld-musl-x86_64.so.1');
      expect(await problemsIn(folder)).toEqual([
        'project.yml:3 the function "a" cannot start: bootstrap is linked for /lib/ld-musl-x86_64.so.1, which provided.al2023 does not have | link it statically, or with glibc, whose /lib64/ld-linux-x86-64.so.2 is there',
      ]);
      compile('-static');
      await buildIn(folder);
    },
  );
});
