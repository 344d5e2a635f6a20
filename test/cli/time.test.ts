// FX_LOCAL_TIME: the local AWS, and fx with it, at another time than the machine's.
import { expect, test } from 'vitest';
import { fx, jsonLines, resultOf, stopAfter } from '../support/fx.ts';
import { folderOf, handler } from '../support/project.ts';

const greeting = "export const handler = async () => { console.log('greeting'); };\n";

test('a project is judged by that day', async () => {
  const folder = await folderOf({
    'project.yml': 'name: s\nfunctions: {a: {handler: a.handler, runtime: nodejs22.x}}\n',
    'a.ts': handler,
  });
  const before = await fx(folder, ['validate'], { variables: { FX_LOCAL_TIME: '2027-06-30T23:00:00Z' } });
  expect(before.exitCode, before.stderr).toBe(0);
  const after = await fx(folder, ['validate'], { variables: { FX_LOCAL_TIME: '2027-07-01T00:00:00Z' } });
  expect([after.exitCode, after.stderr]).toEqual([4, expect.stringContaining('nodejs22.x')]);
});

test('the local AWS refuses what AWS will refuse then, although fx has another clock', async () => {
  const folder = await folderOf({
    'project.yml': 'name: s\nfunctions: {a: {handler: a.handler, runtime: nodejs22.x}}\n',
    'a.ts': handler,
  });
  stopAfter(folder);
  await fx(folder, ['local', 'start'], { variables: { FX_LOCAL_TIME: '2027-06-02T00:00:00Z' } });
  const refused = await fx(folder, ['deploy']);
  expect([refused.exitCode, refused.stderr]).toEqual([3, expect.stringContaining('nodejs22.x')]);
});

test('logs and releases count from the time of the local AWS, not from that of fx', async () => {
  const folder = await folderOf({
    'project.yml': 'name: s\nfunctions: {a: {handler: a.handler}}\n',
    'a.ts': greeting,
  });
  stopAfter(folder);
  await fx(folder, ['local', 'start'], { variables: { FX_LOCAL_TIME: '2026-02-03T04:00:00Z' } });
  const deployed = await fx(folder, ['deploy']);
  expect(deployed.exitCode, deployed.stderr).toBe(0);
  const releases = resultOf(await fx(folder, ['releases', '--json']));
  expect(releases).toEqual([expect.objectContaining({ time: expect.stringMatching(/^2026-02-03T04:0/) })]);

  await fx(folder, ['invoke', 'a']);
  const logged = jsonLines(await fx(folder, ['logs', '--json', '--since', '5m', '--filter', 'greeting']));
  expect(logged.filter(({ type }) => type === 'log')).toEqual([
    expect.objectContaining({ time: expect.stringMatching(/^2026-02-03T04:0/) }),
  ]);
});

test('what is not a time is refused before anything is started', async () => {
  const folder = await folderOf({ 'project.yml': 'name: s\nfunctions: {a: {handler: a.handler}}\n' });
  const { exitCode, stderr } = await fx(folder, ['local', 'start'], { variables: { FX_LOCAL_TIME: 'noon' } });
  expect([exitCode, stderr]).toEqual([
    4,
    'error FX_LOCAL_TIME is "noon", not a time such as 2026-11-26T12:00:00Z [USAGE]\n',
  ]);
});
