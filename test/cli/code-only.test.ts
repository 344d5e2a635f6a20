// fx deploy --code-only: new code in seconds; and whatever happens in between, the next full deploy brings stack and functions together.

import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { type Run, resultOf } from '../support/fx.ts';
import { answers, folderOf, writeFiles } from '../support/project.ts';
import { startRecordedAws } from '../support/recorded-aws.ts';

const aws = await startRecordedAws();
afterAll(() => aws.stop());
const cloud = await aws.local.cloud('us-east-1');

const project = (name: string, more = '') =>
  `name: ${name}\nenvironments: {staging: {}, prod: {protected: true}}\nfunctions:\n  a: {handler: a.handler}\n  b: {handler: b.handler${more}}\n`;
/** Fails after the function of `a` has changed. */
const broken =
  'resources: {Q: {Type: "AWS::SQS::Queue", DependsOn: AAlias, Properties: {QueueName: q, FifoQueue: true}}}\n';
const run = (folder: string, ...words: string[]): Promise<Run> => aws.fx(folder, [...words, '--env', 'staging']);
async function answer(name: string, fn: string): Promise<unknown> {
  const { Payload } = await cloud.call('lambda', 'Invoke', {
    FunctionName: `${name}-staging-${fn}`,
    Qualifier: 'live',
  });
  return JSON.parse(Buffer.from(Payload ?? []).toString());
}
async function deployed(name: string): Promise<string> {
  const folder = await folderOf({ 'project.yml': project(name), 'a.js': answers('a1'), 'b.js': answers('b1') });
  expect((await run(folder, 'deploy')).exitCode).toBe(0);
  return folder;
}

describe('fx deploy --code-only', () => {
  test('publishes and moves the alias without CloudFormation; a deploy and a rollback settle it', async () => {
    const folder = await deployed('fast');
    await writeFiles(folder, { 'a.js': answers('a2'), 'b.js': answers('b2') });
    aws.calls();
    const done = await run(folder, 'deploy', 'a', '--code-only', '-m', 'try');
    expect([done.exitCode, done.stdout]).toEqual([0, expect.stringContaining('Release 2 is live.')]);
    const writes = aws
      .calls()
      .filter(({ name }) => /^(cloudformation|lambda):(Create|Update|Publish|Delete)/.test(name));
    expect(writes.map(({ name }) => name)).toEqual([
      'lambda:UpdateFunctionCode',
      'lambda:PublishVersion',
      'lambda:UpdateAlias',
    ]);
    expect([await answer('fast', 'a'), await answer('fast', 'b')]).toEqual(['a2', 'b1']);
    expect((await run(folder, 'releases')).stdout).toMatch(/^ {3}2 {2}LIVE .* code of a {2}try$/m);
    // what project.yml no longer has is still shown under its function
    await writeFiles(folder, { 'project.yml': project('fast').replace(/^ {2}b: .*\n/m, '') });
    expect((await run(folder, 'plan')).stdout).toMatch(/^b \(removed\)$/m);
    await writeFiles(folder, { 'project.yml': project('fast') });
    expect((await run(folder, 'deploy', 'a', '--code-only')).stdout).toContain('Nothing to change; release 2 is live.');
    // the same code, in the stack
    expect((await run(folder, 'deploy')).stdout).toContain('Release 3 is live.');
    expect([await answer('fast', 'a'), await answer('fast', 'b')]).toEqual(['a2', 'b2']);
    expect(resultOf(await run(folder, 'deploy', '--json'))).toMatchObject({ changed: false, release: 3 });
    expect((await run(folder, 'rollback')).stdout).toContain('release 1 is back');
    expect([await answer('fast', 'a'), await answer('fast', 'b')]).toEqual(['a1', 'b1']);
  });

  test('is undone by a deploy of the old source, and by a rollback', async () => {
    const folder = await deployed('undo');
    await writeFiles(folder, { 'a.js': answers('a2') });
    await run(folder, 'deploy', '--code-only');
    await writeFiles(folder, { 'a.js': answers('a1') });
    expect((await run(folder, 'deploy')).stdout).toContain('Release 3 is live.');
    expect(await answer('undo', 'a')).toBe('a1');
    await writeFiles(folder, { 'a.js': answers('a2') });
    await run(folder, 'deploy', '--code-only');
    expect(await answer('undo', 'a')).toBe('a2');
    expect((await run(folder, 'rollback')).stdout).toMatch(/Release 5 is live: release \d is back/);
    expect(await answer('undo', 'a')).toBe('a1');
    // and the code that was tried can still be deployed
    expect((await run(folder, 'deploy')).stdout).toContain('Release 6 is live.');
    expect(await answer('undo', 'a')).toBe('a2');
  });

  test('still answers after a deploy that failed', async () => {
    const folder = await deployed('kept');
    await writeFiles(folder, { 'a.js': answers('a2') });
    await run(folder, 'deploy', '--code-only');
    await writeFiles(folder, { 'project.yml': project('kept') + broken, 'a.js': answers('a3') });
    for (let attempt = 0; attempt < 2; attempt++) {
      expect((await run(folder, 'deploy')).exitCode).toBe(3);
      expect([await answer('kept', 'a'), await answer('kept', 'b')]).toEqual(['a2', 'b1']);
    }
    await writeFiles(folder, { 'project.yml': project('kept') });
    expect((await run(folder, 'deploy')).exitCode).toBe(0);
    expect(await answer('kept', 'a')).toBe('a3');
  });

  test('refuses a protected environment, other changes, a new environment and unknown names', async () => {
    const folder = await deployed('refuses');
    for (const [words, error] of [
      [['--code-only', '--env', 'prod'], '"prod" is protected: its stack and its functions must always agree'],
      [['x*', '--code-only', '--env', 'staging'], 'there is no function "x*"'],
      [['a', '--env', 'staging'], 'fx deploy takes functions only with --code-only'],
      [['--code-only', '--canary', '10%', '--env', 'staging'], '--code-only moves all traffic at once'],
    ] as const) {
      const done = await aws.fx(folder, ['deploy', ...words]);
      expect([words, done.exitCode, done.stderr]).toEqual([words, 4, expect.stringContaining(error)]);
    }
    await writeFiles(folder, { 'project.yml': project('refuses', ', memory: 1024'), 'b.js': answers('b2') });
    const more = await run(folder, 'deploy', '--code-only');
    expect([more.exitCode, more.stderr]).toEqual([
      4,
      expect.stringMatching(/project\.yml:5:\d+ more than the code of "b" has changed[\s\S]*→ fx deploy --env staging/),
    ]);
  });
});

test('whatever happens in between, a full deploy brings the stack and the functions together', async () => {
  const step = fc.constantFrom('code', 'code', 'edit', 'revert', 'deploy', 'rollback', 'fail');
  let count = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 7 }), async (steps) => {
      const name = `any${++count}`;
      const folder = await deployed(name);
      let version = 1;
      for (const step of steps) {
        if (step === 'edit') version++;
        if (step === 'revert') version = 1;
        await writeFiles(folder, { 'a.js': answers(`a${version}`) });
        if (step === 'code') await run(folder, 'deploy', '--code-only');
        if (step === 'deploy') await run(folder, 'deploy');
        if (step === 'rollback') await run(folder, 'rollback');
        if (step === 'fail') {
          await writeFiles(folder, { 'project.yml': project(name) + broken });
          expect((await run(folder, 'deploy')).exitCode).toBe(3);
          await writeFiles(folder, { 'project.yml': project(name) });
        }
      }
      const done = await run(folder, 'deploy');
      expect([steps, done.exitCode, done.stderr]).toEqual([steps, 0, expect.any(String)]);
      expect([await answer(name, 'a'), await answer(name, 'b')]).toEqual([`a${version}`, 'b1']);
      expect(resultOf(await run(folder, 'deploy', '--json'))).toMatchObject({ changed: false });
    }),
    { numRuns: 4 },
  );
}, 180_000);
