// project.yml.example is for copying: it works in each environment, and contains every key of the schema.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Tags } from 'yaml';
import { recipeOf } from '../src/artifact/artifact.ts';
import { buildArtifacts } from '../src/artifact/build.ts';
import { buildLayers } from '../src/artifact/layers.ts';
import { toPlain } from '../src/base/located.ts';
import { packageFolder } from '../src/base/packaged.ts';
import type { JsonSchema } from '../src/base/schema.ts';
import { parseLocated } from '../src/base/yaml.ts';
import { intrinsicTags } from '../src/cfn/intrinsic-tags.ts';
import { eventSources } from '../src/events/index.ts';
import { projectSchema } from '../src/project/schema.ts';
import { splitHandler } from '../src/runtimes/nodejs/entry.ts';
import { compile } from '../src/template/compile.ts';
import { folderOf, handler, load, schemas } from './support/project.ts';

const text = readFileSync(join(packageFolder(), 'project.yml.example'), 'utf8');
const more = {
  'more/outputs.yml': 'outputs: {Site: "https://${params.domain}"}\n',
  'flows/short.asl.json': '{"StartAt":"End","States":{"End":{"Type":"Succeed"}}}',
  'flows/checkout.asl.yml': 'StartAt: Charge\nStates: {Charge: {Type: Task, Resource: bill, End: true}}\n',
};
const folderOfExample = (files = {}) => folderOf({ 'project.yml': text, ...more, ...files });
const environments = ['local', 'staging', 'prod', 'beta', 'load', 'edge', 'pr-*'];

test('the example has the tested environments', async () => {
  expect((await load(await folderOfExample())).environments).toEqual(environments);
});

test.each(['local', 'staging', 'prod', 'beta', 'load', 'edge', 'pr-12'])(
  'the example compiles for %s',
  async (environment) => {
    const { functions } = await load(await folderOfExample(), environment);
    const handlers = functions
      .filter(({ packaging }) => packaging.family === 'nodejs')
      .map((settings) => [join(settings.packaging.source, `${splitHandler(settings.handler).module}.ts`), handler]);
    const project = await load(
      await folderOfExample({
        'layers/fonts/a.ttf': 'x',
        'layers/tools/package.json': '{}',
        'esbuild.config.mjs': 'export default [];',
        'containers/covers.Dockerfile': 'FROM scratch\n',
        ...Object.fromEntries(handlers),
      }),
      environment,
    );
    const recipe = recipeOf(await buildArtifacts(project), await buildLayers(project));
    const { template } = compile({ project, recipe, schemas }).stacks.root;
    expect(Object.keys(template.Resources)).toEqual(expect.arrayContaining(['OrdersFunction', 'BillSqsBills']));
  },
);

test('an environment merges as the comments say', async () => {
  const folder = await folderOfExample();
  const orders = async (environment: string) => {
    const {
      functions,
      environment: { account },
    } = await load(folder, environment);
    const orders = functions.find(({ name }) => name === 'orders');
    const { memory, reservedConcurrency } = orders ?? {};
    return { memory, reservedConcurrency, account };
  };
  expect(await orders('local')).toEqual({ memory: 1024, reservedConcurrency: 40, account: undefined });
  expect(await orders('staging')).toMatchObject({ reservedConcurrency: 20, account: '111122223333' });
  expect(await orders('prod')).toMatchObject({ memory: 2048, reservedConcurrency: 100, account: '444455556666' });
});

test('the defaults in the comments are the defaults', async () => {
  const minimal = 'name: s\nfunctions: {a: {handler: a.h}}\n';
  const [settings] = (await load(await folderOf({ 'project.yml': minimal }))).functions;
  const withoutApi = text.replace(/^(alb|http|rest|site|websocket):\n(?: .*\n)+/gm, '');
  const commented = [...withoutApi.matchAll(/^ {2}(\w+): .*?# .*?(?:(\S+) \(default\)|Default: (\w+))/gm)].map(
    ([, key, first, last]) => [key, first ?? last],
  );
  expect(Object.fromEntries(commented)).toEqual({
    architecture: settings?.architecture,
    memory: String(settings?.memory),
    timeout: `${settings?.timeout}s`,
    ephemeralStorage: String(settings?.ephemeralStorage),
    functionName: 'this',
  });
});

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
}

/** All key paths of the schema, with * for a key or index that the user chooses. */
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

/** Whether a value has anything at such a path. */
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
    const written = toPlain(parseLocated(text, 'project.yml', intrinsicTags as Tags).value);
    // settings look the same under defaults, APIs, queues and targets the same everywhere: the example shows each once
    const shown = (path: string) =>
      path
        .replace(/^(functions\.\*\.events\.\*\.rest|rest(\.apis\.\*)?)\.cors\./, 'http.cors.')
        .replace(/^(http|websocket|rest)\.apis\.\*\./, '$1.')
        .replace(/^\w+\.(domain|accessLogs)(?:\.\*)?\./, 'http.$1.')
        .replace(/^(functions\.\*\.events\.\*)\.sns\.sqs\.(?!raw$)/, '$1.sqs.')
        .replace(/^defaults\.(\w+)\./, 'functions.*.$1.')
        .replace(/^stateMachines\.\*\.(permissions|events)\./, 'functions.*.$1.')
        .replace(/^(functions\.\*)\.(deadLetterQueue|destinations\.\w+)\.(type|arn)$/, '$1.destinations.onFailure.$3');
    // an environment has the shape of the whole file, and shows what excludes something in another; so does a second API
    const isShown = (path: string) =>
      [shown(path), shown(path).replace(/^(http|rest)\./, '$1.apis.*.'), `environments.*.${path}`]
        .map((one) => one.split('.'))
        .some((keys) => reaches(written, keys));
    const missing = paths.filter((path) => !isShown(path) && !switchedOff.includes(path));
    expect(missing).toEqual([]);
  });

  test('is visited by this walk, at every depth', () => {
    expect(paths).toEqual(expect.arrayContaining(['name', 'resources.*.Type', 'functions.*.events.*.sqs.batchWindow']));
    expect(paths.filter((path) => /^functions\.\*\.events\.\*\.\w+$/.test(path))).toEqual(
      Object.keys(eventSources).map((kind) => `functions.*.events.*.${kind}`),
    );
    expect(reaches({ functions: { a: { memory: 1 } } }, ['functions', '*', 'memory'])).toBe(true);
    expect(reaches({ functions: { a: { memory: 1 } } }, ['functions', '*', 'timeout'])).toBe(false);
  });

  test('is omitted only where few resources have it', () => {
    expect(switchedOff).toEqual(['resources.*.CreationPolicy', 'resources.*.UpdatePolicy']);
  });
});
