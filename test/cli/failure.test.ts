// Failures on the way to AWS: the live release stays live, the error names the cause with its line, and the next deploy continues.
import { afterAll, describe, expect, test } from 'vitest';
import { type Run, resultOf } from '../support/fx.ts';
import { answers, type Files, folderOf, writeFiles } from '../support/project.ts';
import { hold, startRecordedAws } from '../support/recorded-aws.ts';

const aws = await startRecordedAws();
afterAll(() => aws.stop());
const cloud = await aws.local.cloud('us-east-1');

const http = (name: string, more = '') =>
  `name: ${name}\nenvironments: {staging: {}, prod: {protected: true}}\nfunctions:\n  a:\n    handler: a.handler\n    events: [{http: GET /}]\n${more}`;
// only SQS knows that the name of a FIFO queue must end in .fifo; by then the function has its new code
const brokenQueue =
  'resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n    DependsOn: AAlias\n    Properties: {QueueName: jobs, FifoQueue: true}\n';

interface Deployed {
  readonly changed: boolean;
  readonly release: number;
  readonly outputs: { readonly HttpApiUrl: string };
}

const run = (folder: string, ...words: string[]): Promise<Run> => aws.fx(folder, [...words, '--env', 'staging']);
async function deploy(folder: string): Promise<Deployed> {
  return resultOf(await run(folder, 'deploy', '--json')) as Deployed;
}
const answerOf = async ({ outputs }: Deployed) => (await fetch(outputs.HttpApiUrl)).text();
async function releases(folder: string): Promise<readonly string[]> {
  return (await run(folder, 'releases')).stdout.trimEnd().split('\n');
}
/** Deploys a first version that answers `one`. */
async function deployed(name: string, files: Files = {}): Promise<{ folder: string; first: Deployed }> {
  const folder = await folderOf({ 'project.yml': http(name), 'a.ts': answers('one'), ...files });
  return { folder, first: await deploy(folder) };
}

describe('a deploy that fails half way', () => {
  test('names the first cause at its line, leaves the live release, and succeeds after the fix', async () => {
    const { folder, first } = await deployed('half');
    await writeFiles(folder, { 'project.yml': http('half', brokenQueue), 'a.ts': answers('two') });
    const failed = await run(folder, 'deploy');
    expect([failed.exitCode, failed.stdout]).toEqual([3, '']);
    expect(failed.stderr).toContain('error the deploy failed: Jobs (AWS::SQS::Queue) [STACK_FAILED]\n');
    expect(failed.stderr).toMatch(
      /\nproject\.yml:8:3 .*FIFO.*\n {2}│ {3}Jobs:\n {2}│ {3}~{4}\n {2}→ end QueueName with \.fifo, or leave it out\n/,
    );
    expect(failed.stderr).toContain('→ CloudFormation has rolled back: the previous release is still live\n');
    expect(failed.stderr).toMatch(
      /\n {2}\d\/\d Jobs CREATE_FAILED: The name of a FIFO [^\n]*\nCloudFormation is rolling back:\n/,
    );
    expect(failed.stderr).not.toMatch(/bug in fx|RequestToken|^ +at /m);
    expect(await answerOf(first)).toBe('one');
    const listed = await releases(folder);
    expect(listed).toEqual([
      expect.stringMatching(/^ {3}2 {2}failed .*Jobs/),
      expect.stringMatching(/^ {3}1 {2}LIVE /),
    ]);
    const rollback = await run(folder, 'rollback', '2');
    expect([rollback.exitCode, rollback.stderr]).toEqual([
      3,
      expect.stringContaining('release 2 failed, so it was never live [RELEASE_NOT_FOUND]'),
    ]);

    await writeFiles(folder, { 'project.yml': http('half', brokenQueue.replace('jobs', 'jobs.fifo')) });
    expect(await deploy(folder)).toMatchObject({ changed: true, release: 3 });
    expect(await answerOf(first)).toBe('two');
  });

  test('goes live unchanged if the cause was outside the project', async () => {
    const { folder, first } = await deployed('world');
    await cloud.call('logs', 'CreateLogGroup', { logGroupName: '/in/the/way' });
    const existing = 'resources:\n  Own:\n    Type: AWS::Logs::LogGroup\n    Properties: {LogGroupName: /in/the/way}\n';
    await writeFiles(folder, { 'project.yml': http('world', existing), 'a.ts': answers('two') });
    const failed = await run(folder, 'deploy');
    expect([failed.exitCode, failed.stderr]).toEqual([
      3,
      expect.stringMatching(/Own \(AWS::Logs::LogGroup\)[\s\S]*exists[\s\S]*\n {2}→ the group is there already/),
    ]);
    await cloud.call('logs', 'DeleteLogGroup', { logGroupName: '/in/the/way' });
    expect(await deploy(folder)).toMatchObject({ changed: true, release: 3 });
    expect(await answerOf(first)).toBe('two');
  });

  test('and is reverted in the source leaves nothing to change, however often', async () => {
    const { folder } = await deployed('taken-back');
    await writeFiles(folder, { 'project.yml': http('taken-back', brokenQueue) });
    expect((await run(folder, 'deploy')).exitCode).toBe(3);
    await writeFiles(folder, { 'project.yml': http('taken-back') });
    expect(await run(folder, 'plan', '--exit-code')).toMatchObject({ exitCode: 0 });
    for (const _ of [1, 2]) expect(await deploy(folder)).toMatchObject({ changed: false, release: 1 });
  });

  test('the first time does not block the next', async () => {
    const folder = await folderOf({ 'project.yml': http('never', brokenQueue), 'a.ts': answers('one') });
    const failed = await run(folder, 'deploy');
    expect([failed.exitCode, failed.stderr]).toEqual([
      3,
      expect.stringContaining('→ nothing was live before; the next deploy recreates the stack\n'),
    ]);
    expect((await run(folder, 'rollback')).stderr).toContain('[NOT_DEPLOYED]');
    await writeFiles(folder, { 'project.yml': http('never') });
    const second = await deploy(folder);
    expect(second).toMatchObject({ changed: true, release: 2 });
    expect(await answerOf(second)).toBe('one');
  });
});

describe('a rollback that fails', () => {
  test('leaves the traffic on the earlier release, says so, and the next one succeeds', async () => {
    const existing = 'resources: {Own: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: /back/again}}}\n';
    const { folder, first } = await deployed('stays', { 'project.yml': http('stays', existing) });
    await writeFiles(folder, { 'project.yml': http('stays'), 'a.ts': answers('two') });
    await deploy(folder);
    expect(await answerOf(first)).toBe('two');
    await cloud.call('logs', 'CreateLogGroup', { logGroupName: '/back/again' });
    const failed = await run(folder, 'rollback');
    expect([failed.exitCode, failed.stdout]).toEqual([3, '']);
    expect(failed.stderr).toMatch(/error the stack could not be rolled back: Own \(AWS::Logs::LogGroup\): .*exists/);
    expect(failed.stderr).toMatch(
      /\n→ the group is there already.*\n→ the functions answer as in release 1; everything else is as before\n/,
    );
    expect(await answerOf(first)).toBe('one');
    expect((await releases(folder)).map((row) => row.slice(0, 12))).toEqual([
      '   3  failed',
      '   2        ',
      '   1  TRAFFI',
    ]);
    await cloud.call('logs', 'DeleteLogGroup', { logGroupName: '/back/again' });
    expect((await run(folder, 'rollback')).stdout).toContain('Release 4 is live: release 1 is back.\n');
    expect(await answerOf(first)).toBe('one');
  });
});

describe('an alias moved by hand', () => {
  test('shows in the plan, and the next deploy moves it back', async () => {
    const { folder, first } = await deployed('hand');
    await writeFiles(folder, { 'a.ts': answers('two') });
    await deploy(folder);
    await cloud.call('lambda', 'UpdateAlias', { FunctionName: 'hand-staging-a', Name: 'live', FunctionVersion: '1' });
    expect(await answerOf(first)).toBe('one');
    const plan = await run(folder, 'plan', '--exit-code');
    expect([plan.exitCode, plan.stdout]).toEqual([
      2,
      expect.stringContaining('~ a is on version 1; a deploy moves all calls to 2\n'),
    ]);
    expect(await deploy(folder)).toMatchObject({ changed: true, release: 2 });
    expect(await answerOf(first)).toBe('two');
    expect(await deploy(folder)).toMatchObject({ changed: false, release: 2 });
  });

  test('moves back in a deploy that changes something else', async () => {
    const { folder, first } = await deployed('elsewhere');
    await writeFiles(folder, { 'a.ts': answers('two') });
    await deploy(folder);
    await cloud.call('lambda', 'UpdateAlias', {
      FunctionName: 'elsewhere-staging-a',
      Name: 'live',
      FunctionVersion: '1',
    });
    await writeFiles(folder, { 'project.yml': http('elsewhere', 'resources: {Q: {Type: "AWS::SQS::Queue"}}\n') });
    expect(await deploy(folder)).toMatchObject({ changed: true, release: 3 });
    expect(await answerOf(first)).toBe('two');
  });
});

describe('an interrupted deploy', () => {
  async function interrupted(name: string) {
    const { folder, first } = await deployed(name);
    await writeFiles(folder, { 'a.ts': answers('two') });
    const letGo = hold(cloud, 'lambda', 'UpdateAlias');
    const under = aws.startFx(folder, ['deploy', '--env', 'staging']);
    await under.saying(/AVersion\w+ CREATE_COMPLETE/);
    under.interrupt();
    const done = await under.ended;
    expect([done.exitCode, done.stdout]).toEqual([5, '']);
    expect(done.stderr).toMatch(/error interrupted \[INTERRUPTED\]\n→ CloudFormation continues the change; /);
    return { folder, first, letGo };
  }

  test('exits 5; the next one waits for the change, finds it done and records it', async () => {
    const { folder, first, letGo } = await interrupted('waits');
    const next = aws.startFx(folder, ['deploy', '--env', 'staging']);
    await next.saying(/waits-staging is in UPDATE_IN_PROGRESS: waiting for the change in progress/);
    letGo();
    expect(await next.ended).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^Nothing to change; release 2 is live\./),
    });
    expect(await answerOf(first)).toBe('two');
    expect((await releases(folder)).map((row) => row.slice(0, 10))).toEqual(['   2  LIVE', '   1      ']);
  });

  test('is recorded by a rollback, which then restores the release before it', async () => {
    const { folder, first, letGo } = await interrupted('taken');
    const next = aws.startFx(folder, ['rollback', '--env', 'staging']);
    await next.saying(/taken-staging is in UPDATE_IN_PROGRESS: waiting/);
    letGo();
    expect(await next.ended).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^Release 3 is live: release 1 is back\./),
    });
    expect(await answerOf(first)).toBe('one');
  });
});

test('an interrupted invocation ends at once', async () => {
  const { folder } = await deployed('slow', {
    'project.yml': http('slow', 'defaults: {timeout: 60}\n'),
    'a.ts': 'export const handler = () => new Promise((done) => setTimeout(done, 50_000));\n',
  });
  const calling = aws.startFx(folder, ['invoke', 'a', '--env', 'staging']);
  await aws.called('lambda:Invoke');
  calling.interrupt();
  expect(await calling.ended).toMatchObject({ exitCode: 5, stdout: '' });
});
