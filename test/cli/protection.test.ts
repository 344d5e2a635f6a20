// What fx refuses to do, or does only on request: other stacks in the account, data loss, and what Lambda would reject.
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Run } from '../support/fx.ts';
import { answers, folderOf, writeFiles } from '../support/project.ts';
import { startRecordedAws } from '../support/recorded-aws.ts';

const aws = await startRecordedAws();
afterAll(() => aws.stop());
const cloud = await aws.local.cloud('us-east-1');

const project = (name: string, more = '') =>
  `name: ${name}\nenvironments: {staging: {}, prod: {protected: true}}\nfunctions: {a: {handler: a.handler}}\n${more}`;
const run = (folder: string, ...words: string[]): Promise<Run> => aws.fx(folder, [...words, '--env', 'staging']);

describe('a stack of another project', () => {
  test('is not changed, and nothing is written anywhere', async () => {
    const folder = await folderOf({ 'project.yml': project('foreign'), 'a.ts': answers('one') });
    const TemplateBody = JSON.stringify({ Resources: { Q: { Type: 'AWS::SQS::Queue' } } });
    await cloud.call('cloudformation', 'CreateStack', { StackName: 'foreign-staging', TemplateBody });
    for (const words of [['deploy'], ['rollback'], ['remove', '--yes']]) {
      aws.calls();
      const done = await run(folder, ...words);
      expect([words, done.exitCode, done.stderr]).toEqual([
        words,
        3,
        expect.stringContaining('the stack foreign-staging was not created by fx [STACK_FOREIGN]'),
      ]);
      expect(aws.calls().filter(({ name }) => !/:(Get|Describe|List|Head)/.test(name))).toEqual([]);
    }
  });
});

describe('a change that would delete data', () => {
  const bucket = 'resources: {Kept: {Type: "AWS::S3::Bucket"}}\n';
  const isWrite = ({ name }: { readonly name: string }) => !/:(Get|Describe|List|Head)/.test(name);

  test('is refused before anything is written, until the resource is named', async () => {
    const folder = await folderOf({ 'project.yml': project('keeps', bucket), 'a.ts': answers('one') });
    expect((await run(folder, 'deploy')).exitCode).toBe(0);
    await writeFiles(folder, { 'project.yml': project('keeps'), 'a.ts': answers('two') });
    for (const words of [[], ['--allow-replace', 'Other'], ['--confirm', 'staging']]) {
      aws.calls();
      const done = await run(folder, 'deploy', ...words);
      expect([words, done.exitCode, done.stdout]).toEqual([words, 5, '']);
      expect(done.stderr).toContain(
        'error this would delete the data in Kept (AWS::S3::Bucket) [DECLINED]\n→ to allow it, add --allow-replace Kept;',
      );
      expect(aws.calls().filter(isWrite)).toEqual([]);
    }
    const allowed = await run(folder, 'deploy', '--allow-replace', 'Other', '--allow-replace', 'Kept');
    expect(allowed.stdout).toContain('Release 2 is live.');
  });

  test('is not refused if the resource is kept', async () => {
    const kept = 'resources: {Kept: {Type: "AWS::S3::Bucket", DeletionPolicy: Retain}}\n';
    const folder = await folderOf({ 'project.yml': project('retains', kept), 'a.ts': answers('one') });
    expect((await run(folder, 'deploy')).exitCode).toBe(0);
    await writeFiles(folder, { 'project.yml': project('retains') });
    expect((await run(folder, 'deploy')).stdout).toContain('Release 2 is live.');
  });

  test('in a protected environment needs its name too, and so does a rollback', async () => {
    const folder = await folderOf({ 'project.yml': project('guard', bucket), 'a.ts': answers('one') });
    const prod = (...words: string[]) => aws.fx(folder, [...words, '--env', 'prod']);
    expect((await prod('deploy')).exitCode).toBe(0);
    await writeFiles(folder, { 'project.yml': project('guard'), 'a.ts': answers('two') });
    expect((await prod('deploy', '--confirm', 'prod')).stderr).toContain('add --allow-replace Kept');
    const named = ['--allow-replace', 'Kept'];
    for (const words of [named, [...named, '--confirm', 'staging']]) {
      aws.calls();
      const done = await prod('deploy', ...words);
      expect([words, done.exitCode, done.stdout]).toEqual([words, 5, '']);
      expect(done.stderr).toContain(
        'error "prod" is protected: this would delete the data in Kept (AWS::S3::Bucket) [DECLINED]\n→ to continue, add --confirm prod\n',
      );
      expect(aws.calls().filter(isWrite)).toEqual([]);
    }
    expect((await prod('deploy', ...named, '--confirm', 'prod')).stdout).toContain('Release 2 is live.');

    await writeFiles(folder, { 'project.yml': project('guard', bucket) });
    expect((await prod('deploy')).stdout).toContain('Release 3 is live.');
    expect((await prod('rollback', '--dry-run')).stdout).toContain(
      '  - Kept  AWS::S3::Bucket  its data will be deleted\n',
    );
    const back = await prod('rollback', '--confirm', 'prod');
    expect([back.exitCode, back.stderr]).toEqual([
      5,
      expect.stringMatching(
        /this would delete the data in Kept \(AWS::S3::Bucket\) [\s\S]*; --traffic-only moves the traffic alone\n/,
      ),
    ]);
    expect((await prod('rollback', ...named, '--confirm', 'prod')).stdout).toContain('release 2 is back');
  });
});

describe('a change that CloudFormation would refuse half way', () => {
  test('is refused before anything is written, at its line', async () => {
    const named = (id: string) =>
      `resources:\n  ${id}:\n    Type: AWS::SQS::Queue\n    Properties:\n      QueueName: jobs.fifo\n      FifoQueue: true\n`;
    const folder = await folderOf({ 'project.yml': project('traps', named('Jobs')), 'a.ts': answers('one') });
    expect((await run(folder, 'deploy')).exitCode).toBe(0);
    await writeFiles(folder, { 'project.yml': project('traps', named('Work')) });
    aws.calls();
    const done = await run(folder, 'deploy', '--allow-replace', 'Jobs');
    expect([done.exitCode, done.stdout]).toEqual([4, '']);
    expect(done.stderr).toContain('CloudFormation would refuse this change and roll it back [TEMPLATE_INVALID]');
    expect(done.stderr).toContain(
      'project.yml:8:7 Work (AWS::SQS::Queue) would have the name jobs.fifo, which Jobs has',
    );
    expect(aws.calls().filter(({ name }) => !/:(Get|Describe|List|Head)/.test(name))).toEqual([]);
  });
});

describe('a protected environment', () => {
  test('has a stack that CloudFormation does not delete, until its name is given', async () => {
    const folder = await folderOf({ 'project.yml': project('locked'), 'a.ts': answers('one') });
    const prod = (...words: string[]) => aws.fx(folder, [...words, '--env', 'prod']);
    const written = () =>
      aws.calls().flatMap(({ name }) => (/:(Update|Delete)(Stack|TerminationProtection)/.test(name) ? [name] : []));
    aws.calls();
    expect((await prod('deploy')).exitCode).toBe(0);
    expect(written()).toEqual(['cloudformation:UpdateTerminationProtection']);
    await expect(cloud.call('cloudformation', 'DeleteStack', { StackName: 'locked-prod' })).rejects.toThrow(
      'cannot be deleted while TerminationProtection is enabled',
    );
    expect((await prod('deploy')).stdout).toContain('Nothing to change');
    expect(written()).toEqual([]);

    // the stack is unchanged, even if the file has changed
    await writeFiles(folder, { 'project.yml': project('locked').replace('protected: true', '') });
    const asked = await prod('remove', '--yes');
    expect([asked.exitCode, asked.stderr]).toEqual([5, expect.stringContaining('"prod" is protected')]);
    expect(written()).toEqual([]);
    expect((await prod('remove', '--confirm', 'prod')).exitCode).toBe(0);
    expect(written()).toEqual(['cloudformation:UpdateTerminationProtection', 'cloudformation:DeleteStack']);
  });
});

describe('an artifact over the limit', () => {
  test('is rejected with its largest files before anything is written', async () => {
    const text = `${project('heavy')}`.replace('{handler: a.handler', '{handler: a.handler, include: [big.bin]');
    const folder = await folderOf({ 'project.yml': text, 'a.js': answers('one'), 'big.bin': '' });
    truncateSync(join(folder, 'big.bin'), 262_144_000);
    aws.calls();
    const done = await run(folder, 'deploy');
    expect([done.exitCode, done.stderr]).toEqual([
      4,
      expect.stringMatching(
        /the function "a" is 250\.0 MB unzipped; Lambda takes at most 250\.0 MB \[ARTIFACT_TOO_LARGE\]\n→ the largest: 250\.0 MB big\.bin, /,
      ),
    ]);
    expect(aws.calls().filter(({ name }) => !/:(Get|Describe|List|Head)/.test(name))).toEqual([]);
  });
});

describe('fx remove', () => {
  async function keys(project: string): Promise<readonly string[]> {
    const { Stacks = [] } = await cloud.call('cloudformation', 'DescribeStacks', { StackName: 'fx-bootstrap' });
    const Bucket = Stacks[0]?.Outputs?.[0]?.OutputValue;
    const { Contents = [] } = await cloud.call('s3', 'ListObjectsV2', { Bucket, Prefix: `${project}/` });
    return Contents.map(({ Key = '' }) => Key.replace(/[0-9a-f]{64}/, 'HASH'));
  }

  test('asks at a terminal, otherwise needs a flag; a protected environment needs its name', async () => {
    const folder = await folderOf({ 'project.yml': project('guarded'), 'a.ts': answers('one') });
    expect((await run(folder, 'deploy')).exitCode).toBe(0);
    expect((await aws.fx(folder, ['deploy', '--env', 'prod'])).exitCode).toBe(0);
    const asked = await run(folder, 'remove');
    expect([asked.exitCode, asked.stderr]).toEqual([
      5,
      expect.stringMatching(
        /removing "staging" needs confirmation \[DECLINED\]\n→ stdin is not a terminal: to confirm, add --yes/,
      ),
    ]);
    for (const words of [[], ['--yes'], ['--confirm', 'staging']]) {
      const done = await aws.fx(folder, ['remove', '--env', 'prod', ...words]);
      expect([words, done.exitCode, done.stderr]).toEqual([
        words,
        5,
        expect.stringMatching(
          /"prod" is protected \[DECLINED\]\n→ to remove it, run fx remove --env prod --confirm prod/,
        ),
      ]);
    }
    // one artifact; and per environment a template, a change and a release
    expect(await keys('guarded')).toHaveLength(7);

    expect(await run(folder, 'remove', '--yes')).toMatchObject({ exitCode: 0, stdout: '"staging" is removed.\n' });
    // prod uses the artifact too
    expect(await keys('guarded')).toEqual([
      'guarded/artifacts/HASH.zip',
      'guarded/environments/prod/changes/00000001.json',
      'guarded/environments/prod/releases/00000001.json',
      'guarded/templates/HASH.json',
      'guarded/templates/HASH.json',
    ]);
    expect(await aws.fx(folder, ['remove', '--env', 'prod', '--confirm', 'prod'])).toMatchObject({
      exitCode: 0,
      stdout: '"prod" is removed.\n',
    });
    expect(await keys('guarded')).toEqual([]);
    expect(await aws.fx(folder, ['remove', '--env', 'prod', '--confirm', 'prod'])).toMatchObject({
      exitCode: 0,
      stdout: '"prod" is not deployed; nothing was removed.\n',
    });
  });
});
