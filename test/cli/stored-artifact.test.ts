// A function whose artifact is an S3 object: a deploy reads and checks it, once.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { folderOf, writeFiles } from '../support/project.ts';
import { type RecordedAws, startRecordedAws } from '../support/recorded-aws.ts';

let aws: RecordedAws;
let s3: S3Client;
beforeAll(async () => {
  aws = await startRecordedAws();
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  s3 = new S3Client({ endpoint: aws.local.endpoint, region: 'eu-west-1', forcePathStyle: true, credentials });
  const configuration = { LocationConstraint: 'eu-west-1' } as const;
  await s3.send(new CreateBucketCommand({ Bucket: 'builds', CreateBucketConfiguration: configuration }));
});
afterAll(() => aws.stop());

const project = (artifact: string, more = 'runtime: nodejs22.x, handler: index.handler') =>
  `name: stored\nenvironments: {staging: {region: eu-west-1}}\nfunctions:\n  a:\n    artifact: ${artifact}\n    ${more.replace(', ', '\n    ')}\n`;

async function put(folder: string, key: string, from: string): Promise<void> {
  const script = 'import shutil,sys; shutil.make_archive(sys.argv[2],"zip",sys.argv[1])';
  execFileSync('python3', ['-c', script, join(folder, from), join(folder, 'made')]);
  await s3.send(new PutObjectCommand({ Bucket: 'builds', Key: key, Body: readFileSync(join(folder, 'made.zip')) }));
}

const deploy = (folder: string) => aws.fx(folder, ['deploy', '--env', 'staging']);
const reads = () =>
  aws.calls().filter(({ name, input }) => name === 's3:GetObject' && input['Bucket'] === 'builds').length;

test('must have its handler, and is read only when it is new', async () => {
  const folder = await folderOf({
    'project.yml': project('s3://builds/one.zip'),
    'out/wrap/index.js': 'exports.handler = async () => 1;',
  });
  await put(folder, 'one.zip', 'out');
  aws.calls();
  const wrong = await deploy(folder);
  expect([wrong.exitCode, wrong.stderr]).toEqual([
    4,
    expect.stringContaining(
      'project.yml:5:5 the function "a" has no index.mjs, index.js or index.cjs in s3://builds/one.zip; found wrap/index.js',
    ),
  ]);
  expect(wrong.stderr).toContain('→ zip the contents of wrap, or set `handler: wrap/index.handler`');
  await put(folder, 'two.zip', 'out/wrap');
  await writeFiles(folder, { 'project.yml': project('s3://builds/two.zip') });
  expect(reads()).toBe(1);
  expect((await deploy(folder)).exitCode).toBe(0);
  expect(reads()).toBe(1);
  expect((await deploy(folder)).exitCode).toBe(0);
  expect(reads()).toBe(0);
});

test('that does not exist, is no zip or cannot start is an error at its line', async () => {
  const folder = await folderOf({
    'project.yml': project('s3://builds/absent.zip'),
    'out/bootstrap': '#!/bin/sh\r\n',
  });
  expect((await deploy(folder)).stderr).toContain(
    'project.yml:5:5 the artifact of "a" does not exist: s3://builds/absent.zip',
  );
  await s3.send(new PutObjectCommand({ Bucket: 'builds', Key: 'text.zip', Body: 'text' }));
  await writeFiles(folder, { 'project.yml': project('s3://builds/text.zip') });
  expect((await deploy(folder)).stderr).toContain('project.yml:5:5 the artifact of "a" is not a readable zip: ');
  await put(folder, 'script.zip', 'out');
  await writeFiles(folder, {
    'project.yml': project('s3://builds/script.zip', 'runtime: provided.al2023, handler: x'),
  });
  expect((await deploy(folder)).stderr).toContain('bootstrap has the line ends of Windows (CRLF)');
});
