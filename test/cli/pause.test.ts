// fx pause and fx resume.
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { fx, resultOf, startFx, stopAfterAll } from '../support/fx.ts';
import { sharedFolder, writeFiles } from '../support/project.ts';

const folder = sharedFolder();
await writeFiles(folder, {
  'project.yml': `name: shop
functions:
  worker:
    handler: a.handler
    events:
      - sqs: Jobs
      - schedule: cron(0 1 1 1 ? *)
      - schedule: {expression: cron(0 2 1 1 ? *), group: Nightly}
  audit:
    handler: a.handler
    events:
      - schedule: {expression: cron(0 3 1 1 ? *), rule: true}
      - eventbridge: {bus: Orders, pattern: {source: [shop]}}
      - schedule: {expression: cron(0 4 1 1 ? *), enabled: false}
  piped:
    handler: a.handler
    events: [{pipe: {source: Others}}]
  web:
    handler: a.handler
    events: [{http: GET /}]
resources:
  Jobs: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 60}}
  Others: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 60}}
  Orders: {Type: AWS::Events::EventBus, Properties: {Name: orders}}
  Nightly: {Type: AWS::Scheduler::ScheduleGroup}
`,
  'a.ts': 'export const handler = async (event: unknown) => console.log(JSON.stringify(event));\n',
});
stopAfterAll(folder);
beforeAll(async () => {
  const done = await fx(folder, ['deploy']);
  expect(done.exitCode, done.stderr).toBe(0);
});

beforeEach(async () => {
  expect((await fx(folder, ['resume', '--all'])).exitCode).toBe(0);
});

const lines = async (...words: readonly string[]) => {
  const done = await fx(folder, words);
  expect(done.exitCode, done.stderr).toBe(0);
  return done.stdout.trimEnd().split('\n');
};
test('without names, they show what can be paused', async () => {
  const shown = await lines('pause');
  expect(shown).toHaveLength(7);
  for (const line of shown)
    expect(line).toMatch(/^(on {6}|off {5}) {2}(mapping|schedule|rule|pipe) \w+ {2}.* → (worker|audit|piped)$/);
  expect(shown.filter((line) => line.startsWith('off'))).toEqual([
    expect.stringContaining('cron(0 4 1 1 ? *) → audit'),
  ]);
});

test('a paused queue keeps its messages until it is resumed', async () => {
  expect(await lines('pause', 'Jobs')).toEqual([expect.stringMatching(/^paused {2}mapping \w+ {2}Jobs → worker$/)]);
  expect((await fx(folder, ['trigger', 'Jobs', '--data', '{"n": 1}'])).exitCode).toBe(0);
  expect(await lines('pause', 'Jobs')).toEqual([expect.stringMatching(/^already paused {2}mapping /)]);
  expect((await fx(folder, ['logs', 'worker'])).stdout).toBe('');
  expect(await lines('resume', 'Jobs')).toEqual([expect.stringMatching(/^resumed {2}mapping /)]);
  const follow = startFx(folder, ['logs', '-f', 'worker']);
  await follow.saying(/"body":"\{\\"n\\": ?1\}"/);
  follow.interrupt();
  await follow.ended;
});

test('a function pauses with all that calls it; resume leaves off what project.yml has off', async () => {
  expect((await lines('pause', '*')).filter((line) => line.startsWith('paused'))).toHaveLength(6);
  expect((await lines('pause')).filter((line) => line.startsWith('on'))).toEqual([]);
  const resumed = await lines('resume', '--all');
  expect(resumed.filter((line) => line.startsWith('resumed'))).toHaveLength(6);
  expect(resumed.at(-1)).toMatch(/^off in project\.yml {2}schedule \w+ {2}cron\(0 4 1 1 \? \*\) → audit$/);
  expect((await lines('pause')).filter((line) => line.startsWith('on'))).toHaveLength(6);
});

test('what cannot be paused is named', async () => {
  const done = await fx(folder, ['pause', 'web']);
  expect([done.exitCode, done.stderr]).toEqual([
    4,
    expect.stringContaining('nothing that can be paused belongs to "web"'),
  ]);
  expect((await fx(folder, ['resume', 'Jobz'])).stderr).toContain('did you mean "Jobs"?');
  expect((await fx(folder, ['pause', 'Jobs', '--all'])).exitCode).toBe(4);
  expect(resultOf(await fx(folder, ['pause', 'Jobs', '--json']))).toMatchObject({
    changed: [{ from: ['Jobs'], state: 'off' }],
  });
});
