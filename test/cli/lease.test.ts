// Two fx on one environment: the second waits for the first, and takes over from one that was killed.
import { afterAll, expect, test } from 'vitest';
import { resultOf } from '../support/fx.ts';
import { answers, folderOf, writeFiles } from '../support/project.ts';
import { type Call, startRecordedAws } from '../support/recorded-aws.ts';

const aws = await startRecordedAws();
afterAll(() => aws.stop());
const cloud = await aws.local.cloud('us-east-1');

const project = (name: string) => `name: ${name}\nenvironments: {staging: {}}\nfunctions: {a: {handler: a.handler}}\n`;
const staging = ['--env', 'staging'];

async function deployed(name: string): Promise<string> {
  const folder = await folderOf({ 'project.yml': project(name), 'a.js': answers('one') });
  expect((await aws.fx(folder, ['deploy', ...staging])).exitCode).toBe(0);
  await writeFiles(folder, { 'a.js': answers('two') });
  return folder;
}

const leases = (calls: readonly Call[]) =>
  calls.filter(({ name, input }) => name === 's3:PutObject' && String(input['Key']).startsWith('_leases/'));

test.each(['s3:HeadObject', 'cloudformation:UpdateStack'])(
  'a deploy that is killed at %s: the next one takes over at once and goes through',
  async (moment) => {
    const folder = await deployed(`killed-${moment.split(':')[1]?.toLowerCase()}`);
    const running = aws.startFx(folder, ['deploy', ...staging]);
    // the first call after the lease was taken, or a later one
    await aws.called(moment);
    running.kill();
    await running.ended;
    const next = await aws.fx(folder, ['deploy', ...staging]);
    expect([next.exitCode, next.stderr]).toEqual([
      0,
      expect.stringContaining('Taking over from `fx deploy --env staging` of local, which ended without a word'),
    ]);
    const after = await aws.fx(folder, ['invoke', 'a', ...staging]);
    expect(after.stdout).toBe('"two"\n');
  },
);

test('a second deploy waits for the first, and then compares again', async () => {
  const folder = await deployed('both');
  const other = await folderOf({ 'project.yml': project('both'), 'a.js': answers('three') });
  const first = aws.startFx(folder, ['deploy', '--json', ...staging]);
  // it holds the lease
  await aws.called('s3:HeadObject');
  const second = await aws.fx(other, ['deploy', '--json', ...staging]);
  expect([resultOf(await first.ended), resultOf(second)]).toEqual([
    expect.objectContaining({ release: 2 }),
    expect.objectContaining({ release: 3 }),
  ]);
  expect((await aws.fx(folder, ['invoke', 'a', ...staging])).stdout).toBe('"three"\n');
});

test('a lease that somebody else holds is named, and --no-wait does not wait for it', async () => {
  const folder = await deployed('held');
  const [lease] = leases(aws.calls());
  const held = {
    id: 'x',
    renewal: 0,
    who: 'arn:aws:sts::000000000000:assumed-role/ci/runner-7',
    command: 'fx deploy --env staging',
    began: '2026-11-26T08:00:00.000Z',
    space: 'elsewhere',
    pid: 1,
  };
  const at = { Bucket: String(lease?.input['Bucket']), Key: '_leases/held/staging.json' };
  await cloud.call('s3', 'PutObject', { ...at, Body: Buffer.from(JSON.stringify(held)) });
  for (const verb of ['deploy', 'rollback', 'remove']) {
    const done = await aws.fx(folder, [verb, '--no-wait', ...(verb === 'remove' ? ['--yes'] : []), ...staging]);
    expect([verb, done.exitCode, done.stderr]).toEqual([
      verb,
      6,
      expect.stringContaining(`${held.who} is changing "staging" with \`fx deploy --env staging\` since ${held.began}`),
    ]);
  }
  const waiting = aws.startFx(folder, ['deploy', ...staging]);
  await waiting.saying(/Waiting for runner-7, who runs `fx deploy --env staging` since/);
  await cloud.call('s3', 'DeleteObject', at);
  expect((await waiting.ended).stdout).toContain('Release 2 is live.');
});
