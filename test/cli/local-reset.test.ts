// fx local save, reset and advance: for tests that are not written in JavaScript.
import { expect, test } from 'vitest';
import { fx, resultOf, stopAfter } from '../support/fx.ts';
import { folderOf } from '../support/project.ts';

test('the local AWS goes back to what was saved, and its clock goes on', async () => {
  const folder = await folderOf({
    'project.yml': `name: shop
functions: {nightly: {handler: a.handler, events: [{schedule: cron(0 3 1 1 ? *)}]}}
`,
    'a.ts': "export const handler = async () => console.log('good night');\n",
  });
  stopAfter(folder);
  expect(await fx(folder, ['local', 'reset'])).toMatchObject({
    exitCode: 3,
    stderr: expect.stringMatching(/the local AWS is not running.*\n→ fx local start starts it/),
  });
  expect((await fx(folder, ['deploy'])).exitCode).toBe(0);
  expect(await fx(folder, ['local', 'reset'])).toMatchObject({
    exitCode: 4,
    stderr: expect.stringMatching(/nothing was saved.*\n→ fx local save keeps what is there/),
  });
  expect((await fx(folder, ['local', 'save'])).stdout).toBe('Saved: fx local reset goes back to it.\n');
  const lines = async () => (await fx(folder, ['logs', '--grep', 'good night', '--since', '9d'])).stdout;
  expect((await fx(folder, ['invoke', 'nightly'])).exitCode).toBe(0);
  expect(await lines()).toContain('good night');
  expect((await fx(folder, ['local', 'reset'])).stdout).toBe('The local AWS is as it was saved last.\n');
  expect(await lines()).toBe('');
  expect((await fx(folder, ['invoke', 'nightly'])).exitCode).toBe(0);
  expect(resultOf(await fx(folder, ['local', 'save', '--json']))).toEqual({ time: expect.any(String) });
  expect(resultOf(await fx(folder, ['local', 'reset', '--json']))).toEqual({ time: expect.any(String) });

  const { time } = resultOf(await fx(folder, ['local', 'advance', '2d', '--json'])) as { readonly time: string };
  const { time: later } = resultOf(await fx(folder, ['local', 'advance', '3d', '--json'])) as { readonly time: string };
  expect(Date.parse(later) - Date.parse(time)).toBeGreaterThanOrEqual(3 * 86_400_000);
  expect(await fx(folder, ['local', 'advance', 'soon'])).toMatchObject({
    exitCode: 4,
    stderr: expect.stringContaining('not "soon"'),
  });
  // each command knows the time there: the call of then is five days old
  expect((await fx(folder, ['logs', '--grep', 'good night', '--since', '6d', '--until', '4d'])).stdout).toMatch(
    /good night/,
  );
});
