// An environment in several regions: each command runs in each of them, in order or at once, with one summary.
import { afterAll, expect, test } from 'vitest';
import { resultOf } from '../support/fx.ts';
import { folderOf, writeFiles } from '../support/project.ts';
import { startRecordedAws } from '../support/recorded-aws.ts';

const aws = await startRecordedAws();
afterAll(() => aws.stop());

const answers = (value: string) =>
  `export const handler = async () => ${JSON.stringify(value)} + process.env.AWS_REGION;\n`;
const project = (name: string, regions: string, more = '') =>
  `name: ${name}\nregion: us-west-2\nenvironments: {prod: {regions: ${regions}}}\nfunctions: {a: {handler: a.handler}}\n${more}`;
const run = (folder: string, ...words: string[]) => aws.fx(folder, [...words, '--env', 'prod']);
const both = '[eu-west-1, us-east-1]';
const invoked = async (folder: string, region: string) =>
  JSON.parse((await run(folder, 'invoke', 'a', '--region', region)).stdout);

test('deploy, plan, info, rollback and remove run in each region, in order', async () => {
  const folder = await folderOf({ 'project.yml': project('both', both), 'a.js': answers('one ') });
  const done = await run(folder, 'deploy');
  expect([done.exitCode, done.stdout]).toEqual([
    0,
    expect.stringMatching(/^Release 1 is live\.\n[\s\S]*Release 1 is live\.\n[\s\S]*Done in eu-west-1, us-east-1\.\n$/),
  ]);
  expect(done.stderr).toMatch(
    /^== eu-west-1\nboth · prod · account 000000000000 · eu-west-1 [\s\S]*== us-east-1\nboth · prod · .* us-east-1 /,
  );
  expect([await invoked(folder, 'eu-west-1'), await invoked(folder, 'us-east-1')]).toEqual([
    'one eu-west-1',
    'one us-east-1',
  ]);
  await writeFiles(folder, { 'a.js': answers('two ') });
  expect((await run(folder, 'plan', '--exit-code')).exitCode).toBe(2);
  // one of them
  expect((await run(folder, 'deploy', '--region', 'us-east-1')).stdout).toMatch(/^Release 2 is live\.\n/);
  expect([await invoked(folder, 'eu-west-1'), await invoked(folder, 'us-east-1')]).toEqual([
    'one eu-west-1',
    'two us-east-1',
  ]);
  const json = resultOf(await run(folder, 'deploy', '--json'));
  expect(json).toMatchObject({
    regions: [
      { region: 'eu-west-1', changed: true, release: 2 },
      { region: 'us-east-1', changed: false, release: 2 },
    ],
  });
  expect((await run(folder, 'rollback')).exitCode).toBe(0);
  expect([await invoked(folder, 'eu-west-1'), await invoked(folder, 'us-east-1')]).toEqual([
    'one eu-west-1',
    'one us-east-1',
  ]);
  expect((await run(folder, 'info')).stdout).toMatch(/live@[\s\S]*live@/);
  expect((await run(folder, 'remove', '--yes')).stdout).toContain('Done in eu-west-1, us-east-1.');
});

test('the logs of all regions are one log', async () => {
  const folder = await folderOf({
    'project.yml': project('told', both),
    'a.js': "export const handler = async (event) => console.log('said', event.n, process.env.AWS_REGION);\n",
  });
  expect((await run(folder, 'deploy')).exitCode).toBe(0);
  const order = ['us-east-1', 'eu-west-1', 'us-east-1'];
  for (const [n, region] of order.entries()) {
    await run(folder, 'invoke', 'a', '--region', region, '--data', JSON.stringify({ n }));
  }
  const said = (stdout: string) => stdout.match(/(\S+) a \S*.*said \d \S+/g);
  const all = await run(folder, 'logs', '--grep', 'said');
  expect(said(all.stdout)).toEqual([
    expect.stringMatching(/^us-east-1 a .*said 0 us-east-1$/),
    expect.stringMatching(/^eu-west-1 a .*said 1 eu-west-1$/),
    expect.stringMatching(/^us-east-1 a .*said 2 us-east-1$/),
  ]);
  const newest = await run(folder, 'logs', '-n', '1', '--grep', 'said', '--json');
  const lines = newest.stdout
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text))
    .filter(({ type }) => type === 'log');
  expect(lines).toEqual([expect.objectContaining({ region: 'us-east-1', message: expect.stringContaining('said 2') })]);
  expect(resultOf(newest)).toEqual({ lines: 1 });
  const one = await run(folder, 'logs', '--grep', 'said', '--region', 'eu-west-1');
  expect(one.stdout).toMatch(/^\S+ a .*said 1/);
  const query = resultOf(await run(folder, 'logs', '--insights', 'filter @message like /said/', '--json'));
  expect(query).toMatchObject({
    regions: [
      { region: 'eu-west-1', rows: 1 },
      { region: 'us-east-1', rows: 2 },
    ],
  });
});

test('a failure in one region stops before the next, and says where it went', async () => {
  const broken = 'resources: {Jobs: {Type: "AWS::SQS::Queue", Properties: {QueueName: jobs, FifoQueue: true}}}\n';
  const folder = await folderOf({
    'project.yml': project('stops', '[eu-west-1, us-east-1, eu-north-1]', broken),
    'a.js': answers('x'),
  });
  const cloud = await aws.local.cloud('us-east-1');
  const done = await run(folder, 'deploy');
  expect([done.exitCode, done.stderr]).toEqual([
    3,
    expect.stringMatching(
      /error eu-west-1: the deploy failed: Jobs[\s\S]*not begun in us-east-1, eu-north-1; --region runs it in one of them/,
    ),
  ]);
  const { Stacks = [] } = await cloud.call('cloudformation', 'DescribeStacks', {});
  expect(Stacks.map(({ StackName }) => StackName)).not.toContain('stops-prod');
});

test('together, the lines of each region name it', async () => {
  const folder = await folderOf({ 'project.yml': project('once', `{together: ${both}}`), 'a.js': answers('x ') });
  const done = await run(folder, 'deploy');
  expect([done.exitCode, done.stdout.split('\n').at(-2)]).toEqual([0, 'Done in eu-west-1, us-east-1.']);
  expect(done.stdout).toMatch(/^\[eu-west-1\] Release 1 is live\.$/m);
  expect(done.stderr).toMatch(/^\[us-east-1\] Creating the stack$/m);
  expect([await invoked(folder, 'eu-west-1'), await invoked(folder, 'us-east-1')]).toEqual([
    'x eu-west-1',
    'x us-east-1',
  ]);
});

test('bad lists are named at their place', async () => {
  for (const [regions, error] of [
    ['[eu-west-1, eu-west-1]', 'eu-west-1 is listed twice'],
    ['[mars-1, us-east-1]', /mars-1/],
    ['eu-west-1', 'expected a list of regions, or {together: [a list]}'],
  ] as const) {
    const folder = await folderOf({ 'project.yml': project('bad', regions), 'a.js': answers('x') });
    const done = await run(folder, 'deploy');
    expect([regions, done.exitCode, done.stderr]).toEqual([
      regions,
      4,
      typeof error === 'string' ? expect.stringContaining(error) : expect.stringMatching(error),
    ]);
    expect(done.stderr).toMatch(/project\.yml:3:\d+ /);
  }
});
