// fx's AWS calls, one by one: none before the account is verified, and no write without a change.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { resultOf } from '../support/fx.ts';
import { answers, folderOf, writeFiles } from '../support/project.ts';
import { type Call, type RecordedAws, startRecordedAws } from '../support/recorded-aws.ts';

const aws = await startRecordedAws();
afterAll(() => aws.stop());

const staging = 'environments: {staging: {}}\n';
const oneFunction = (name: string) => `name: ${name}\n${staging}functions: {a: {handler: a.handler}}\n`;

const names = (calls: readonly Call[]) => calls.map(({ name }) => name);
const isLease = ({ input }: Call) => String(input['Key']).startsWith('_leases/');
const writes = (calls: readonly Call[]) => names(calls).filter((name) => !/:(Get|Describe|List|Head)/.test(name));
/** The writes between taking and releasing the lease. */
function leasedWrites(calls: readonly Call[]): readonly string[] {
  const written = calls.filter(({ name }) => !/:(Get|Describe|List|Head)/.test(name));
  expect(names(written.filter(isLease))).toEqual(['s3:PutObject', 's3:DeleteObject']);
  expect([written[0], written.at(-1)].map((call) => call !== undefined && isLease(call))).toEqual([true, true]);
  return names(written.slice(1, -1));
}

const run = (folder: string, ...words: string[]) => runAgainst(aws, folder, ...words);

async function runAgainst(against: RecordedAws, folder: string, ...words: string[]): Promise<readonly Call[]> {
  const done = await against.fx(folder, [...words, '--env', 'staging']);
  expect(done.exitCode, done.stderr + done.stdout).toBe(0);
  return against.calls();
}

async function invoke(folder: string, name: string): Promise<unknown> {
  const done = await aws.fx(folder, ['invoke', name, '--env', 'staging', '--json']);
  aws.calls();
  return (resultOf(done) as { payload: unknown }).payload;
}

describe('the account', () => {
  test('every command rejects a wrong account after one call', async () => {
    const folder = await folderOf({
      'project.yml':
        'name: pinned\nenvironments: {staging: {account: "111122223333"}}\nfunctions: {a: {handler: a.handler}}\n',
      'a.ts': answers('a'),
    });
    for (const words of [
      ['deploy'],
      ['plan'],
      ['rollback'],
      ['remove', '--yes'],
      ['invoke', 'a'],
      ['logs'],
      ['info'],
      ['releases'],
    ]) {
      const done = await aws.fx(folder, [...words, '--env', 'staging']);
      expect([done.exitCode, done.stdout]).toEqual([3, '']);
      expect(done.stderr).toMatch(
        /error the credentials are for account 000000000000, but the environment "staging" belongs to 111122223333 \[ACCOUNT_MISMATCH\]\n→ /,
      );
      expect([words[0], ...names(aws.calls())]).toEqual([words[0], 'sts:GetCallerIdentity']);
    }
  });
});

const putKeys = (calls: readonly Call[]) =>
  calls.filter((call) => call.name === 's3:PutObject' && !isLease(call)).map(({ input }) => input['Key']);

describe('a deploy', () => {
  test('creates the bucket once, uploads, writes its intent, creates the stack and writes the release', async () => {
    const empty = await startRecordedAws();
    onTestFinished(() => empty.stop());
    const folder = await folderOf({ 'project.yml': oneFunction('first'), 'a.ts': answers('a') });
    const [bucket, ...rest] = writes(await runAgainst(empty, folder, 'deploy'));
    expect([bucket, ...rest.slice(-3)]).toEqual([
      'cloudformation:CreateStack',
      'cloudformation:CreateStack',
      's3:PutObject',
      's3:DeleteObject',
    ]);
    const second = await folderOf({ 'project.yml': oneFunction('second'), 'a.ts': answers('a') });
    const calls = await runAgainst(empty, second, 'deploy');
    expect(leasedWrites(calls)).toEqual([
      's3:PutObject',
      's3:PutObject',
      's3:PutObject',
      'cloudformation:CreateStack',
      's3:PutObject',
    ]);
    expect(putKeys(calls)).toEqual([
      expect.stringMatching(/^second\/artifacts\/[0-9a-f]{64}\.zip$/),
      expect.stringMatching(/^second\/templates\/[0-9a-f]{64}\.json$/),
      'second/environments/staging/changes/00000001.json',
      'second/environments/staging/releases/00000001.json',
    ]);
    // the stack has just created the alias
    expect(names(calls).filter((name) => name.startsWith('lambda:'))).toEqual([]);
  });

  test('without changes only reads, as plan, info and releases do', async () => {
    const folder = await folderOf({ 'project.yml': oneFunction('same'), 'a.ts': answers('a') });
    await run(folder, 'deploy');
    for (const words of [['deploy'], ['plan'], ['info'], ['releases']]) {
      expect([words, writes(await run(folder, ...words))]).toEqual([words, []]);
    }
  });

  test('without changes reads the live aliases, and the versions from the release', async () => {
    const folder = await folderOf({
      'project.yml': `name: still\n${staging}functions: {a: {handler: a.handler}, b: {handler: a.handler}}\n`,
      'a.ts': answers('a'),
    });
    await run(folder, 'deploy');
    for (const words of [['deploy'], ['plan'], ['info'], ['releases']]) {
      const calls = names(await run(folder, ...words));
      expect([words, calls.filter((name) => name.startsWith('lambda:'))]).toEqual([
        words,
        ['lambda:GetAlias', 'lambda:GetAlias'],
      ]);
      expect([words, calls.filter((name) => name === 'cloudformation:ListStackResources')]).toEqual([words, []]);
    }
  });

  test('of changed code uploads only the changed artifact and updates the stack once, without a change set', async () => {
    const folder = await folderOf({
      'project.yml': `name: pair\n${staging}functions: {a: {handler: a.handler}, b: {handler: b.handler}}\n`,
      'a.ts': answers('a1'),
      'b.ts': answers('b1'),
    });
    await run(folder, 'deploy');
    await writeFiles(folder, { 'b.ts': answers('b2') });
    const calls = await run(folder, 'deploy');
    expect(leasedWrites(calls).filter((name) => name !== 's3:PutObject')).toEqual(['cloudformation:UpdateStack']);
    expect(putKeys(calls)).toEqual([
      expect.stringMatching(/^pair\/artifacts\/[0-9a-f]{64}\.zip$/),
      expect.stringMatching(/^pair\/templates\/[0-9a-f]{64}\.json$/),
      'pair/environments/staging/changes/00000002.json',
      'pair/environments/staging/releases/00000002.json',
    ]);
    expect([await invoke(folder, 'a'), await invoke(folder, 'b')]).toEqual(['a1', 'b2']);
  });

  test('of two functions with the same content uploads it once', async () => {
    const folder = await folderOf({
      'project.yml': `name: twins\n${staging}functions: {a: {handler: a.handler}, b: {handler: a.handler}}\n`,
      'a.ts': answers('a'),
    });
    const calls = await run(folder, 'deploy');
    expect(calls.filter(({ input }) => String(input['Key']).endsWith('.zip') && 'Body' in input)).toHaveLength(1);
  });

  test('of many artifacts lists what the bucket has, and reads only the aliases that are not new', async () => {
    const count = 11;
    const letters = Array.from({ length: count }, (_, index) => String.fromCharCode(97 + index));
    const functions = (of: readonly string[]) => of.map((name) => `  ${name}: {handler: ${name}.handler}\n`).join('');
    const project = (of: readonly string[]) => `name: many\n${staging}functions:\n${functions(of)}`;
    const folder = await folderOf({
      'project.yml': project(letters.slice(1)),
      ...Object.fromEntries(letters.map((name) => [`${name}.ts`, answers(name)])),
    });
    await run(folder, 'deploy');
    await writeFiles(folder, { 'project.yml': project(letters) });
    const calls = await run(folder, 'deploy');
    const ofArtifacts = calls.filter(({ input }) => /^many\/artifacts\//.test(String(input['Key'] ?? input['Prefix'])));
    expect(names(ofArtifacts)).toEqual(['s3:ListObjectsV2', 's3:PutObject']);
    const read = calls.filter(({ name }) => name === 'lambda:GetAlias').map(({ input }) => input['FunctionName']);
    expect(read.sort()).toEqual(letters.slice(1).map((name) => `many-staging-${name}`));
  });

  test('of a template above the body limit goes by the URL of an object', async () => {
    const functions = Array.from({ length: 14 }, (_, index) => `  function-${index}: {handler: a.handler}\n`).join('');
    const folder = await folderOf({
      'project.yml': `name: large\n${staging}defaults: {variables: {TEXT: ${'x'.repeat(3000)}}}\nfunctions:\n${functions}`,
      'a.ts': answers('a'),
    });
    const create = (await run(folder, 'deploy')).findLast(({ name }) => name === 'cloudformation:CreateStack');
    const { TemplateURL, TemplateBody } = create?.input ?? {};
    expect(TemplateBody).toBeUndefined();
    expect(TemplateURL).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[^/]+\/large\/templates\/[0-9a-f]{64}\.json$/);
    expect(await invoke(folder, 'function-13')).toBe('a');
  });
});

describe('a rollback', () => {
  test('moves every alias before it updates the stack, without the source', async () => {
    const folder = await folderOf({
      'project.yml': `name: back\n${staging}functions: {a: {handler: a.handler}, b: {handler: b.handler}}\n`,
      'a.ts': answers('a1'),
      'b.ts': answers('b1'),
    });
    await run(folder, 'deploy');
    await writeFiles(folder, { 'a.ts': answers('a2'), 'b.ts': answers('b2') });
    await run(folder, 'deploy');
    await Promise.all(['a.ts', 'b.ts'].map((file) => rm(join(folder, file))));
    const calls = await run(folder, 'rollback');
    expect(leasedWrites(calls)).toEqual([
      // the intent
      's3:PutObject',
      'lambda:UpdateAlias',
      'lambda:UpdateAlias',
      'cloudformation:UpdateStack',
      's3:PutObject',
    ]);
    expect([await invoke(folder, 'a'), await invoke(folder, 'b')]).toEqual(['a1', 'b1']);
  });
});

test('what nothing uses is no change: CloudFormation would have nothing to update, each time', async () => {
  const project = 'name: unused\nenvironments: {staging: {}}\nresources: {Jobs: {Type: "AWS::SQS::Queue"}}\n';
  const folder = await folderOf({ 'project.yml': project });
  const deploy = () => aws.fx(folder, ['deploy', '--env', 'staging', '--json']);
  expect(resultOf(await deploy())).toMatchObject({ changed: true, release: 1 });
  await writeFiles(folder, { 'project.yml': `${project}mappings: {Sizes: {prod: {memory: 1024}}}\n` });
  aws.calls();
  expect(resultOf(await deploy())).toMatchObject({ changed: false, release: 1 });
  expect(aws.calls().filter(({ name }) => /:(Create|Update|Put)/.test(name))).toEqual([]);
});
