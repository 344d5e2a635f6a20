// Ten thousand broken project files, generated in the ways in which files break: fx rejects each with problems at their positions, and
// nothing else happens, neither a bug in fx nor silent acceptance.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { FxError } from '../../src/base/error.ts';
import { renderError } from '../../src/cli/render/error.ts';
import { load, sharedFolder } from '../support/project.ts';

const folder = sharedFolder();
const file = join(folder, 'project.yml');
const seed = 20261125;

/** Loads the bytes as a project: undefined if they are valid. Rethrows anything but an error of fx. */
async function refusalOf(bytes: string | Uint8Array): Promise<FxError | undefined> {
  await writeFile(file, bytes);
  try {
    await load(folder);
    return undefined;
  } catch (error) {
    if (error instanceof FxError) return error;
    throw error;
  }
}

async function expectRefused(bytes: string | Uint8Array): Promise<FxError> {
  const error = await refusalOf(bytes);
  if (error === undefined) throw new Error(`was taken:\n${String(bytes).slice(0, 2000)}`);
  expect(error.code).toBe('PROJECT_INVALID');
  expect(error.problems.length).toBeGreaterThan(0);
  for (const { at, message } of error.problems) {
    expect(at.line, message).toBeGreaterThanOrEqual(1);
    expect(at.column, message).toBeGreaterThanOrEqual(1);
    expect(message).not.toMatch(/\[object|undefined|NaN|\bat .*\.ts:/);
  }
  const shown = renderError(error, { color: false, debug: false, workingFolder: folder });
  expect(shown).not.toMatch(/bug in fx|^\s+at /m);
  // whatever a file contains, the screen stays readable
  expect(shown.length).toBeLessThan(60_000);
  return error;
}

type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };

/** A valid project. */
const whole: { readonly [key: string]: Value } = {
  name: 'shop',
  region: 'eu-west-1',
  account: '111122223333',
  protected: false,
  params: { domain: 'example.com' },
  tags: { team: 'checkout' },
  defaults: { memory: 256, timeout: '10s', variables: { LEVEL: 'info' }, permissions: ['s3:GetObject on *'] },
  functions: {
    orders: {
      handler: 'src/orders.handler',
      description: 'Takes orders',
      memory: 512,
      architecture: 'arm64',
      ephemeralStorage: 512,
      reservedConcurrency: 2,
      logging: { retentionInDays: 30, logFormat: 'JSON' },
      vpc: { subnetIds: ['subnet-1'], securityGroupIds: ['sg-1'] },
      url: { authType: 'NONE', cors: { allowOrigins: ['*'] } },
      events: [{ http: 'GET /orders' }, { sqs: { queue: 'Jobs', batchSize: 10 } }, { schedule: 'rate(1 hour)' }],
    },
  },
  resources: { Jobs: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 60 } } },
  outputs: { JobsUrl: { Value: { Ref: 'Jobs' } } },
};

/** Paths of values with a fixed type, and values that are valid at none of them. */
const typed: readonly (readonly [path: string, wrong: readonly Value[]])[] = [
  ['name', [7, true, [], {}, 'Shop', '-shop', 'a b', '']],
  ['region', [7, [], {}, 'mars', 'EU-WEST-1', '']],
  ['account', [111122223333, '12', {}, [], 'abc']],
  ['protected', ['yes', 1, [], {}]],
  ['params', ['a', 1, [], true]],
  ['tags', ['a', [], { a: [] }, { 'aws:x': 'y' }, { a: {} }]],
  ['tags.team', [7, true, [], {}]],
  ['defaults', ['a', 1, []]],
  ['defaults.memory', ['lots', 1.5, -1, 64, 20_000, [], {}, true]],
  ['defaults.timeout', ['soon', '40m', 0, -1, 1.5, 1801, [], {}, true, '10', '10 s']],
  ['defaults.variables', ['a', [], { 'a-b': 'x' }, { AWS_REGION: 'x' }, { LIST: [] }, { MAP: { a: 1, b: 2 } }]],
  ['defaults.permissions', ['s3:GetObject on *', {}, [7], ['nonsense'], [{ Effect: 'Allow' }], [[]]]],
  ['functions', ['a', 7, []]],
  ['functions.orders', ['src/orders.handler', 7, [], true]],
  ['functions.orders.handler', [7, [], {}, '.handler', 'a b.c', true]],
  ['functions.orders.description', [[], {}, true, 'x'.repeat(257)]],
  ['functions.orders.architecture', ['arm', 'x86', 64, [], {}]],
  ['functions.orders.ephemeralStorage', [1, 'big', 20_000, [], {}]],
  ['functions.orders.reservedConcurrency', [-1, 'many', 1.5, [], {}]],
  [
    'functions.orders.logging',
    [true, 'JSON', [], { retentionInDays: 2 }, { logFormat: 'XML' }, { applicationLogLevel: 'INFO' }],
  ],
  [
    'functions.orders.vpc',
    ['vpc-1', [], {}, { subnetIds: ['subnet-1'] }, { subnetIds: [], securityGroupIds: ['sg-1'] }],
  ],
  ['functions.orders.url', [true, 'public', {}, { authType: 'IAM' }, { authType: 'NONE', cors: true }]],
  [
    'functions.orders.events',
    ['GET /', {}, [7], ['http'], [{}], [{ http: 'GET /', sqs: 'Jobs' }], [{ htp: 'GET /' }], [[]]],
  ],
  ['functions.orders.events.0.http', ['orders', 'FETCH /', 7, [], {}, 'GET /{a}{b}']],
  ['functions.orders.events.1.sqs.batchSize', [0, 'ten', 100_000, [], {}]],
  ['functions.orders.events.2.schedule', ['daily', 'rate(1 minutes)', 7, [], {}]],
  ['resources', ['a', [], { 'a-b': { Type: 'AWS::SQS::Queue' } }, { Jobs: {} }, { Jobs: 'AWS::SQS::Queue' }]],
  ['resources.Jobs.Type', [7, [], {}, true]],
  ['outputs', ['a', [], { 'a-b': 'x' }]],
  ['environments', ['a', [], { Prod: {} }, { local: 'x' }, { local: [] }, { local: { nonsense: 1 } }, { 'a b': {} }]],
  ['include', [7, {}, ['missing.yml'], [7], 'missing/*.yml']],
];

function withValue(value: Value, path: readonly string[], to: Value): Value {
  const [first, ...rest] = path;
  if (first === undefined) return to;
  if (Array.isArray(value))
    return value.map((item: Value, index) => (String(index) === first ? withValue(item, rest, to) : item));
  const map = (typeof value === 'object' && value !== null ? value : {}) as { readonly [key: string]: Value };
  return { ...map, [first]: withValue(map[first] ?? null, rest, to) };
}

/** The project's maps with known keys. */
const closed = [
  '',
  'defaults',
  'functions.orders',
  'functions.orders.logging',
  'functions.orders.vpc',
  'functions.orders.url',
  'functions.orders.url.cors',
  'functions.orders.events.1.sqs',
  'resources.Jobs',
  'outputs.JobsUrl',
];

/** Lines that break the syntax or the schema, wherever they are inserted between the lines of the project. */
const slips: readonly string[] = [
  '\tname: x',
  'a: b: c',
  '- lonely',
  'functions: {',
  'x: "unfinished',
  "x: 'unfinished",
  'x: [1, 2',
  ': nothing',
  '? [complex]',
  '*nowhere',
  'x: *nowhere',
  '<<: 7',
  '<<: [7]',
  'x: !Unknown y',
  'x: !!binary aGk=',
  'x: &a [*a]',
  '__proto__: {a: 1}',
  'name: twice',
  '%YAML 9.9',
  '---',
  '...',
  'x: @at',
  'x: `tick',
  'x: %percent',
];

describe('a broken file is rejected, with the position', () => {
  test('when a value has the wrong type', async () => {
    expect(await refusalOf(stringify(whole))).toBeUndefined();
    const cases = fc.constantFrom(...typed.flatMap(([path, wrong]) => wrong.map((value) => [path, value] as const)));
    const extra = fc.array(cases, { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(extra, async (changes) => {
        const broken = changes.reduce<Value>((sum, [path, value]) => withValue(sum, path.split('.'), value), whole);
        await expectRefused(stringify(broken));
      }),
      { seed, numRuns: 2500 },
    );
  }, 120_000);

  test('when a key is unknown', async () => {
    const known = /^(name|handler|memory|region)$/;
    const key = fc
      .string({ unit: fc.constantFrom(...'abcdefghijkxyzABCXYZ019_-. $é'), minLength: 1, maxLength: 12 })
      .filter((text) => !known.test(text) && text.trim() === text);
    const value = fc.oneof(
      fc.constant<Value>(null),
      fc.integer(),
      fc.string(),
      fc.constant<Value>([]),
      fc.constant<Value>({}),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...closed), fc.uuid(), key, value, async (path, unique, name, to) => {
        // an empty value means that a key is absent; an unknown key is unknown even so
        const place = path === '' ? [] : path.split('.');
        const broken = withValue(whole, [...place, `${name}${unique.slice(0, 4)}`], to);
        const { problems } = await expectRefused(stringify(broken));
        expect(problems.map(({ message }) => message).join('\n')).toMatch(/unknown key|is called/);
      }),
      { seed, numRuns: 2000 },
    );
  }, 120_000);

  test('when a line is not valid YAML, or has no meaning', async () => {
    const lines = stringify(whole).trimEnd().split('\n');
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...slips),
        fc.nat(lines.length),
        fc.constantFrom('\n', '\r\n'),
        async (slip, at, ending) => {
          const top = lines.findIndex((line, index) => index >= at && /^\S/.test(line) && !line.startsWith('-'));
          const place = top < 0 ? lines.length : top;
          const broken = [...lines.slice(0, place), slip, ...lines.slice(place)].join(ending);
          // YAML allows a document marker at the very start, and an end marker at the very end
          fc.pre(!(slip === '---' && place === 0) && !(slip === '...' && place === lines.length));
          await expectRefused(broken);
        },
      ),
      { seed, numRuns: 2500 },
    );
  }, 120_000);

  test('when bytes are not text', async () => {
    const good = Buffer.from(stringify(whole));
    const bad = fc.constantFrom([0xff], [0xfe, 0xff], [0xc0, 0x80], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf8, 0x88]);
    await fc.assert(
      fc.asyncProperty(bad, fc.nat(good.length), async (bytes, at) => {
        const broken = Buffer.concat([good.subarray(0, at), Buffer.from(bytes), good.subarray(at)]);
        const { problems } = await expectRefused(broken);
        expect(problems[0]?.message).toMatch(/not UTF-8|is UTF-16/);
      }),
      { seed, numRuns: 1000 },
    );
  }, 120_000);

  test('with random content is either rejected or a valid project', async () => {
    const yamlish = fc.string({
      unit: fc.constantFrom(...'nameregion:functions \n\t-{}[]&*!|>%@`\'"#,?$.01/<=~'),
      maxLength: 200,
    });
    const cut = fc.tuple(fc.nat(stringify(whole).length), fc.nat(40)).map(([at, length]) => {
      const text = stringify(whole);
      return text.slice(0, at) + text.slice(at + length);
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(yamlish, fc.string({ unit: 'binary', maxLength: 100 }), cut), async (text) => {
        await refusalOf(text);
      }),
      { seed, numRuns: 2000 },
    );
  }, 120_000);
});

describe('work is bounded by the size of the file', () => {
  const laughs = (levels: number, wide: number) =>
    [
      'name: s',
      'params:',
      '  l0: &l0 lol',
      ...Array.from(
        { length: levels },
        (_, level) => `  l${level + 1}: &l${level + 1} [${Array(wide).fill(`*l${level}`).join(', ')}]`,
      ),
    ].join('\n');

  test.each([
    ['anchors that expand a billionfold', laughs(9, 10), /expand to over/],
    ['anchors a thousand levels deep', laughs(1000, 1), /expand to over/],
    [
      'merge keys that expand',
      `${laughs(9, 10).replace('l0: &l0 lol', 'l0: &l0 {a: b}')}\n  all: {<<: *l9}`,
      /expand to over|expected a map/,
    ],
    ['an anchor inside itself', 'name: s\nparams: &p {a: *p}\n', /is used inside its own anchor/],
    ['a hundred thousand brackets', `name: s\nparams: ${'['.repeat(100_000)}`, /nested more than/],
    ['a hundred thousand braces', `name: s\nparams: ${'{a: '.repeat(100_000)}`, /nested more than/],
    ['a list in a list in a list', `name: s\nparams:\n  ${'- '.repeat(20_000)}x`, /nested more than/],
    [
      'maps by indentation',
      `name: s\n${Array.from({ length: 1200 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')}\n`,
      /nested more than/,
    ],
    [
      'params that double',
      `name: s\nparams:\n  p0: xxxxxxxxxx\n${Array.from({ length: 40 }, (_, at) => `  p${at + 1}: "\${params.p${at}}\${params.p${at}}"`).join('\n')}\n`,
      /makes a text of over/,
    ],
    [
      'params whose lists double',
      `name: s\nparams:\n  p0: [x]\n${Array.from({ length: 40 }, (_, at) => `  p${at + 1}: ["\${params.p${at}}", "\${params.p${at}}"]`).join('\n')}\n`,
      /expand to more than/,
    ],
    [
      'a chain of a thousand params',
      `name: s\nparams:\n  p0: x\n${Array.from({ length: 1000 }, (_, at) => `  p${at + 1}: "\${params.p${at}}"`).join('\n')}\n`,
      /chain of over/,
    ],
    ['lookups in lookups in lookups', `name: s\nparams: {a: "${'${params.'.repeat(20_000)}"}\n`, /unclosed|levels/],
    [
      'five megabytes',
      `name: s\nparams:\n${'  # a comment that goes on and on and on and on and on and on\n'.repeat(80_000)}`,
      /fx reads at most/,
    ],
    ['a line of two megabytes', `name: s\ndescription: ${'x'.repeat(1_900_000)}\n`, /unknown key/],
    [
      'a hundred thousand unknown keys',
      `name: s\n${Array.from({ length: 100_000 }, (_, at) => `k${at}: 1`).join('\n')}\n`,
      /unknown key/,
    ],
  ])('%s', async (_, text, message) => {
    const { problems } = await expectRefused(text);
    expect(problems[0]?.message).toMatch(message);
  });
});

describe('valid projects are accepted, however they are written', () => {
  const text = stringify(whole);
  test.each([
    ['with a byte order mark', `\ufeff${text}`],
    ['with the line ends of Windows', text.replaceAll('\n', '\r\n')],
    ['as JSON', JSON.stringify(whole)],
    ['with a document mark', `---\n${text}...\n`],
    [
      'with anchors and merge keys',
      'name: s\nfunctions:\n  a: &a {handler: a.h, memory: 256}\n  b: {<<: *a, handler: b.h}\n  c: {<<: [*a], handler: c.h}\n',
    ],
  ])('%s', async (_, written) => {
    expect(await refusalOf(written)).toBeUndefined();
  });
});
