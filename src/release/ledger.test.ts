// The ledger: it reads what it writes, and what earlier versions wrote.
import { describe, expect, test } from 'vitest';
import { FxError } from '../base/error.ts';
import { bucket, change, place, release, template } from './fixture.ts';
import { getChange, getRelease, readIndex, readTemplate, storeTemplate, writeChange, writeRelease } from './ledger.ts';

describe('records', () => {
  test('are read as they were written, and a change without a release is unfinished', async () => {
    const { aws, calls } = bucket();
    const first = await writeChange(aws, place, await readIndex(aws, place), change());
    const second = await writeChange(
      aws,
      place,
      await readIndex(aws, place),
      change({ origin: { kind: 'rollback', of: 1 }, commit: undefined }),
    );
    expect([first.number, second.number]).toEqual([1, 2]);
    expect(await readIndex(aws, place)).toEqual({ releases: [], unfinished: [1, 2] });
    expect(await getChange(aws, place, 2)).toEqual(second);
    const written = await writeRelease(aws, place, release(1));
    expect(await readIndex(aws, place)).toEqual({ releases: [1], unfinished: [2] });
    expect(await getRelease(aws, place, 1)).toEqual(written);
    await storeTemplate(aws, place, template);
    calls.length = 0;
    await getRelease(aws, place, 1);
    expect(calls).toEqual(['get shop/environments/prod/releases/00000001.json']);
    expect(await readTemplate(aws, place, written)).toEqual(template);
  });

  test('of one change: its author has the last word, and an observer does not overrule it', async () => {
    const { aws } = bucket();
    const observed = release(1, { status: 'failed', interrupted: true });
    await writeRelease(aws, place, observed);
    expect(await writeRelease(aws, place, release(1))).toMatchObject({ status: 'succeeded', interrupted: false });
    expect(await writeRelease(aws, place, observed)).toMatchObject({ status: 'succeeded' });
    expect(await getRelease(aws, place, 1)).toMatchObject({ status: 'succeeded' });
  });

  test('without a format, as early versions of fx wrote them, are read', async () => {
    const { aws, objects } = bucket();
    const old = {
      number: 3,
      status: 'succeeded',
      time: '2026-01-01T00:00:00.000Z',
      who: 'me',
      rollbackOf: 1,
      template: template.text,
      tags: { 'fx:project': 'shop' },
      functions: { a: { physicalName: 'shop-prod-a', artifact: 'k', version: '7' } },
    };
    objects.set('shop/environments/prod/releases/00000003.json', Buffer.from(JSON.stringify(old)));
    const read = await getRelease(aws, place, 3);
    expect(read).toMatchObject({
      number: 3,
      origin: { kind: 'rollback', of: 1 },
      functions: { a: { physicalName: 'shop-prod-a', versionId: 'AVersion0123456789ab', version: '7' } },
      template: { hash: template.hash },
    });
    if (read === undefined) throw new Error('no release');
    expect(await readTemplate(aws, place, read)).toEqual(template);
  });

  test('of a newer format are rejected with the version to use; unknown keys of this format are not', async () => {
    const { aws, objects } = bucket();
    const key = 'shop/environments/prod/releases/00000001.json';
    await writeRelease(aws, place, release(1));
    const written = JSON.parse(objects.get(key)?.toString() ?? '') as object;
    objects.set(key, Buffer.from(JSON.stringify({ ...written, later: { a: 1 } })));
    expect(await getRelease(aws, place, 1)).toMatchObject({ number: 1 });
    objects.set(key, Buffer.from(JSON.stringify({ ...written, format: 2, fx: '0.9.0' })));
    await expect(getRelease(aws, place, 1)).rejects.toMatchObject({
      code: 'RELEASE_TOO_NEW',
      message: expect.stringContaining('has format 2, and this fx reads formats up to 1'),
      hint: 'use fx 0.9.0 or newer, which wrote it',
    });
  });

  test.each([
    ['not JSON', '{'],
    ['of another shape', '{"format":1,"number":"one"}'],
    ['not a map', '[]'],
  ])('that are %s are an error that names the object', async (_, text) => {
    const { aws, objects } = bucket();
    objects.set('shop/environments/prod/releases/00000001.json', Buffer.from(text));
    const error = await getRelease(aws, place, 1).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FxError);
    expect(error).toMatchObject({
      code: 'RELEASE_UNREADABLE',
      message: expect.stringMatching(/^shop\/environments\/prod\/releases\/00000001\.json cannot be read: /),
    });
  });
});
