// Each mistake gives one clear error with its exit code; nothing is lost, and no stack trace is shown.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bin, fx, type Run } from '../support/fx.ts';
import { type Files, folderOf, handler } from '../support/project.ts';

const project = 'name: shop\nfunctions:\n  a:\n    handler: a.handler\n';

async function validate(files: Files, words: readonly string[] = []): Promise<Run> {
  const run = await fx(await folderOf(files), ['validate', ...words]);
  expect(run.stdout).toBe('');
  expect(run.stderr).not.toMatch(/^\s+at .*\(?(file:|\/).*:\d+:\d+\)?$/m);
  return run;
}

describe('the project file', () => {
  test('an unknown key is underlined, with a suggestion', async () => {
    const run = await validate({ 'project.yml': `${project}    memmory: 128\n`, 'a.ts': handler });
    expect(run.exitCode).toBe(4);
    expect(run.stderr).toContain(
      'error project.yml has a problem [PROJECT_INVALID]\n\nproject.yml:5:5 unknown key "memmory"\n  │     memmory: 128\n  │     ~~~~~~~\n  → did you mean "memory"?',
    );
  });

  test('a wrong type', async () => {
    const run = await validate({ 'project.yml': `${project}    timeout: soon\n` });
    expect([run.exitCode, run.stderr]).toEqual([
      4,
      expect.stringContaining('project.yml:5:14 expected a time from 1s to 30m, found "soon"'),
    ]);
  });

  test('two functions with one name', async () => {
    const run = await validate({ 'project.yml': `${project}  a:\n    handler: b.handler\n` });
    expect([run.exitCode, run.stderr]).toEqual([
      4,
      expect.stringContaining('project.yml:5:3 the key "a" appears twice; first in line 3'),
    ]);
  });

  test('YAML that does not parse', async () => {
    const run = await validate({ 'project.yml': 'name: "shop\nfunctions: {}\n' });
    expect([run.exitCode, run.stderr]).toEqual([4, expect.stringMatching(/project\.yml:\d+:\d+ Missing closing/)]);
  });

  test('no project file', async () => {
    const run = await validate({ 'other.txt': '' });
    expect([run.exitCode, run.stderr]).toEqual([
      4,
      expect.stringMatching(/there is no project\.yml in .*\n→ run `fx init`/),
    ]);
  });

  test('a folder that does not exist', async () => {
    const run = await validate({}, ['-C', 'nowhere']);
    expect([run.exitCode, run.stderr]).toEqual([4, expect.stringContaining('there is no folder')]);
  });

  test('an environment that does not exist', async () => {
    const run = await validate({ 'project.yml': `${project}environments: {prod: {}}\n` }, ['--env', 'pord']);
    expect([run.exitCode, run.stderr]).toEqual([
      4,
      expect.stringMatching(/there is no environment "pord".*\n→ did you mean "prod"\?/),
    ]);
  });
});

describe('the handlers', () => {
  test('a missing file', async () => {
    const run = await validate({ 'project.yml': project });
    expect([run.exitCode, run.stderr]).toEqual([
      4,
      expect.stringContaining('project.yml:4:14 the function "a" has no file a.ts'),
    ]);
  });

  test('a missing export', async () => {
    const run = await validate({ 'project.yml': project, 'a.ts': 'export const main = () => 1;' });
    expect([run.exitCode, run.stderr]).toEqual([
      4,
      expect.stringMatching(/the function "a" exports no "handler"[\s\S]*→ it exports main/),
    ]);
  });

  test('an error while loading', async () => {
    const run = await validate({
      'project.yml': project,
      'a.ts': 'throw new Error("no config");\nexport const handler = () => 1;',
    });
    expect([run.exitCode, run.stderr]).toEqual([
      4,
      expect.stringMatching(/throws while loading: Error: no config[\s\S]*→ at a\.ts:1:7/),
    ]);
  });
});

describe('the command line', () => {
  test('an unknown command and an unknown option get a suggestion', async () => {
    const folder = await folderOf({});
    const command = await fx(folder, ['depoly']);
    expect([command.exitCode, command.stderr]).toEqual([
      4,
      expect.stringMatching(/unknown command "depoly" \[USAGE\]\n→ did you mean deploy\?/),
    ]);
    const option = await fx(folder, ['deploy', '--evn', 'x']);
    expect([option.exitCode, option.stderr]).toEqual([
      4,
      expect.stringMatching(/unknown option "--evn".*\n→ did you mean --env\?/),
    ]);
  });

  test('an option before the command, as in git', async () => {
    const run = await fx(await folderOf({}), ['-C', 'shop', 'config']);
    expect([run.exitCode, run.stderr]).toEqual([
      4,
      expect.stringContaining('unknown option "-C" [USAGE]\n→ options come after the command: fx config -C …'),
    ]);
  });

  test('a closed stderr stops nothing', async () => {
    const folder = await folderOf({ 'project.yml': project, 'a.ts': handler });
    const child = spawn(process.execPath, [bin, 'build', '--output', 'out'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr.destroy();
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
    expect(readdirSync(join(folder, 'out'))).toContain('template.json');
  });

  test('a missing argument', async () => {
    const run = await fx(await folderOf({}), ['invoke']);
    expect([run.exitCode, run.stderr]).toEqual([
      4,
      expect.stringMatching(/missing argument "function".*\n→ fx invoke --help/),
    ]);
  });

  test('an invalid number, time and event', async () => {
    const folder = await folderOf({ 'project.yml': project, 'a.ts': handler });
    expect((await fx(folder, ['rollback', '--to', 'last'])).stderr).toContain(
      '--to takes a number, a commit, or a time such as 3h or 2026-11-23T10:00:00Z, not "last"',
    );
    expect((await fx(folder, ['logs', '--since', 'noon'])).stderr).toContain('--since takes a time such as 10m');
    expect((await fx(folder, ['invoke', 'a', '--data', '{id: 1}'])).stderr).toContain('the event is not valid JSON');
    expect((await fx(folder, ['invoke', 'a', '--file', 'absent.json'])).stderr).toContain(
      'the event file absent.json cannot be read',
    );
  });

  test('with --json the error is one JSON object', async () => {
    const run = await fx(await folderOf({ 'project.yml': 'name: S\n' }), ['validate', '--json']);
    expect(run.exitCode).toBe(4);
    expect(JSON.parse(run.stdout)).toMatchObject({
      type: 'error',
      code: 'PROJECT_INVALID',
      exitCode: 4,
      problems: [{ at: { file: 'project.yml', line: 1, column: 7 }, message: expect.stringContaining('found "S"') }],
    });
  });
});

describe('AWS', () => {
  test('an endpoint that does not exist', async () => {
    const folder = await folderOf({ 'project.yml': `${project}environments: {staging: {}}\n`, 'a.ts': handler });
    const variables = { AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' };
    const run = await fx(folder, ['deploy', '--env', 'staging'], { variables });
    expect([run.exitCode, run.stderr]).toEqual([
      3,
      expect.stringMatching(
        /no answer from http:\/\/127\.0\.0\.1:9 \(ECONNREFUSED, sts:GetCallerIdentity\).*\n→ check AWS_ENDPOINT_URL/,
      ),
    ]);
  });

  test('no credentials', async () => {
    const folder = await folderOf({ 'project.yml': `${project}environments: {staging: {}}\n`, 'a.ts': handler });
    const variables = { AWS_EC2_METADATA_DISABLED: 'true' };
    const run = await fx(folder, ['deploy', '--env', 'staging'], { variables });
    expect([run.exitCode, run.stderr]).toEqual([
      3,
      expect.stringMatching(/AWS does not accept the credentials for sts:GetCallerIdentity.*\n→ sign in/),
    ]);
  });
});

describe('fx init', () => {
  test('overwrites nothing', async () => {
    const folder = await folderOf({ 'project.yml': 'mine' });
    const run = await fx(folder, ['init', '--name', 'shop']);
    expect([run.exitCode, run.stderr]).toEqual([4, expect.stringContaining('project.yml exists already')]);
    expect(readdirSync(folder)).toEqual(['project.yml']);
  });

  test('rejects a bad name and an unknown template', async () => {
    const folder = await folderOf({});
    expect((await fx(folder, ['init', '--name', 'My Shop'])).stderr).toContain('"My Shop" is not a valid project name');
    expect((await fx(folder, ['init', '--template', 'http-typscript'])).stderr).toContain(
      'did you mean "http-typescript"?',
    );
  });
});
