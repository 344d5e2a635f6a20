// The layers of docs/architecture.md, read from the import lines.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const source = resolve(import.meta.dirname, '../src');
const rank: readonly (readonly string[])[] = [
  ['bin.ts', 'index.ts', 'testing.ts'],
  ['cli'],
  ['session'],
  ['operate', 'local', 'scaffold', 'import'],
  ['release'],
  ['stack'],
  ['template', 'cost'],
  ['artifact'],
  ['project'],
  ['events', 'runtimes', 'settings'],
  ['aws', 'cfn'],
  ['base'],
];

const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const production = files.filter((file) => !file.endsWith('.test.ts'));
const importPattern = /(?:^|\n)\s*(?:import|export)[^'";]*?from '([^']+)'|import\('([^']+)'\)/g;
const importsOf = (file: string) =>
  [...readFileSync(join(source, file), 'utf8').matchAll(importPattern)].map((match) => match[1] ?? match[2] ?? '');
const folderOf = (file: string) => file.split(/[\\/]/)[0] ?? '';
const rankOf = (folder: string) => rank.findIndex((row) => row.includes(folder));

/** What a file may not import, by the ranks above; '' if all is well. */
function violation(file: string, specifier: string): string {
  if (!specifier.startsWith('.')) return '';
  const target = relative(source, resolve(source, dirname(file), specifier));
  const [from, to] = [folderOf(file), folderOf(target)];
  if (from === to || rankOf(to) > rankOf(from)) return '';
  return `${file} imports ${target}: ${from} is not above ${to}`;
}

test('every folder of src has a rank', () => {
  expect([...new Set(production.map(folderOf))].filter((folder) => rankOf(folder) < 0)).toEqual([]);
});

test('imports run downward only', () => {
  const wrong = production.flatMap((file) => importsOf(file).map((specifier) => violation(file, specifier)));
  expect(wrong.filter((text) => text !== '')).toEqual([]);
});

test('the check sees an upward and a sideways import', () => {
  expect(violation('base/hash.ts', '../stack/status.ts')).toContain('base is not above stack');
  expect(violation('operate/deploy.ts', '../local/host.ts')).toContain('operate is not above local');
  expect(violation('aws/sdk.ts', '../cfn/names.ts')).toContain('aws is not above cfn');
});

test('event sources do not import one another, nor do commands', () => {
  const table = (folder: string, shared: readonly string[]) =>
    production
      .filter((file) => file.startsWith(`${folder}/`) && !file.endsWith('index.ts'))
      .flatMap((file) =>
        importsOf(file)
          .filter((specifier) => /^\.\/[^_]/.test(specifier) && !shared.includes(specifier))
          .map((specifier) => `${file} imports ${specifier}`),
      );
  expect(table('events', ['./source.ts'])).toEqual([]);
  expect(table('cli/commands', [])).toEqual([]);
});

test('only aws/ loads the SDK to call AWS; local/ uses its types and wire schemas', () => {
  const values = production.filter((file) => {
    const text = readFileSync(join(source, file), 'utf8');
    return /import (?!type)[^;]*from '@aws-sdk\/client-|import\('@aws-sdk\/client-/.test(text);
  });
  const outside = values.filter((file) => folderOf(file) !== 'aws');
  expect(outside).toEqual(['local/wire/model.ts']);
});

test('only the edge ends the process or prints', () => {
  const offenders = production.filter((file) => {
    const text = readFileSync(join(source, file), 'utf8');
    return (
      folderOf(file) !== 'bin.ts' &&
      /process\.exit\(|process\.std(out|err)\.write|\bconsole\.(log|error|warn|info|debug|trace)\(/.test(text)
    );
  });
  // code that runs inside a function's process is not part of fx, and some of it fx writes
  expect(
    offenders.filter(
      (file) =>
        !file.startsWith('local/lambda/boot') &&
        ![
          'runtimes/nodejs/check.ts',
          'project/program.ts',
          'import/serverless/evaluate.ts',
          'scaffold/handler-code.ts',
        ].includes(file),
    ),
  ).toEqual([]);
});

test('every file states its purpose in its first line', () => {
  const silent = production.filter((file) => !/^(#!.*\n)?\/\/ \S/.test(readFileSync(join(source, file), 'utf8')));
  expect(silent).toEqual([]);
});
