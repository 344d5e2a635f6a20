// Iterates over the entries of a zip, one at a time.
import { type Entry, fromBuffer, open, type ZipFile } from 'yauzl';

export interface ZipEntry {
  /** With `/`; a folder's path ends with one. Never absolute and never with `..`: yauzl rejects those. */
  readonly name: string;
  /** Uncompressed bytes, from the zip's directory. */
  readonly size: number;
  /** Unix type and permissions; 0 if the archive has none. */
  readonly mode: number;
  readonly changed: Date;
  readonly isFolder: boolean;
  readonly isLink: boolean;
  content(): Promise<NodeJS.ReadableStream>;
}

const fileTypeMask = 0o170000;
const symbolicLink = 0o120000;

/** Reads a file by path, or the bytes. Throws if it is not a zip. */
export async function* zipEntries(source: string | Buffer): AsyncGenerator<ZipEntry> {
  const zip = await openZip(source);
  for (;;) {
    const entry = await nextEntry(zip);
    if (entry === undefined) return;
    const mode = entry.externalFileAttributes >>> 16;
    yield {
      name: entry.fileName,
      size: entry.uncompressedSize,
      mode,
      changed: entry.getLastModDate(),
      isFolder: entry.fileName.endsWith('/'),
      isLink: (mode & fileTypeMask) === symbolicLink,
      content: () =>
        new Promise((done, fail) => {
          zip.openReadStream(entry, (error, opened) => (error ? fail(error) : done(opened)));
        }),
    };
  }
}

function openZip(source: string | Buffer): Promise<ZipFile> {
  return new Promise((done, fail) => {
    const opened = (error: Error | null, zip: ZipFile) => (error ? fail(error) : done(zip));
    if (typeof source === 'string') open(source, { lazyEntries: true }, opened);
    else fromBuffer(source, { lazyEntries: true }, opened);
  });
}

function nextEntry(zip: ZipFile): Promise<Entry | undefined> {
  return new Promise((done, fail) => {
    zip.removeAllListeners();
    zip
      .once('entry', done)
      .once('end', () => done(undefined))
      .once('error', fail);
    zip.readEntry();
  });
}
