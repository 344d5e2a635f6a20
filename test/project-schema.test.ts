// dist/project.schema.json, which editors check project.yml with, says of a file what fx says of it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import type { Tags } from 'yaml';
import { toPlain } from '../src/base/located.ts';
import { packagedFile, packageFolder } from '../src/base/packaged.ts';
import { parseLocated } from '../src/base/yaml.ts';
import { intrinsicTags } from '../src/cfn/intrinsic-tags.ts';
import { projectJsonSchema } from '../src/project/json-schema.ts';
import { folderOf, load } from './support/project.ts';

const published: unknown = JSON.parse(readFileSync(packagedFile('project.schema.json'), 'utf8'));
// strict: an unknown keyword or one that has no effect is an error
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
const validate = ajv.compile(published as object);

const plain = (text: string) => toPlain(parseLocated(text, 'project.yml', intrinsicTags as Tags).value);
/** Where the schema finds something wrong. */
function wrongPlaces(text: string): readonly string[] {
  if (validate(plain(text))) return [];
  return [...new Set((validate.errors ?? []).map(({ instancePath }) => instancePath))];
}

test('the build publishes the schema that the source makes', () => {
  expect(published).toEqual(projectJsonSchema());
});

test('it is a JSON Schema of draft 2020-12', () => {
  expect(published).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema' });
  expect(ajv.validateSchema(published as object), JSON.stringify(ajv.errors)).toBe(true);
});

test('every key has a description', () => {
  const bare: string[] = [];
  const walk = (schema: Record<string, unknown>, path: string) => {
    for (const [name, inner] of Object.entries((schema['properties'] ?? {}) as Record<string, never>)) {
      // of what must be there only the name is told
      if (!('description' in inner) && !path.includes('.allOf.')) bare.push(`${path}.${name}`);
    }
    for (const [name, inner] of Object.entries(schema)) {
      if (typeof inner === 'object' && inner !== null) walk(inner as Record<string, unknown>, `${path}.${name}`);
    }
  };
  walk(published as Record<string, unknown>, '');
  expect(bare).toEqual([]);
});

describe('it takes', () => {
  const files = ['templates', 'examples', 'test']
    .flatMap((folder) =>
      readdirSync(join(packageFolder(), folder), { recursive: true, encoding: 'utf8' }).map((path) =>
        join(folder, path),
      ),
    )
    .filter((path) => path.endsWith('project.yml'));

  test.each(['project.yml.example', ...files])('%s', (path) => {
    expect(wrongPlaces(readFileSync(join(packageFolder(), path), 'utf8'))).toEqual([]);
  });
});

/** One function with these settings, and what else the file holds. */
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

describe('it agrees with fx, which takes', () => {
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

describe('it agrees with fx, which refuses', () => {
  test.each([
    ['an unknown key', 'memmory: 128', '', '/functions/a'],
    ['an unknown key at the top', '', 'function: {}', ''],
    ['an unknown key of an environment', '', 'environments: {prod: {function: {}}}', '/environments/prod'],
    ['a wrong type', 'memory: lots', '', '/functions/a/memory'],
    ['a number out of its limits', 'memory: 64', '', '/functions/a/memory'],
    ['a wrong type in an environment', '', 'environments: {prod: {region: 7}}', '/environments/prod/region'],
    ['a runtime that there is not', 'runtime: nodejs18.x', '', '/functions/a/runtime'],
    ['an event source that there is not', 'events: [{htp: GET /}]', '', '/functions/a/events/0'],
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
