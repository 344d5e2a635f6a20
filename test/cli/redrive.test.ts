// fx redrive.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { fx, resultOf, startFx, stopAfterAll } from '../support/fx.ts';
import { sharedFolder, writeFiles } from '../support/project.ts';

const folder = sharedFolder();
const broken = join(folder, 'broken');
await writeFiles(folder, {
  'project.yml': `name: shop
defaults: {timeout: 1s, maximumRetryAttempts: 0}
functions:
  worker:
    handler: a.handler
    variables: {BROKEN: ${JSON.stringify(broken)}}
    events: [{sqs: {queue: {make: Jobs, visibilityTimeout: 1, deadLetters: {maxReceives: 1}}}}]
  bare:
    handler: a.handler
    variables: {BROKEN: ${JSON.stringify(broken)}}
    deadLetterQueue: Bare
  recorded:
    handler: a.handler
    variables: {BROKEN: ${JSON.stringify(broken)}}
    destinations: {onFailure: Records}
  quiet: {handler: a.handler}
resources:
  Bare: {Type: AWS::SQS::Queue}
  Records: {Type: AWS::SQS::Queue}
`,
  'a.ts': `import { existsSync } from 'node:fs';
export const handler = async (event: unknown) => {
  if (existsSync(process.env['BROKEN'] ?? '')) throw new Error('broken');
  console.log('handled', JSON.stringify(event));
};
`,
});
stopAfterAll(folder);

const redrive = (...words: readonly string[]) => fx(folder, ['redrive', ...words]);
interface Report {
  readonly queues: readonly { readonly name: string; readonly messages: number; readonly samples: readonly string[] }[];
}
/** As soon as the queue has so many. */
async function filled(name: string, messages: number): Promise<Report['queues'][number]> {
  for (;;) {
    const { queues } = resultOf(await redrive(name, '--dry-run', '--json')) as Report;
    if (queues[0] !== undefined && queues[0].messages >= messages) return queues[0];
  }
}

beforeAll(async () => {
  await writeFile(broken, '');
  const done = await fx(folder, ['deploy']);
  expect(done.exitCode, done.stderr).toBe(0);
  for (const n of [1, 2]) {
    expect((await fx(folder, ['trigger', 'Jobs', '--data', `{"n": ${n}}`])).exitCode).toBe(0);
    for (const name of ['bare', 'recorded']) await fx(folder, ['invoke', name, '--async', '--data', `{"n": ${n}}`]);
  }
});

test('dead letters are shown, given back after a yes, and handled', async () => {
  const waiting = {
    worker: await filled('worker', 2),
    bare: await filled('bare', 2),
    recorded: await filled('recorded', 2),
  };
  expect(waiting.worker).toMatchObject({ kind: 'move', samples: expect.arrayContaining(['{"n": 1}']) });
  expect(waiting.bare).toMatchObject({ kind: 'event', samples: expect.arrayContaining(['{"n": 1}']) });
  expect(waiting.recorded).toMatchObject({ kind: 'record' });

  const unsure = await redrive('worker');
  expect([unsure.exitCode, unsure.stdout]).toEqual([5, '']);
  expect(unsure.stderr).toMatch(/\w+DeadLetters\w*-\w+: 2 messages to move back\n {2}\{"n": \d\}\n {2}\{"n": \d\}\n/);
  expect(unsure.stderr).toContain('to confirm, add --yes');

  await rm(broken);
  expect((await redrive('worker', '--yes')).stdout).toMatch(/^2 of \S+ moved back to its queue\n$/);
  expect((await redrive('bare', '--yes', '--rate', '100')).stdout).toMatch(/^2 of \S+ called again\n$/);
  expect((await redrive('recorded', '--yes')).stdout).toMatch(/^2 of \S+ called again\n$/);
  for (const name of ['worker', 'bare', 'recorded']) {
    const follow = startFx(folder, ['logs', '-f', name]);
    await Promise.all([1, 2].map((n) => follow.saying(new RegExp(`handled .*\\\\?"n\\\\?": ?${n}`))));
    follow.interrupt();
    await follow.ended;
    expect((await redrive(name)).stdout).toMatch(/^No dead letters in \S+\.\n$/);
  }
});

test('what is wrong is said', async () => {
  expect((await redrive('quiet')).stdout).toBe('No queue takes dead letters of this function.\n');
  expect(await redrive('bare', '--queue', 'Nothing')).toMatchObject({
    exitCode: 4,
    stderr: expect.stringMatching(/"Nothing" has no dead letters of "bare".*\n→ queues: shop-local-Bare-\w+\n/),
  });
  expect((await redrive('bare', '--rate', '501')).stderr).toContain('--rate is at most 500, not 501');
  expect((await redrive('workr')).stderr).toContain('did you mean "worker"?');
});
