// What fx rollback can restore: a named release, some functions, the traffic alone; and what it says it would do.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalAws, startLocalAws } from '../../src/local/host.ts';
import { clock, fx, jsonLines, type Run, resultOf } from '../support/fx.ts';
import { folderOf, writeFiles } from '../support/project.ts';

let local: LocalAws;
beforeAll(async () => {
  local = await startLocalAws({ clock });
});
afterAll(() => local.stop());

const answers = (value: string) =>
  `export const handler = async () => [${JSON.stringify(value)}, process.env.LEVEL];\n`;
const project = (name: string, level: string, more = '') =>
  `name: ${name}\nenvironments: {staging: {}}\nfunctions:\n  a: {handler: a.handler, variables: {LEVEL: ${level}}}\n  b: {handler: b.handler}\n${more}`;
const run = (folder: string, ...words: readonly string[]): Promise<Run> =>
  fx(folder, [...words, '--env', 'staging'], {
    variables: {
      AWS_ENDPOINT_URL: local.endpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  });
async function answersOf(folder: string): Promise<readonly unknown[]> {
  const results = await Promise.all(['a', 'b'].map((name) => run(folder, 'invoke', name)));
  return results.map(({ stdout, stderr }) => JSON.parse(stdout || stderr));
}
const succeeded = async (folder: string, ...words: readonly string[]): Promise<string> => {
  const done = await run(folder, ...words);
  expect([done.exitCode, done.stderr]).toEqual([0, expect.any(String)]);
  return done.stdout;
};

/** Release 1 and 2 differ in both functions and in a variable. */
async function twoReleases(name: string): Promise<string> {
  const folder = await folderOf({ 'project.yml': project(name, 'one'), 'a.js': answers('a1'), 'b.js': answers('b1') });
  await succeeded(folder, 'deploy', '-m', 'the first');
  const more = 'resources: {Extra: {Type: "AWS::SSM::Parameter", Properties: {Type: String, Value: x}}}\n';
  await writeFiles(folder, { 'project.yml': project(name, 'two', more), 'a.js': answers('a2'), 'b.js': answers('b2') });
  await succeeded(folder, 'deploy');
  return folder;
}

describe('a rollback of one function', () => {
  test('restores its code and configuration, and leaves the rest; twice, it does not go forward', async () => {
    const folder = await twoReleases('one-function');
    expect(await succeeded(folder, 'rollback', 'a')).toContain('Release 3 is live: a of release 1 is back.\n');
    expect(await answersOf(folder)).toEqual([
      ['a1', 'one'],
      ['b2', null],
    ]);
    expect(await succeeded(folder, 'releases')).toMatch(/^ {3}3 {2}LIVE .* rollback of a to 1 /m);
    const again = await run(folder, 'rollback', 'a');
    expect([again.exitCode, again.stderr]).toEqual([
      3,
      expect.stringContaining('there is no release of "staging" with another version of a before the live one'),
    ]);
    // the rest follows
    expect(await succeeded(folder, 'rollback')).toContain('Release 4 is live: release 1 is back.\n');
    expect((await answersOf(folder))[1]).toEqual(['b1', null]);
    // the source is still that of release 2
    expect(await succeeded(folder, 'deploy')).toContain('Release 5 is live.');
    expect(await answersOf(folder)).toEqual([
      ['a2', 'two'],
      ['b2', null],
    ]);
  });

  test('of a name that is not live says which are', async () => {
    const folder = await twoReleases('no-function');
    const done = await run(folder, 'rollback', 'c*');
    expect([done.exitCode, done.stderr]).toEqual([
      4,
      expect.stringContaining('there is no function "c*" [USAGE]\n→ functions are a, b\n'),
    ]);
  });
});

describe('a rollback of the traffic alone', () => {
  test('moves the aliases and not the stack; a second rollback finishes it', async () => {
    const folder = await twoReleases('traffic');
    expect(await succeeded(folder, 'rollback', '--traffic-only')).toContain(
      'Release 3 is live: the traffic of release 1 is back; the stack is as before.\n',
    );
    expect(await answersOf(folder)).toEqual([
      ['a1', 'one'],
      ['b1', null],
    ]);
    expect(await succeeded(folder, 'releases')).toMatch(/^ {3}3 {2}LIVE .* traffic rollback to 1 /m);
    expect(await succeeded(folder, 'rollback', '--traffic-only', '1')).toContain(
      'Nothing to change; release 3 is live.',
    );
    // the stack would follow its own template again
    expect(await succeeded(folder, 'plan')).toContain('a is on version 1');
    expect(await succeeded(folder, 'rollback')).toContain('Release 4 is live: release 1 is back.\n');
    expect(await answersOf(folder)).toEqual([
      ['a1', 'one'],
      ['b1', null],
    ]);
  });

  test('still holds after a deploy that failed', async () => {
    const folder = await twoReleases('held');
    await succeeded(folder, 'rollback', '--traffic-only');
    const broken =
      'resources: {Q: {Type: "AWS::SQS::Queue", DependsOn: AAlias, Properties: {QueueName: q, FifoQueue: true}}}\n';
    await writeFiles(folder, { 'project.yml': project('held', 'two', broken), 'a.js': answers('a3') });
    expect((await run(folder, 'deploy')).exitCode).toBe(3);
    // not the bad release that the stack has
    expect(await answersOf(folder)).toEqual([
      ['a1', 'one'],
      ['b1', null],
    ]);
    expect(await succeeded(folder, 'rollback')).toContain('release 1 is back');
  });

  test('is undone by a deploy, which is a release of its own', async () => {
    const folder = await twoReleases('undone');
    await succeeded(folder, 'rollback', '--traffic-only');
    expect(await succeeded(folder, 'deploy')).toContain('Release 4 is live.');
    expect((await answersOf(folder))[1]).toEqual(['b2', null]);
    expect(await succeeded(folder, 'deploy')).toContain('Nothing to change; release 4 is live.');
    // and the rollback after it goes to what was live before: the traffic of release 1
    expect(await succeeded(folder, 'rollback')).toContain('release 1 is back');
  });
});

describe('--dry-run', () => {
  test('shows the aliases and resources that would change, and changes nothing', async () => {
    const folder = await twoReleases('dry');
    const shown = await succeeded(folder, 'rollback', '--dry-run');
    expect(shown).toContain('move traffic at once:\n  a  version 2 → 1\n  b  version 2 → 1\nthen change the stack:\n');
    expect(shown).toContain('  - Extra  AWS::SSM::Parameter\n');
    const one = await succeeded(folder, 'rollback', 'b', '--dry-run', '--traffic-only');
    expect(one).toBe('A rollback to b of release 1 would\nmove traffic at once:\n  b  version 2 → 1\n');
    expect((await answersOf(folder))[0]).toEqual(['a2', 'two']);
    expect(resultOf(await run(folder, 'deploy', '--json'))).toMatchObject({ changed: false, release: 2 });
  });
});

describe('--to', () => {
  test('takes a number, a commit or a time; bad ones are named', async () => {
    const folder = await twoReleases('to');
    for (const [words, error] of [
      [
        ['--to', 'yesterday'],
        '--to takes a number, a commit, or a time such as 3h or 2026-11-23T10:00:00Z, not "yesterday"',
      ],
      [['--to', '9'], 'there is no release 9 of "staging"'],
      [['--to', 'abcdef'], 'no release of "staging" was made from commit abcdef'],
      [['--to', '30d'], /no release of "staging" was live at 20/],
      [['1', '--to', '2'], 'both 1 and 2 name a release'],
    ] as const) {
      const done = await run(folder, 'rollback', ...words);
      expect([words, done.exitCode === 0, done.stderr]).toEqual([
        words,
        false,
        typeof error === 'string' ? expect.stringContaining(error) : expect.stringMatching(error),
      ]);
    }
    expect(await succeeded(folder, 'rollback', '--to', '1', '-m', 'it was bad')).toContain('release 1 is back');
    const listed = jsonLines(await run(folder, 'releases', '--json')).at(-1)?.['value'] as readonly object[];
    expect(listed).toEqual([
      expect.objectContaining({ number: 3, message: 'it was bad', ended: expect.any(String) }),
      expect.objectContaining({ number: 2 }),
      expect.objectContaining({ number: 1, message: 'the first' }),
    ]);
    // the clock of the tests goes on from release to release
    expect(await succeeded(folder, 'rollback', '--to', '0s')).toContain('Nothing to change; release 3 is live.');
  });
});

describe('fx releases show', () => {
  test('shows one release, with what it was made of', async () => {
    const folder = await twoReleases('shown');
    const text = await succeeded(folder, 'releases', 'show', '1');
    expect(text).toMatch(
      /^Release 1 {2}deploy\n {2}when {6}2026-.*, took \d+ s\n {2}who {7}arn:.*\n {2}message {3}the first\n {2}fx {8}\S+\n {2}template {2}[0-9a-f]{12}, \d+ bytes\n {2}functions\n {4}a {2}version 1 {2}[0-9a-f]{12}\n {4}b {2}version 1 {2}[0-9a-f]{12}\n$/,
    );
    expect(await succeeded(folder, 'releases', 'show', '0s')).toMatch(/^Release 2 {2}LIVE {2}deploy\n/);
    expect(resultOf(await run(folder, 'releases', 'show', '2', '--json'))).toMatchObject({
      number: 2,
      live: 'yes',
      tookMs: expect.any(Number),
      artifacts: { a: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    const missing = await run(folder, 'releases', 'show', '7');
    expect([missing.exitCode, missing.stderr]).toEqual([
      3,
      expect.stringContaining('there is no release 7 of "staging"'),
    ]);
    expect((await run(folder, 'releases', '-n', '1')).stdout).toMatch(/^ {3}2 {2}LIVE .*\n$/);
  });
});
