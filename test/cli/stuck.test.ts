// Stacks that stopped half way: fx says which command helps, and that command leaves a stack that can be deployed again.
import { afterAll, describe, expect, test } from 'vitest';
import { type Run, resultOf } from '../support/fx.ts';
import { answers, folderOf, writeFiles } from '../support/project.ts';
import { hold, startRecordedAws } from '../support/recorded-aws.ts';

const aws = await startRecordedAws();
afterAll(() => aws.stop());
const cloud = await aws.local.cloud('us-east-1');

const project = (name: string, more = '') =>
  `name: ${name}\nenvironments: {staging: {}}\nfunctions: {a: {handler: a.handler}}\n${more}`;
// only SQS knows that the name of a FIFO queue must end in .fifo; by then the function has its new code
const brokenQueue =
  'resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n    DependsOn: AAlias\n    Properties: {QueueName: jobs, FifoQueue: true}\n';
const run = (folder: string, ...words: string[]): Promise<Run> => aws.fx(folder, [...words, '--env', 'staging']);
const writes = () => aws.calls().filter(({ name }) => !/:(Get|Describe|List|Head)/.test(name));
const statusOf = async (name: string): Promise<string | undefined> =>
  (await cloud.call('cloudformation', 'DescribeStacks', { StackName: name })).Stacks?.[0]?.StackStatus;

async function deployed(name: string, more = ''): Promise<string> {
  const folder = await folderOf({ 'project.yml': project(name, more), 'a.ts': answers('one') });
  expect((await run(folder, 'deploy')).exitCode).toBe(0);
  return folder;
}

/** The old artifact is gone when the stack rolls back, so the function cannot have its old code again. */
async function rollbackFailed(name: string): Promise<{ folder: string; restore: () => Promise<unknown> }> {
  const folder = await deployed(name);
  const { Stacks = [] } = await cloud.call('cloudformation', 'DescribeStacks', { StackName: 'fx-bootstrap' });
  const Bucket = Stacks[0]?.Outputs?.find(({ OutputKey }) => OutputKey === 'ArtifactBucket')?.OutputValue;
  const { Contents = [] } = await cloud.call('s3', 'ListObjectsV2', { Bucket, Prefix: `${name}/artifacts/` });
  const Key = Contents[0]?.Key;
  const { VersionId } = await cloud.call('s3', 'DeleteObject', { Bucket, Key });
  await writeFiles(folder, { 'project.yml': project(name, brokenQueue), 'a.ts': answers('two') });
  const failed = await run(folder, 'deploy');
  expect([failed.exitCode, failed.stderr]).toEqual([
    3,
    expect.stringMatching(/Jobs \(AWS::SQS::Queue\)[\s\S]*→ the rollback failed too: fx recover shows what holds it/),
  ]);
  expect(await statusOf(`${name}-staging`)).toBe('UPDATE_ROLLBACK_FAILED');
  return { folder, restore: () => cloud.call('s3', 'DeleteObject', { Bucket, Key, VersionId }) };
}

describe('a stack whose rollback failed', () => {
  test('deploy and rollback name fx recover and write nothing; fx recover goes on when the cause is gone', async () => {
    const { folder, restore } = await rollbackFailed('stuck');
    for (const words of [['deploy'], ['rollback']]) {
      aws.calls();
      const done = await run(folder, ...words);
      expect([words, done.exitCode, done.stderr]).toEqual([
        words,
        3,
        expect.stringMatching(
          /stuck-staging is in UPDATE_ROLLBACK_FAILED.*\[STACK_STUCK\]\n→ fx recover --env staging shows what holds it, and continues\n/,
        ),
      ]);
      expect(writes()).toEqual([]);
    }
    const asked = await run(folder, 'recover');
    expect([asked.exitCode, asked.stderr]).toEqual([
      5,
      expect.stringMatching(
        /stuck-staging is in UPDATE_ROLLBACK_FAILED\.\nThese failed:\n {2}AFunction {2}AWS::Lambda::Function\n {4}\S.*\n[\s\S]*\[DECLINED\]\n→ stdin is not a terminal: to confirm, add --yes\n/,
      ),
    ]);
    expect(writes()).toEqual([]);
    const again = await run(folder, 'recover', '--yes');
    expect([again.exitCode, again.stderr]).toEqual([3, expect.stringContaining('AFunction (AWS::Lambda::Function)')]);

    await restore();
    const done = await run(folder, 'recover', '--yes');
    expect([done.exitCode, done.stdout]).toEqual([
      0,
      'stuck-staging is in UPDATE_ROLLBACK_COMPLETE: it can be deployed again.\n',
    ]);
    expect((await run(folder, 'invoke', 'a')).stdout).toBe('"one"\n');
    await writeFiles(folder, { 'project.yml': project('stuck') });
    expect(resultOf(await run(folder, 'deploy', '--json'))).toMatchObject({ changed: true, release: 3 });
    expect((await run(folder, 'recover')).stdout).toBe('Nothing to recover: stuck-staging is in UPDATE_COMPLETE.\n');
  });

  test.each([['--skip', 'AFunction'], ['--force']])(
    'fx recover %s leaves what cannot be rolled back',
    async (...how) => {
      const name = `left${how.length}`;
      const { folder } = await rollbackFailed(name);
      const wrong = await run(folder, 'recover', '--skip', 'Jobs', '--yes');
      expect([wrong.exitCode, wrong.stderr]).toEqual([
        4,
        expect.stringContaining(
          '"Jobs" did not fail to roll back, so it cannot be skipped [USAGE]\n→ these did: AFunction\n',
        ),
      ]);
      const done = await run(folder, 'recover', ...how, '--yes');
      expect([done.exitCode, done.stdout, done.stderr]).toEqual([
        0,
        expect.stringContaining('Left as they are, and unlike the template: AFunction.'),
        expect.stringContaining('These will be left as they are: AFunction'),
      ]);
      await writeFiles(folder, { 'project.yml': project(name), 'a.ts': answers('three') });
      expect((await run(folder, 'deploy')).exitCode).toBe(0);
      expect((await run(folder, 'invoke', 'a')).stdout).toBe('"three"\n');
    },
  );

  test('--skip and --force exclude each other', async () => {
    const folder = await folderOf({ 'project.yml': project('either') });
    const done = await run(folder, 'recover', '--skip', 'A', '--force');
    expect([done.exitCode, done.stderr]).toEqual([4, expect.stringContaining('--force and --skip exclude each other')]);
  });
});

describe('an update that stopped without a rollback', () => {
  test('is rolled back by fx recover', async () => {
    const folder = await deployed('halted');
    const { TemplateBody = '' } = await cloud.call('cloudformation', 'GetTemplate', { StackName: 'halted-staging' });
    const template = JSON.parse(TemplateBody) as { Resources: Record<string, unknown> };
    template.Resources['Jobs'] = { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'jobs', FifoQueue: true } };
    await cloud.call('cloudformation', 'UpdateStack', {
      StackName: 'halted-staging',
      TemplateBody: JSON.stringify(template),
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      Parameters: [{ ParameterKey: 'FxArtifactBucket', UsePreviousValue: true }],
      DisableRollback: true,
    });
    expect((await run(folder, 'attach')).exitCode).toBe(3);
    expect(await statusOf('halted-staging')).toBe('UPDATE_FAILED');
    expect((await run(folder, 'deploy')).stderr).toContain('→ fx recover --env staging shows what holds it');
    const done = await run(folder, 'recover', '--yes');
    expect([done.exitCode, done.stdout]).toEqual([
      0,
      'halted-staging is in UPDATE_ROLLBACK_COMPLETE: it can be deployed again.\n',
    ]);
    expect(resultOf(await run(folder, 'deploy', '--json'))).toMatchObject({ release: 1 });
  });
});

describe('fx attach', () => {
  async function interrupted(name: string, more = '') {
    const folder = await deployed(name);
    await writeFiles(folder, { 'project.yml': project(name, more), 'a.ts': answers('two') });
    const letGo = hold(cloud, 'lambda', 'UpdateAlias');
    const under = aws.startFx(folder, ['deploy', '--env', 'staging']);
    await under.saying(/AVersion\w+ CREATE_COMPLETE/);
    under.kill();
    await under.ended;
    const attached = aws.startFx(folder, ['attach', '--env', 'staging']);
    await attached.saying(new RegExp(`${name}-staging is in UPDATE_IN_PROGRESS: watching it`));
    letGo();
    return { folder, attached: await attached.ended };
  }

  test('watches the change of an fx that was killed, and records it', async () => {
    const { folder, attached } = await interrupted('watched');
    expect([attached.exitCode, attached.stdout]).toEqual([
      0,
      expect.stringContaining('The change has ended: watched-staging is in UPDATE_COMPLETE; release 2 is live.\n'),
    ]);
    expect(attached.stderr).toContain('Release 2, an interrupted deploy, is live: recorded it');
    expect((await run(folder, 'releases')).stdout).toMatch(/^ {3}2 {2}LIVE /);
    expect((await run(folder, 'attach')).stdout).toContain(
      'No change is in progress: watched-staging is in UPDATE_COMPLETE',
    );
  });

  test('fails as the deploy would have, with its cause', async () => {
    const { folder, attached } = await interrupted('watched-failing', brokenQueue);
    expect([attached.exitCode, attached.stderr]).toEqual([
      3,
      expect.stringMatching(
        /error Jobs \(AWS::SQS::Queue\): .*FIFO.*\[STACK_FAILED\]\n→ end QueueName with \.fifo, or leave it out\n→ CloudFormation has rolled back/,
      ),
    ]);
    expect((await run(folder, 'releases')).stdout).toMatch(/^ {3}2 {2}failed .*\n {3}1 {2}LIVE /);
  });
});

describe('a stack that cannot be deleted', () => {
  const bucket = 'resources: {Uploads: {Type: "AWS::S3::Bucket", Properties: {BucketName: NAME}}}\n';
  async function full(name: string): Promise<string> {
    const folder = await deployed(name, bucket.replace('NAME', `${name}-uploads`));
    await cloud.call('s3', 'PutObject', { Bucket: `${name}-uploads`, Key: 'k', Body: Buffer.from('x') });
    return folder;
  }

  test('fx remove says what holds it, and goes on when the cause is gone', async () => {
    const folder = await full('holds');
    const failed = await run(folder, 'remove', '--yes');
    expect([failed.exitCode, failed.stderr]).toEqual([
      3,
      expect.stringMatching(
        /error holds-staging could not be deleted: Uploads \(AWS::S3::Bucket\): .*\[STACK_FAILED\]\n→ remove the cause and run fx remove again; or keep what cannot be deleted: --retain Uploads, or --force\n/,
      ),
    ]);
    expect((await run(folder, 'deploy')).stderr).toMatch(
      /holds-staging is in DELETE_FAILED.*\n→ fx remove --env staging shows what holds it, and deletes the rest/,
    );
    await cloud.call('s3', 'DeleteObject', { Bucket: 'holds-uploads', Key: 'k' });
    expect((await run(folder, 'remove', '--yes')).stdout).toBe('"staging" is removed.\n');
  });

  test.each([['--retain', 'Uploads'], ['--force']])('fx remove %s keeps it, and names it', async (...how) => {
    const name = `keeps${how.length}`;
    const folder = await full(name);
    const done = await run(folder, 'remove', '--yes', ...how);
    expect([done.exitCode, done.stdout]).toEqual([
      0,
      `"staging" is removed.\nStill there:\n  Uploads  AWS::S3::Bucket  ${name}-uploads\n`,
    ]);
    expect((await run(folder, 'remove', '--yes')).stdout).toContain('is not deployed');
  });
});
