// The facts of a file's content: its hash, its size, and from its first bytes whether it is executable and for which platform.
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { type Native, nativeOf } from '../runtimes/native.ts';

export interface Facts {
  readonly sha256: string;
  readonly size: number;
  /** `#!` or ELF. */
  readonly runs: boolean;
  readonly native: Native | undefined;
}

const chunkBytes = 1 << 20;
const headBytes = 4096;

export function factsOf(bytes: Uint8Array): Facts {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, headBytes));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { sha256, size: bytes.byteLength, ...readHead(head) };
}

/** Reads in chunks, with one open descriptor at a time. */
export function factsOfFile(file: string): Facts {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(1, statSync(file).size)));
  const descriptor = openSync(file, 'r');
  let head: Buffer | undefined;
  let size = 0;
  try {
    for (;;) {
      const count = readSync(descriptor, chunk, 0, chunk.length, null);
      if (count === 0) break;
      head ??= Buffer.from(chunk.subarray(0, Math.min(count, headBytes)));
      hash.update(chunk.subarray(0, count));
      size += count;
    }
  } finally {
    closeSync(descriptor);
  }
  return { sha256: hash.digest('hex'), size, ...readHead(head ?? Buffer.alloc(0)) };
}

function readHead(head: Buffer): Pick<Facts, 'runs' | 'native'> {
  const native = nativeOf(head);
  const runs = native?.startsWith('elf') === true || head.subarray(0, 2).toString('latin1') === '#!';
  return { runs, native };
}
