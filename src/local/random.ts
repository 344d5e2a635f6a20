// Random ids. The system is asked for much at once: one question for each id costs more than all else about it.
import { randomFillSync } from 'node:crypto';

const pool = Buffer.alloc(8192);
let used = pool.length;

/** Bytes that nobody had before; valid until the next call. */
function take(size: number): Buffer {
  if (used + size > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += size;
  return pool.subarray(used - size, used);
}

/** Two digits a byte. */
export function randomHex(bytes: number): string {
  return take(bytes).toString('hex');
}

export function randomBase64(bytes: number): string {
  return take(bytes).toString('base64');
}
