// The files in a zip from its central directory alone: two ranged reads, however large the zip.
// Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT

export interface ListedFile {
  readonly path: string;
  /** Uncompressed bytes. */
  readonly size: number;
  readonly crc: number;
  /** Unix permissions; 0 if the archive has none. */
  readonly mode: number;
}

/** Reads the last bytes, or all if there are fewer, and says how many there are in all; or the bytes from `start` to `end`, exclusive. */
export interface RangeReader {
  last(length: number): Promise<{ readonly bytes: Buffer; readonly size: number }>;
  between(start: number, end: number): Promise<Buffer>;
}

// 4.3.16: 22 bytes and a comment of up to 65,535
const endLength = 22;
const tailLength = endLength + 0xffff;
const endSignature = 0x06054b50;
const centralSignature = 0x02014b50;
const centralLength = 46;

/** Undefined if it is not a zip, or one of a form that Lambda's limits leave no use for: zip64, several disks. */
export async function zipDirectory(
  reader: RangeReader,
): Promise<{ readonly files: readonly ListedFile[]; readonly size: number } | undefined> {
  const { bytes: tail, size } = await reader.last(tailLength);
  const end = endRecordIn(tail);
  if (end === undefined || end.start + end.length > size) return undefined;
  const tailStart = size - tail.length;
  const directory =
    end.start >= tailStart
      ? tail.subarray(end.start - tailStart, end.start - tailStart + end.length)
      : await reader.between(end.start, end.start + end.length);
  const files = filesIn(directory, end.count);
  return files === undefined ? undefined : { files, size };
}

interface EndRecord {
  readonly count: number;
  readonly length: number;
  readonly start: number;
}

function endRecordIn(tail: Buffer): EndRecord | undefined {
  for (let at = tail.length - endLength; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== endSignature || at + endLength + tail.readUInt16LE(at + 20) !== tail.length) continue;
    const count = tail.readUInt16LE(at + 10);
    const start = tail.readUInt32LE(at + 16);
    // 4.4.1.4: these values stand for zip64
    if (count === 0xffff || start === 0xffffffff || tail.readUInt16LE(at + 8) !== count) return undefined;
    return { count, length: tail.readUInt32LE(at + 12), start };
  }
  return undefined;
}

/** Without folders. */
function filesIn(directory: Buffer, count: number): readonly ListedFile[] | undefined {
  const files: ListedFile[] = [];
  let at = 0;
  for (let index = 0; index < count; index++) {
    if (at + centralLength > directory.length || directory.readUInt32LE(at) !== centralSignature) return undefined;
    const [name, extra, comment] = [28, 30, 32].map((offset) => directory.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ];
    const path = directory.toString('utf8', at + centralLength, at + centralLength + name);
    const crc = directory.readUInt32LE(at + 16);
    const size = directory.readUInt32LE(at + 24);
    const mode = (directory.readUInt32LE(at + 38) >>> 16) & 0o7777;
    if (!path.endsWith('/')) files.push({ path, size, crc, mode });
    at += centralLength + name + extra + comment;
  }
  return files;
}
