// Accepts deployment packages from a request or S3: checks Lambda's limits, and unpacks each content once.
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, symlink, utimes } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { FunctionCode } from '@aws-sdk/client-lambda';
import { type ZipEntry, zipEntries } from '../../base/zip-entries.ts';
import { AwsError, type Cloud } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';
import { packagePath } from '../identity.ts';
import type { Code } from './state.ts';
import { createWhole } from './whole-folder.ts';

// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const directUploadBytes = 52_428_800;
export const unzippedBytes = 262_144_000;

/** Fetches and checks the package, and keeps its bytes. */
export async function takeCode(cloud: Cloud, source: FunctionCode, operation = 'CreateFunction'): Promise<Code> {
  if (source.SourceKMSKeyArn) throw notImplemented('a Lambda function from an encrypted package');
  const bytes = await readSource(cloud, source, operation);
  if (bytes.length === 0) throw invalid('Uploaded file must be a non-empty zip');
  await checkArchive(bytes);
  await cloud.blobs.write(bytes);
  return { sha256: createHash('sha256').update(bytes).digest('hex'), size: bytes.length };
}

/** Where the package can be fetched for ten minutes on AWS; here as long as the local AWS runs. */
export function codeLocation(cloud: Cloud, { sha256 }: Code): string {
  return `${cloud.endpoint}${packagePath}${sha256}`;
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

function unreadableArchive(): AwsError {
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
  for await (const { name, size } of entries(archive)) {
    names.push(name);
    bytes += size;
  }
  return { names, bytes };
}

/** AWS returns the same error for every defect of an archive. */
async function* entries(archive: Buffer): AsyncGenerator<ZipEntry> {
  try {
    yield* zipEntries(archive);
  } catch {
    throw unreadableArchive();
  }
}

export function codeFolder(cloud: Cloud, { sha256 }: Code): string {
  return join(cloud.codeDirectory, 'lambda', 'code', sha256);
}

/** Unpacks a package that `takeCode` kept, unless it already is. */
export async function unpackCode(cloud: Cloud, code: Code): Promise<void> {
  await createWhole(codeFolder(cloud, code), async (temporary) => {
    for await (const entry of entries(await cloud.blobs.read(code.sha256))) await unpackEntry(entry, temporary);
  });
}

async function unpackEntry(entry: ZipEntry, root: string): Promise<void> {
  const path = join(root, entry.name);
  if (entry.isFolder) {
    await mkdir(path, { recursive: true });
    return;
  }
  await mkdir(dirname(path), { recursive: true });
  const content = await entry.content();
  if (entry.isLink) {
    const target = (await buffer(content)).toString();
    const outside = relative(root, resolve(dirname(path), target));
    if (outside === '..' || outside.startsWith(`..${sep}`)) throw unreadableArchive();
    await symlink(target, path);
    return;
  }
  await pipeline(content, createWriteStream(path));
  // the date of the archive: Clojure loads a class rather than its source only by their dates
  await utimes(path, entry.changed, entry.changed);
  // As on AWS, a function can't write to its own code. Files of an archive without modes are plain and readable.
  await chmod(path, ((entry.mode & 0o777 || 0o644) & 0o555) | 0o400);
}
