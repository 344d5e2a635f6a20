// Sixty functions behind a Lambda that allows 15 control-plane calls a second, as AWS does: throttling fails no command.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalAws, startLocalAws } from '../../src/local/host.ts';
import { type FaultyAws, type FaultyCall, isLambdaControl, rateLimit, startFaultyAws } from '../support/faulty-aws.ts';
import { clock, fx, type Run, resultOf } from '../support/fx.ts';
import { folderOf, writeFiles } from '../support/project.ts';

const count = 60;
const callsASecond = 15;

let local: LocalAws;
let aws: FaultyAws;
let throttled: FaultyCall[];
beforeAll(async () => {
  local = await startLocalAws({ clock });
  const limit = rateLimit(callsASecond, isLambdaControl);
  throttled = [];
  aws = await startFaultyAws(local.endpoint, (call) => {
    const fault = limit(call);
    if (fault !== undefined) throttled.push(call);
    return fault;
  });
});
afterAll(async () => {
  await aws.stop();
  await local.stop();
});

const run = (folder: string, ...words: string[]): Promise<Run> =>
  fx(folder, [...words, '--env', 'staging'], {
    variables: {
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  });
/** The answered calls, without the throttled ones: the command before may have used up the second. */
const lambdaCalls = (from: number) =>
  aws.calls
    .slice(from)
    .filter((call) => isLambdaControl(call) && !throttled.includes(call))
    .map(({ operation }) => operation.split(' ')[0]);

test('deploy, unchanged deploy, plan, info, releases and rollback all succeed, with one call per function', async () => {
  const names = Array.from({ length: count }, (_, index) => `f${index}`);
  const functions = names.map((name) => `  ${name}: {handler: a.handler}`).join('\n');
  const folder = await folderOf({
    'project.yml': `name: many\nenvironments: {staging: {}}\nfunctions:\n${functions}\n`,
    'a.ts': 'export const handler = async () => 1;\n',
  });
  expect(resultOf(await run(folder, 'deploy', '--json'))).toMatchObject({ changed: true, release: 1 });
  let before = aws.calls.length;
  expect(resultOf(await run(folder, 'deploy', '--json'))).toMatchObject({ changed: false, release: 1 });
  expect(lambdaCalls(before)).toEqual(names.map(() => 'GET'));
  before = aws.calls.length;
  expect(resultOf(await run(folder, 'plan', '--json'))).toMatchObject({ empty: true });
  expect(lambdaCalls(before)).toEqual(names.map(() => 'GET'));
  expect(resultOf(await run(folder, 'info', '--json'))).toMatchObject({ release: 1 });
  expect((await run(folder, 'releases')).stdout).toMatch(/^ {3}1 {2}LIVE /);

  await writeFiles(folder, { 'a.ts': 'export const handler = async () => 2;\n' });
  expect(resultOf(await run(folder, 'deploy', '--json'))).toMatchObject({ changed: true, release: 2 });
  before = aws.calls.length;
  const rollback = await run(folder, 'rollback', '--json');
  expect(resultOf(rollback)).toMatchObject({ changed: true, release: 3, target: 1 });
  // the traffic is back before the first call to CloudFormation
  const moves = aws.calls
    .slice(before)
    .filter((call) => call.operation.startsWith('PUT /2015') && !throttled.includes(call));
  const update = aws.calls.slice(before).find(({ operation }) => operation === 'UpdateStack');
  expect(moves).toHaveLength(count);
  expect(Math.max(...moves.map(({ number }) => number))).toBeLessThan(update?.number ?? 0);
  // after the first second of a command, the pace avoids throttling
  expect(throttled.length).toBeLessThan(6 * callsASecond);
}, 240_000);
