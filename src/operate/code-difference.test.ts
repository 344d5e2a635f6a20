// What changes in the code of functions and layers: from zips in the bucket, on disk, elsewhere, or gone; and images.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderOf } from '../../test/support/project.ts';
import { manifestOf } from '../artifact/artifact.ts';
import { Deflater } from '../artifact/deflate.ts';
import { readZip, writeZip } from '../artifact/zip.ts';
import type { Aws, Objects } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import type { Code, Recipe } from '../cfn/recipe.ts';
import { codeDifference } from './code-difference.ts';
import type { Context } from './context.ts';

async function zipOf(contents: Readonly<Record<string, string>>) {
  const files = Object.entries(contents).map(([path, text]) => ({
    path,
    content: { bytes: Buffer.from(text) },
    from: [],
  }));
  const manifest = manifestOf(files, () => undefined);
  return writeZip(manifest, files, join(await folderOf({}), 'a.zip'), new Deflater());
}

/** A bucket with these objects by key; reading `closed` is forbidden. */
function contextWith(objects: Readonly<Record<string, Buffer>>): Context {
  const range: Objects['range'] = async ({ bucket, key }, part) => {
    if (bucket === 'closed') throw new FxError('AWS_REFUSED', 'AccessDenied');
    const bytes = objects[key];
    if (bytes === undefined) return undefined;
    const [start, end] =
      'last' in part ? [Math.max(0, bytes.length - part.last), bytes.length] : [part.start, part.end];
    return { bytes: bytes.subarray(start, end), size: bytes.length };
  };
  return { aws: { objects: { range } } as unknown as Aws } as Context;
}

const code = (key: string, more: Partial<Code> = {}): Code => ({ key, handler: 'a', variables: {}, ...more });
const recipe = (functions: Record<string, Code>, layers: Record<string, Code> = {}): Recipe => ({
  functions: new Map(Object.entries(functions)),
  layers: new Map(Object.entries(layers)),
});
const place = { bucket: 'bucket', project: 'shop' };

test('files of the live zip in the bucket and of the new one on disk', async () => {
  const [live, next] = [
    await zipOf({ same: 'x', 'a.js': 'one', gone: 'g' }),
    await zipOf({ same: 'x', 'a.js': 'two', bootstrap: 'new' }),
  ];
  const changes = await codeDifference(
    { ...place, recipe: recipe({ a: code('k1'), same: code('s') }, { l: code('l1') }) },
    {
      ...place,
      recipe: recipe({ a: code('k2'), same: code('s') }, { l: code('l2') }),
      zips: new Map([
        ['k2', next.file],
        ['l2', next.file],
      ]),
    },
    contextWith({ 'shop/artifacts/k1.zip': await readZip(live) }),
  );
  expect(changes).toEqual([
    {
      kind: 'function',
      name: 'a',
      before: { key: 'k1', size: live.size },
      after: { key: 'k2', size: next.size },
      files: [
        { path: 'a.js', action: 'modify', before: 3, after: 3 },
        { path: 'bootstrap', action: 'add', after: 3 },
        { path: 'gone', action: 'remove', before: 1 },
      ],
    },
    // its live zip is gone: only the new size is known
    { kind: 'layer', name: 'l', before: { key: 'l1' }, after: { key: 'l2', size: next.size } },
  ]);
});

test('objects of other buckets, also those that the caller may not read; images; what is new and what is gone', async () => {
  const zip = await zipOf({ a: 'one' });
  const object = (bucket: string, key: string) => ({ object: { bucket, key, version: undefined } });
  const changes = await codeDifference(
    {
      ...place,
      recipe: recipe({
        o: code('1', object('theirs', 'o.zip')),
        c: code('1', object('closed', 'c')),
        i: code('1', { imageTag: 'shop-1' }),
        old: code('x'),
      }),
    },
    {
      ...place,
      recipe: recipe({
        o: code('2', object('theirs', 'o.zip')),
        c: code('2'),
        i: code('2', { imageTag: 'shop-2' }),
        fresh: code('y'),
      }),
    },
    contextWith({ 'o.zip': await readZip(zip) }),
  );
  expect(changes).toEqual([
    {
      kind: 'function',
      name: 'o',
      before: { key: '1', size: zip.size },
      after: { key: '2', size: zip.size },
      files: [],
    },
    { kind: 'function', name: 'c', before: { key: '1' }, after: { key: '2' } },
    { kind: 'function', name: 'i', before: { key: 'shop-1' }, after: { key: 'shop-2' } },
    { kind: 'function', name: 'fresh', after: { key: 'y' } },
    { kind: 'function', name: 'old', before: { key: 'x' } },
  ]);
});
