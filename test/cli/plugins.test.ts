// Plugins on the command line: an error names the line of project.yml and the line of the plugin, and the rest goes on without them.
import { expect, test } from 'vitest';
import { fx, resultOf, stopAfter } from '../support/fx.ts';
import { folderOf, handler, writeFiles } from '../support/project.ts';

const project = 'name: s\nplugins: [./p.mjs]\nfunctions: {a: {handler: a.handler}}\n';
const lint = "team: { schema: schema.text({ expected: 'a team' }) }";
const good = `export const plugin = ({ schema }) => ({ settings: { ${lint} } });\n`;

test.each([
  ['export const plugin = () => {\n  throw new Error("no");\n};', 'failed in plugin(fx): no', 'at p.mjs:2:9'],
  [
    'export const plugin = () => ({ transform(template) {\n  return template.Resources.Nothing.Properties;\n} });',
    "failed in transform: Cannot read properties of undefined (reading 'Properties')",
    'at p.mjs:2:37',
  ],
])('%s is reported with both lines', async (body, message, place) => {
  const folder = await folderOf({ 'project.yml': project, 'a.ts': handler, 'p.mjs': body });
  const { exitCode, stderr } = await fx(folder, ['build']);
  expect(exitCode).toBe(4);
  expect(stderr).toContain(`error the plugin "./p.mjs" ${message} [PLUGIN_FAILED]`);
  expect(stderr).toContain('project.yml:2:11');
  expect(stderr).toContain(`→ ${place}`);
  expect(stderr).not.toMatch(/node_modules|dist\/|main\.cjs/);
});

test('a syntax error has its position', async () => {
  const folder = await folderOf({ 'project.yml': project, 'a.ts': handler, 'p.mjs': 'export const plugin = {' });
  expect((await fx(folder, ['build'])).stderr).toContain(
    'error the plugin "./p.mjs" could not be loaded: Expected identifier but found end of file (p.mjs:1:24) [PLUGIN_FAILED]',
  );
});

test('a TypeScript plugin names its own line too', async () => {
  const folder = await folderOf({
    'project.yml': project.replace('p.mjs', 'p.ts'),
    'a.ts': handler,
    'p.ts':
      'interface Unused {\n  readonly a: string;\n}\n\nexport const plugin = () => {\n  throw new Error("no");\n};\n',
  });
  expect((await fx(folder, ['build'])).stderr).toContain('→ at p.ts:6:9');
  await writeFiles(folder, { 'p.ts': 'export const plugin = (;\n' });
  expect((await fx(folder, ['build'])).stderr).toContain('could not be loaded: Unexpected ";" (p.ts:1:24)');
});

test('what is deployed can be looked at and rolled back while the plugin is broken', async () => {
  const folder = await folderOf({ 'project.yml': project, 'a.ts': handler, 'p.mjs': good });
  stopAfter(folder);
  expect((await fx(folder, ['deploy'])).exitCode).toBe(0);
  await writeFiles(folder, { 'a.ts': handler.replace('true', 'false') });
  expect((await fx(folder, ['deploy'])).exitCode).toBe(0);
  await writeFiles(folder, { 'p.mjs': 'export const plugin = {' });
  expect((await fx(folder, ['info'])).exitCode).toBe(0);
  expect(resultOf(await fx(folder, ['rollback', '--json']))).toMatchObject({ target: 1 });
  expect((await fx(folder, ['invoke', 'a'])).stdout).toContain('true');
});

test('the schema for editors has what plugins add', async () => {
  const folder = await folderOf({ 'project.yml': project, 'a.ts': handler, 'p.mjs': good });
  expect((await fx(folder, ['schema', '--output', '.fx/project.schema.json'])).exitCode).toBe(0);
  const written = async (of: string) => {
    const words = /"team": \{\s+"title": "team"/g;
    return (await fx(of, ['schema'])).stdout.match(words)?.length ?? 0;
  };
  // in functions and defaults, of the file and of an environment
  expect([await written(folder), await written(await folderOf({}))]).toEqual([4, 0]);
});
