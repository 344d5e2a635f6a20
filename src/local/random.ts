// Random ids. Fetches random bytes in bulk: one system call per id would cost more than everything else.
import { randomFillSync, randomInt } from 'node:crypto';

const pool = Buffer.alloc(8192);
let used = pool.length;

/** Unused bytes of the pool, valid until the next call. */
function take(size: number): Buffer {
  if (used + size > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += size;
  return pool.subarray(used - size, used);
}

/** Two hex digits per byte. */
export function randomHex(bytes: number): string {
  return take(bytes).toString('hex');
}

export function randomBase64(bytes: number): string {
  return take(bytes).toString('base64');
}

export const lowerCaseAndDigits = 'abcdefghijklmnopqrstuvwxyz0123456789';
export const lettersAndDigits = `${lowerCaseAndDigits}ABCDEFGHIJKLMNOPQRSTUVWXYZ`;

export function randomLetters(length: number, letters: string): string {
  return Array.from({ length }, () => letters[randomInt(letters.length)]).join('');
}
