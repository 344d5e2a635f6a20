// Deflates content-defined blocks, each only once per build: functions that bundle the same packages share most of
// their bytes. Blocks are joined as in pigz: a block refers back into the 32 KB before it and ends at a byte (RFC 1951, 3.2.4).
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';

const deflate = promisify(zlib.deflateRaw);

/** Small inputs finish before a thread would start, and have little to share. */
const smallBytes = 1 << 14;
const leastBlock = 1 << 15;
const mostBlock = 1 << 19;
/** One boundary per 65,536 bytes: 96 KB per block on average. The minimum is small, so boundaries soon realign after a difference. */
const boundaryMask = 0xffff0000;
/** The number of bytes that decide a boundary: older bytes are shifted out of the hash. */
const hashedBytes = 32;
/** How far back deflate can refer (RFC 1951, 2). */
const windowBytes = 1 << 15;
const leastChunk = 1 << 12;
/** An empty last block with fixed codes: the end of the stream (RFC 1951, 3.2.3). */
const streamEnd = Buffer.from([0x03, 0x00]);
/** How many deflated bytes are held. Beyond this, blocks are deflated again. */
const mostHeld = 1 << 26;

interface Block {
  readonly window: Uint8Array;
  readonly bytes: Uint8Array;
  readonly deflated: Promise<Buffer>;
}

export class Deflater {
  readonly #deflateBlock: typeof deflateBlock;
  readonly #blocks = new Map<string, Block[]>();
  #held = 0;

  /** Tests replace `block` to count calls. */
  constructor(block = deflateBlock) {
    this.#deflateBlock = block;
  }

  /** A raw deflate stream. The same bytes give the same stream, whatever was deflated before. */
  async deflate(bytes: Uint8Array): Promise<Buffer> {
    if (bytes.length <= smallBytes) return zlib.deflateRawSync(bytes, { chunkSize: chunkSize(bytes) });
    let start = 0;
    const parts = boundaries(bytes).map(({ end, hash }) => {
      const window = bytes.subarray(Math.max(0, start - windowBytes), start);
      const block = bytes.subarray(start, end);
      start = end;
      return this.#block(block, window, `${block.length} ${hash}`);
    });
    return Buffer.concat([...(await Promise.all(parts)), streamEnd]);
  }

  #block(bytes: Uint8Array, window: Uint8Array, key: string): Promise<Buffer> {
    const alike = this.#blocks.get(key) ?? [];
    const known = alike.find((block) => isEqual(block.bytes, bytes) && isEqual(block.window, window));
    if (known !== undefined) return known.deflated;
    const deflated = this.#deflateBlock(bytes, window);
    if (this.#held < mostHeld) {
      this.#blocks.set(key, [...alike, { bytes, window, deflated }]);
      this.#held += bytes.length;
    }
    return deflated;
  }
}

interface Boundary {
  readonly end: number;
  /** The key of the bytes before a block: equal blocks have equal keys. */
  readonly hash: number;
}

/** Where blocks end. Content decides: a byte inserted at the start of a file moves the boundaries along. */
function boundaries(bytes: Uint8Array): readonly Boundary[] {
  const boundaries: Boundary[] = [];
  for (let start = 0; start < bytes.length; ) {
    const most = Math.min(start + mostBlock, bytes.length);
    let end = Math.min(start + leastBlock, most);
    let hash = 0;
    for (let index = Math.max(start, end - hashedBytes); index < end; index++)
      hash = ((hash << 1) + (gear[bytes[index] ?? 0] ?? 0)) | 0;
    while (end < most && (hash & boundaryMask) !== 0) hash = ((hash << 1) + (gear[bytes[end++] ?? 0] ?? 0)) | 0;
    boundaries.push({ end, hash });
    start = end;
  }
  return boundaries;
}

/** A pseudorandom number for each byte ("gear" hash, https://www.usenix.org/conference/atc16/technical-sessions/presentation/xia). */
const gear = Int32Array.from({ length: 256 }, (_, byte) => {
  let bits = (byte + 1) * 0x9e3779b1;
  for (let round = 0; round < 3; round++) bits = Math.imul(bits ^ (bits >>> 15), 0x85ebca6b);
  return bits ^ (bits >>> 13);
});

export function deflateBlock(bytes: Uint8Array, window: Uint8Array): Promise<Buffer> {
  return deflate(bytes, {
    chunkSize: chunkSize(bytes),
    finishFlush: zlib.constants.Z_SYNC_FLUSH,
    ...(window.length === 0 ? {} : { dictionary: window }),
  });
}

/** In one piece if possible: pieces of 16 KB cost more than they save. */
const chunkSize = (bytes: Uint8Array): number => Math.min(1 << 20, Math.max(leastChunk, bytes.length));

const isEqual = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;
