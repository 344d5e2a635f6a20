// The lengths of frames, however their bytes arrive.
import { expect, test } from 'vitest';
import { frameLengths } from './web-socket-frames.ts';

const mask = Buffer.from([1, 2, 3, 4]);
function frame(length: number): Buffer {
  const head = length < 126 ? Buffer.from([0x81, 0x80 | length]) : Buffer.alloc(length < 65_536 ? 4 : 10);
  if (length >= 126) head.writeUInt16BE(0x8100 | 0x80 | (length < 65_536 ? 126 : 127), 0);
  if (length >= 126 && length < 65_536) head.writeUInt16BE(length, 2);
  if (length >= 65_536) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, mask, Buffer.alloc(length, 0xff)]);
}
const lengths = [0, 1, 125, 126, 0, 65_535, 65_536, 7];
const bytes = Buffer.concat(lengths.map(frame));

test.each([1, 2, 3, 7, 13, 1000, 70_000, bytes.length])('are read from chunks of %d bytes', (size) => {
  const found: number[] = [];
  const read = frameLengths((length) => found.push(length));
  for (let at = 0; at < bytes.length; at += size) read(bytes.subarray(at, at + size));
  expect(found).toEqual(lengths);
});
