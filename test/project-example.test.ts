// project.yml.example is what people copy from: it works in each environment, and no key of the schema is missing in it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildArtifacts } from '../src/artifact/build.ts';
import { toPlain } from '../src/base/located.ts';
import { packageFolder } from '../src/base/packaged.ts';
import type { JsonSchema } from '../src/base/schema.ts';
import { eventSources } from '../src/events/index.ts';
import { packageKeys } from '../src/project/package-schema.ts';
import { projectSchema } from '../src/project/schema.ts';
import { splitHandler } from '../src/runtimes/nodejs.ts';
import { compile } from '../src/template/compile.ts';
import { folderOf, handler, load, schemas } from './support/project.ts';

const text = readFileSync(join(packageFolder(), 'project.yml.example'), 'utf8');
const folderOfExample = (files = {}) => folderOf({ 'project.yml': text, ...files });
const environments = ['local', 'staging', 'prod'];

test('the example has the environments that are tested here', async () => {
  expect((await load(await folderOfExample())).environments).toEqual(environments);
});

test.each(environments)('the example compiles for %s', async (environment) => {
  const { functions } = await load(await folderOfExample(), environment);
  const handlers = functions
    .filter(({ packaging }) => packaging.family === 'nodejs')
    .map((settings) => [join(settings.packaging.source, `${splitHandler(settings.handler).module}.ts`), handler]);
  const project = await load(
    await folderOfExample({ 'layers/fonts/a.ttf': 'x', ...Object.fromEntries(handlers) }),
    environment,
  );
  const { template } = compile(project, await buildArtifacts(project), schemas);
  expect(Object.keys(template.Resources)).toEqual(expect.arrayContaining(['OrdersFunction', 'BillSqsBills']));
});

test('an environment is merged as the comments say', async () => {
  const folder = await folderOfExample();
  const orders = async (environment: string) => {
    const { functions, account } = await load(folder, environment);
    const { memory, concurrency, logRetention } = functions.find(({ name }) => name === 'orders') ?? {};
    return { memory, concurrency, logRetention, account };
  };
  expect(await orders('local')).toEqual({ memory: 1024, concurrency: 20, logRetention: 90, account: undefined });
  expect(await orders('staging')).toMatchObject({ concurrency: undefined, account: '111122223333' });
  expect(await orders('prod')).toMatchObject({ memory: 2048, concurrency: 100, account: '444455556666' });
});

test('what the comments call a default is the default', async () => {
  const minimal = 'name: s\nfunctions: {a: {handler: a.h}}\n';
  const [settings] = (await load(await folderOf({ 'project.yml': minimal }))).functions;
  const commented = [...text.matchAll(/^ {2}(\w+): .*?# .*?(?:(\S+) \(default\)|Default: (\w+))/gm)].map(
    ([, key, first, last]) => [key, first ?? last],
  );
  expect(Object.fromEntries(commented)).toEqual({
    runtime: settings?.runtime,
    architecture: settings?.architecture,
    memory: String(settings?.memory),
    timeout: `${settings?.timeout}s`,
    storage: String(settings?.storage),
    logRetention: String(settings?.logRetention),
  });
});

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
}

/** Every path of keys that the schema names, with * for a key or place that the user chooses. */
function pathsOf(schema: Node, path: readonly string[] = []): readonly string[] {
  const below = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap((choice) => pathsOf(choice, path));
  const named = Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => [
    [...path, key].join('.'),
    ...pathsOf(inner, [...path, key]),
  ]);
  const chosen = [schema.additionalProperties, schema.items].flatMap((inner) =>
    typeof inner === 'object' ? pathsOf(inner, [...path, '*']) : [],
  );
  return [...new Set([...named, ...chosen, ...below])];
}

/** Whether a value has something at such a path. */
function reaches(value: unknown, [first, ...rest]: readonly string[]): boolean {
  if (first === undefined) return true;
  if (typeof value !== 'object' || value === null) return false;
  if (first === '*') return Object.values(value).some((inner) => reaches(inner, rest));
  return Object.hasOwn(value, first) && reaches((value as Record<string, unknown>)[first], rest);
}

describe('every key of the schema', () => {
  const paths = pathsOf(projectSchema.json as JsonSchema & Node);
  const switchedOff = [...text.matchAll(/^\s+# (\w+): \{…\}/gm)].map(([, key]) => `resources.*.${key}`);

  test('is in the example', async () => {
    const { merged } = await load(await folderOfExample());
    const written = toPlain(merged);
    // the form of a permission is the same under defaults and is shown once
    const shown = (path: string) =>
      path
        .replace(/^defaults\.permissions\.\*/, 'functions.*.permissions.*')
        // and so is how a function is packaged
        .replace(/^defaults\.(\w+)/, (whole, key: string) => (key in packageKeys ? `functions.*.${key}` : whole));
    const missing = paths.filter((path) => !reaches(written, shown(path).split('.')) && !switchedOff.includes(path));
    expect(missing).toEqual([]);
  });

  test('is found by this walk, to the deepest', () => {
    expect(paths).toEqual(expect.arrayContaining(['name', 'resources.*.Type', 'functions.*.events.*.sqs.batchWindow']));
    expect(paths.filter((path) => /^functions\.\*\.events\.\*\.\w+$/.test(path))).toEqual(
      Object.keys(eventSources).map((kind) => `functions.*.events.*.${kind}`),
    );
    expect(reaches({ functions: { a: { memory: 1 } } }, ['functions', '*', 'memory'])).toBe(true);
    expect(reaches({ functions: { a: { memory: 1 } } }, ['functions', '*', 'timeout'])).toBe(false);
  });

  test('is switched off only where few resources have it', () => {
    expect(switchedOff).toEqual(['resources.*.CreationPolicy', 'resources.*.UpdatePolicy']);
  });
});
