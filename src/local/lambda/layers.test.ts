import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startTestAws } from '../fixture.ts';
import { createFunction, invoke, type PackedFile, waitUntilReady, zipOf } from './fixture.ts';
import { startTestLambda } from './test-lambda.ts';

const { cloud, call } = await startTestLambda();
async function layer(
  LayerName: string,
  files: Record<string, string | PackedFile>,
  more: object = {},
): Promise<string> {
  const Content = { ZipFile: zipOf(files) };
  return (await call('PublishLayerVersion', { LayerName, Content, ...more })).LayerVersionArn ?? '';
}
const moduleOf = (value: string) => ({ 'nodejs/node_modules/shared/index.js': `module.exports = '${value}';` });

describe('layer versions', () => {
  test('are numbered, described and listed newest first', async () => {
    const more = { CompatibleRuntimes: ['nodejs22.x'], CompatibleArchitectures: ['arm64'], LicenseInfo: 'MIT' };
    const Content = { ZipFile: zipOf(moduleOf('1')) };
    const published = await call('PublishLayerVersion', {
      LayerName: 'described',
      Description: 'd',
      Content,
      ...(more as object),
    });
    const LayerArn = 'arn:aws:lambda:us-east-1:000000000000:layer:described';
    expect(published).toEqual({
      Content: {
        Location: expect.stringMatching(/^http/),
        CodeSha256: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
        CodeSize: Content.ZipFile.length,
      },
      LayerArn,
      LayerVersionArn: `${LayerArn}:1`,
      Version: 1,
      Description: 'd',
      CreatedDate: expect.stringMatching(/^\d{4}-.*\+0000$/),
      ...more,
    });
    // test_layer_lifecycle: the package can be fetched
    const fetched = await (await fetch(published.Content?.Location ?? '')).arrayBuffer();
    expect(Content.ZipFile.equals(Buffer.from(fetched))).toBe(true);
    await layer('described', moduleOf('2'));
    expect(await call('GetLayerVersion', { LayerName: 'described', VersionNumber: 1 })).toEqual(published);
    expect(await call('GetLayerVersionByArn', { Arn: `${LayerArn}:1` })).toEqual(published);
    const versions = async (filter: object) =>
      (await call('ListLayerVersions', { LayerName: LayerArn, ...filter })).LayerVersions?.map(
        ({ Version }) => Version,
      );
    expect(await versions({})).toEqual([2, 1]);
    expect(await versions({ CompatibleRuntime: 'nodejs22.x' })).toEqual([1]);
    const { Layers } = await call('ListLayers', { CompatibleArchitecture: 'arm64' });
    expect(Layers).toEqual([
      { LayerName: 'described', LayerArn, LatestMatchingVersion: expect.objectContaining({ Version: 1 }) },
    ]);
  });

  test('have numbers that are never used again', async () => {
    await layer('numbered', moduleOf('1'));
    await call('DeleteLayerVersion', { LayerName: 'numbered', VersionNumber: 1 });
    await call('DeleteLayerVersion', { LayerName: 'numbered', VersionNumber: 1 });
    expect(await layer('numbered', moduleOf('1'))).toMatch(/:numbered:2$/);
    await expect(call('GetLayerVersion', { LayerName: 'numbered', VersionNumber: 1 })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
      message: 'The resource you requested does not exist.',
    });
  });

  test('have an empty list of runtimes only if the request has one', async () => {
    const Content = { ZipFile: zipOf(moduleOf('1')) };
    const publish = (more: object) => call('PublishLayerVersion', { LayerName: 'empty', Content, ...more });
    expect(await publish({ CompatibleRuntimes: [] })).toMatchObject({ CompatibleRuntimes: [] });
    expect(await publish({})).not.toHaveProperty('CompatibleRuntimes');
  });

  test('with an extension are refused', async () => {
    await expect(layer('extended', { 'extensions/agent': { text: '#!/bin/sh\n', mode: 0o755 } })).rejects.toMatchObject(
      {
        code: 'NotImplemented',
        message: expect.stringContaining('a layer with an extension'),
      },
    );
  });
});

describe('a function', () => {
  const requires = { 'index.js': `exports.handler = async () => require('shared');` };

  test('finds modules, programs and libraries of its layers; later layers override earlier ones', async () => {
    const first = await layer('first', {
      ...moduleOf('first'),
      'bin/tool': { text: '#!/bin/sh\necho tool of the layer\n', mode: 0o755 },
    });
    const second = await layer('second', {
      ...moduleOf('second'),
      'nodejs/node22/node_modules/exact/index.js': `module.exports = 'exact';`,
    });
    const name = await createFunction(
      cloud,
      {
        'index.js': `const { execFileSync } = require('node:child_process');
          exports.handler = async () => ({
            shared: require('shared'), exact: require('exact'), tool: execFileSync('tool').toString(),
            libraries: process.env.LD_LIBRARY_PATH.split(':').length,
          });`,
      },
      { Layers: [first, second] },
    );
    expect((await invoke(cloud, name)).result).toEqual({
      shared: 'second',
      exact: 'exact',
      tool: 'tool of the layer\n',
      libraries: 3,
    });
    const { Layers } = await call('GetFunctionConfiguration', { FunctionName: name });
    expect(Layers).toEqual([
      { Arn: first, CodeSize: expect.any(Number) },
      { Arn: second, CodeSize: expect.any(Number) },
    ]);
  });

  test('and its layers are CommonJS by default, whatever the project around the local AWS is', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fx-layers-'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const inside = await startTestAws({ folder: join(folder, '.fx/local') });
    const within = await inside.cloud();
    const Content = { ZipFile: zipOf(moduleOf('common')) };
    const { LayerVersionArn = '' } = await within.call('lambda', 'PublishLayerVersion', { LayerName: 'l', Content });
    const name = await createFunction(within, requires, { Layers: [LayerVersionArn] });
    const { result } = await invoke(within, name);
    await inside.stop();
    rmSync(folder, { recursive: true });
    expect(result).toBe('common');
  });

  test('keeps a layer that is deleted, and changes it only on request', async () => {
    const one = await layer('kept', moduleOf('one'));
    const name = await createFunction(cloud, requires, { Layers: [one] });
    await call('PublishVersion', { FunctionName: name });
    await call('DeleteLayerVersion', { LayerName: 'kept', VersionNumber: 1 });
    const two = await layer('kept', moduleOf('two'));
    expect((await invoke(cloud, name)).result).toBe('one');
    const { RevisionId } = await call('UpdateFunctionConfiguration', { FunctionName: name, Layers: [two] });
    expect(RevisionId).toBeDefined();
    await waitUntilReady(cloud, name);
    expect((await invoke(cloud, name)).result).toBe('two');
    expect((await invoke(cloud, `${name}:1`)).result).toBe('one');
    await call('UpdateFunctionConfiguration', { FunctionName: name, Layers: [] });
    await waitUntilReady(cloud, name);
    expect((await invoke(cloud, name)).result).toMatchObject({ errorMessage: expect.stringContaining("'shared'") });
  });

  test('may have its bootstrap in a layer', async () => {
    const main = `const base = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime/invocation/';
for (;;) {
  const id = (await fetch(base + 'next')).headers.get('lambda-runtime-aws-request-id');
  await fetch(base + id + '/response', { method: 'POST', body: '"from a layer"' });
}`;
    const bootstrap = { text: '#!/bin/sh\nexec node "$LAMBDA_TASK_ROOT/main.mjs"\n', mode: 0o755 };
    const Layers = [await layer('runtime', { bootstrap })];
    const settings = { Runtime: 'provided.al2023', Handler: 'any', Layers } as const;
    const name = await createFunction(cloud, { 'main.mjs': main }, { ...settings, Layers });
    expect((await invoke(cloud, name)).result).toBe('from a layer');
  });

  test.each<[string, (arn: string) => string[], string, RegExp]>([
    [
      'six layers',
      (arn) => Array.from({ length: 6 }, () => arn),
      'InvalidParameterValueException',
      /^Cannot reference more than 5 layers\.$/,
    ],
    [
      'a version that is not there',
      (arn) => [arn.replace(/\d+$/, '99')],
      'InvalidParameterValueException',
      /^Layer version \S+:99 does not exist\.$/,
    ],
    ['one layer twice', (arn) => [arn, arn], 'InvalidParameterValueException', /^Two different versions of the same/],
    [
      'a layer of another region',
      () => ['arn:aws:lambda:eu-west-1:000000000000:layer:x:1'],
      'InvalidParameterValueException',
      /^Layers are not in the same region as the function\. Layers are expected to be in region us-east-1\.$/,
    ],
    [
      'a layer of another account',
      () => ['arn:aws:lambda:us-east-1:123456789012:layer:x:1'],
      'NotImplemented',
      /of another account/,
    ],
    ['a layer without its version', (arn) => [arn.replace(/:\d+$/, '')], 'ValidationException', /at 'layers'/],
  ])('with %s is refused', async (_, layers, code, message) => {
    const arn = await layer('refused', moduleOf('x'));
    await expect(createFunction(cloud, requires, { Layers: layers(arn) })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});
