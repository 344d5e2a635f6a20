// The file of a saved plan.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderOf } from '../../test/support/project.ts';
import { sha256 } from '../base/hash.ts';
import { deploymentIn } from '../operate/deploy-plan.ts';
import { readPlan, type SavedPlan, writePlan } from './plan-file.ts';

const zips = ['first', 'the second'].map((text) => ({
  key: `key of ${text}`,
  bytes: Buffer.from(`${text}\n\u0000`),
}));
const plan: SavedPlan = {
  fx: '1.0.0',
  account: '111122223333',
  region: 'eu-west-1',
  project: 'shop',
  environment: 'prod',
  stackName: 'shop-prod',
  live: { stack: { id: 'arn', updated: '2026-11-29T00:00:00.000Z', template: 'hash' }, newest: 3, aliases: { a: '2' } },
  change: {
    number: 4,
    fx: '1.0.0',
    time: '2026-11-29T00:00:00.000Z',
    who: 'arn:aws:iam::111122223333:user/me',
    commit: undefined,
    origin: { kind: 'deploy' },
    template: { hash: 'hash', size: 2 },
    recipe: { functions: new Map([['a', { key: 'k', handler: 'h', variables: { A: 'ü' } }]]), layers: new Map() },
    tags: { 'fx:project': 'shop' },
    functions: { a: { physicalName: 'shop-a', versionId: 'AVersion1', version: undefined, events: [] } },
    owners: { 'function:a': ['AFunction'] },
  },
  template: '{}',
  deployment: {
    kind: 'canary',
    step: 10,
    watchSeconds: 300,
    abortOn: ['errors>1%', 'p99>2s'],
    smoke: true,
    events: { a: ['tests/events/a.json'] },
  },
  zips: zips.map(({ key, bytes }) => ({ key, size: bytes.length, sha256: sha256(bytes) })),
};
const bytesOf = (key: string) => zips.find((zip) => zip.key === key)?.bytes ?? Buffer.alloc(0);

test('comes back as it was written, with each zip', async () => {
  const file = join(await folderOf({}), 'plan.fx');
  await writePlan(file, plan, async ({ key }) => bytesOf(key));
  const opened = await readPlan(file);
  expect(opened.plan).toMatchObject(JSON.parse(JSON.stringify({ ...plan, change: { ...plan.change, recipe: {} } })));
  expect(opened.plan.change.recipe).toEqual(plan.change.recipe);
  for (const { key, bytes } of zips) expect(await opened.zip(key)).toEqual(bytes);
  expect(await opened.zip('other')).toBeUndefined();
  expect(deploymentIn(opened.plan)).toEqual({
    kind: 'canary',
    step: 10,
    watchSeconds: 300,
    abortOn: [
      { text: 'errors>1%', metric: 'errorRate', limit: 1 },
      { text: 'p99>2s', metric: 'p99', limit: 2000 },
    ],
    smoke: new Map([['a', ['tests/events/a.json']]]),
  });
});

test('a changed byte of a zip is found, and unknown keys are ignored', async () => {
  const file = join(await folderOf({}), 'plan.fx');
  await writePlan(file, plan, async ({ key }) => bytesOf(key));
  const text = readFileSync(file, 'latin1');
  writeFileSync(file, text.replace('"fx":', '"later":{"x":1},"fx":').replace('the second\n', 'the sEcond\n'), 'latin1');
  const opened = await readPlan(file);
  expect(await opened.zip('key of first')).toEqual(bytesOf('key of first'));
  await expect(opened.zip('key of the second')).rejects.toMatchObject({ code: 'PLAN_UNREADABLE' });
});

test('a failure leaves the older plan as it was, and no other file', async () => {
  const folder = await folderOf({});
  const file = join(folder, 'plan.fx');
  await writePlan(file, plan, async ({ key }) => bytesOf(key));
  const before = readFileSync(file);
  await expect(writePlan(file, plan, () => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
  expect(readFileSync(file)).toEqual(before);
});
