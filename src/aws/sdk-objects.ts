// S3 through the SDK.
import { FxError } from '../base/error.ts';
import type { Objects, TaggedObject } from './aws.ts';
import { retryStrategy } from './retry.ts';
import { type Ask, type Config, once } from './sdk-call.ts';

const deleteBatch = 1000; // https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html

export function sdkObjects(config: Config, ask: Ask): Objects {
  // an endpoint with an IP address cannot have the bucket as a subdomain
  const pathStyle = config.endpoint !== undefined;
  const load = once(async () => {
    const sdk = await import('./clients/s3.ts');
    const client = new sdk.S3Client({ ...config, forcePathStyle: pathStyle, retryStrategy: await retryStrategy() });
    return { sdk, client };
  });
  const read = async (bucket: string, key: string, version?: string, Range?: string) => {
    const { sdk, client } = await load();
    const { Body, ContentLength, ContentRange, ETag, LastModified } = await client.send(
      new sdk.GetObjectCommand({ Bucket: bucket, Key: key, VersionId: version, Range }),
    );
    const body = Buffer.from((await Body?.transformToByteArray()) ?? []);
    if (ContentLength !== undefined && body.length !== ContentLength) throw new LostBody(body.length, ContentLength);
    return { body, etag: ETag ?? '', modified: LastModified, range: ContentRange };
  };
  const getTagged = (bucket: string, key: string, version?: string) =>
    ask<TaggedObject | undefined>('s3:GetObject', () => readAgain(() => read(bucket, key, version)), {
      NoSuchKey: () => undefined,
      NoSuchVersion: () => undefined,
    });
  const get = async (bucket: string, key: string, version?: string) => (await getTagged(bucket, key, version))?.body;
  return {
    get,
    getTagged,
    range: ({ bucket, key, version }, part) => {
      const wanted = 'last' in part ? `bytes=-${part.last}` : `bytes=${part.start}-${part.end - 1}`;
      const none = () => undefined;
      return ask<{ readonly bytes: Buffer; readonly size: number } | undefined>(
        's3:GetObject',
        async () => {
          const { body, range } = await readAgain(() => read(bucket, key, version, wanted));
          // https://www.rfc-editor.org/rfc/rfc9110#field.content-range; an emulator may send everything
          const size = /\/(\d+)$/.exec(range ?? '')?.[1];
          return { bytes: body, size: size === undefined ? body.length : Number(size) };
        },
        { NoSuchKey: none, NoSuchVersion: none, InvalidRange: none },
      );
    },
    putIf: async (bucket, key, etag, body) => {
      const written = await ask<string | undefined>(
        's3:PutObject',
        async () => {
          const { sdk, client } = await load();
          const condition = etag === undefined ? { IfNoneMatch: '*' } : { IfMatch: etag };
          const input = { Bucket: bucket, Key: key, Body: body, ContentType: 'application/json', ...condition };
          return (await client.send(new sdk.PutObjectCommand(input))).ETag ?? '';
        },
        {
          PreconditionFailed: () => undefined,
          ConditionalRequestConflict: () => undefined,
          NoSuchKey: () => undefined,
        },
      );
      if (written !== undefined) return written;
      // if the response to the first attempt was lost, the second finds what the first wrote
      const now = await getTagged(bucket, key);
      return now?.body.equals(body) === true ? now.etag : undefined;
    },
    deleteIf: (bucket, key, etag) =>
      ask<boolean>(
        's3:DeleteObject',
        async () => {
          const { sdk, client } = await load();
          await client.send(new sdk.DeleteObjectCommand({ Bucket: bucket, Key: key, IfMatch: etag }));
          return true;
        },
        { PreconditionFailed: () => false, ConditionalRequestConflict: () => false, NoSuchKey: () => true },
      ),
    has: (bucket, key) =>
      ask(
        's3:HeadObject',
        async () => {
          const { sdk, client } = await load();
          await client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: key }));
          return true;
        },
        { NotFound: () => false, NoSuchKey: () => false },
      ),
    put: (bucket, key, body, contentType) =>
      ask('s3:PutObject', async () => {
        const { sdk, client } = await load();
        await client.send(new sdk.PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType }));
      }),
    putNew: async (bucket, key, body, contentType) => {
      const isNew = await ask(
        's3:PutObject',
        async () => {
          const { sdk, client } = await load();
          const input = { Bucket: bucket, Key: key, Body: body, ContentType: contentType, IfNoneMatch: '*' };
          await client.send(new sdk.PutObjectCommand(input));
          return true;
        },
        { PreconditionFailed: () => false, ConditionalRequestConflict: () => false },
      );
      // if the response to the first attempt was lost, the second finds what the first wrote
      return isNew || (await get(bucket, key))?.equals(body) === true;
    },
    copy: (from, to, { contentType, cacheControl }) =>
      ask('s3:CopyObject', async () => {
        const { sdk, client } = await load();
        await client.send(
          new sdk.CopyObjectCommand({
            Bucket: to.bucket,
            Key: to.key,
            CopySource: `${from.bucket}/${from.key.split('/').map(encodeURIComponent).join('/')}`,
            MetadataDirective: 'REPLACE',
            ContentType: contentType,
            CacheControl: cacheControl,
          }),
        );
      }),
    list: (bucket, prefix) =>
      ask('s3:ListObjectsV2', async () => {
        const { sdk, client } = await load();
        const objects = [];
        for await (const page of sdk.paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
          for (const { Key = '', Size = 0, LastModified } of page.Contents ?? []) {
            objects.push({ key: Key, size: Size, modified: LastModified });
          }
        }
        return objects;
      }),
    delete: (bucket, keys) =>
      ask('s3:DeleteObjects', async () => {
        const { sdk, client } = await load();
        for (let start = 0; start < keys.length; start += deleteBatch) {
          const Objects = keys.slice(start, start + deleteBatch).map((Key) => ({ Key }));
          const { Errors = [] } = await client.send(
            new sdk.DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
          );
          const [failed] = Errors;
          if (failed !== undefined) {
            throw new FxError(
              'AWS_REFUSED',
              `s3:DeleteObjects was refused for ${failed.Key}: ${failed.Code}: ${failed.Message}`,
            );
          }
        }
      }),
    hasBucket: (bucket) =>
      ask(
        's3:HeadBucket',
        async () => {
          const { sdk, client } = await load();
          await client.send(new sdk.HeadBucketCommand({ Bucket: bucket }));
          return true;
        },
        { NotFound: () => false, NoSuchBucket: () => false },
      ),
    deleteBucket: (bucket) =>
      ask(
        's3:DeleteBucket',
        async () => {
          const { sdk, client } = await load();
          await client.send(new sdk.DeleteBucketCommand({ Bucket: bucket }));
        },
        { NoSuchBucket: () => undefined },
      ),
    url: (bucket, key) =>
      pathStyle ? `${config.endpoint}/${bucket}/${key}` : `https://${bucket}.s3.${config.region}.amazonaws.com/${key}`,
  };
}

const readAttempts = 4;

class LostBody extends Error {
  constructor(received: number, expected: number) {
    super(`the body ended after ${received} of ${expected} bytes`);
    this.name = 'LostBody';
  }
}

/** The SDK retries a request, but not the reading of its body. */
async function readAgain<T>(read: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await read();
    } catch (error) {
      // an S3 error is an answer; a body that breaks off is not
      if (error instanceof Error && '$metadata' in error) throw error;
      if (attempt < readAttempts) continue;
      throw new FxError('AWS_UNREACHABLE', `the answer to s3:GetObject was cut off ${readAttempts} times`, {
        hint: 'check the network and the proxy, then run the same command again',
        cause: error,
      });
    }
  }
}
