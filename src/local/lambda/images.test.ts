// Functions from container images: what Lambda answers, and what needs an engine. test/images-engine.test.ts runs one.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { pushImage } from '../ecr/fixture.ts';
import { createFunction, waitUntilReady } from './fixture.ts';
import { answering, startTestLambda } from './test-lambda.ts';

const { cloud, call, Role } = await startTestLambda();
const repositoryName = 'functions';
await cloud.call('ecr', 'CreateRepository', { repositoryName });
const policy = (Action: readonly string[], sourceArn = 'arn:aws:lambda:us-east-1:*:function:*') =>
  cloud.call('ecr', 'SetRepositoryPolicy', {
    repositoryName,
    policyText: JSON.stringify({
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'lambda.amazonaws.com' },
          Action,
          Condition: { StringLike: { 'aws:sourceArn': sourceArn } },
        },
      ],
    }),
  });
const pulls = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
await policy(pulls);
const pushed = await pushImage(cloud, repositoryName, { tag: 'v1' });
const digest = pushed.headers.get('docker-content-digest') ?? '';
const host = `${cloud.accountId}.dkr.ecr.us-east-1.amazonaws.com`;
const uri = `${host}/${repositoryName}:v1`;
let count = 0;

const create = (ImageUri: string, settings: object = {}) =>
  call('CreateFunction', { FunctionName: `f-${count++}`, Role, PackageType: 'Image', Code: { ImageUri }, ...settings });

// no test of this file starts a container
const emptyPath = mkdtempSync(join(tmpdir(), 'fx-path-'));
vi.stubEnv('PATH', emptyPath);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(emptyPath, { recursive: true });
});

test.each([
  ['its tag', uri],
  ['its digest', `${host}/${repositoryName}@${digest}`],
  ['the address of the local registry', `${cloud.endpoint.replace('http://', '')}/${repositoryName}:v1`],
])('an image by %s is a function with a resolved digest', async (_, ImageUri) => {
  const created = await create(ImageUri, { ImageConfig: { Command: ['app.handler'], WorkingDirectory: '/w' } });
  const FunctionName = created.FunctionName ?? '';
  await waitUntilReady(cloud, FunctionName);
  const { Configuration, Code } = await call('GetFunction', { FunctionName });
  expect(Code).toEqual({
    RepositoryType: 'ECR',
    ImageUri,
    ResolvedImageUri: `${ImageUri.replace(/[:@](v1|sha256:.*)$/, '')}@${digest}`,
  });
  expect(Configuration).toMatchObject({
    PackageType: 'Image',
    CodeSize: 0,
    CodeSha256: Buffer.from(digest.slice('sha256:'.length), 'hex').toString('base64'),
    ImageConfigResponse: { ImageConfig: { Command: ['app.handler'], WorkingDirectory: '/w' } },
  });
  for (const absent of ['Runtime', 'Handler', 'RuntimeVersionConfig']) expect(Configuration).not.toHaveProperty(absent);
});

test.each([
  [
    `${host}/${repositoryName}:v2`,
    {},
    `Source image ${host}/${repositoryName}:v2 does not exist. Provide a valid source image.`,
  ],
  [`${host}/nothing:v1`, {}, `Source image ${host}/nothing:v1 does not exist. Provide a valid source image.`],
  [
    `${host}/${repositoryName}`,
    {},
    `Source image ${host}/${repositoryName} is not valid. Provide a valid source image.`,
  ],
  ['public.ecr.aws/a/b:1', {}, 'Source image public.ecr.aws/a/b:1 is not valid. Provide a valid source image.'],
  [
    uri,
    { Handler: 'a.b' },
    "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.",
  ],
  [
    uri,
    { SnapStart: { ApplyOn: 'PublishedVersions' } },
    'ContainerImage is not supported for SnapStart enabled functions.',
  ],
])('%s %j is refused', async (ImageUri, settings, message) => {
  await expect(create(ImageUri, settings)).rejects.toMatchObject({ code: 'InvalidParameterValueException', message });
});

test('an index of several images is refused', async () => {
  await pushImage(cloud, repositoryName, { tag: 'index', type: 'application/vnd.oci.image.index.v1+json' });
  const index = `${host}/${repositoryName}:index`;
  await expect(create(index)).rejects.toThrow(
    `The image manifest, config or layer media type for the source image ${index} is not supported.`,
  );
});

test("Lambda pulls only with the permission of the repository's policy", async () => {
  onTestFinished(async () => void (await policy(pulls)));
  const denied = {
    code: 'AccessDeniedException',
    status: 403,
    message: 'Lambda does not have permission to access the ECR image. Check the ECR permissions.',
  };
  await policy(['ecr:BatchGetImage']);
  await expect(create(uri)).rejects.toMatchObject(denied);
  await policy(pulls, 'arn:aws:lambda:us-east-1:*:function:other');
  await expect(create(uri)).rejects.toMatchObject(denied);
  await cloud.call('ecr', 'DeleteRepositoryPolicy', { repositoryName });
  await expect(create(uri)).rejects.toMatchObject(denied);
});

test('an update is a new version only with another image; a zip stays a zip', async () => {
  const FunctionName = (await create(uri)).FunctionName ?? '';
  await waitUntilReady(cloud, FunctionName);
  const publish = async () => (await call('PublishVersion', { FunctionName })).Version;
  expect(await publish()).toBe('1');
  const update = async (tag: string) => {
    await call('UpdateFunctionCode', { FunctionName, ImageUri: `${host}/${repositoryName}:${tag}` });
    await waitUntilReady(cloud, FunctionName);
  };
  await pushImage(cloud, repositoryName, { tag: 'same', content: 'v1' });
  await update('same');
  expect(await publish()).toBe('1');
  await pushImage(cloud, repositoryName, { tag: 'other' });
  await update('other');
  expect(await publish()).toBe('2');
  await expect(call('UpdateFunctionCode', { FunctionName, ZipFile: Buffer.from('x') })).rejects.toThrow(
    'Please provide ImageUri when updating a function with packageType Image.',
  );
  const zip = await createFunction(cloud, answering(1));
  await expect(call('UpdateFunctionCode', { FunctionName: zip, ImageUri: uri })).rejects.toThrow(
    "Please don't provide ImageUri when updating a function with packageType Zip.",
  );
});

test('an invocation without an engine is refused, and says why', async () => {
  const FunctionName = (await create(uri)).FunctionName ?? '';
  await waitUntilReady(cloud, FunctionName);
  await expect(call('Invoke', { FunctionName })).rejects.toMatchObject({
    code: 'NotImplemented',
    message: expect.stringMatching(
      process.platform === 'linux'
        ? /^running container images without Docker or Podman \(neither Docker nor Podman is installed; .*\) is not implemented by the fx local AWS$/
        : /elsewhere than on Linux/,
    ),
  });
  // a daemon that starts later is found
  writeFileSync(
    join(emptyPath, 'podman'),
    `#!${process.execPath}\nif (process.argv[2] !== 'info') { console.error('no such image'); process.exit(1); }\n`,
  );
  chmodSync(join(emptyPath, 'podman'), 0o755);
  onTestFinished(() => rmSync(join(emptyPath, 'podman')));
  const { FunctionError, Payload } = await call('Invoke', { FunctionName });
  expect(FunctionError).toBe('Unhandled');
  expect(Buffer.from(Payload ?? []).toString()).toMatch(/podman could not pull the image: no such image/);
});
