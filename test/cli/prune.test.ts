// After each release, and with fx prune: what no kept release needs is deleted, and what is kept can be restored.
import { afterAll, expect, test } from 'vitest';
import { waitUntilReady } from '../../src/local/lambda/fixture.ts';
import { clock, type Run, resultOf } from '../support/fx.ts';
import { answers, folderOf, writeFiles } from '../support/project.ts';
import { startRecordedAws } from '../support/recorded-aws.ts';

const aws = await startRecordedAws();
afterAll(() => aws.stop());
const cloud = await aws.local.cloud('us-east-1');

const project = (name: string, more = '') =>
  `name: ${name}\nkeep: 2\nenvironments: {staging: {}, other: {keep: 3}}\nfunctions: {a: {handler: a.handler, layers: [Fonts]}}\nlayers: {Fonts: {path: fonts}}\n${more}`;
const run = (folder: string, ...words: string[]): Promise<Run> => aws.fx(folder, [...words, '--env', 'staging']);

async function release(folder: string, number: number, env = 'staging'): Promise<void> {
  await writeFiles(folder, { 'a.js': answers(`a${number}`), 'fonts/f.txt': String(number) });
  const done = await aws.fx(folder, ['deploy', '--env', env]);
  expect([done.exitCode, done.stderr]).toEqual([0, expect.not.stringContaining('warning')]);
}

const versionsOf = async (name: string) =>
  ((await cloud.call('lambda', 'ListVersionsByFunction', { FunctionName: name })).Versions ?? []).map(
    ({ Version }) => Version,
  );
async function objectsOf(name: string, folder: string): Promise<number> {
  const { Stacks = [] } = await cloud.call('cloudformation', 'DescribeStacks', { StackName: 'fx-bootstrap' });
  const Bucket = Stacks[0]?.Outputs?.find(({ OutputKey }) => OutputKey === 'ArtifactBucket')?.OutputValue;
  const { Contents = [] } = await cloud.call('s3', 'ListObjectsV2', { Bucket, Prefix: `${name}/${folder}/` });
  return Contents.length;
}

test('each release deletes the versions of the one that is no longer kept', async () => {
  const folder = await folderOf({ 'project.yml': project('steady') });
  for (const number of [1, 2, 3, 4]) await release(folder, number);
  expect(await versionsOf('steady-staging-a')).toEqual(['$LATEST', '3', '4']);
  expect((await run(folder, 'rollback')).stdout).toContain('release 3 is back');
  expect((await run(folder, 'invoke', 'a')).stdout).toBe('"a3"\n');
});

test('fx prune deletes objects, versions and layer versions that no kept release of any environment needs', async () => {
  const folder = await folderOf({ 'project.yml': project('swept') });
  for (const number of [1, 2, 3, 4, 5]) await release(folder, number);
  await release(folder, 1, 'other');
  // versions that nothing recorded
  for (const MemorySize of [256, 512]) {
    await cloud.call('lambda', 'UpdateFunctionConfiguration', { FunctionName: 'swept-staging-a', MemorySize });
    await waitUntilReady(cloud, 'swept-staging-a');
    await cloud.call('lambda', 'PublishVersion', { FunctionName: 'swept-staging-a' });
  }
  const young = resultOf(await run(folder, 'prune', '--dry-run', '--json')) as { objects: readonly unknown[] };
  // an upload that no intent names yet looks the same
  expect(young.objects).toEqual([]);
  await clock.advance(2 * 3_600_000);
  const before = [await objectsOf('swept', 'artifacts'), await versionsOf('swept-staging-a')];
  const shown = await run(folder, 'prune', '--dry-run');
  expect(shown.stdout).toMatch(
    /^These would be deleted:\n {2}version 6 of swept-staging-a\n {2}layer version swept-staging-Fonts:3\n[\s\S]*swept\/artifacts\/[\s\S]*Releases that can be restored: 5, 4\.\n$/,
  );
  expect([await objectsOf('swept', 'artifacts'), await versionsOf('swept-staging-a')]).toEqual(before);
  const done = await run(folder, 'prune');
  expect([done.exitCode, done.stdout.split('\n')[0]]).toEqual([0, 'Deleted:']);
  // the newest stays: the next one published must differ from it
  expect(await versionsOf('swept-staging-a')).toEqual(['$LATEST', '4', '5', '7']);
  // of 4 and 5, and of 1 for the other environment: code and layer each
  expect([await objectsOf('swept', 'artifacts'), await objectsOf('swept', 'templates')]).toEqual([6, 3]);
  expect((await run(folder, 'prune')).stdout).toMatch(/^Nothing to delete\. /);
  expect((await run(folder, 'rollback')).stdout).toContain('release 4 is back');
  expect((await run(folder, 'invoke', 'a')).stdout).toBe('"a4"\n');
  const pruned = await run(folder, 'rollback', '1');
  expect([pruned.exitCode, pruned.stderr]).toEqual([
    3,
    expect.stringContaining(
      'the template of release 1 is not in the bucket [RELEASE_UNREADABLE]\n→ fx keeps what the last good',
    ),
  ]);
});

test('no objects are deleted while another environment changes, and nothing while the stack is not idle', async () => {
  const folder = await folderOf({ 'project.yml': project('careful') });
  for (const number of [1, 2, 3]) await release(folder, number);
  await clock.advance(2 * 3_600_000);
  const { Stacks = [] } = await cloud.call('cloudformation', 'DescribeStacks', { StackName: 'fx-bootstrap' });
  const Bucket = Stacks[0]?.Outputs?.find(({ OutputKey }) => OutputKey === 'ArtifactBucket')?.OutputValue;
  const lease = { Bucket, Key: '_leases/careful/other.json' };
  await cloud.call('s3', 'PutObject', { ...lease, Body: Buffer.from('{}') });
  const held = resultOf(await run(folder, 'prune', '--dry-run', '--json'));
  expect(held).toMatchObject({ objects: [] });
  await cloud.call('s3', 'DeleteObject', lease);
  const free = resultOf(await run(folder, 'prune', '--dry-run', '--json'));
  expect((free as { objects: readonly unknown[] }).objects.length).toBeGreaterThan(0);
});

test('bad numbers are refused', async () => {
  const folder = await folderOf({ 'project.yml': project('few') });
  const done = await run(folder, 'prune', '--keep', '1');
  expect([done.exitCode, done.stderr]).toEqual([
    4,
    expect.stringContaining('--keep takes a number from 2 to 1000, not 1'),
  ]);
  await writeFiles(folder, { 'project.yml': project('few').replace('keep: 2', 'keep: 1') });
  expect((await run(folder, 'plan')).stderr).toMatch(/project\.yml:2:7 expected a whole number from 2 to 1000/);
});
