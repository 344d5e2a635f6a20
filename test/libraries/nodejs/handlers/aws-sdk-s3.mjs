import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

const client = new S3Client({ endpoint: 'http://127.0.0.1:1', maxAttempts: 1 });
export const handler = async () =>
  client.send(new PutObjectCommand({ Bucket: 'x', Key: 'y', Body: 'z' })).then(
    () => 'answered',
    ({ code, errors }) => code === 'ECONNREFUSED' || errors !== undefined,
  );
