// Builds the package of a function whose code is in the template.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html

import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ZipArchive } from 'archiver';
import { HandlerError } from './provider.ts';

// The same text results in the same bytes, so that an update has no change.
const date = new Date(Date.UTC(1980, 0, 1));

export async function zipInline(source: string, runtime: string): Promise<Uint8Array> {
  const name = runtime.startsWith('nodejs') ? 'index.js' : runtime.startsWith('python') ? 'index.py' : undefined;
  if (name === undefined) {
    throw new HandlerError(
      'InvalidRequest',
      'ZipFile can only be used when Runtime is set to either of nodejs or python.',
    );
  }
  const archive = new ZipArchive({ zlib: { level: 9 } });
  const bytes = buffer(archive.pipe(new PassThrough()));
  archive.append(Buffer.from(source), { name, mode: 0o644, date });
  await archive.finalize();
  return bytes;
}
