// ECR's answers, and its registry as an engine sees it.
import { createHash } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { startTestAws } from '../fixture.ts';
import { authorizationOf, dockerType, pushImage, registry } from './fixture.ts';

const aws = await startTestAws();
afterAll(() => aws.stop());
const cloud = await aws.cloud('eu-west-1');
let count = 0;

async function repository(imageTagMutability?: 'MUTABLE' | 'IMMUTABLE'): Promise<string> {
  const repositoryName = `team/repository-${count++}`;
  await cloud.call('ecr', 'CreateRepository', {
    repositoryName,
    ...(imageTagMutability === undefined ? {} : { imageTagMutability }),
  });
  return repositoryName;
}

test('what was pushed can be pulled, listed and described', async () => {
  const name = await repository();
  const pushed = await pushImage(cloud, name, { tag: 'v1' });
  expect(pushed.status).toBe(201);
  const digest = pushed.headers.get('docker-content-digest') ?? '';
  for (const reference of ['v1', digest]) {
    const manifest = await registry(cloud, `${name}/manifests/${reference}`);
    expect([manifest.status, manifest.headers.get('content-type')]).toEqual([200, dockerType]);
    const text = await manifest.text();
    expect(`sha256:${createHash('sha256').update(text).digest('hex')}`).toBe(digest);
    const { layers } = JSON.parse(text) as { layers: readonly { digest: string }[] };
    const blob = await registry(cloud, `${name}/blobs/${layers[0]?.digest}`);
    expect(await blob.text()).toBe('layer of v1');
  }
  expect(await (await registry(cloud, `${name}/tags/list`)).json()).toEqual({ name, tags: ['v1'] });
  const described = await cloud.call('ecr', 'DescribeImages', { repositoryName: name });
  expect(described.imageDetails).toMatchObject([{ imageDigest: digest, imageTags: ['v1'] }]);
  expect(await cloud.call('ecr', 'ListImages', { repositoryName: name })).toEqual({
    imageIds: [{ imageDigest: digest, imageTag: 'v1' }],
  });
  const { images, failures } = await cloud.call('ecr', 'BatchGetImage', {
    repositoryName: name,
    imageIds: [{ imageTag: 'v1' }, { imageTag: 'v2' }],
  });
  expect(images).toMatchObject([{ imageId: { imageTag: 'v1', imageDigest: digest } }]);
  expect(failures).toEqual([
    { imageId: { imageTag: 'v2' }, failureCode: 'ImageNotFound', failureReason: 'Requested image not found' },
  ]);
});

test('a tag moves only if tags are mutable', async () => {
  const fixed = await repository('IMMUTABLE');
  await pushImage(cloud, fixed, { tag: 'v1', content: 'one' });
  const again = await pushImage(cloud, fixed, { tag: 'v1', content: 'two' });
  expect([again.status, await again.json()]).toEqual([
    400,
    {
      errors: [
        {
          code: 'TAG_INVALID',
          message: `The image tag 'v1' already exists in the '${fixed}' repository and cannot be overwritten because the repository is immutable.`,
        },
      ],
    },
  ]);
  expect((await pushImage(cloud, fixed, { tag: 'v1', content: 'one' })).status).toBe(201);
  const loose = await repository();
  await pushImage(cloud, loose, { tag: 'v1', content: 'one' });
  expect((await pushImage(cloud, loose, { tag: 'v1', content: 'two' })).status).toBe(201);
  const { imageDetails = [] } = await cloud.call('ecr', 'DescribeImages', { repositoryName: loose });
  expect(imageDetails.map(({ imageTags }) => imageTags).sort()).toEqual([['v1'], undefined]);
});

test('the registry requires a login, intact blobs and an existing repository', async () => {
  const anonymous = await fetch(`${cloud.endpoint}/v2/`);
  expect([anonymous.status, anonymous.headers.get('www-authenticate')]).toEqual([
    401,
    expect.stringMatching(/^Basic /),
  ]);
  const wrong = await fetch(`${cloud.endpoint}/v2/`, { headers: { authorization: 'Basic QVdTOng=' } });
  expect(wrong.status).toBe(401);
  expect((await registry(cloud, '')).status).toBe(200);
  const missing = await registry(cloud, 'nothing/manifests/v1');
  expect([missing.status, await missing.json()]).toMatchObject([404, { errors: [{ code: 'NAME_UNKNOWN' }] }]);
  const name = await repository();
  const upload = await registry(cloud, `${name}/blobs/uploads/?digest=sha256:${'0'.repeat(64)}`, {
    method: 'POST',
    body: 'something else',
  });
  expect([upload.status, await upload.json()]).toMatchObject([400, { errors: [{ code: 'DIGEST_INVALID' }] }]);
  const layers = [{ digest: `sha256:${'1'.repeat(64)}`, size: 1 }];
  const manifest = await registry(cloud, `${name}/manifests/v1`, { method: 'PUT', body: JSON.stringify({ layers }) });
  expect([manifest.status, await manifest.json()]).toMatchObject([
    400,
    { errors: [{ code: 'MANIFEST_BLOB_UNKNOWN' }] },
  ]);
  const escaping = await registry(cloud, `${name}/blobs/..%2f..%2fetc`);
  expect(escaping.status).toBe(400);
  // the login names the region, as ECR's host names do
  const other = await aws.cloud('us-east-1');
  const elsewhere = await fetch(`${cloud.endpoint}/v2/${name}/tags/list`, {
    headers: { authorization: await authorizationOf(other) },
  });
  expect(elsewhere.status).toBe(404);
});

test('the API of API Gateway, under the same path, still answers', async () => {
  const { Items } = await cloud.call('apigatewayv2', 'GetApis', {});
  expect(Items).toEqual([]);
  const unsigned = await fetch(`${cloud.endpoint}/v2/apis`, {
    headers: { authorization: 'AWS4-HMAC-SHA256 Credential=a/20261126/eu-west-1/apigateway/aws4_request' },
  });
  expect([unsigned.status, await unsigned.json()]).toMatchObject([200, { items: [] }]);
});

test('images are deleted by tag, and with their last one; repositories only if they are empty', async () => {
  const name = await repository();
  await pushImage(cloud, name, { tag: 'v1', content: 'same' });
  await pushImage(cloud, name, { tag: 'v2', content: 'same' });
  const remove = (imageTag: string) =>
    cloud.call('ecr', 'BatchDeleteImage', { repositoryName: name, imageIds: [{ imageTag }] });
  const remaining = async () => (await cloud.call('ecr', 'ListImages', { repositoryName: name })).imageIds;
  await remove('v1');
  expect(await remaining()).toMatchObject([{ imageTag: 'v2' }]);
  await expect(cloud.call('ecr', 'DeleteRepository', { repositoryName: name })).rejects.toThrow(
    `The repository with name '${name}' in registry with id '${cloud.accountId}' cannot be deleted because it still contains images`,
  );
  await remove('v2');
  expect(await remaining()).toEqual([]);
  await cloud.call('ecr', 'DeleteRepository', { repositoryName: name });
  await expect(remove('v2')).rejects.toThrow(
    `The repository with name '${name}' does not exist in the registry with id '${cloud.accountId}'`,
  );
});

test.each([
  [
    'DescribeImages',
    { imageIds: [{ imageTag: 'v9' }] },
    /^The image with imageId \{imageDigest:'null', imageTag:'v9'\} does not exist within the repository with name '/,
  ],
  ['GetRepositoryPolicy', {}, /^Repository policy does not exist for the repository with name '/],
  ['SetRepositoryPolicy', { policyText: 'nothing' }, /Invalid repository policy provided/],
] as const)('%s', async (operation, input, message) => {
  const repositoryName = await repository();
  await expect(cloud.call('ecr', operation, { repositoryName, ...input } as never)).rejects.toThrow(message);
});
