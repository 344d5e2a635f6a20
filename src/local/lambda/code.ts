// Takes in deployment packages: from a request or S3, checked for Lambda's limits, unpacked once a content.
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { chmod, mkdir, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { FunctionCode } from '@aws-sdk/client-lambda';
import { type Entry, fromBuffer, type ZipFile } from 'yauzl';
import { AwsError, type Cloud } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';
import type { Code } from './state.ts';

// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const directUploadBytes = 52_428_800;
export const unzippedBytes = 262_144_000;

/** Fetches and checks the package, and keeps its bytes. */
export async function takeCode(cloud: Cloud, source: FunctionCode, operation = 'CreateFunction'): Promise<Code> {
  if (source.ImageUri || source.SourceKMSKeyArn)
    throw notImplemented('a Lambda function from an image or an encrypted package');
  const bytes = await readSource(cloud, source, operation);
  if (bytes.length === 0) throw invalid('Uploaded file must be a non-empty zip');
  await checkArchive(bytes);
  await cloud.blobs.write(bytes);
  return { sha256: createHash('sha256').update(bytes).digest('hex'), size: bytes.length };
}

async function readSource(cloud: Cloud, source: FunctionCode, operation: string): Promise<Buffer> {
  if (source.ZipFile !== undefined) {
    const bytes = Buffer.from(source.ZipFile);
    if (bytes.length > directUploadBytes) {
      throw new AwsError(
        'RequestEntityTooLargeException',
        `Request must be smaller than 69905067 bytes for the ${operation} operation`,
        413,
      );
    }
    return bytes;
  }
  if (!source.S3Bucket || !source.S3Key) throw invalid('Please provide a source for function code.');
  try {
    const { LocationConstraint = 'us-east-1' } = await cloud.call('s3', 'GetBucketLocation', {
      Bucket: source.S3Bucket,
    });
    if (LocationConstraint !== cloud.region) {
      const message = `The bucket is in this region: ${LocationConstraint}. Please use this region to retry the request`;
      throw new AwsError('PermanentRedirect', message, 301);
    }
    const { Body } = await cloud.call('s3', 'GetObject', {
      Bucket: source.S3Bucket,
      Key: source.S3Key,
      VersionId: source.S3ObjectVersion,
    });
    return await bodyBytes(Body);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw invalid(`Error occurred while GetObject. S3 Error Code: ${error.code}. S3 Error Message: ${error.message}`);
  }
}

async function bodyBytes(body: unknown): Promise<Buffer> {
  if (body instanceof Uint8Array) return Buffer.from(body);
  return buffer(body as AsyncIterable<Uint8Array>);
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message, 400, { Type: 'User' });
}

function unreadable(): AwsError {
  return invalid('Could not unzip uploaded file. Please check your file, then try to upload again.');
}

async function checkArchive(bytes: Buffer): Promise<void> {
  const { bytes: size } = await archiveEntries(bytes);
  if (size >= unzippedBytes) throw invalid(`Unzipped size must be smaller than ${unzippedBytes} bytes`);
}

/** The names in an archive, and what it unpacks to. */
export async function archiveEntries(archive: Buffer): Promise<{ names: readonly string[]; bytes: number }> {
  const names: string[] = [];
  let bytes = 0;
  for await (const { entry } of entries(archive)) {
    names.push(entry.fileName);
    bytes += entry.uncompressedSize;
  }
  return { names, bytes };
}

/** yauzl refuses absolute names and names that climb with `..`; any fault of the archive is the same error on AWS. */
async function* entries(bytes: Buffer): AsyncGenerator<{ zip: ZipFile; entry: Entry }> {
  const zip = await new Promise<ZipFile>((done, fail) => {
    fromBuffer(bytes, { lazyEntries: true }, (error, opened) => (error ? fail(unreadable()) : done(opened)));
  });
  for (;;) {
    const entry = await new Promise<Entry | undefined>((done, fail) => {
      zip.removeAllListeners();
      zip
        .once('entry', done)
        .once('end', () => done(undefined))
        .once('error', () => fail(unreadable()));
      zip.readEntry();
    });
    if (entry === undefined) return;
    yield { zip, entry };
  }
}

export function codeFolder(cloud: Cloud, { sha256 }: Code): string {
  return join(cloud.directory, 'lambda', 'code', sha256);
}

/** Unpacks a package that `takeCode` kept, unless it already is; the folder appears whole or not at all. */
export async function unpackCode(cloud: Cloud, code: Code): Promise<void> {
  const folder = codeFolder(cloud, code);
  if (existsSync(folder)) return;
  const temporary = `${folder}.${randomUUID()}.tmp`;
  await mkdir(temporary, { recursive: true });
  try {
    for await (const { zip, entry } of entries(await cloud.blobs.read(code.sha256)))
      await unpackEntry(zip, entry, temporary);
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    // Another call may have unpacked the same content meanwhile.
    if (!existsSync(folder)) throw error;
  }
}

const fileTypeMask = 0o170000;
const symbolicLink = 0o120000;

async function unpackEntry(zip: ZipFile, entry: Entry, root: string): Promise<void> {
  const path = join(root, entry.fileName);
  if (entry.fileName.endsWith('/')) {
    await mkdir(path, { recursive: true });
    return;
  }
  await mkdir(dirname(path), { recursive: true });
  const stream = await new Promise<NodeJS.ReadableStream>((done, fail) => {
    zip.openReadStream(entry, (error, opened) => (error ? fail(error) : done(opened)));
  });
  const mode = entry.externalFileAttributes >>> 16;
  if ((mode & fileTypeMask) === symbolicLink) {
    const target = (await buffer(stream)).toString();
    const outside = relative(root, resolve(dirname(path), target));
    if (outside === '..' || outside.startsWith(`..${sep}`)) throw unreadable();
    await symlink(target, path);
    return;
  }
  await pipeline(stream, createWriteStream(path));
  // As on AWS, a function can't write to its own code. An archive without modes gives plain readable files.
  await chmod(path, ((mode & 0o777 || 0o644) & 0o555) | 0o400);
}
