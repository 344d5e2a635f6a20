// fx info, plan and releases show what is deployed according to AWS, even if the project file has changed.
import { afterAll, expect, test } from 'vitest';
import { type Run, resultOf } from '../support/fx.ts';
import { folderOf, writeFiles } from '../support/project.ts';
import { startRecordedAws } from '../support/recorded-aws.ts';

const aws = await startRecordedAws();
afterAll(() => aws.stop());
const cloud = await aws.local.cloud('us-east-1');

const run = (folder: string, ...words: string[]): Promise<Run> => aws.fx(folder, [...words, '--env', 'staging']);
const project = (name: string, settings: string) =>
  `name: ${name}\nenvironments: {staging: {}}\nfunctions:\n  a: {handler: a.handler, ${settings}}\n`;

test('fx info shows what is deployed, even if the file has changed since and has an unset variable', async () => {
  const folder = await folderOf({
    'project.yml': project('edited', 'runtime: nodejs24.x, memory: 256, timeout: 20s, events: [http: GET /a]'),
    'a.ts': 'export const handler = async () => 1;\n',
  });
  expect((await run(folder, 'deploy')).exitCode).toBe(0);
  await writeFiles(folder, {
    'project.yml': project('edited', 'memory: 1024, variables: {A: "${var.NOT_SET}"}, events: [http: POST /b]'),
  });
  const info = await run(folder, 'info');
  expect([info.exitCode, info.stdout]).toEqual([
    0,
    expect.stringContaining('  a  edited-staging-a  live@1  nodejs24.x  256 MB  20s\n    GET /a\n'),
  ]);
  expect(resultOf(await run(folder, 'info', '--json'))).toMatchObject({
    release: 1,
    functions: [{ name: 'a', memory: 256, timeout: 20, events: ['GET /a'] }],
  });
});

test('fx info names the queues and tables of the stack', async () => {
  const folder = await folderOf({
    'project.yml': `${project('kept', 'memory: 256')}resources: {Jobs: {Type: AWS::SQS::Queue}, Audit: {Type: AWS::Logs::LogGroup}}\n`,
    'a.ts': 'export const handler = async () => 1;\n',
  });
  expect((await run(folder, 'deploy')).exitCode).toBe(0);
  expect((await run(folder, 'info')).stdout).toMatch(
    /\nresources\n {2}Jobs {2}queue {2}http:\S+\/kept-staging-Jobs-\w+\nfunctions\n/,
  );
  expect(resultOf(await run(folder, 'info', '--json'))).toMatchObject({
    resources: [{ logicalId: 'Jobs', kind: 'queue' }],
  });
});

test('fx info names what is paused, and with --drift what was changed by hand', async () => {
  const folder = await folderOf({
    'project.yml': `${project('changed', 'events: [{schedule: rate(5 minutes)}, {sqs: Jobs}]')}resources: {Jobs: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 30}}}\n`,
    'a.ts': 'export const handler = async () => 1;\n',
  });
  expect((await run(folder, 'deploy')).exitCode).toBe(0);
  expect((await run(folder, 'info')).stdout).not.toMatch(/^(drift|paused)/m);
  expect((await run(folder, 'pause', 'Jobs')).exitCode).toBe(0);
  const { QueueUrls: [QueueUrl = ''] = [] } = await cloud.call('sqs', 'ListQueues', { QueueNamePrefix: 'changed' });
  await cloud.call('sqs', 'SetQueueAttributes', { QueueUrl, Attributes: { VisibilityTimeout: '45' } });
  const found = await run(folder, 'info', '--drift');
  expect([found.exitCode, found.stdout]).toEqual([0, expect.stringMatching(/\npaused\n {2}\w+ {2}Jobs {2}a\n$/)]);
  expect(found.stdout).toMatch(
    /\ndrift {4}some {2}\S+\n(?: {2}.*\n)* {2}Jobs {2}AWS::SQS::Queue\n {4}\/VisibilityTimeout {2}30 → 45\n/,
  );
  expect((await run(folder, 'info')).stdout).toMatch(/\ndrift {4}some {2}\S+ {2}\(--drift names it\)\n/);
  expect(resultOf(await run(folder, 'info', '--drift', '--json'))).toMatchObject({
    paused: [{ text: 'Jobs', functions: ['a'] }],
    drift: { status: 'DRIFTED', resources: expect.arrayContaining([expect.objectContaining({ logicalId: 'Jobs' })]) },
  });
});

test('plan, info and releases report an alias with split traffic; deploy and rollback settle it', async () => {
  const folder = await folderOf({
    'project.yml': project('split', 'memory: 256'),
    'a.ts': 'export const handler = async () => 1;\n',
  });
  await run(folder, 'deploy');
  await writeFiles(folder, { 'a.ts': 'export const handler = async () => 2;\n' });
  await run(folder, 'deploy');
  const alias = { FunctionName: 'split-staging-a', Name: 'live' };
  const splitBy = async (version: string, other: string) => {
    const RoutingConfig = { AdditionalVersionWeights: { [other]: 0.25 } };
    await cloud.call('lambda', 'UpdateAlias', { ...alias, FunctionVersion: version, RoutingConfig });
  };
  const weights = async () =>
    (await cloud.call('lambda', 'GetAlias', alias)).RoutingConfig?.AdditionalVersionWeights ?? {};
  await splitBy('2', '1');
  const said = 'is on version 2, 25 % of calls on 1; a deploy moves all calls to 2';
  const plan = await run(folder, 'plan', '--exit-code');
  expect([plan.exitCode, plan.stdout]).toEqual([2, expect.stringContaining(`~ a ${said}`)]);
  expect((await run(folder, 'info')).stdout).toContain(said);
  expect((await run(folder, 'releases')).stdout).toContain(`a ${said}`);
  expect(resultOf(await run(folder, 'deploy', '--json'))).toMatchObject({ changed: true, release: 2 });
  expect(await weights()).toEqual({});

  await splitBy('2', '1');
  // the stack publishes the code of release 1 as a new version
  expect((await run(folder, 'rollback')).stdout).toContain('Release 3 is live: release 1 is back.');
  expect(await cloud.call('lambda', 'GetAlias', alias)).toMatchObject({ FunctionVersion: '3' });
  expect(await weights()).toEqual({});
});
