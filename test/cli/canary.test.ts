// Gradual deploys: traffic moves by the aliases' weights, and back if the new versions misbehave, or if fx is stopped.
import { afterAll, describe, expect, test } from 'vitest';
import { type Run, resultOf } from '../support/fx.ts';
import { answers, folderOf, writeFiles } from '../support/project.ts';
import { type RecordedAws, startRecordedAws } from '../support/recorded-aws.ts';

const aws = await startRecordedAws();
afterAll(() => aws.stop());
const cloud = await aws.local.cloud('us-east-1');

const fails = 'export const handler = async () => { throw new Error("broken"); };\n';
const project = (name: string, more = '') =>
  `name: ${name}\nenvironments: {staging: {}}\nfunctions:\n  a: {handler: a.handler}\n  b: {handler: b.handler}\n${more}`;
const staging = ['--env', 'staging'];
const run = (folder: string, ...words: string[]): Promise<Run> => aws.fx(folder, [...words, ...staging]);

async function deployed(name: string, more = ''): Promise<string> {
  const folder = await folderOf({ 'project.yml': project(name, more), 'a.js': answers('a1'), 'b.js': answers('b1') });
  const done = await run(folder, 'deploy');
  expect([done.exitCode, done.stderr]).toEqual([0, expect.any(String)]);
  return folder;
}

async function aliasOf(name: string, fn = 'a') {
  const { FunctionVersion, RoutingConfig } = await cloud.call('lambda', 'GetAlias', {
    FunctionName: `${name}-staging-${fn}`,
    Name: 'live',
  });
  return { version: FunctionVersion, weights: RoutingConfig?.AdditionalVersionWeights ?? {} };
}

const call = (name: string, fn = 'a') =>
  cloud.call('lambda', 'Invoke', { FunctionName: `${name}-staging-${fn}`, Qualifier: 'live' });

/** Calls the function until fx has ended. */
async function underLoad(name: string, ended: Promise<Run>): Promise<Run> {
  let isOver = false;
  void ended.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await call(name);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return ended;
}
const stackStatus = async (name: string) =>
  (await cloud.call('cloudformation', 'DescribeStacks', { StackName: `${name}-staging` })).Stacks?.[0]?.StackStatus;

describe('a canary', () => {
  test('goes back when an alarm goes off, and does not begin while one is off or missing', async () => {
    const folder = await deployed('alarmed');
    const put = (AlarmName: string) =>
      cloud.call('monitoring', 'PutMetricAlarm', {
        AlarmName,
        Namespace: 'shop',
        MetricName: 'refunds',
        Statistic: 'Sum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 5,
        ComparisonOperator: 'GreaterThanThreshold',
      });
    const set = (AlarmName: string, StateValue: 'OK' | 'ALARM') =>
      cloud.call('monitoring', 'SetAlarmState', { AlarmName, StateValue, StateReason: 'test' });
    await put('refunds');
    await writeFiles(folder, { 'a.js': answers('a2') });
    const canary = (alarm: string) => ['deploy', '--canary', '10%', '--bake', '20s', '--abort-on', `alarm:${alarm}`];
    const missing = await run(folder, ...canary('refund'));
    expect([missing.exitCode, missing.stderr]).toEqual([4, expect.stringContaining('no CloudWatch alarm "refund"')]);
    await set('refunds', 'ALARM');
    const off = await run(folder, ...canary('refunds'));
    expect([off.exitCode, off.stderr]).toEqual([
      3,
      expect.stringContaining('"refunds" is in the state ALARM before the deploy begins [DEPLOY_ABORTED]'),
    ]);
    expect((await run(folder, 'releases', '--json')).stdout).not.toContain('"number":2');
    await set('refunds', 'OK');
    const deploying = aws.startFx(folder, [...canary('refunds'), ...staging]);
    await deploying.saying(/10% of the calls/);
    expect((await aliasOf('alarmed')).weights).not.toEqual({});
    await set('refunds', 'ALARM');
    const done = await deploying.ended;
    expect([done.exitCode, done.stderr]).toEqual([3, expect.stringContaining('aborted: the alarm "refunds" went off')]);
    expect(await aliasOf('alarmed')).toEqual({ version: '1', weights: {} });
  });

  test('gets a share of the traffic, then all of it, and the stack has the end state', async () => {
    const folder = await deployed('good');
    await writeFiles(folder, { 'a.js': answers('a2') });
    const deploying = aws.startFx(folder, ['deploy', '--canary', '10%', '--bake', '2s', ...staging]);
    await deploying.saying(/10% of the calls of a go to the new version; watching for 2 s/);
    expect(await aliasOf('good')).toEqual({ version: '1', weights: { 2: 0.1 } });
    expect(await aliasOf('good', 'b')).toEqual({ version: '1', weights: {} });
    const done = await underLoad('good', deploying.ended);
    expect([done.exitCode, done.stdout]).toEqual([0, expect.stringContaining('Release 2 is live.')]);
    expect(await aliasOf('good')).toEqual({ version: '2', weights: {} });
    expect(resultOf(await run(folder, 'deploy', '--json'))).toMatchObject({ changed: false, release: 2 });
    expect((await run(folder, 'rollback')).stdout).toContain('release 1 is back');
  });

  test('that fails loses its traffic, and the stack is as before', async () => {
    const folder = await deployed('bad');
    await writeFiles(folder, { 'a.js': fails });
    const deploying = aws.startFx(folder, ['deploy', '--canary', '50%', '--bake', '30s', ...staging]);
    await deploying.saying(/50% of the calls/);
    const done = await underLoad('bad', deploying.ended);
    expect([done.exitCode, done.stderr]).toEqual([
      3,
      expect.stringMatching(
        /All calls go to the old versions again: errors>1% in a \(\d+ of \d+ calls\)\nRestoring the stack\n[\s\S]*error the deploy was aborted: errors>1% in a \(\d+ of \d+ calls\) \[DEPLOY_ABORTED\]\n→ all calls go to the versions that had them before, and the stack is as it was\n/,
      ),
    ]);
    expect(await aliasOf('bad')).toEqual({ version: '1', weights: {} });
    expect((await run(folder, 'releases')).stdout).toMatch(/^ {3}2 {2}failed .*errors>1% in a[\s\S]*\n {3}1 {2}LIVE /);
    // the same code again publishes a version again
    const again = aws.startFx(folder, ['deploy', '--canary', '50%', '--bake', '30s', ...staging]);
    await again.saying(/50% of the calls/);
    expect((await underLoad('bad', again.ended)).stderr).toContain('errors>1% in a');
    await writeFiles(folder, { 'a.js': answers('a1') });
    expect(resultOf(await run(folder, 'deploy', '--json'))).toMatchObject({ changed: false, release: 1 });
  });

  test('whose new version fails its smoke event gets no traffic', async () => {
    const folder = await deployed('smoke');
    await writeFiles(folder, {
      'a.js': 'export const handler = async ({ id }) => { if (id === 7) throw new Error("no 7"); return id; };\n',
      'tests/events/a.json': '{"id": 1}',
      'tests/events/a.seven.json': '{"id": 7}',
      'tests/events/other.json': '{}',
    });
    const done = await run(folder, 'deploy', '--canary', '10%', '--bake', '1s');
    expect([done.exitCode, done.stderr]).toEqual([
      3,
      expect.stringMatching(
        /a answered tests\/events\/a\.json\n[\s\S]*error the deploy was aborted: version 2 of a failed on tests\/events\/a\.seven\.json: .*no 7/,
      ),
    ]);
    expect(done.stderr).not.toContain('10% of');
    expect((await run(folder, 'deploy', '--canary', '10%', '--bake', '1s', '--no-smoke')).exitCode).toBe(0);
  });

  test('of a function whose dead letters change moves it all at once, and says so', async () => {
    const queue = 'resources: {Dead: {Type: "AWS::SQS::Queue"}}\n';
    const folder = await deployed('letters', queue);
    const withQueue = project('letters', queue).replace(
      'a: {handler: a.handler}',
      'a: {handler: a.handler, deadLetterQueue: !GetAtt Dead.Arn}',
    );
    await writeFiles(folder, { 'project.yml': withQueue, 'b.js': answers('b2') });
    const done = await run(folder, 'deploy', '--canary', '10%', '--bake', '1s');
    expect([done.exitCode, done.stderr]).toEqual([
      0,
      expect.stringMatching(/ a moves all at once: its dead-letter[\s\S]*10% of the calls of b go to the new version/),
    ]);
    expect([await aliasOf('letters'), await aliasOf('letters', 'b')]).toEqual([
      { version: '2', weights: {} },
      { version: '2', weights: {} },
    ]);
  });
});

describe('a linear deploy', () => {
  test('moves step by step, as project.yml says, which the command line overrides', async () => {
    const folder = await deployed('steps', 'deployment: {linear: 40%, every: 1s}\n');
    await writeFiles(folder, { 'a.js': answers('a2') });
    const done = await run(folder, 'deploy');
    const shares = [...done.stderr.matchAll(/(\d+)% of the calls/g)].map(([, share]) => share);
    expect([done.exitCode, shares]).toEqual([0, ['40', '80']]);
    await writeFiles(folder, { 'a.js': answers('a3') });
    expect((await run(folder, 'deploy', '--all-at-once')).stderr).not.toContain('% of the calls');
    expect(await aliasOf('steps')).toEqual({ version: '3', weights: {} });
  });
});

describe('a gradual deploy that is stopped', () => {
  async function stopped(name: string, stop: (deploying: ReturnType<RecordedAws['startFx']>) => Promise<void> | void) {
    const folder = await deployed(name);
    await writeFiles(folder, { 'a.js': answers('a2') });
    const deploying = aws.startFx(folder, ['deploy', '--canary', '10%', '--bake', '60s', ...staging]);
    await deploying.saying(/10% of the calls/);
    await stop(deploying);
    return { folder, done: await deploying.ended };
  }

  test('by Ctrl-C gives the traffic back before it exits; the next deploy or rollback goes on', async () => {
    const { folder, done } = await stopped('interrupted', (deploying) => deploying.interrupt());
    expect([done.exitCode, done.stderr]).toEqual([
      5,
      expect.stringContaining(
        '→ all calls go to the versions that had them before; fx rollback --env staging restores',
      ),
    ]);
    expect(await aliasOf('interrupted')).toEqual({ version: '1', weights: {} });
    expect((await run(folder, 'releases')).stdout).toMatch(/^ {3}2 {2}failed /);
    expect((await run(folder, 'rollback')).stdout).toContain('release 1 is back');
    const again = await run(folder, 'deploy', '--canary', '10%', '--bake', '1s');
    expect([again.exitCode, again.stderr]).toEqual([0, expect.stringContaining('10% of the calls of a')]);
    expect((await aliasOf('interrupted')).weights).toEqual({});
  });

  test('by kill -9 is settled by the next command, which gives the traffic to one version', async () => {
    const { folder } = await stopped('killed', (deploying) => deploying.kill());
    expect((await aliasOf('killed')).weights).toEqual({ 2: 0.1 });
    expect((await run(folder, 'releases')).stdout).toContain('a is on version 1, 10 % of calls on 2');
    expect((await run(folder, 'rollback')).stdout).toContain('release 1 is back');
    expect(await aliasOf('killed')).toEqual({ version: '1', weights: {} });
    expect(await stackStatus('killed')).toBe('UPDATE_COMPLETE');
  });

  test('by fx rollback from elsewhere is aborted, and what was live stays live', async () => {
    let rolledBack: Run | undefined;
    const { folder, done } = await stopped('asked', async (deploying) => {
      await deploying.saying(/watching/);
      rolledBack = await run(await other('asked'), 'rollback');
    });
    expect([done.exitCode, done.stderr]).toEqual([
      3,
      expect.stringContaining('error the deploy was aborted: a rollback asked for it [DEPLOY_ABORTED]'),
    ]);
    expect([rolledBack?.exitCode, rolledBack?.stdout]).toEqual([
      0,
      expect.stringContaining('Nothing to change; release 1 is live.'),
    ]);
    expect(await aliasOf('asked')).toEqual({ version: '1', weights: {} });
    expect((await run(folder, 'releases')).stdout).toMatch(/^ {3}2 {2}failed .*\n {3}1 {2}LIVE /);
  });
  const other = (name: string) =>
    folderOf({ 'project.yml': project(name), 'a.js': answers('a1'), 'b.js': answers('b1') });
});

test('bad options are named', async () => {
  const folder = await folderOf({ 'project.yml': project('wrong'), 'a.js': answers('a'), 'b.js': answers('b') });
  for (const [words, error] of [
    [['--canary', '100%'], '--canary takes a share of the traffic such as 10%, not "100%"'],
    [['--canary', '10%', '--abort-on', 'alarm:'], '--abort-on takes a condition such as errors>1%'],
    [['--canary', '10%', '--abort-on', 'errors'], '--abort-on takes a condition such as errors>1%'],
    [['--bake', '5m'], '--bake, --every, --abort-on and --no-smoke need --canary or --linear'],
    [['--canary', '10%', '--linear', '10%'], '--canary and --linear exclude each other'],
    [['--canary', '10%', '--every', '1m'], '--every is for --linear; a canary has --bake'],
    [['--canary', '10%', '--bake', '5'], '--bake takes a time from 1s to 48h, such as 5m, not "5"'],
    [['--canary', '10%', '--all-at-once'], '--all-at-once excludes the options of a gradual deploy'],
  ] as const) {
    const done = await run(folder, 'deploy', ...words);
    expect([words, done.exitCode, done.stderr]).toEqual([words, 4, expect.stringContaining(error)]);
  }
  for (const [deployment, error] of [
    ['{canary: 10%, linear: 10%}', 'a deployment has canary or linear, not both'],
    ['{canary: 0%}', 'expected a share of the traffic such as 10%'],
    ['{canary: 10%, abortOn: nothing}', 'expected a condition such as errors>1%'],
    ['{canary: 10%, smoke: {c: [x.json]}}', 'deployment.smoke names a function that does not exist: "c"'],
  ] as const) {
    await writeFiles(folder, { 'project.yml': project('wrong', `deployment: ${deployment}\n`) });
    const done = await run(folder, 'deploy');
    expect([deployment, done.exitCode, done.stderr]).toEqual([deployment, 4, expect.stringContaining(error)]);
  }
});
