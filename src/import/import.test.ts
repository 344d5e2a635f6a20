// Projects of other tools become projects of fx that compile, and each part of them is in project.yml or in the report.
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderOf, schemas, today } from '../../test/support/project.ts';
import { FxError } from '../base/error.ts';
import { type Entry, type Located, type LocatedMap, toPlain } from '../base/located.ts';
import { packageFolder } from '../base/packaged.ts';
import { parseLocated } from '../base/yaml.ts';
import { intrinsicTags } from '../cfn/intrinsic-tags.ts';
import { compileText } from './check.ts';
import type { Finding } from './finding.ts';
import { type Imported, importProject } from './import.ts';
import { peers } from './index.ts';
import { convertService } from './serverless/convert.ts';
import { readService } from './serverless/read.ts';

const fixtures = join(packageFolder(), 'test/fixtures/import');

const importFolder = (
  folder: string,
  options: { stage?: string; from?: string; variables?: Record<string, string> } = {},
) =>
  importProject({
    path: folder,
    from: options.from,
    stage: options.stage,
    shownFrom: folder,
    variables: options.variables ?? {},
    schemas,
    today,
  });

const line = ({ kind, at, path, message, remedy }: Finding) =>
  `${kind} ${at.file}:${at.line}:${at.column} ${path}\n  ${message}${remedy === undefined ? '' : `\n  → ${remedy}`}\n`;

const projects = readdirSync(fixtures).flatMap((peer) =>
  readdirSync(join(fixtures, peer)).map((name) => [peer, name] as const),
);

describe.each(projects)('%s/%s', (peer, name) => {
  const folder = join(fixtures, peer, name);

  test('becomes the project and the report beside it, and compiles in each environment', async () => {
    const imported = await importFolder(folder, { from: peer });
    await expect(imported.text).toMatchFileSnapshot(join(folder, 'expected.yml'));
    await expect(imported.findings.map(line).join('')).toMatchFileSnapshot(join(folder, 'report.txt'));
    for (const environment of ['local', imported.environment]) {
      expect(await compileText(imported.text, environment, { folder, schemas, today })).toHaveProperty('compiled');
    }
  });
});

async function service(text: string, files: Record<string, string> = {}): Promise<Imported> {
  return importFolder(await folderOf({ 'serverless.yml': text, ...files }));
}

const withFunction = (settings: string, provider = '') =>
  `service: a\nprovider:\n  name: aws\n  runtime: nodejs22.x\n${provider}functions:\n  f:\n    handler: f.handler\n${settings}`;

test('a program is run, and modules that are not here are reported', async () => {
  const folder = await folderOf({
    'serverless.ts': `
      import type { AWS } from '@serverless/typescript';
      import { hello } from './src/functions';
      import names from './names';
      const service: AWS = {
        service: names.service,
        provider: { name: 'aws', runtime: 'nodejs22.x', environment: { STAGE: '\${sls:stage}' } },
        functions: { hello, goodbye: { handler: 'src/goodbye.main', events: [{ httpApi: 'GET /goodbye' }] } },
      };
      module.exports = service;`,
    'names.ts': "export default { service: 'program' };",
  });
  const { text, findings } = await importFolder(folder);
  expect(text).toContain('name: program');
  expect(text).toContain('http: GET /goodbye');
  expect(text).toContain('STAGE: ${env}');
  expect(findings.filter(({ kind }) => kind === 'dropped').map(({ message }) => message)).toEqual([
    'the function "hello" is not known: src/functions is not here',
  ]);
});

test('the service of another cloud, and a file that is no service, are refused at their place', async () => {
  const refusal = async (text: string) => {
    const error = await service(text).catch((reason: unknown) => reason);
    if (!(error instanceof FxError)) throw new Error('it was imported');
    return [error.code, ...error.problems.map(({ at, message }) => `${at.line}:${at.column} ${message}`)];
  };
  expect(await refusal('service: a\nprovider:\n  name: google\n')).toEqual([
    'IMPORT_FAILED',
    '3:9 expected the provider aws, found "google"',
  ]);
  expect(await refusal('service: [\n')).toEqual(['IMPORT_FAILED', expect.stringMatching(/^\d:\d/)]);
  expect(await refusal('name: a\norg: b\n')).toEqual([
    'IMPORT_FAILED',
    '1:1 expected provider, functions or resources',
  ]);
});

test('the values of another stage stand at the top, if it is asked for', async () => {
  const folder = join(fixtures, 'serverless', 'stages');
  const { text, environment } = await importFolder(folder, { stage: 'prod' });
  expect(environment).toBe('prod');
  expect(text).toContain('TABLE: parcels-large');
});

test('a variable in an address has its value, elsewhere its lookup', async () => {
  const { draft } = await service(
    withFunction(
      '',
      '  environment:\n    NAME: ${self:custom.${env:KIND, "x"}.name}\n    KIND: ${env:KIND, "x"}\n',
    ).concat('custom:\n  x: {name: found}\n'),
  );
  expect(draft.get(['defaults', 'variables'])).toMatchObject({ NAME: 'found' });
});

test("IAM's and CloudFormation's own ${…} stay", async () => {
  const { draft, text } = await service(
    withFunction(
      '',
      '  iamRoleStatements:\n    - {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::a/${aws:username}/*"}\n    - {Effect: Allow, Action: "s3:PutObject", Resource: !Sub "arn:aws:s3:::${AWS::AccountId}/*"}\n',
    ),
  );
  expect(draft.get(['defaults', 'permissions'])).toHaveLength(2);
  expect(text).toContain('s3:GetObject on arn:aws:s3:::a/$${aws:username}/*');
});

test('variables that refer to each other in a circle are reported', async () => {
  const { findings } = await service(
    withFunction('    description: ${self:custom.a}\n', '').concat(
      'custom:\n  a: ${self:custom.b}\n  b: ${self:custom.a}\n',
    ),
  );
  expect(findings).toContainEqual(expect.objectContaining({ kind: 'dropped', path: 'functions.f.description' }));
});

test('a simple SAM template, whose functions keep their logical ids', async () => {
  const folder = await folderOf({
    'template.yaml': `Transform: AWS::Serverless-2016-10-31
Resources:
  HelloFunction:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: nodejs22.x
      Events: {Get: {Type: Api, Properties: {Path: /hello, Method: get}}}
Outputs:
  Url: {Value: !Sub "https://\${ServerlessRestApi}.execute-api.\${AWS::Region}.amazonaws.com/Prod/hello/"}
`,
  });
  const { compiled, findings } = await importFolder(folder);
  const { template } = compiled?.stacks.root ?? {};
  expect(Object.keys(template?.Resources ?? {})).toContain('HelloFunction');
  expect(template?.Outputs?.['Url']?.Value).toEqual({
    'Fn::Sub': 'https://${RestApi}.execute-api.${AWS::Region}.amazonaws.com/Prod/hello/',
  });
  expect(findings.filter(({ kind }) => kind === 'dropped')).toEqual([]);
});

describe('nothing is lost in silence', () => {
  const read = (name: string) =>
    readService(join(fixtures, 'serverless', name, 'serverless.yml'), {
      shownFrom: fixtures,
      stage: 'test',
      variables: {},
    });

  /** The maps of a service that fx converts key by key. */
  function mapsOf(value: Located, path: readonly string[] = []): readonly (readonly string[])[] {
    if (value.kind === 'list') return value.items.flatMap((item, index) => mapsOf(item, [...path, String(index)]));
    if (value.kind !== 'map') return [];
    return [path, ...[...value.entries].flatMap(([key, entry]) => mapsOf(entry.value, [...path, key]))];
  }

  function withKey(value: Located, path: readonly string[], key: string): Located {
    const [step, ...rest] = path;
    if (value.kind === 'list' && step !== undefined) {
      return {
        ...value,
        items: value.items.map((item, index) => (String(index) === step ? withKey(item, rest, key) : item)),
      };
    }
    if (value.kind !== 'map') return value;
    const entries = new Map<string, Entry>(value.entries);
    if (step === undefined)
      entries.set(key, { keyAt: value.at, value: { kind: 'scalar', at: value.at, value: 'lost?' } });
    else {
      const entry = entries.get(step);
      if (entry !== undefined) entries.set(step, { ...entry, value: withKey(entry.value, rest, key) });
    }
    return { ...value, entries };
  }

  test.each(['shop', 'stages', 'plugins'])('a key that fx does not know, anywhere in %s', async (name) => {
    const root = (await read(name)) as LocatedMap;
    const folder = join(fixtures, 'serverless', name);
    const lost: string[] = [];
    for (const path of mapsOf(root)) {
      const changed = withKey(root, path, 'zzUnheardOf') as LocatedMap;
      const world = { root: changed, folder, shownFrom: folder, stage: undefined, options: {}, variables: {} };
      const { draft } = await convertService(world);
      const isKept = JSON.stringify(draft.root).includes('zzUnheardOf');
      const isReported = draft.findings.some(
        ({ kind, path: where, message }) =>
          // custom is data: what refers to it has its value
          (kind !== 'carried' || path[0] === 'custom') &&
          (where.includes('zzUnheardOf') || message.includes('zzUnheardOf') || covers(where, path)),
      );
      if (!isKept && !isReported) lost.push(path.join('.'));
    }
    expect(lost).toEqual([]);
  });

  test.each([
    ['sam', 'bakery', 'template.yaml', 'template.json'],
    ['apex', 'birds', 'project.json', 'project.json'],
  ])('a key that fx does not know, anywhere in %s/%s', async (peer, name, file, changedFile) => {
    const from = join(fixtures, peer, name);
    const folder = await folderOf({});
    cpSync(from, folder, { recursive: true });
    const text = readFileSync(join(from, file), 'utf8');
    const { value: root } = parseLocated(text, file, [...intrinsicTags]);
    const lost: string[] = [];
    for (const path of mapsOf(root)) {
      writeFileSync(join(folder, changedFile), JSON.stringify(toPlain(withKey(root, path, 'zzUnheardOf'))));
      const source = { file: join(folder, changedFile), folder };
      const converted = await peers[peer]?.convert({
        source,
        shownFrom: folder,
        stage: undefined,
        further: [],
        adopting: false,
        variables: {},
      });
      const { root: project, findings = [] } = converted?.draft ?? {};
      const isReported = findings.some(
        ({ kind, path: where, message }) =>
          kind !== 'carried' &&
          (where.includes('zzUnheardOf') || message.includes('zzUnheardOf') || covers(where, path)),
      );
      if (!JSON.stringify(project).includes('zzUnheardOf') && !isReported) lost.push(path.join('.'));
    }
    expect(lost).toEqual([]);
  });

  /** Whether a finding is about a part that contains the key. */
  function covers(where: string, path: readonly string[]): boolean {
    const steps = where.split(/[.[\]]+/).filter((step) => step !== '');
    return steps.length > 0 && steps.every((step, index) => step === path[index]);
  }
});
