// fx invoke for many events, streamed responses, samples and measurements. Single events: deploy.test.ts.
import { beforeAll, expect, test } from 'vitest';
import type { Latency } from '../../src/cli/render/latency-text.ts';
import { fx, jsonLines, resultOf, startFx, stopAfterAll } from '../support/fx.ts';
import { sharedFolder, writeFiles } from '../support/project.ts';

const folder = sharedFolder();
await writeFiles(folder, {
  'project.yml': `name: calls
functions:
  echo: {handler: src/a.echo}
  chunks: {handler: src/a.chunks}
`,
  'src/a.ts': `declare const awslambda: any;
export const echo = async (event: { fail?: boolean; wait?: number }, context: { clientContext?: unknown }) => {
  if (event.fail) throw new TypeError('as told');
  await new Promise((done) => setTimeout(done, event.wait ?? 0));
  return { event, context: context.clientContext };
};
export const chunks = awslambda.streamifyResponse(async (event: { fail?: boolean }, stream: any) => {
  stream.write('one ');
  await new Promise((done) => setTimeout(done, 20));
  stream.write('two');
  if (event.fail) throw new TypeError('half way');
  stream.end();
});
`,
});
stopAfterAll(folder);
beforeAll(async () => {
  const done = await fx(folder, ['deploy']);
  expect(done.exitCode, done.stderr).toBe(0);
});
const run = (words: readonly string[], input?: string) =>
  fx(folder, ['invoke', ...words], input === undefined ? {} : { input });

test('several events are several calls; a line for each response, in the order of the events', async () => {
  const events = '{"wait": 200, "n": 1}\n{"n": 2}\n\n  {"n":\n3}';
  const lines = [1, 2, 3].map((n) => expect.objectContaining({ event: expect.objectContaining({ n }) }));
  for (const words of [['echo'], ['echo', '--parallel', '3']]) {
    const done = await run(words, events);
    expect(done.exitCode, done.stderr).toBe(0);
    expect(jsonLines(done)).toEqual(lines);
  }
  expect(await run(['echo', '--async'], '{} {}')).toMatchObject({ exitCode: 0, stdout: 'Accepted.\nAccepted.\n' });
  const asData = jsonLines(await run(['echo', '--json', '-p', '2'], events));
  expect(asData.filter(({ type }) => type === 'answer')).toMatchObject(
    [1, 2, 3].map((number) => ({ number, status: 200 })),
  );
  expect(asData.at(-1)).toMatchObject({ type: 'result', value: { events: 3 } });
});

test('one that fails does not stop the others, and the end tells of it', async () => {
  const done = await run(['echo'], '{"fail": true}\n{}');
  expect([done.exitCode, done.stdout.split('\n')[0]]).toEqual([3, 'null']);
  expect(done.stdout.split('\n')[1]).toContain('"event":{}');
  expect(done.stderr).toContain('event 1: "echo" failed: TypeError: as told\n');
  expect(done.stderr).toContain('error "echo" failed for 1 of 2 events [FUNCTION_FAILED]\n');
});

test('with --parallel, events are called as they arrive', async () => {
  const running = startFx(folder, ['invoke', 'echo', '--parallel', '1'], { isOpen: true });
  running.write('{"n": 1}\n{"n": 2}');
  await running.saying(/"n":1/);
  running.write('\n{"n": 3}\n');
  await running.saying(/"n":3/);
  running.end();
  expect(await running.ended).toMatchObject({ exitCode: 0 });
});

test('nothing is called if one of the events is not JSON', async () => {
  const done = await run(['echo'], '{"n": 1}\n{n: 2}\n');
  expect([done.exitCode, done.stdout]).toEqual([4, '']);
  expect(done.stderr).toMatch(/error event 2, at line 2, is not valid JSON: .* \[USAGE\]/);
});

test('--stream shows what arrives, and how it failed', async () => {
  expect(await run(['chunks', '--stream'])).toMatchObject({ exitCode: 0, stdout: 'one two' });
  expect(resultOf(await run(['chunks', '--stream', '--json']))).toMatchObject({ status: 200, payload: 'one two' });
  const failed = await run(['chunks', '--stream', '--data', '{"fail": true}']);
  expect([failed.exitCode, failed.stdout]).toEqual([3, 'one two']);
  expect(failed.stderr).toContain('error "chunks" failed: TypeError: half way [FUNCTION_FAILED]\n');
});

test('--event takes a sample, and --client-context reaches the function', async () => {
  const words = ['echo', '--event', 'sqs', '--client-context', '{"custom": {"a": 1}}', '--json'];
  expect(resultOf(await run(words))).toMatchObject({
    payload: { event: { Records: [{ eventSource: 'aws:sqs' }, {}] }, context: { custom: { a: 1 } } },
  });
  expect((await run(['echo', '--event', 'sqz'])).stderr).toContain('did you mean "sqs"?');
});

test('--repeat measures, with cold starts apart', async () => {
  const shown = await run(['echo', '--repeat', '8', '--parallel', '2', '--data', '{"wait": 5}']);
  expect(shown.exitCode, shown.stderr).toBe(0);
  expect(shown.stdout).toMatch(/^8 calls, 0 failed, at most \d+ MB used\n\nms +calls +least +p50 +p90 +p99 +most\n/);
  expect(shown.stdout).toMatch(/\nin the function +8 +\d/);
  expect(shown.stdout).toMatch(/≤ \d+ ms {2}█+ \d+\n/);
  const latency = resultOf(await run(['echo', '--repeat', '4', '--json'])) as Latency;
  expect(latency).toMatchObject({ calls: 4, failed: 0 });
  expect((latency.warm?.calls ?? 0) + (latency.cold?.calls ?? 0)).toBe(4);
  const failed = await run(['echo', '--repeat', '2', '--data', '{"fail": true}']);
  expect([failed.exitCode, failed.stderr]).toEqual([3, expect.stringContaining('failed in 2 of 2 calls')]);
});

test.each([
  [['--async', '--repeat', '3'], '--async and --repeat exclude each other'],
  [['--data', '{}', '--event', 'sqs'], '--data and --event exclude each other'],
  [['--repeat', '0'], '--repeat takes a number from 1, not "0"'],
  [['--repeat', '2', '--data', '{} {}'], '--repeat takes one event, not 2'],
])('%j is refused', async (words, message) => {
  const done = await run(['echo', ...words]);
  expect([done.exitCode, done.stderr]).toEqual([4, expect.stringContaining(message)]);
});

test('an event that Lambda would refuse for its size is not sent', async () => {
  const large = (megabytes: number) => JSON.stringify('x'.repeat(megabytes * 1024 * 1024));
  const sync = await run(['echo'], large(6));
  expect([sync.exitCode, sync.stderr]).toEqual([
    4,
    expect.stringContaining('the event has 6,291,458 bytes; Lambda takes at most 6,291,456 in one call'),
  ]);
  const sent = await run(['echo', '--async'], large(1));
  expect([sent.exitCode, sent.stderr]).toEqual([
    4,
    expect.stringContaining('at most 1,048,576 in an asynchronous call'),
  ]);
});
