// Images that a promotion copies from one registry to another: the same digests, and nothing twice.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copyImage, type ImagePlace } from '../src/artifact/images/copy.ts';
import type { Cloud } from '../src/local/cloud.ts';
import { authorizationOf, pushImage, registry } from '../src/local/ecr/fixture.ts';
import { fakeEngine } from './support/fake-engine.ts';
import { folderOf } from './support/project.ts';
import { type RecordedAws, startRecordedAws } from './support/recorded-aws.ts';

let aws: RecordedAws;
let near: Cloud;
let far: Cloud;
beforeAll(async () => {
  aws = await startRecordedAws();
  near = await aws.local.cloud('us-east-1');
  far = await aws.local.cloud('eu-west-1');
});
afterAll(() => aws.stop());

const signal = new AbortController().signal;
const indexType = 'application/vnd.oci.image.index.v1+json';

async function placeIn(cloud: Cloud, repository: string): Promise<ImagePlace> {
  const token = Buffer.from((await authorizationOf(cloud)).replace('Basic ', ''), 'base64').toString();
  return { login: { registry: cloud.endpoint, username: 'AWS', password: token.slice('AWS:'.length) }, repository };
}

/** A repository in each of two regions. */
async function places(name: string) {
  for (const cloud of [near, far]) await cloud.call('ecr', 'CreateRepository', { repositoryName: name });
  return { from: await placeIn(near, name), to: await placeIn(far, name) };
}

test('an image has the same digest in the other registry, and a second copy sends no blob', async () => {
  const { from, to } = await places('one');
  const pushed = await pushImage(near, 'one', { tag: 'v1' });
  expect(await copyImage({ from, to, tag: 'v1', signal })).toBeGreaterThan(0);
  const copied = await registry(far, 'one/manifests/v1');
  const text = await copied.text();
  expect(`sha256:${createHash('sha256').update(text).digest('hex')}`).toBe(pushed.headers.get('docker-content-digest'));
  const { layers } = JSON.parse(text) as { layers: readonly { digest: string }[] };
  expect(await (await registry(far, `one/blobs/${layers[0]?.digest}`)).text()).toBe('layer of v1');
  expect(await copyImage({ from, to, tag: 'v1', signal })).toBe(0);
});

test('an index brings the images of every platform', async () => {
  const { from, to } = await places('many');
  const manifests = [];
  for (const tag of ['arm64', 'amd64']) {
    const digest = (await pushImage(near, 'many', { tag })).headers.get('docker-content-digest');
    manifests.push({ digest, size: 1, platform: { os: 'linux', architecture: tag } });
  }
  const body = JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests });
  const headers = { 'content-type': indexType };
  await registry(near, 'many/manifests/multi', { method: 'PUT', body, headers });
  await copyImage({ from, to, tag: 'multi', signal });
  const copied = await registry(far, 'many/manifests/multi');
  expect([copied.headers.get('content-type'), await copied.text()]).toEqual([indexType, body]);
  for (const { digest } of manifests) expect((await registry(far, `many/manifests/${digest}`)).status).toBe(200);
});

test('an image that is gone, a registry that refuses and one that is silent are one clear error', async () => {
  const { from, to } = await places('none');
  await expect(copyImage({ from, to, tag: 'v1', signal })).rejects.toMatchObject({
    code: 'AWS_REFUSED',
    message: expect.stringMatching(/^the image v1 could not be copied: 127\.0\.0\.1:\d+ answers 404 /),
  });
  await pushImage(near, 'none', { tag: 'v1' });
  const wrong = { ...to, login: { ...to.login, password: 'x' } };
  await expect(copyImage({ from, to: wrong, tag: 'v1', signal })).rejects.toMatchObject({ code: 'AWS_REFUSED' });
  const silent = { ...to, login: { ...to.login, registry: 'http://127.0.0.1:1' } };
  await expect(copyImage({ from, to: silent, tag: 'v1', signal })).rejects.toMatchObject({ code: 'AWS_UNREACHABLE' });
});

test('fx promote to another region copies the image without an engine', async () => {
  const folder = await folderOf({
    'project.yml':
      'name: pictures\nenvironments: {staging: {}, far: {region: eu-west-1}}\nfunctions: {render: {image: {build: .}}}\n',
    Dockerfile: 'FROM scratch\nCOPY . /\n',
  });
  const variables = { PATH: (await fakeEngine()).folder };
  const deployed = await aws.fx(folder, ['deploy', '--env', 'staging'], { variables });
  expect([deployed.exitCode, deployed.stderr]).toEqual([0, expect.any(String)]);
  const words = ['promote', 'staging', 'far', '--yes'];
  const done = await aws.fx(folder, words, { variables: { PATH: '' } });
  expect([done.exitCode, done.stderr]).toEqual([0, expect.stringMatching(/uploaded the image pictures-[0-9a-f]{64}/)]);
  const uriIn = async (cloud: Cloud, env: string) =>
    (await cloud.call('lambda', 'GetFunction', { FunctionName: `pictures-${env}-render` })).Code?.ResolvedImageUri;
  const digest = (uri: string | undefined) => uri?.split('@')[1];
  expect(digest(await uriIn(far, 'far'))).toBe(digest(await uriIn(near, 'staging')));
});
