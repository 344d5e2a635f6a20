import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { S3Handler } from 'aws-lambda';

const client = new S3Client();
const Bucket = process.env.BUCKET;

export const handler: S3Handler = async ({ Records }) => {
  for (const { s3 } of Records) {
    // a key comes as in a URL
    const Key = decodeURIComponent(s3.object.key.replaceAll('+', ' '));
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    const lines = (await Body?.transformToString())?.trimEnd().split('\n').length ?? 0;
    const result = { Bucket, Key: Key.replace(/^in\//, 'out/'), Body: JSON.stringify({ lines }) };
    await client.send(new PutObjectCommand(result));
    console.log(`${Key} has ${lines} lines`);
  }
};
