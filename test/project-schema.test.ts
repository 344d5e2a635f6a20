// dist/project.schema.json, with which editors check project.yml, agrees with fx.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import type { Tags } from 'yaml';
import { toPlain } from '../src/base/located.ts';
import { packagedFile, packageFolder } from '../src/base/packaged.ts';
import { parseLocated } from '../src/base/yaml.ts';
import { intrinsicTags } from '../src/cfn/intrinsic-tags.ts';
import { editorKeywords, projectJsonSchema } from '../src/project/json-schema.ts';
import { readPlugins } from '../src/project/sources.ts';
import { folderOf, load } from './support/project.ts';

const published: unknown = JSON.parse(readFileSync(packagedFile('project.schema.json'), 'utf8'));
// strict: an unknown or ineffective keyword is an error, except those for editors
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true, keywords: [...editorKeywords] });
const validate = ajv.compile(published as object);

const plain = (text: string) => toPlain(parseLocated(text, 'project.yml', intrinsicTags as Tags).value);
/** Where the schema reports errors. */
function wrongPlaces(text: string, check = validate): readonly string[] {
  if (check(plain(text))) return [];
  return [...new Set((check.errors ?? []).map(({ instancePath }) => instancePath))];
}

test('the build publishes the schema of the source', () => {
  expect(published).toEqual(projectJsonSchema());
});

test('it is a JSON Schema of draft 2020-12', () => {
  expect(published).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema' });
  expect(ajv.validateSchema(published as object), JSON.stringify(ajv.errors)).toBe(true);
});

interface Key {
  readonly path: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

/** Every key that is mentioned, anywhere. */
function keysOf(schema: Readonly<Record<string, unknown>>, path = ''): readonly Key[] {
  return Object.entries(schema).flatMap(([word, inner]) => {
    // a missing key is reported only by name
    if (typeof inner !== 'object' || inner === null || word === 'allOf' || word === 'examples') return [];
    const below = inner as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    if (word !== 'properties') return keysOf(below, path);
    return Object.entries(below).flatMap(([name, key]) => [
      { path: `${path}.${name}`, schema: key },
      ...keysOf(key, `${path}.${name}`),
    ]);
  });
}
const keys = keysOf(published as Record<string, unknown>);

describe('every key', () => {
  test('is visited', () => {
    expect(keys.map(({ path }) => path)).toEqual(expect.arrayContaining(['.name', '.functions.logging.logFormat']));
    expect(keys.length).toBeGreaterThan(300);
  });

  test('has its name as title, and a description', () => {
    const bare = keys.filter(({ path, schema: { title, description } }) => {
      return !path.endsWith(`.${title}`) || typeof description !== 'string' || !/\.$/.test(description);
    });
    expect(bare.map(({ path }) => path)).toEqual([]);
  });

  test('gives its default in the description, and only there', () => {
    const wrong = keys.filter(({ schema }) => {
      const [, said] = /Default: (.*)\.$/.exec(String(schema['description'])) ?? [];
      const usual = schema['default'];
      return said !== (usual === undefined || typeof usual === 'string' ? usual : JSON.stringify(usual));
    });
    expect(wrong.map(({ path }) => path)).toEqual([]);
    expect(keys.filter(({ schema }) => 'default' in schema).length).toBeGreaterThan(30);
  });

  test('has an example or a default, unless its value is one of a short list or a map of known keys', () => {
    const documented = (schema: Readonly<Record<string, unknown>>): boolean =>
      ['examples', 'default', 'defaultSnippets', 'markdownDescription', 'enum', 'properties'].some(
        (word) => word in schema,
      ) ||
      [schema['type']].flat().includes('boolean') ||
      ((schema['oneOf'] ?? schema['anyOf'] ?? []) as readonly Record<string, unknown>[]).some(documented);
    expect(keys.filter(({ schema }) => !documented(schema)).map(({ path }) => path)).toEqual([]);
  });

  test('has a valid default and valid examples', () => {
    const { $defs } = published as { readonly $defs: object };
    // compiling is slow, and many keys of event sources are the same
    const seen = new Map<string, boolean>();
    const wrong = keys.filter(({ schema: { default: usual, ...schema } }) => {
      const examples = (schema['examples'] ?? []) as readonly unknown[];
      const blocks = String(schema['markdownDescription']).matchAll(/```yaml\n(.*?)```/gs);
      const shown = [...blocks].map(([, text = '']) => plain(text));
      const given = [...examples, ...shown, ...(usual === undefined ? [] : [usual])];
      if (given.length === 0) return false;
      const text = JSON.stringify([schema, given]);
      const known = seen.get(text);
      if (known !== undefined) return known;
      const takes = ajv.compile(text.includes('"$ref"') ? { ...schema, $defs } : schema);
      const isWrong = !given.every((one) => takes(one));
      seen.set(text, isWrong);
      return isWrong;
    });
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });
});

describe('it accepts', () => {
  const files = ['templates', 'examples', 'test']
    .flatMap((folder) =>
      readdirSync(join(packageFolder(), folder), { recursive: true, encoding: 'utf8' }).map((path) =>
        join(folder, path),
      ),
    )
    .filter((path) => path.endsWith('project.yml'));

  test.each(['project.yml.example', ...files])('%s', async (path) => {
    const file = join(packageFolder(), path);
    const project = { file, folder: dirname(file), beside: [], hasApexFiles: false };
    const plugins = await readPlugins(project, { shownFrom: '', environment: 'local', variables: {} });
    const check = plugins.names.length === 0 ? validate : ajv.compile(projectJsonSchema(plugins) as object);
    expect(wrongPlaces(readFileSync(file, 'utf8'), check)).toEqual([]);
  });
});

/** One function with these settings, and the rest of the file. */
const projectWith = (settings: string, rest: string) =>
  [
    'name: shop',
    'functions:',
    '  a:',
    '    handler: a.h',
    ...settings.split('\n').map((line) => `    ${line}`),
    rest,
  ].join('\n');

async function loadAll(text: string): Promise<void> {
  const folder = await folderOf({ 'project.yml': text });
  for (const environment of (await load(folder)).environments) await load(folder, environment);
}

describe('it agrees with fx, which accepts', () => {
  test.each([
    ['a lookup in place of a number', 'memory: ${params.memory, 256}', ''],
    ['a lookup in place of a choice', 'runtime: ${params.runtime, nodejs22.x}', ''],
    ['a key with nothing after it', 'variables:\nevents:', 'environments:\n  prod:'],
    ['an environment that changes one key of a function', '', 'environments: {prod: {functions: {a: {memory: 256}}}}'],
    ['an environment that removes a key', 'memory: 256', 'environments: {prod: {functions: {a: {memory: null}}}}'],
    ['an environment that removes a function', '', 'environments: {prod: {functions: {a: null}}}'],
    ['an environment that adds a function', '', 'environments: {prod: {functions: {b: {handler: b.h}}}}'],
    ['text, numbers, flags and intrinsics as variables', 'variables: {AA: a, BB: 3, CC: true, DD: !Ref Q}', ''],
    ['a time in words', 'timeout: 2m', ''],
    ['a time in seconds', 'timeout: 20', ''],
  ])('%s', async (_, settings, rest) => {
    const text = projectWith(settings, rest);
    expect(wrongPlaces(text)).toEqual([]);
    await loadAll(text);
  });
});

describe('it agrees with fx, which rejects', () => {
  test.each([
    ['an unknown key', 'memmory: 128', '', '/functions/a'],
    ['an unknown key at the top', '', 'function: {}', ''],
    ['an unknown key of an environment', '', 'environments: {prod: {function: {}}}', '/environments/prod'],
    ['a wrong type', 'memory: lots', '', '/functions/a/memory'],
    ['a number out of its limits', 'memory: 64', '', '/functions/a/memory'],
    ['files to include in an environment', '', 'environments: {prod: {include: [a.yml]}}', '/environments/prod'],
    ['a wrong type in an environment', '', 'environments: {prod: {region: 7}}', '/environments/prod/region'],
    ['a runtime that there is not', 'runtime: nodejs18.x', '', '/functions/a/runtime'],
    ['an event source that there is not', 'events: [{htp: GET /}]', '', '/functions/a/events/0'],
    ['a log with true', 'logging: true', '', '/functions/a/logging'],
    ['two event sources in one', 'events: [{http: GET /, sqs: Q}]', '', '/functions/a/events/0'],
    ['an unknown key of an event', 'events: [{sqs: {queue: Q, size: 3}}]', '', '/functions/a/events/0/sqs'],
    ['a batch too large', 'events: [{sqs: {queue: Q, batchSize: 20000}}]', '', '/functions/a/events/0/sqs/batchSize'],
    ['a list as a variable', 'variables: {LIST: [1]}', '', '/functions/a/variables/LIST'],
    ['the account as a number', '', 'account: 111122223333', '/account'],
    ['a resource without a type', '', 'resources: {Q: {Properties: {}}}', '/resources/Q'],
    ['an environment with a bad name', '', 'environments: {Prod: {}}', '/environments'],
  ])('%s', async (_, settings, rest, place) => {
    const text = projectWith(settings, rest);
    expect(wrongPlaces(text)).toContain(place);
    await expect(loadAll(text)).rejects.toMatchObject({ code: 'PROJECT_INVALID' });
  });
});
