// project.yml in an editor: what the YAML language server, which most editors use, does with the published schema.
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packagedFile, packageFolder } from '../src/base/packaged.ts';
import { intrinsicTags } from '../src/cfn/intrinsic-tags.ts';
import { retentionDays } from '../src/cfn/log-retention.ts';
import { eventSources } from '../src/events/index.ts';
import { settingKeys } from '../src/settings/index.ts';
import { type Completion, LanguageServer, type Position } from './support/language-server.ts';
import { sharedFolder } from './support/project.ts';

const schema = packagedFile('project.schema.json');
const example = readFileSync(join(packageFolder(), 'project.yml.example'), 'utf8');
const guide = readFileSync(join(packageFolder(), 'docs/guide/editor.md'), 'utf8');
/** The settings from the guide. */
const [tags = []] = [...guide.matchAll(/```json\n(.*?)```/gs)].flatMap(([, block = '']) => {
  const settings = JSON.parse(block) as Readonly<Record<string, readonly string[]>>;
  return settings['yaml.customTags'] === undefined ? [] : [settings['yaml.customTags']];
});

const folder = sharedFolder();
const settings = (schemas: object) => ({
  yaml: { schemas, customTags: tags, validate: true, hover: true, completion: true, schemaStore: { enable: false } },
});
/** One server finds the schema by file name, the other only by a comment. */
let byName: LanguageServer;
let byComment: LanguageServer;
beforeAll(async () => {
  byName = await LanguageServer.start(folder, settings({ [pathToFileURL(schema).href]: ['project.yml'] }));
  byComment = await LanguageServer.start(folder, settings({}));
});
afterAll(async () => {
  // both end, even if one of them fails
  const ended = await Promise.allSettled([byName, byComment].map((server) => server[Symbol.asyncDispose]()));
  expect(ended.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
});

let opened = 0;
/** Opens a text with one | at the cursor. */
async function openAt(marked: string): Promise<{ path: string; position: Position }> {
  const [before = '', after = ''] = marked.split('|');
  const path = join(folder, String(++opened), 'project.yml');
  await byName.open(path, before + after);
  const lines = before.split('\n');
  return { path, position: { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 } };
}

async function complete(marked: string): Promise<readonly Completion[]> {
  const { path, position } = await openAt(marked);
  const items = await byName.complete(path, position);
  // tags are proposed everywhere
  return items.filter(({ label }) => !label.startsWith('!'));
}
const labels = async (marked: string) => (await complete(marked)).map(({ label }) => label);

async function hover(marked: string): Promise<string> {
  const { path, position } = await openAt(marked);
  return byName.hover(path, position);
}

/** The diagnostics, each with its line. */
async function problems(text: string): Promise<readonly string[]> {
  const path = join(folder, String(++opened), 'project.yml');
  return (await byName.open(path, text)).map(({ range, message }) => `${range.start.line + 1}: ${message}`);
}

const aFunction = 'name: shop\nfunctions:\n  a:\n    handler: a.h\n';

describe('the guide', () => {
  test('names each tag that fx reads, in the forms of CloudFormation', () => {
    const known = new Set(intrinsicTags.map(({ tag }) => tag));
    expect(new Set(tags.map((line) => line.split(' ')[0]))).toEqual(known);
    for (const line of tags) expect(line).toMatch(/^!\w+ (scalar|sequence|mapping):object$/);
  });
});

describe('it completes', () => {
  test('the sections', async () => {
    const found = await labels('name: shop\n|');
    expect(found).toEqual(expect.arrayContaining(['region', 'defaults', 'functions', 'resources', 'environments']));
    expect(found).not.toContain('name');
  });

  test('the keys of a function, each with its description', async () => {
    const found = await complete(`${aFunction}    |`);
    expect(found.map(({ label }) => label)).toEqual(expect.arrayContaining([...settingKeys, 'runtime', 'events']));
    expect(found.filter(({ documentation }) => documentation === undefined || documentation === '')).toEqual([]);
    // every key is inserted with its colon
    expect(found.filter(({ label, insertText = '' }) => !insertText.startsWith(`${label}:`))).toEqual([]);
  });

  test('a setting without inserting all its defaults', async () => {
    const inserted = Object.fromEntries(
      (await complete('name: shop\n|')).map(({ label, insertText }) => [label, insertText?.trim()]),
    );
    expect(inserted).toMatchObject({ defaults: 'defaults:', functions: 'functions:', region: 'region:' });
  });

  test('the keys of logging', async () => {
    expect(await labels(`${aFunction}    logging:\n      |`)).toEqual(
      expect.arrayContaining(['logFormat', 'retentionInDays', 'logGroupClass']),
    );
  });

  test('the values of a choice', async () => {
    expect(await labels(`${aFunction}    logging:\n      logFormat: |`)).toEqual(
      expect.arrayContaining(['Text', 'JSON']),
    );
    expect(await labels(`${aFunction}    logging:\n      retentionInDays: |`)).toEqual(
      expect.arrayContaining([...retentionDays.map(String), 'forever']),
    );
    expect(await labels('name: shop\nregion: |')).toContain('eu-west-1');
  });

  test('the runtimes, with the end of their support', async () => {
    const found = await complete(`${aFunction}    runtime: |`);
    expect(found.find(({ label }) => label === 'nodejs20.x')?.documentation).toMatch(/until 2026-04-30; then move to/);
  });

  test('the event sources, and the keys of one, each once', async () => {
    const sources = await labels(`${aFunction}    events:\n      - |`);
    expect(sources.toSorted()).toEqual(Object.keys(eventSources).toSorted());
    expect(await labels(`${aFunction}    events:\n      - sqs:\n          |`)).toEqual(
      expect.arrayContaining(['queue', 'batchSize', 'filters']),
    );
  });

  test('the same in an environment', async () => {
    expect(await labels(`${aFunction}environments:\n  prod:\n    |`)).toEqual(
      expect.arrayContaining(['protected', 'defaults', 'functions']),
    );
    expect(await labels(`${aFunction}environments:\n  prod:\n    functions:\n      a:\n        |`)).toContain('memory');
  });

  test('nothing under a name without a known meaning', async () => {
    for (const marked of [`${aFunction}    url: |`, `${aFunction}    logging: |`, `${aFunction}    variables: |`]) {
      expect((await labels(marked)).filter((label) => label.includes('[object'))).toEqual([]);
    }
  });
});

describe('it shows', () => {
  test.each([
    ['a number', `${aFunction}    mem|ory: 256\n`, 'memory', 'Default: 512.', '256'],
    ['a choice', `${aFunction}    logging:\n      logFor|mat: JSON\n`, 'logFormat', 'Default: Text.', '* `Text`'],
    ['a time', `${aFunction}    time|out: 20\n`, 'timeout', 'Default: 10s.', '5m'],
    ['a lookup in place of a number', `${aFunction}    mem|ory: \${params.size}\n`, 'memory', 'Default: 512.', '256'],
    [
      'a key of an event',
      `${aFunction}    events:\n      - sqs:\n          queue: Q\n          batch|Size: 5\n`,
      'batchSize',
      'Default: 10.',
      'messages per call',
    ],
    ['a section', `n|ame: shop\n`, 'name', 'The prefix of every name in AWS', 'shop'],
    [
      'a map, with an example',
      `${aFunction}    logg|ing:\n      logFormat: JSON\n`,
      'logging',
      'The log of the function',
      'retentionInDays: 90',
    ],
    [
      'an environment',
      `${aFunction}environments:\n  pr|od:\n    protected: true\n`,
      'environment',
      'An environment:',
      '',
    ],
  ])('%s: name, description and default or example', async (_, marked, title, about, more) => {
    const text = await hover(marked);
    expect(text).toMatch(new RegExp(`^#### ${title}\n`));
    expect(text).toContain(about);
    expect(text).toContain(more);
    expect(text).not.toContain('||');
  });
});

describe('it underlines', () => {
  test.each([
    ['an unknown key', `${aFunction}    memmory: 128\n`, ['5: Property memmory is not allowed.']],
    ['a wrong type', `${aFunction}    memory: lots\n`, ['5: expected a whole number from 128 to 10240']],
    ['a wrong form', 'name: Shop\n', [expect.stringMatching(/^1: expected a project name \(lower-case letters/)]],
    ['a number out of its limits', `${aFunction}    memory: 64\n`, [expect.stringContaining('128')]],
    ['a retired runtime', `${aFunction}    runtime: nodejs18.x\n`, [expect.stringContaining('"nodejs22.x"')]],
    ['an unknown source of events', `${aFunction}    events: [{htp: GET /}]\n`, ['5: Property htp is not allowed.']],
    [
      'an unknown key of a setting with several forms',
      `${aFunction}    logging: {logFormt: JSON}\n`,
      ['5: Property logFormt is not allowed.'],
    ],
    [
      'a wrong value in an environment',
      `${aFunction}environments: {prod: {functions: {a: {timeout: soon}}}}\n`,
      [expect.stringMatching(/^5: expected a whole number from 1 to 1800, or a time such as/)],
    ],
    [
      'an intrinsic where fx takes none',
      `${aFunction}    memory: !Ref Size\n`,
      [expect.stringContaining('5: '), expect.anything()],
    ],
  ])('%s', async (_, text, found) => {
    expect(await problems(text)).toEqual(found);
  });
});

describe('it underlines nothing in', () => {
  test.each([
    ['project.yml.example', example],
    ['intrinsics where fx takes them', `${aFunction}    kmsKeyArn: !GetAtt Key.Arn\n    layers: [!Ref Fonts]\n`],
    [
      'lookups in place of numbers, flags and choices',
      `${aFunction}    memory: \${params.m}\n    snapStart: \${params.s}\n    runtime: \${params.r}\n`,
    ],
    ['keys without a value', `${aFunction}    events:\n    logging:\nenvironments:\n  prod:\n`],
  ])('%s', async (_, text) => {
    expect(await problems(text)).toEqual([]);
  });
});

describe('the comment in the first line ties the schema to the file', () => {
  const wrong = 'name: shop\nregin: eu-west-1\n';
  test.each([
    ['as a file: URI', pathToFileURL(schema).href],
    ['as a path from the file on', `./${relative(folder, schema)}`],
  ])('%s', async (_, reference) => {
    const path = join(folder, `${++opened}.yml`);
    const text = `# yaml-language-server: $schema=${reference}\n${wrong}`;
    const found = await byComment.open(path, text);
    expect(found.map(({ range, message }) => [range.start.line, message])).toEqual([
      [2, 'Property regin is not allowed.'],
    ]);
    expect(await byComment.hover(path, { line: 1, character: 1 })).toContain('The prefix of every name in AWS');
  });

  test('and without it there is no schema', async () => {
    expect(await byComment.open(join(folder, 'without.yml'), wrong)).toEqual([]);
  });

  test('a missing schema is reported once, at the first key', async () => {
    const text = `# yaml-language-server: $schema=./.fx/project.schema.json\n${wrong}`;
    const found = await byComment.open(join(folder, 'missing.yml'), text);
    expect(found.map(({ range, message }) => [range.start.line, message])).toEqual([
      [1, expect.stringContaining('.fx/project.schema.json')],
    ]);
  });
});
