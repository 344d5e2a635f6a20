// A change interrupted at any call: the same command finishes it, and a second rollback never restores the bad release.
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type LocalAws, startLocalAws } from '../../src/local/host.ts';
import { type FaultyAws, type FaultyCall, startFaultyAws } from '../support/faulty-aws.ts';
import { clock, fx, type Run, resultOf, startFx } from '../support/fx.ts';
import { answers, folderOf, writeFiles } from '../support/project.ts';

let local: LocalAws;
beforeAll(async () => {
  local = await startLocalAws({ clock });
});
afterAll(() => local.stop());

const project = (name: string, more = '') =>
  `name: ${name}\nenvironments: {staging: {}}\nfunctions:\n  a: {handler: a.handler}\n  b: {handler: b.handler}\n${more}`;
const variablesFor = (endpoint: string) => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_EC2_METADATA_DISABLED: 'true',
});
const run = (folder: string, words: readonly string[], endpoint = local.endpoint): Promise<Run> =>
  fx(folder, [...words, '--env', 'staging'], { variables: variablesFor(endpoint) });
async function answersOf(folder: string): Promise<readonly string[]> {
  const results = await Promise.all(['a', 'b'].map((name) => run(folder, ['invoke', name])));
  return results.map(({ stdout, stderr }) => (stdout || stderr).trim().replaceAll('"', ''));
}
const deploy = async (folder: string) => resultOf(await run(folder, ['deploy', '--json'])) as { release: number };

/** Release 1 answers `good`, release 2 `bad`. */
async function goodAndBad(name: string): Promise<string> {
  const folder = await folderOf({ 'project.yml': project(name), 'a.ts': answers('good'), 'b.ts': answers('good') });
  expect(await deploy(folder)).toMatchObject({ release: 1 });
  await writeFiles(folder, { 'a.ts': answers('bad'), 'b.ts': answers('bad') });
  expect(await deploy(folder)).toMatchObject({ release: 2 });
  return folder;
}

async function faulty(
  ...args: Parameters<typeof startFaultyAws> extends [string, ...infer R] ? R : never
): Promise<FaultyAws> {
  const aws = await startFaultyAws(local.endpoint, ...args);
  onTestFinished(() => aws.stop());
  return aws;
}

/** Runs fx and kills it, as kill -9 does, after a call was answered. */
async function killedAt(
  folder: string,
  words: readonly string[],
  isLast: (call: FaultyCall) => boolean,
): Promise<void> {
  let kill = () => {};
  const aws = await faulty(
    () => undefined,
    (call) => {
      if (isLast(call)) kill();
    },
  );
  const running = startFx(folder, [...words, '--env', 'staging'], { variables: variablesFor(aws.endpoint) });
  kill = running.kill;
  await running.ended;
}

/** The last call before fx dies, and how `fx releases` then lists the bad release. */
const moments: readonly (readonly [string, (call: FaultyCall) => boolean, state: RegExp])[] = [
  ['its intent', ({ operation }) => /^PUT .*\/changes\//.test(operation), /^ {3}2 {2}LIVE /m],
  [
    'the first alias',
    ({ operation, service }) => service === 'lambda' && operation.startsWith('PUT '),
    /^ {3}2 {2}(PARTLY| {6}) /m,
  ],
  ['UpdateStack', ({ operation }) => operation === 'UpdateStack', /^ {3}2 {2} {6}/m],
  [
    'a look at the stack after it',
    (() => {
      let updated = false;
      return ({ operation }: FaultyCall) => {
        updated ||= operation === 'UpdateStack';
        return updated && operation === 'DescribeStackEvents';
      };
    })(),
    /^ {3}2 {2} {6}/m,
  ],
  ['the resources of the stack', ({ operation }) => operation === 'ListStackResources', /^ {3}2 {2} {6}/m],
];

describe.each(moments)('a rollback that is killed after %s', (what, isLast, state) => {
  test('is finished by the next one, and the good release stays', async () => {
    const folder = await goodAndBad(`kill-${what.replace(/[^a-z]+/gi, '-').toLowerCase()}`);
    await killedAt(folder, ['rollback'], isLast);
    const listed = await run(folder, ['releases']);
    expect(listed.stdout).toMatch(/^ {3}3 {2}(unfinished|LIVE|TRAFFIC|PARTLY) .*rollback to 1/m);
    expect(listed.stdout).toMatch(state);
    const again = await run(folder, ['rollback']);
    expect([again.exitCode, again.stderr]).toEqual([
      0,
      expect.stringMatching(
        /Resuming the interrupted rollback to release 1|Release 3, an interrupted rollback, is live/,
      ),
    ]);
    expect(again.stdout).toContain('Release 3 is live: release 1 is back. The interrupted change is finished.');
    expect(await answersOf(folder)).toEqual(['good', 'good']);
    // only now does a rollback go further back, if possible
    const third = await run(folder, ['rollback']);
    expect(third.stderr).toContain('there is no release of "staging" before the live one');
    expect(await answersOf(folder)).toEqual(['good', 'good']);
  });
});

test('a rollback that loses its permissions half way reports what has moved, and the next one finishes it', async () => {
  const folder = await goodAndBad('denied');
  let moved = 0;
  const aws = await faulty(({ service, operation }) =>
    service === 'lambda' && operation.startsWith('PUT ') && ++moved > 1 ? 'denied' : undefined,
  );
  const failed = await run(folder, ['rollback'], aws.endpoint);
  expect(failed.exitCode).toBe(3);
  expect(failed.stderr).toMatch(/the live aliases of [ab] have moved, those of [ab] may not have/);
  expect(failed.stderr).toContain('run fx rollback --env staging again: it resumes');
  const again = await run(folder, ['rollback']);
  expect(again.stdout).toContain('Release 3 is live: release 1 is back.');
  expect(await answersOf(folder)).toEqual(['good', 'good']);
});

test('a deploy killed after the stack update is recorded by the next command, with its versions', async () => {
  const folder = await goodAndBad('killed-deploy');
  await writeFiles(folder, { 'a.ts': answers('third'), 'b.ts': answers('third') });
  await killedAt(folder, ['deploy'], ({ operation }) => operation === 'UpdateStack');
  const again = await run(folder, ['deploy']);
  expect(again.stderr).toContain('Release 3, an interrupted deploy, is live: recorded it');
  expect(again.stdout).toContain('Nothing to change; release 3 is live.');
  const listed = resultOf(await run(folder, ['releases', '--json'])) as readonly {
    number: number;
    functions: Record<string, { version: string }>;
  }[];
  expect(listed.find(({ number }) => number === 3)).toMatchObject({
    live: 'yes',
    interrupted: true,
    functions: { a: { version: '3' }, b: { version: '3' } },
  });
  const back = await run(folder, ['rollback']);
  expect(back.stdout).toContain('Release 4 is live: release 2 is back.');
  expect(await answersOf(folder)).toEqual(['bad', 'bad']);
});

test('of deploys at the same moment each release that succeeded has the versions that it published', async () => {
  const texts = ['one', 'two', 'three'];
  const folders = await Promise.all(
    texts.map((text) =>
      folderOf({ 'project.yml': project('same-moment'), 'a.ts': answers(text), 'b.ts': answers(text) }),
    ),
  );
  const [first = ''] = folders;
  expect((await run(first, ['deploy'])).exitCode).toBe(0);
  for (const round of [1, 2]) {
    const edits = folders.map((folder, index) => {
      const code = answers(`${texts[index]} ${round}`);
      return writeFiles(folder, { 'a.ts': code, 'b.ts': code });
    });
    await Promise.all(edits);
    const runs = await Promise.all(folders.map((folder) => run(folder, ['deploy'])));
    for (const { exitCode, stderr } of runs)
      expect([exitCode, stderr]).toEqual([
        expect.toBeOneOf([0, 6]),
        exitCode === 0 ? stderr : expect.stringContaining('[BUSY]'),
      ]);
  }
  const listed = resultOf(await run(first, ['releases', '--json'])) as readonly {
    status: string;
    functions: Record<string, { version?: string }>;
  }[];
  const versions = listed
    .filter(({ status }) => status === 'succeeded')
    .map(({ functions }) => functions['a']?.version);
  expect(versions.every((version) => version !== undefined)).toBe(true);
  // each has different code, so no two share a version
  expect(new Set(versions).size).toBe(versions.length);
});

test('a deploy killed before the stack update leaves nothing to roll back', async () => {
  const folder = await goodAndBad('killed-early');
  await writeFiles(folder, { 'a.ts': answers('third') });
  await killedAt(folder, ['deploy'], ({ operation }) => /^PUT .*\/changes\//.test(operation));
  const rollback = await run(folder, ['rollback']);
  expect(rollback.stderr).toContain('Release 3, an interrupted deploy, never went live: recorded it as failed');
  expect(rollback.stdout).toContain('Nothing to change; release 2 is live.');
  expect(await answersOf(folder)).toEqual(['bad', 'bad']);
  expect((await run(folder, ['rollback'])).stdout).toContain('Release 4 is live: release 1 is back.');
});

test('an S3 response that breaks off is read again, and an error without a message is reported by its status', async () => {
  const folder = await goodAndBad('cut-off');
  let cut = 0;
  const truncating = await faulty(({ operation }) =>
    /^GET .*\/releases\/\d+\.json/.test(operation) && cut++ < 2 ? 'truncated' : undefined,
  );
  expect((await run(folder, ['rollback'], truncating.endpoint)).stdout).toContain('Release 3 is live');
  expect(cut).toBeGreaterThan(2);

  await writeFiles(folder, { 'a.ts': answers('other') });
  for (const [status, message] of [
    [
      403,
      /s3:HeadObject was refused: access denied \(403\)[\s\S]*the credentials need s3:GetObject on its objects, and s3:ListBucket/,
    ],
    [400, /s3:HeadObject was refused \(400\): the credentials may have expired/],
  ] as const) {
    const refusing = await faulty(({ operation }) => (operation.startsWith('HEAD ') ? { status } : undefined));
    const refused = await run(folder, ['deploy'], refusing.endpoint);
    expect([refused.exitCode, refused.stderr]).toEqual([3, expect.stringMatching(message)]);
  }
});

test('a lost response to a new object does not write it twice', async () => {
  const folder = await goodAndBad('lost-put');
  await writeFiles(folder, { 'a.ts': answers('third') });
  let lost = 0;
  const losing = await faulty(({ operation }) =>
    /^PUT .*\/(changes|releases)\/\d+\.json/.test(operation) && lost++ % 2 === 0 ? 'lost' : undefined,
  );
  expect(resultOf(await run(folder, ['deploy', '--json'], losing.endpoint))).toMatchObject({ release: 3 });
  const listed = resultOf(await run(folder, ['releases', '--json'])) as readonly { number: number }[];
  expect(listed.map(({ number }) => number)).toEqual([3, 2, 1]);
});
