// fx promote: the artifacts of one environment's release, with the configuration of another.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Run, resultOf } from '../support/fx.ts';
import { folderOf, writeFiles } from '../support/project.ts';
import { startRecordedAws } from '../support/recorded-aws.ts';

const aws = await startRecordedAws();
afterAll(() => aws.stop());

const answers = (value: string) =>
  `export const handler = async () => [${JSON.stringify(value)}, process.env.LEVEL, process.env.AWS_REGION];\n`;
const project = (name: string, more = '', functions = '{a: {handler: a.handler}}') =>
  `name: ${name}\nenvironments:\n  staging: {defaults: {variables: {LEVEL: low}}}\n  prod: {defaults: {variables: {LEVEL: high}, memory: 256}}\n  far: {region: eu-west-1}\nfunctions: ${functions}\n${more}`;
const run = (folder: string, ...words: string[]): Promise<Run> => aws.fx(folder, words);

async function deployed(name: string): Promise<string> {
  const folder = await folderOf({ 'project.yml': project(name), 'a.js': answers('one') });
  expect((await run(folder, 'deploy', '--env', 'staging')).exitCode).toBe(0);
  return folder;
}
const invoked = async (folder: string, env: string) =>
  JSON.parse((await run(folder, 'invoke', 'a', '--env', env)).stdout);

describe('fx promote', () => {
  test('deploys the same artifacts with the configuration of the target, without the source', async () => {
    const folder = await deployed('shop');
    await rm(join(folder, 'a.js'));
    aws.calls();
    const done = await run(folder, 'promote', 'staging', 'prod', '--yes', '-m', 'to prod');
    expect([done.exitCode, done.stdout, done.stderr]).toEqual([
      0,
      expect.stringContaining('Release 1 of prod is live: release 1 of staging.\n'),
      expect.stringMatching(/Release 1 of staging → prod:\n[\s\S]*\+ AFunction {2}AWS::Lambda::Function\n/),
    ]);
    // in one bucket there is nothing to copy
    const puts = aws.calls().flatMap(({ name, input }) => (name === 's3:PutObject' ? [String(input['Key'])] : []));
    expect(puts.filter((key) => key.includes('/artifacts/'))).toEqual([]);
    expect(await invoked(folder, 'prod')).toEqual(['one', 'high', 'us-east-1']);
    const listed = (await run(folder, 'releases', '--env', 'prod')).stdout;
    expect(listed).toMatch(/^ {3}1 {2}LIVE .* promotion of staging 1 {2}to prod\n$/);
    const again = await run(folder, 'promote', 'staging', 'prod');
    expect([again.exitCode, again.stdout]).toEqual([
      0,
      expect.stringContaining('Nothing to change; release 1 of prod is live.'),
    ]);
  });

  test('copies artifacts to another region, takes an earlier release, and can be rolled back', async () => {
    const folder = await deployed('far-away');
    await writeFiles(folder, { 'a.js': answers('two') });
    expect((await run(folder, 'deploy', '--env', 'staging')).exitCode).toBe(0);
    expect((await run(folder, 'promote', 'staging', 'far', '--release', '1', '--yes')).exitCode).toBe(0);
    expect(await invoked(folder, 'far')).toEqual(['one', null, 'eu-west-1']);
    const second = await run(folder, 'promote', 'staging', 'far', '--yes', '--json');
    expect(resultOf(second)).toMatchObject({ changed: true, release: 2, from: { environment: 'staging', number: 2 } });
    expect(await invoked(folder, 'far')).toEqual(['two', null, 'eu-west-1']);
    expect((await run(folder, 'rollback', '--env', 'far')).stdout).toContain('release 1 is back');
    expect(await invoked(folder, 'far')).toEqual(['one', null, 'eu-west-1']);
  });

  test('can be gradual', async () => {
    const folder = await deployed('slowly');
    await run(folder, 'promote', 'staging', 'prod', '--yes');
    await writeFiles(folder, { 'a.js': answers('two') });
    await run(folder, 'deploy', '--env', 'staging');
    const done = await run(folder, 'promote', 'staging', 'prod', '--yes', '--canary', '20%', '--bake', '1s');
    expect([done.exitCode, done.stderr]).toEqual([
      0,
      expect.stringContaining('20% of the calls of a go to the new version'),
    ]);
    expect(await invoked(folder, 'prod')).toEqual(['two', 'high', 'us-east-1']);
  });

  test('asks first, and without a terminal says how to confirm', async () => {
    const folder = await deployed('asks');
    aws.calls();
    const done = await run(folder, 'promote', 'staging', 'prod');
    expect([done.exitCode, done.stderr]).toEqual([
      5,
      expect.stringMatching(
        /\+ AFunction[\s\S]*this needs confirmation \[DECLINED\]\n→ stdin is not a terminal: to confirm, add --yes/,
      ),
    ]);
    expect(aws.calls().filter(({ name }) => !/:(Get|Describe|List|Head)/.test(name))).toEqual([]);
  });

  test.each([
    [
      'other functions',
      project('no', '', '{b: {handler: b.handler}}'),
      /the function "b" is not in release 1[\s\S]*the function "a" is missing; it is in release 1/,
    ],
    [
      'another architecture',
      project('no', '', '{a: {handler: a.handler, architecture: x86_64}}'),
      /"a" was built for arm64, and this environment has x86_64/,
    ],
    [
      'another runtime',
      project('no', '', '{a: {handler: a.handler, runtime: nodejs20.x}}'),
      /"a" was built for nodejs\d+\.x, and this environment has nodejs20\.x/,
    ],
  ])('refuses %s, with the line', async (what, text, error) => {
    const name = `no-${what.split(' ')[1]}`;
    const folder = await deployed(name);
    await writeFiles(folder, { 'project.yml': text.replace('name: no', `name: ${name}`), 'b.js': answers('b') });
    const done = await run(folder, 'promote', 'staging', 'prod', '--yes');
    expect([done.exitCode, done.stderr]).toEqual([4, expect.stringMatching(error)]);
    expect(done.stderr).toMatch(/project\.yml:\d+:\d+/);
  });

  test('needs a good release, and two environments', async () => {
    const folder = await folderOf({ 'project.yml': project('nothing'), 'a.js': answers('one') });
    expect((await run(folder, 'promote', 'staging', 'prod')).stderr).toContain('[NOT_DEPLOYED]');
    expect((await run(folder, 'promote', 'staging', 'staging')).stderr).toContain(
      '"staging" cannot be promoted to itself',
    );
    expect((await run(folder, 'promote', 'staging')).stderr).toContain('missing argument "to"');
  });
});
