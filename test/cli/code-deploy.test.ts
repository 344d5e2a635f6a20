// deployment.codeDeploy: CodeDeploy of the local AWS moves the traffic while the stack is updated, except where fx moves it at once.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cloud } from '../../src/local/cloud.ts';
import { reporting } from '../../src/local/codedeploy/test-code-deploy.ts';
import { clock, type Run, type Running, resultOf } from '../support/fx.ts';
import { folderOf, writeFiles } from '../support/project.ts';
import { type RecordedAws, startRecordedAws } from '../support/recorded-aws.ts';

let aws: RecordedAws;
let cloud: Cloud;
beforeAll(async () => {
  aws = await startRecordedAws();
  cloud = await aws.local.cloud('us-east-1');
});
afterAll(() => aws.stop());

const minute = 60_000;
const answers = (value: string) => `export const handler = async () => ${JSON.stringify(value)};\n`;
const codeDeploy = 'canary: 10%, bake: 5m';
const project = (name: string, settings = codeDeploy, more = '') =>
  `name: ${name}\nenvironments: {staging: {}}\nfunctions:\n  a: {handler: a.handler}\n  check: {handler: check.handler}\n` +
  `deployment: {codeDeploy: {${settings}, functions: [a]}}\n${more}`;
const staging = ['--env', 'staging'];
const run = (folder: string, ...words: string[]): Promise<Run> => aws.fx(folder, [...words, ...staging]);
const start = (folder: string, ...words: string[]): Running => aws.startFx(folder, [...words, ...staging]);

async function deployed(name: string, settings?: string, more?: string): Promise<string> {
  const folder = await folderOf({
    'project.yml': project(name, settings, more),
    'a.js': answers('a1'),
    'check.js': reporting('Succeeded'),
  });
  const done = await run(folder, 'deploy');
  expect([done.exitCode, done.stderr]).toEqual([0, expect.any(String)]);
  return folder;
}

async function aliasOf(name: string, fn = 'a') {
  const input = { FunctionName: `${name}-staging-${fn}`, Name: 'live' };
  const { FunctionVersion, RoutingConfig } = await cloud.call('lambda', 'GetAlias', input);
  return { version: FunctionVersion, weights: RoutingConfig?.AdditionalVersionWeights ?? {} };
}

async function answer(name: string, Qualifier = 'live'): Promise<unknown> {
  const { Payload } = await cloud.call('lambda', 'Invoke', { FunctionName: `${name}-staging-a`, Qualifier });
  return JSON.parse(Buffer.from(Payload ?? []).toString());
}

/** Resolves when CodeDeploy has given the new version its share; rejects if fx ends before. */
async function shifting(name: string, { ended }: Running, fn = 'a'): Promise<void> {
  let early: Run | undefined;
  void ended.then((done) => {
    early = done;
  });
  while (Object.keys((await aliasOf(name, fn)).weights).length === 0) {
    if (early !== undefined) throw new Error(`fx ended before the shift:\n${early.stdout}${early.stderr}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Deploys, with the time that the canary takes. */
async function deployedByCodeDeploy(name: string, folder: string, ...words: string[]): Promise<Run> {
  const deploying = start(folder, 'deploy', ...words);
  await shifting(name, deploying);
  await clock.advance(5 * minute);
  return deploying.ended;
}

async function deployments(name: string): Promise<number> {
  const { applications = [] } = await cloud.call('codedeploy', 'ListApplications', {});
  const applicationName = applications.find((application) => application.startsWith(`${name}-staging`));
  const { deploymentGroups = [] } = await cloud.call('codedeploy', 'ListDeploymentGroups', { applicationName });
  const lists = deploymentGroups.map((deploymentGroupName) =>
    cloud.call('codedeploy', 'ListDeployments', { applicationName, deploymentGroupName }),
  );
  return (await Promise.all(lists)).flatMap((list) => list.deployments ?? []).length;
}

describe('a deploy', () => {
  test('lasts as long as the canary, whose share the new version has', async () => {
    const folder = await deployed('good');
    await writeFiles(folder, { 'a.js': answers('a2') });
    const deploying = start(folder, 'deploy');
    await shifting('good', deploying);
    expect(await aliasOf('good')).toEqual({ version: '1', weights: { 2: 0.1 } });
    await clock.advance(5 * minute);
    const done = await deploying.ended;
    expect([done.exitCode, done.stdout]).toEqual([0, expect.stringContaining('Release 2 is live.')]);
    expect(done.stderr).toMatch(/^ {2}AAlias: CodeDeploy deployment started: d-[A-Z0-9]{9}$/m);
    expect(done.stderr).not.toContain('moves all at once');
    expect(await aliasOf('good')).toEqual({ version: '2', weights: {} });
    expect(await answer('good')).toBe('a2');
    expect(await deployments('good')).toBe(1);
    expect(resultOf(await run(folder, 'deploy', '--json'))).toMatchObject({ changed: false, release: 2 });
  });

  test('whose hook reports a failure leaves the old version, and the next one succeeds', async () => {
    const folder = await deployed('hooked', `${codeDeploy}, beforeTraffic: check`);
    await writeFiles(folder, { 'a.js': answers('a2'), 'check.js': reporting('Failed') });
    const failed = await run(folder, 'deploy');
    expect([failed.exitCode, failed.stderr]).toEqual([
      3,
      expect.stringMatching(
        /AAlias[\s\S]*one or more of the lifecycle event validation functions failed[\s\S]*→ a hook reported a failure, or nothing within an hour: fx logs of the function/,
      ),
    ]);
    expect(await aliasOf('hooked')).toEqual({ version: '1', weights: {} });
    expect(await answer('hooked')).toBe('a1');
    await writeFiles(folder, { 'check.js': reporting('Succeeded') });
    const done = await deployedByCodeDeploy('hooked', folder);
    expect([done.exitCode, done.stderr]).toEqual([0, expect.any(String)]);
    expect(await answer('hooked')).toBe('a2');
  });

  test('loses its traffic when an alarm goes off', async () => {
    const alarm = `resources:
  AErrors:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/Lambda
      MetricName: Errors
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 1
      Threshold: 1
      ComparisonOperator: GreaterThanOrEqualToThreshold
      TreatMissingData: notBreaching
      Dimensions: [{Name: FunctionName, Value: !Ref AFunction}]
`;
    const folder = await deployed('alarmed', `${codeDeploy}, alarms: [AErrors]`, alarm);
    await writeFiles(folder, { 'a.js': 'export const handler = async () => { throw new Error("broken"); };\n' });
    const deploying = start(folder, 'deploy');
    await shifting('alarmed', deploying);
    await answer('alarmed', '2');
    await clock.advance(minute + 10_000);
    const { exitCode, stderr } = await deploying.ended;
    expect([exitCode, stderr]).toEqual([
      3,
      expect.stringMatching(/Activated alarms: <alarmed-staging-AErrors-[\s\S]*→ CodeDeploy took the traffic back/),
    ]);
    expect(await aliasOf('alarmed')).toEqual({ version: '1', weights: {} });
    expect(await answer('alarmed')).toBe('a1');
  });
});

test('a rollback waits for the shift; if it fails meanwhile, there is nothing to go back to', async () => {
  const folder = await deployed('meanwhile');
  await writeFiles(folder, { 'a.js': answers('a2') });
  await deployedByCodeDeploy('meanwhile', folder);
  await writeFiles(folder, { 'a.js': answers('a3') });
  const deploying = start(folder, 'deploy');
  await shifting('meanwhile', deploying);
  const rolling = start(folder, 'rollback');
  await rolling.saying(/waiting for the change in progress/);
  const running = { includeOnlyStatuses: ['InProgress' as const] };
  const { deployments: [deploymentId] = [] } = await cloud.call('codedeploy', 'ListDeployments', running);
  await cloud.call('codedeploy', 'StopDeployment', { deploymentId });
  expect((await deploying.ended).exitCode).toBe(3);
  const done = await rolling.ended;
  expect([done.exitCode, done.stdout]).toEqual([0, expect.stringContaining('Nothing to change; release 2 is live.')]);
  expect(await answer('meanwhile')).toBe('a2');
  expect((await run(folder, 'rollback')).stdout).toContain('release 1 is back');
});

describe('traffic moves at once, and by CodeDeploy again at the next change', () => {
  /** Nothing to change, in a plan as in a deploy; then a change, which CodeDeploy moves. */
  async function settles(name: string, folder: string): Promise<void> {
    const before = await deployments(name);
    const again = await run(folder, 'deploy', '--json');
    expect([again.stderr, resultOf(again)]).toEqual([expect.any(String), expect.objectContaining({ changed: false })]);
    const plan = await run(folder, 'plan');
    expect([plan.exitCode, plan.stdout + plan.stderr]).toEqual([0, expect.stringContaining('Nothing to change.')]);
    expect(await deployments(name)).toBe(before);
    await writeFiles(folder, { 'a.js': answers('again') });
    const done = await deployedByCodeDeploy(name, folder);
    expect([done.exitCode, done.stderr]).toEqual([0, expect.not.stringContaining('moves all at once')]);
    expect(await answer(name)).toBe('again');
    expect(await deployments(name)).toBe(before + 1);
  }

  test('by a rollback', async () => {
    const folder = await deployed('back');
    await writeFiles(folder, { 'a.js': answers('a2') });
    await deployedByCodeDeploy('back', folder);
    const done = await run(folder, 'rollback');
    expect([done.exitCode, done.stdout]).toEqual([0, expect.stringContaining('release 1 is back')]);
    expect(await answer('back')).toBe('a1');
    expect(await deployments('back')).toBe(1);
    await writeFiles(folder, { 'a.js': answers('a1') });
    await settles('back', folder);
  });

  test('by --all-at-once', async () => {
    const folder = await deployed('once');
    await writeFiles(folder, { 'a.js': answers('a2') });
    const done = await run(folder, 'deploy', '--all-at-once');
    expect([done.exitCode, done.stdout]).toEqual([0, expect.stringContaining('Release 2 is live.')]);
    expect(await answer('once')).toBe('a2');
    expect(await deployments('once')).toBe(0);
    await settles('once', folder);
  });

  test('after --code-only', async () => {
    const folder = await deployed('only');
    await writeFiles(folder, { 'a.js': answers('a2') });
    expect((await run(folder, 'deploy', 'a', '--code-only')).exitCode).toBe(0);
    expect(await answer('only')).toBe('a2');
    await writeFiles(folder, { 'a.js': answers('a3') });
    const done = await run(folder, 'deploy');
    expect([done.exitCode, done.stderr]).toEqual([
      0,
      expect.stringContaining('a moves all at once: its alias was moved outside the stack'),
    ]);
    expect(await answer('only')).toBe('a3');
    expect(await deployments('only')).toBe(0);
    await settles('only', folder);
  });

  test('after rollback --traffic-only', async () => {
    const folder = await deployed('traffic');
    await writeFiles(folder, { 'a.js': answers('a2') });
    await deployedByCodeDeploy('traffic', folder);
    expect((await run(folder, 'rollback', '--traffic-only')).exitCode).toBe(0);
    expect(await answer('traffic')).toBe('a1');
    await writeFiles(folder, { 'a.js': answers('a3') });
    const done = await run(folder, 'deploy');
    expect([done.exitCode, done.stderr]).toEqual([
      0,
      expect.stringContaining('a moves all at once: its alias was moved outside the stack'),
    ]);
    expect(await answer('traffic')).toBe('a3');
    expect(await deployments('traffic')).toBe(1);
    await settles('traffic', folder);
  });
});

test('an alias that a person moved is moved at once: CodeDeploy would fail, and CloudFormation restore the version that the person left', async () => {
  const folder = await deployed('person');
  await writeFiles(folder, { 'a.js': answers('a2') });
  await deployedByCodeDeploy('person', folder);
  await cloud.call('lambda', 'UpdateAlias', { FunctionName: 'person-staging-a', Name: 'live', FunctionVersion: '1' });
  await writeFiles(folder, { 'a.js': answers('a3') });
  const done = await run(folder, 'deploy');
  expect([done.exitCode, done.stderr]).toEqual([
    0,
    expect.stringContaining('a moves all at once: its alias was moved outside the stack'),
  ]);
  expect(await answer('person')).toBe('a3');
  expect(await deployments('person')).toBe(1);
});

test('only functions whose alias CodeDeploy would refuse to move are moved at once, and named', async () => {
  const both = project('two')
    .replace('check: {handler: check.handler}', 'b: {handler: b.handler}')
    .replace(', functions: [a]', '');
  const folder = await folderOf({ 'project.yml': both, 'a.js': answers('a1'), 'b.js': answers('b1') });
  expect((await run(folder, 'deploy')).exitCode).toBe(0);
  await writeFiles(folder, { 'a.js': answers('a2') });
  expect((await run(folder, 'deploy', 'a', '--code-only')).exitCode).toBe(0);
  // b is as it was
  const first = await run(folder, 'deploy');
  expect([first.exitCode, first.stderr]).toEqual([0, expect.stringContaining('  a moves all at once')]);
  expect(first.stderr).not.toContain('  b moves all at once');
  await writeFiles(folder, { 'a.js': answers('a3') });
  expect((await run(folder, 'deploy', 'a', '--code-only')).exitCode).toBe(0);
  // b has a new version too, which CodeDeploy can move
  await writeFiles(folder, { 'b.js': answers('b2') });
  const deploying = start(folder, 'deploy');
  await shifting('two', deploying, 'b');
  await clock.advance(5 * minute);
  const second = await deploying.ended;
  expect([second.exitCode, second.stderr]).toEqual([0, expect.stringContaining('  a moves all at once')]);
  expect(second.stderr).not.toContain('  b moves all at once');
  // a rollback of one function leaves the policy of the other
  const back = await run(folder, 'rollback', 'b');
  expect([back.exitCode, back.stderr]).toEqual([0, expect.any(String)]);
  expect(await deployments('two')).toBe(1);
});

test('--canary of fx is refused', async () => {
  const folder = await folderOf({ 'project.yml': project('both'), 'a.js': answers('a1'), 'check.js': answers('c') });
  const done = await run(folder, 'deploy', '--canary', '10%');
  expect([done.exitCode, done.stderr]).toEqual([
    4,
    expect.stringMatching(
      /^error CodeDeploy moves the traffic of this environment: --canary and --linear are fx's \[USAGE\]\n/,
    ),
  ]);
});
