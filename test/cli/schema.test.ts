// fx schema, and how a project from fx init refers to the schema.
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { packagedFile, packageFolder } from '../../src/base/packaged.ts';
import { fx, resultOf } from '../support/fx.ts';
import { folderOf } from '../support/project.ts';

const schema = readFileSync(packagedFile('project.schema.json'), 'utf8');
const firstLine = (file: string) => readFileSync(file, 'utf8').split('\n')[0];

describe('fx schema', () => {
  test('prints the schema; with --json it is the result', async () => {
    const folder = await folderOf({});
    expect(await fx(folder, ['schema'])).toEqual({ exitCode: 0, stdout: schema, stderr: '' });
    expect(resultOf(await fx(folder, ['schema', '--json']))).toEqual(JSON.parse(schema));
  });

  test('writes it, and prints how project.yml refers to it', async () => {
    const folder = await folderOf({ 'shop/project.yml': 'name: shop\n' });
    const done = await fx(folder, ['schema', '-C', 'shop', '--output', 'editor/fx.json']);
    expect([done.exitCode, done.stderr]).toEqual([0, '']);
    expect(done.stdout).toBe(
      'Wrote editor/fx.json. For editors to use it, make this the first line of project.yml:\n\n' +
        '# yaml-language-server: $schema=../editor/fx.json\n',
    );
    expect(readFileSync(join(folder, 'editor/fx.json'), 'utf8')).toBe(schema);
    // again, over the existing file
    expect((await fx(folder, ['schema', '--output', 'editor/fx.json'])).stdout).toContain('$schema=./editor/fx.json\n');
  });
});

describe('fx schema --command', () => {
  test('prints the schema of the lines of a command', async () => {
    const folder = await folderOf({});
    const printed = JSON.parse((await fx(folder, ['schema', '--command', 'releases'])).stdout);
    expect(printed.title).toBe('fx releases list --json');
    const valid = new Ajv2020().compile(printed);
    const result = (value: unknown) => ({ type: 'result', value });
    expect(valid(result([]))).toBe(true);
    expect(valid(result([{ number: 'one' }]))).toBe(false);
    expect(valid({ type: 'error', code: 'BUSY', message: 'm', problems: [], exitCode: 6 })).toBe(true);
    expect(valid({ type: 'stage', stage: 'building', later: 'a field of a later version' })).toBe(true);
    expect(valid({ type: 'log' })).toBe(false);
    expect(resultOf(await fx(folder, ['schema', '--command', 'releases list', '--json']))).toEqual(printed);
  });

  test.each([
    [['--command', 'deplo'], 'unknown command "deplo"', 'did you mean "deploy"?'],
    [['--command', 'deploy', '--workspace'], '--command and --workspace exclude each other', ''],
    [
      ['--command', 'deploy', '-o', 'x.json'],
      '--output is for the schema of a file',
      'fx schema --command "deploy" > x.json',
    ],
  ])('%j is refused', async (words, message, hint) => {
    const { exitCode, stderr } = await fx(await folderOf({}), ['schema', ...words]);
    expect([exitCode, stderr]).toEqual([4, `error ${message} [USAGE]\n${hint === '' ? '' : `→ ${hint}\n`}`]);
  });
});

test('fx schema reports a file it cannot write', async () => {
  const folder = await folderOf({ 'a-file': '' });
  for (const output of ['.', 'a-file/x.json']) {
    const { exitCode, stderr } = await fx(folder, ['schema', '--output', output]);
    expect([exitCode, stderr]).toEqual([
      4,
      expect.stringMatching(/cannot be written \(\w+\) \[USAGE\]\n→ name a file/),
    ]);
  }
});

describe('fx init', () => {
  test('writes the schema beside the project, and refers to it in the first line', async () => {
    const folder = await folderOf({});
    expect((await fx(folder, ['init', 'shop'])).exitCode).toBe(0);
    expect(firstLine(join(folder, 'shop/project.yml'))).toBe(
      '# yaml-language-server: $schema=./.fx/project.schema.json',
    );
    expect(readFileSync(join(folder, 'shop/.fx/project.schema.json'), 'utf8')).toBe(schema);
    expect((await fx(join(folder, 'shop'), ['validate'])).exitCode).toBe(0);
  });

  test.each([
    ['in the folder of the project', 'shop', './node_modules'],
    ['in a folder above it', '.', '../node_modules'],
  ])('names the installed package %s', async (_, above, modules) => {
    const folder = await folderOf({});
    mkdirSync(join(folder, above, 'node_modules'), { recursive: true });
    symlinkSync(packageFolder(), join(folder, above, 'node_modules/fx-serverless'), 'junction');
    const { files } = resultOf(await fx(folder, ['init', 'shop', '--json'])) as { readonly files: readonly string[] };
    expect(files).not.toContain('.fx/project.schema.json');
    const [, path = ''] = firstLine(join(folder, 'shop/project.yml'))?.split('$schema=') ?? [];
    expect(path).toBe(`${modules}/fx-serverless/dist/project.schema.json`);
    expect(readFileSync(join(folder, 'shop', path), 'utf8')).toBe(schema);
  });
});
