// fx tune.
import { GetFunctionConfigurationCommand, LambdaClient, ListVersionsByFunctionCommand } from '@aws-sdk/client-lambda';
import { expect, test } from 'vitest';
import type { Tuned } from '../../src/operate/tune.ts';
import { fx, resultOf, startFx, stopAfter } from '../support/fx.ts';
import { folderOf } from '../support/project.ts';

test('each size is measured in a version of its own, and everything is as before, whatever happens', async () => {
  const folder = await folderOf({
    'project.yml': 'name: shop\nfunctions: {work: {handler: a.handler, memory: 256}}\n',
    'a.ts': `export const handler = async (event: { fail?: boolean; wait?: number }, context: { memoryLimitInMB: string }) => {
  if (event.fail) throw new Error('no');
  // as if processors came with memory
  await new Promise((done) => setTimeout(done, (event.wait ?? 0) * (1024 / Number(context.memoryLimitInMB))));
};
`,
  });
  stopAfter(folder);
  const tune = (...words: readonly string[]) =>
    fx(folder, ['tune', 'work', '--memory', '1024,256,512', '--calls', '3', ...words]);
  expect(await tune('--yes')).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('[NOT_DEPLOYED]') });
  expect((await fx(folder, ['deploy'])).exitCode).toBe(0);
  const { endpoint } = resultOf(await fx(folder, ['local', 'status', '--json'])) as { endpoint: string };
  const client = new LambdaClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'a' },
  });
  const isAsBefore = async () => {
    const FunctionName = 'shop-local-work';
    const { MemorySize } = await client.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const { Versions = [] } = await client.send(new ListVersionsByFunctionCommand({ FunctionName }));
    expect([MemorySize, Versions.map(({ Version }) => Version)]).toEqual([256, ['$LATEST', '1']]);
  };

  const unsure = await tune();
  expect([unsure.exitCode, unsure.stderr]).toEqual([
    5,
    expect.stringContaining('This calls "work" in "local" 12 times, for real; meanwhile nobody else can deploy.'),
  ]);
  const done = await tune('--yes', '--data', '{"wait": 100}', '--json');
  expect(done.exitCode, done.stderr).toBe(0);
  const tuned = resultOf(done) as Tuned;
  expect(tuned).toMatchObject({ function: 'work', current: 256, fastest: 1024 });
  expect(tuned.measured.map(({ memory }) => memory)).toEqual([256, 512, 1024]);
  for (const { mean, p95, initialization, millionCalls, memory } of tuned.measured) {
    expect(mean).toBeGreaterThan(100 * (1024 / memory) - 5);
    expect(p95).toBeGreaterThanOrEqual(mean);
    expect(initialization).toBeGreaterThan(0);
    // requests alone are 20 cents
    expect(millionCalls).toBeGreaterThan(0.2);
  }
  await isAsBefore();

  const shown = await tune('--yes', '--parallel', '2');
  expect(shown.stdout).toMatch(/^ +MB {2}mean ms +p95 +init +used MB +a million {2}time +cost\n/);
  expect(shown.stdout).toMatch(/\n *256\* .*█/);
  expect(shown.stdout).toMatch(/\d+ MB is the cheapest(, \d+ MB the fastest| and the fastest)\. \* what it has now\./);

  const failed = await tune('--yes', '--data', '{"fail": true}');
  expect([failed.exitCode, failed.stderr]).toEqual([3, expect.stringContaining('"work" failed with 256 MB: ')]);
  await isAsBefore();

  const slow = ['--memory', '512,1024', '--calls', '1', '--data', '{"wait": 300}'];
  const running = startFx(folder, ['tune', 'work', '--yes', ...slow]);
  await running.saying(/512 MB: /);
  running.interrupt();
  expect((await running.ended).exitCode).toBe(5);
  await isAsBefore();
});

test.each(['64', '512;1024', '20000'])('--memory %s is refused', async (sizes) => {
  const folder = await folderOf({ 'project.yml': 'name: s\nfunctions: {a: {handler: a.handler}}\n', 'a.ts': '' });
  expect(await fx(folder, ['tune', 'a', '--memory', sizes])).toMatchObject({
    exitCode: 4,
    stderr: expect.stringContaining('--memory takes sizes from 128 to 10240 MB'),
  });
});
