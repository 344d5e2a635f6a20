// --json of the commands that no other test reads; test/support/fx.ts checks each line against the schema of its command.
import { expect, test } from 'vitest';
import { fx, jsonLines, resultOf, startFx, stopAfter } from '../support/fx.ts';
import { folderOf, handler, writeFiles } from '../support/project.ts';

const project = 'name: shop\nfunctions:\n  orders: {handler: orders.handler, url: NONE}\n';

test('each has a result of the type that it declares', async () => {
  const folder = await folderOf({ 'project.yml': project, 'orders.mjs': handler });
  stopAfter(folder);
  const lines = jsonLines(await fx(folder, ['deploy', '--json']));
  // the type of a resource does not hide that of its line
  expect(lines).toContainEqual(expect.objectContaining({ type: 'resource', resourceType: 'AWS::Lambda::Function' }));
  const [first, size, file, other] = [
    await fx(folder, ['build', '--json']),
    await fx(folder, ['build', '--size', '--json']),
    await fx(folder, ['build', '--why', 'orders.mjs', '--json']),
    await fx(folder, ['types', '--json']),
  ].map(resultOf);
  expect(first).toMatchObject([{ functionName: 'orders' }]);
  expect(size).toMatchObject([{ functionName: 'orders', largest: [{ files: 1 }, { files: 1 }] }]);
  expect(file).toMatchObject({ path: 'orders.mjs' });
  expect(other).toMatchObject({ changed: true });
  expect(resultOf(await fx(folder, ['types', '--check', '--json']))).toMatchObject({ upToDate: true });
  await writeFiles(folder, { 'orders.mjs': `// again\n${handler}` });
  expect(resultOf(await fx(folder, ['deploy', '--json']))).toMatchObject({ changed: true, release: 2 });
  expect(resultOf(await fx(folder, ['releases', 'show', '2', '--json']))).toMatchObject({ number: 2, live: 'yes' });
  expect(resultOf(await fx(folder, ['releases', 'diff', '1', '2', '--json']))).toMatchObject({ from: 1, to: 2 });
  expect(resultOf(await fx(folder, ['attach', '--json']))).toMatchObject({ wasInProgress: false, release: 2 });
  expect(resultOf(await fx(folder, ['recover', '--yes', '--json']))).toMatchObject({ changed: false, skipped: [] });
  expect(resultOf(await fx(folder, ['open', '--print', '--json']))).toEqual({ url: expect.stringContaining('http') });
  expect(resultOf(await fx(folder, ['exec', '--print', '--json']))).toHaveProperty('AWS_ENDPOINT_URL');
  expect(resultOf(await fx(folder, ['resume', '--json']))).toEqual([]);
  expect(resultOf(await fx(folder, ['resume', '--all', '--json']))).toEqual({ changed: [], unchanged: [] });
  expect(resultOf(await fx(folder, ['remove', '--yes', '--json']))).toEqual({ removed: true, retained: [] });
});

test('fx dev prints an item for what happens, and what cannot be live as an error', async () => {
  const logs = "export const handler = async () => console.log('said');\n";
  const folder = await folderOf({ 'project.yml': project, 'orders.mjs': logs });
  const dev = startFx(folder, ['dev', '--json']);
  await dev.saying(/"type":"live"/);
  await fx(folder, ['invoke', 'orders']);
  await dev.saying(/"type":"log","functionName":"orders","time":"\d{4}-[^"]+Z","message":"[^"]*said/);
  await writeFiles(folder, { 'project.yml': `${project}wrong: 1\n` });
  await dev.saying(/"type":"error"/);
  await writeFiles(folder, { 'project.yml': project });
  await dev.saying(/"type":"fixed"/);
  dev.interrupt();
  expect((await dev.ended).exitCode).toBe(0);
});
