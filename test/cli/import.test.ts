// fx import on the command line: what it writes, prints and refuses.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fx } from '../support/fx.ts';
import { folderOf, handler } from '../support/project.ts';

const service = `service: shop
provider:
  name: aws
  runtime: nodejs22.x
functions:
  hello:
    handler: hello.handler
    events:
      - httpApi: GET /hello
plugins: [serverless-unheard-of]
`;

test('writes a project that fx can deploy, and says what is not in it', async () => {
  const folder = await folderOf({ 'serverless.yml': service, 'hello.ts': handler });
  const run = await fx(folder, ['import']);
  expect([run.exitCode, run.stderr]).toEqual([0, '']);
  expect(run.stdout).toContain('Imported serverless.yml into project.yml.');
  expect(run.stdout).toContain(
    'Not carried over\n✗ the plugin serverless-unheard-of is not carried over\n    serverless.yml:10:11 plugins[0]\n',
  );
  expect((await fx(folder, ['validate'])).stdout).toContain('project.yml is valid for "local": 1 function');
  expect((await fx(folder, ['validate', '--env', 'dev'])).exitCode).toBe(0);

  const again = await fx(folder, ['import']);
  expect([again.exitCode, again.stderr]).toEqual([4, expect.stringContaining('[ALREADY_EXISTS]')]);
  const elsewhere = await fx(folder, ['import', 'serverless.yml', '--out', 'next', '--strict']);
  expect(elsewhere.exitCode).toBe(4);
  expect(readFileSync(join(folder, 'next/project.yml'), 'utf8')).toBe(
    readFileSync(join(folder, 'project.yml'), 'utf8'),
  );
});

test('prints the project and writes nothing', async () => {
  const folder = await folderOf({
    'serverless.json': JSON.stringify({
      service: 'a',
      provider: { name: 'aws' },
      resources: { Resources: { Jobs: { Type: 'AWS::SQS::Queue' } } },
    }),
  });
  const run = await fx(folder, ['import', '--dry-run']);
  expect(run.exitCode).toBe(0);
  expect(run.stdout).toContain('resources:\n  Jobs:\n    Type: AWS::SQS::Queue');
  expect(run.stderr).toContain('1 carried over as it was');
  expect(existsSync(join(folder, 'project.yml'))).toBe(false);
  const json = await fx(folder, ['import', '--dry-run', '--json']);
  expect(JSON.parse(json.stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
    value: {
      from: 'serverless',
      source: 'serverless.json',
      environment: 'dev',
      dropped: 0,
    },
  });
});

test('a name that is in a file elsewhere is one of fx, and said', async () => {
  const folder = await folderOf({ 'serverless.yml': service.replace('shop', '${file(./secrets.json):ApiName}') });
  const run = await fx(folder, ['import', '--dry-run']);
  expect([run.exitCode, run.stdout]).toEqual([0, expect.stringMatching(/^name: service$/m)]);
  expect(run.stderr.replace(/\s+/g, ' ')).toContain(
    'the name of the service is not known here, so the project is called "service" serverless.yml:1:1 service',
  );
});

test("compares with the other tool's template, and says by its exit code whether they differ", async () => {
  const folder = await folderOf({
    'serverless.yml': 'service: a\nprovider: {name: aws}\nresources: {Resources: {Jobs: {Type: "AWS::SQS::Queue"}}}\n',
    'same.json': JSON.stringify({ Resources: { Jobs: { Type: 'AWS::SQS::Queue' } } }),
    'other.json': JSON.stringify({ Resources: { Jobs: { Type: 'AWS::SQS::Queue', Properties: { DelaySeconds: 1 } } } }),
  });
  const same = await fx(folder, ['import', '--against', 'same.json']);
  expect([same.exitCode, same.stdout]).toEqual([0, expect.stringContaining('fx would deploy the same')]);
  const other = await fx(folder, ['import', '--against', 'other.json']);
  expect(other.exitCode).toBe(4);
  expect(other.stdout).toContain('SQS::Queue\n  resource\n    - {"DelaySeconds":"1"}\n    + {}\n\n1 difference\n');
  expect(existsSync(join(folder, 'project.yml'))).toBe(false);
});

test('says what there is to import', async () => {
  const nothing = await fx(await folderOf({ 'a.txt': '' }), ['import']);
  expect([nothing.exitCode, nothing.stderr]).toEqual([4, expect.stringContaining('. has nothing to import')]);
  const other = await fx(await folderOf({ 'serverless.yml': 'service: a\nprovider: {name: azure}\n' }), ['import']);
  expect([other.exitCode, other.stderr]).toEqual([
    4,
    expect.stringContaining('serverless.yml:2:18 expected the provider aws, found "azure"'),
  ]);
});

test("Apex's files stay beside the project, and fx takes no notice of them", async () => {
  const folder = await folderOf({
    'project.json': JSON.stringify({ name: 'birds', runtime: 'nodejs', role: 'arn:aws:iam::111122223333:role/birds' }),
    'project.prod.json': JSON.stringify({ name: 'birds', runtime: 'nodejs', memory: 512 }),
    'functions/sing/function.json': JSON.stringify({ environment: { SONG: 'blackbird' } }),
    'functions/sing/index.js': 'exports.handle = async () => "song";',
  });
  expect((await fx(folder, ['import'])).exitCode).toBe(0);
  const validated = await fx(folder, ['validate', '--all', '--json']);
  const { value } = JSON.parse(validated.stdout.trim().split('\n').at(-1) ?? '');
  expect(value.map((each: { environment: string; functions: unknown }) => [each.environment, each.functions])).toEqual([
    ['local', ['sing']],
    ['default', ['sing']],
    ['prod', ['sing']],
  ]);
});
