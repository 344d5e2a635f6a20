// A project's plugins from outside: what they add, and the one clear error for each way in which one can be wrong.
import { expect, test } from 'vitest';
import { type Files, handler, projectOf } from '../../../test/support/project.ts';
import { FxError } from '../../base/error.ts';
import { loadEnvironment } from '../load.ts';

const withPlugin = (body: string, rest = '') => ({
  text: `name: s\nplugins: [./p.mjs]\nfunctions: {a: {handler: a.handler}}\n${rest}`,
  files: { 'a.ts': handler, 'p.mjs': body },
});

/** The problems of loading a project, such as `3:42 message | hint`. */
async function problemsOf(text: string, files: Files): Promise<readonly string[]> {
  const error = await projectOf(text, { files: { 'a.ts': handler, ...files } }).catch((thrown: unknown) => thrown);
  if (!(error instanceof FxError)) return [];
  return error.problems.map(({ at, message, hint }) =>
    [`${at.line}:${at.column} ${message}`, ...(hint === undefined ? [] : [hint])].join(' | '),
  );
}

async function failure(body: string, rest = ''): Promise<string> {
  const { text, files } = withPlugin(body, rest);
  const error = await projectOf(text, { files }).catch((thrown: unknown) => thrown);
  if (!(error instanceof FxError)) return `no error: ${String(error)}`;
  expect(error.code).toBe('PLUGIN_FAILED');
  const at = error.problems[0]?.at;
  return `${at?.line}:${at?.column} ${error.message} | ${error.hint ?? ''}`;
}

test('settings and lookups are read, also under defaults', async () => {
  const body = `export const plugin = async ({ schema }) => ({
    settings: {
      team: { schema: schema.text({ expected: 'a team' }) },
      owner: { schema: schema.text(), fallback: 'nobody', functionOnly: true },
    },
    lookups: [{ prefix: 'vault:', about: 'A secret.', find: async (name, { environment }) => name === 'none' ? undefined : name + '-' + environment }],
  });`;
  const { text, files } = withPlugin(
    body,
    "defaults: {team: '${vault:x}'}\nparams: {a: '${vault:none, usual}'}\ntags: {a: '${params.a}'}\n",
  );
  const project = await projectOf(text, { files });
  expect(project.functions[0]?.pluginSettings).toEqual({ team: 'x-local', owner: 'nobody' });
  expect(project.tags.get('a')).toBe('usual');
});

test('a TypeScript plugin is bundled with what it imports', async () => {
  const project = await projectOf('name: s\nplugins: [./p.ts]\nfunctions: {a: {handler: a.handler, team: x}}\n', {
    files: {
      'a.ts': handler,
      'p.ts':
        "import { key } from './key.ts';\nexport const plugin = ({ schema }: { schema: { text(): unknown } }) => ({ settings: { [key]: { schema: schema.text() } } });\n",
      'key.ts': "export const key: string = 'team';\n",
    },
  });
  expect(project.functions[0]?.pluginSettings).toEqual({ team: 'x' });
});

test('unknown keys, wrong values and missing lookups are reported at their line', async () => {
  const body =
    "export const plugin = ({ schema }) => ({ settings: { team: { schema: schema.text({ expected: 'a team' }), check: (value) => (value === 'red' ? { message: 'no red' } : undefined) } }, eventSources: { topic: { about: 'A topic.', schema: schema.text(), compile: () => ({}) } }, lookups: [{ prefix: 'v:', about: 'x', find: () => undefined }] });";
  const { files } = withPlugin(body);
  const of = (rest: string) => problemsOf(`name: s\nplugins: [./p.mjs]\n${rest}`, files);
  expect(await of('functions: {a: {handler: a.handler, team: [1]}}\n')).toEqual(['3:43 expected a team, found a list']);
  expect(await of('functions: {a: {handler: a.handler, tea: x}}\n')).toEqual([expect.stringContaining('"team"')]);
  expect(await of('functions: {a: {handler: a.handler, team: red}}\n')).toEqual(['3:37 no red']);
  expect(await of('functions: {a: {handler: a.handler, events: [{topics: x}]}}\n')).toEqual([
    expect.stringContaining('unknown event source "topics" | did you mean "topic"?'),
  ]);
  expect(await of("functions: {a: {handler: a.handler, team: '${v:x}'}}\n")).toEqual([
    '3:43 ${v:x} does not exist | give a default: ${v:x, value}',
  ]);
});

test.each([
  ["import './none.mjs';", 'could not be loaded: Cannot find module'],
  ['export default () => ({});', 'exports no function "plugin" | export const plugin = (fx) => ({ … })'],
  ['export const plugin = () => { throw new Error("no"); };', 'failed in plugin(fx): no'],
  ['export const plugin = () => 7;', 'has the plugin that is not an object'],
  [
    'export const plugin = () => ({ events: {} });',
    'has an unknown key "events" in the plugin | its keys are eventSources, settings',
  ],
  [
    'export const plugin = () => ({ settings: { memory: {} } });',
    'defines the setting "memory", which exists already | choose another key',
  ],
  ['export const plugin = () => ({ settings: { Team: {} } });', 'defines the setting "Team" | a key has letters'],
  ['export const plugin = () => ({ settings: { team: {} } });', 'has no schema in settings.team | expected a schema'],
  [
    'export const plugin = () => ({ eventSources: { sqs: {} } });',
    'defines the event source "sqs", which exists already',
  ],
  [
    "export const plugin = () => ({ lookups: [{ prefix: 'ssm:', about: '', find() {} }] });",
    'defines the lookup ${ssm:<name>}, which exists already',
  ],
  [
    "export const plugin = () => ({ lookups: [{ prefix: 'x', about: '', find() {} }] });",
    'has a lookup with the prefix "x"',
  ],
])('%s is one clear error', async (body, expected) => {
  expect(await failure(body)).toContain(`2:11 the plugin "./p.mjs" ${expected}`);
});

test('a plugin that fails while a value is read or looked up is named with its own line', async () => {
  const setting =
    'export const plugin = ({ schema }) => ({ settings: { team: { schema: { ...schema.text(), read() {\n null.x; } } } } });';
  expect(await failure(setting, 'defaults: {team: x}\n')).toContain(
    'failed in the schema of settings.team: Cannot read properties of null',
  );
  const lookup = "export const plugin = () => ({ lookups: [{ prefix: 'v:', about: 'x', find: async () => ({}) }] });";
  expect(await failure(lookup, "tags: {a: '${v:x}'}\n")).toContain('returned {} from ${v:x} | expected text');
});

test('plugins that do not exist, are listed twice or have lookups are problems of project.yml', async () => {
  const of = (list: string) => problemsOf(`name: s\nplugins: ${list}\nfunctions: {a: {handler: a.handler}}\n`, {});
  expect(await of('[./none.mjs]')).toEqual(['2:11 the plugin is listed here']);
  expect(await of("['${env}.mjs']")).toEqual([
    '2:11 a lookup has no place in plugins | plugins are loaded before lookups; write the path',
  ]);
  expect(await of('[./a.ts, ./a.ts]')).toEqual(['2:19 "./a.ts" is listed twice']);
  expect(await of('./a.ts')).toEqual([expect.stringContaining('2:10 expected a list')]);
});

test('an environment is read without its plugins, unless one of its own values needs a lookup of theirs', async () => {
  const broken = withPlugin('export const plugin = {');
  const options = { environment: 'local', variables: {}, shownFrom: '.' };
  const { folder } = await projectOf('name: s\nfunctions: {a: {handler: a.handler}}\n', { files: broken.files });
  const { writeFile } = await import('node:fs/promises');
  await writeFile(`${folder}/project.yml`, broken.text);
  expect((await loadEnvironment({ ...options, folder })).environment.stackName).toBe('s-local');
  await writeFile(`${folder}/project.yml`, `${broken.text}stackName: s-\${v:x}\n`);
  await expect(loadEnvironment({ ...options, folder })).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
  await writeFile(
    `${folder}/p.mjs`,
    "export const plugin = () => ({ lookups: [{ prefix: 'v:', about: 'x', find: (name) => name }] });",
  );
  expect((await loadEnvironment({ ...options, folder })).environment.stackName).toBe('s-x');
});
