// Deflates in blocks that begin and end by content, and each block once a build: functions that bundle the same packages share most
// of their bytes. Blocks are joined as pigz does it: a block refers back into the 32 KB before it and ends at a byte (RFC 1951, 3.2.4).
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';

const deflate = promisify(zlib.deflateRaw);

/** What is small is done before a thread would have begun, and has little to share. */
const smallBytes = 1 << 14;
const leastBlock = 1 << 15;
const mostBlock = 1 << 19;
/** A boundary for one byte in 65,536: blocks of 96 KB in the mean. Boundaries soon agree again after a difference, as the least is small beside it. */
const boundaryMask = 0xffff0000;
/** The boundary is decided by so many bytes: older ones are shifted out of the hash. */
const hashedBytes = 32;
/** How far back deflate refers (RFC 1951, 2). */
const windowBytes = 1 << 15;
const leastChunk = 1 << 12;
/** An empty last block with fixed codes: the end of the stream (RFC 1951, 3.2.3). */
const streamEnd = Buffer.from([0x03, 0x00]);
/** Bytes whose deflated form is held; beyond them, blocks are deflated again. */
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

  /** `block` is replaced by the test that counts. */
  constructor(block = deflateBlock) {
    this.#deflateBlock = block;
  }

  /** A raw deflate stream of the bytes. The same bytes give the same stream, whatever was deflated before. */
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
  /** Of the bytes before it: blocks that are equal have an equal one. */
  readonly hash: number;
}

/** Where blocks end: a byte more at the start of a file moves the boundaries along with the content. */
function boundaries(bytes: Uint8Array): readonly Boundary[] {
  const found: Boundary[] = [];
  for (let start = 0; start < bytes.length; ) {
    const most = Math.min(start + mostBlock, bytes.length);
    let end = Math.min(start + leastBlock, most);
    let hash = 0;
    for (let index = Math.max(start, end - hashedBytes); index < end; index++)
      hash = ((hash << 1) + (gear[bytes[index] ?? 0] ?? 0)) | 0;
    while (end < most && (hash & boundaryMask) !== 0) hash = ((hash << 1) + (gear[bytes[end++] ?? 0] ?? 0)) | 0;
    found.push({ end, hash });
    start = end;
  }
  return found;
}

/** A number for each byte that has nothing to do with the byte ("gear" hash, https://www.usenix.org/conference/atc16/technical-sessions/presentation/xia). */
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

/** In one piece where it can be: pieces of 16 KB cost more than they save. */
const chunkSize = (bytes: Uint8Array): number => Math.min(1 << 20, Math.max(leastChunk, bytes.length));

const isEqual = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;
