// fx.workspace.yml: its forms, and its mistakes at their places.
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { folderOf } from '../../../test/support/project.ts';
import { FxError } from '../../base/error.ts';
import { editorKeywords } from '../json-schema.ts';
import { workspaceJsonSchema } from './json-schema.ts';
import { findNearest } from './nearest.ts';
import { findWorkspace, readWholeWorkspace, readWorkspace, workspaceOf } from './workspace.ts';

const folderWith = (text: string, files: Record<string, string> = {}) =>
  folderOf({ 'fx.workspace.yml': text, ...files });

async function problemsOf(text: string, read = readWorkspace, files: Record<string, string> = {}): Promise<string[]> {
  const folder = await folderWith(text, files);
  const error = await read(folder, folder).catch((thrown: unknown) => thrown);
  if (!(error instanceof FxError)) throw new Error(`expected an FxError, got ${JSON.stringify(error)}`);
  expect(error.code).toBe('PROJECT_INVALID');
  return error.problems.map(
    ({ at, message, hint }) => `${at.file}:${at.line}:${at.column} ${message}${hint ? ` | ${hint}` : ''}`,
  );
}

test('projects in the order of their dependencies, in all forms', async () => {
  const text =
    'projects:\n  web: {dependsOn: [orders]}\n  orders: {folder: services/orders, dependsOn: [network]}\n  network:\n  alone: ./alone/\n';
  const folder = await folderWith(text);
  const { projects, file } = await readWorkspace(folder, folder);
  expect(file).toBe('fx.workspace.yml');
  expect(projects.map(({ name, folder: of }) => [name, of])).toEqual([
    ['network', join(folder, 'network')],
    ['orders', join(folder, 'services/orders')],
    ['web', join(folder, 'web')],
    ['alone', join(folder, 'alone')],
  ]);
});

test('mistakes are reported at their places', async () => {
  expect(await problemsOf('projects: {}\n')).toEqual(['fx.workspace.yml:1:1 a workspace has projects']);
  expect(await problemsOf('text\n')).toEqual(['fx.workspace.yml:1:1 expected a map, such as "projects: {…}"']);
  expect(await problemsOf('projects: {a: {dependsOn: b}}\n')).toEqual([
    'fx.workspace.yml:1:27 expected a list of names of projects, found "b"',
  ]);
  expect(await problemsOf('')).toEqual([expect.stringContaining('missing key "projects"')]);
  expect(await problemsOf('projects:\n  a: {dependsOn: [netwrk, b, b]}\n  b: {dependson: [a]}\n')).toEqual([
    expect.stringContaining('fx.workspace.yml:3:7 "dependson" is called `dependsOn` here'),
  ]);
  expect(await problemsOf('projects:\n  a: {dependsOn: [netwrk, b, b]}\n  b: b\n  network: n\n')).toEqual([
    'fx.workspace.yml:2:19 there is no project "netwrk" in this workspace | did you mean "network"? the projects here are a, b, network',
    'fx.workspace.yml:2:30 b is listed twice',
  ]);
  expect(await problemsOf('projects:\n  a: ../a\n  b: x\n  c: {folder: ./x}\n  d: /d\n')).toEqual([
    expect.stringContaining('fx.workspace.yml:2:6 the folder is not below this file'),
    'fx.workspace.yml:4:15 c and b have the same folder | list each project once',
    expect.stringContaining('fx.workspace.yml:5:6 the folder is not below this file'),
  ]);
  expect(await problemsOf('projects:\n  a.b: x\n  c: [x]\n')).toEqual([
    expect.stringContaining('"a.b" is not a name of a project'),
    'fx.workspace.yml:3:6 expected a folder, or a map with folder and dependsOn, found a list',
  ]);
});

test('a cycle is shown as a path, once', async () => {
  const cycle = (path: string) => expect.stringContaining(`the projects depend on each other in a cycle: ${path} | `);
  expect(await problemsOf('projects:\n  a: {dependsOn: [b]}\n  b: {dependsOn: [c]}\n  c: {dependsOn: [b]}\n')).toEqual([
    cycle('b → c → b'),
  ]);
  expect(await problemsOf('projects: {a: {dependsOn: [a]}}\n')).toEqual([cycle('a → a')]);
});

test('each project has a project file of its own', async () => {
  expect(
    await problemsOf('projects:\n  a:\n  b: {folder: deep/b}\n', readWholeWorkspace, {
      'project.yml': 'name: above\n',
      'a/project.json': '{"name": "a"}',
    }),
  ).toEqual([
    'fx.workspace.yml:3:15 there is no project.yml in deep/b | create one with fx init deep/b, or correct the folder',
  ]);
});

test('the nearest file decides; in one folder, the project file', async () => {
  const folder = await folderWith('projects: {a: , c: inner/c}\n', {
    'a/project.yml': 'name: a\n',
    'a/src/x.ts': '',
    'other/project.yml': 'name: other\n',
    'inner/fx.workspace.yml': 'projects: {c: c}\n',
    'inner/project.yml': 'name: inner\n',
    'inner/c/project.yml': 'name: c\n',
    'empty/x': '',
  });
  const at = (path: string) => join(folder, path);
  expect(await findNearest(at('a/src'))).toEqual({ kind: 'project', folder: at('a') });
  expect(await findNearest(at('empty'))).toEqual({ kind: 'workspace', folder });
  expect(await findNearest(at('inner'))).toEqual({ kind: 'project', folder: at('inner') });
  expect(await findWorkspace(at('inner/c'))).toBe(at('inner'));
  expect(await findWorkspace(at('a'))).toBe(folder);
  expect((await workspaceOf(at('inner/c'), folder))?.folder).toBe(at('inner'));
  expect(await workspaceOf(at('other'), folder)).toBeUndefined();
});

test('the schema for editors accepts what fx accepts', () => {
  const ajv = new Ajv2020({ strict: true, keywords: [...editorKeywords], allowUnionTypes: true });
  const valid = ajv.compile(workspaceJsonSchema());
  for (const [text, expected] of [
    ['projects: {network: , orders: services/orders, web: {dependsOn: [network]}}', true],
    ['projects: {a: {dependson: []}}', false],
    ['projects: {a: {folder: 7}}', false],
    ['project: {a: a}', false],
  ] as const) {
    expect([text, valid(parse(text))]).toEqual([text, expected]);
  }
});
