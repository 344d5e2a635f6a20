import { GetObjectCommand, NoSuchKey, S3Client } from '@aws-sdk/client-s3';
import type { APIGatewayProxyHandlerV2 } from 'aws-lambda';

const client = new S3Client();

export const handler: APIGatewayProxyHandlerV2 = async ({ pathParameters }) => {
  const Key = `out/${pathParameters?.name}`;
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: process.env.BUCKET, Key }));
    return { statusCode: 200, body: await Body?.transformToString() };
  } catch (error) {
    if (!(error instanceof NoSuchKey)) throw error;
    return { statusCode: 404, body: JSON.stringify({ error: 'not counted yet' }) };
  }
};
