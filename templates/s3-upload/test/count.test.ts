import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startLocal } from 'fx-serverless/local';
import { afterAll, beforeAll, expect, test } from 'vitest';

const local = await startLocal();
afterAll(() => local.stop());
let outputs: Readonly<Record<string, string>> = {};
beforeAll(async () => {
  ({ outputs } = await local.deploy());
});

test('counts the lines of what is uploaded', async () => {
  const counts = () => fetch(`${outputs.HttpApiUrl}/counts/poem.txt`);
  expect((await counts()).status).toBe(404);
  const s3 = new S3Client({ ...local.client, forcePathStyle: true });
  await s3.send(new PutObjectCommand({ Bucket: outputs.FilesName, Key: 'in/poem.txt', Body: 'one\ntwo\nthree\n' }));
  await expect.poll(async () => (await counts()).json(), { timeout: 20_000 }).toEqual({ lines: 3 });
});
