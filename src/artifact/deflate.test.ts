import { randomBytes } from 'node:crypto';
import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Deflater, deflateBlock } from './deflate.ts';

/** Text with repetitions, the same for the same seed. */
function text(seed: number, length: number): Buffer {
  let state = seed;
  const words: string[] = [];
  for (let size = 0; size < length; ) {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b1;
    const word = `const v${(state >>> 8) % 5000} = require_${(state >>> 20) % 900}();\n`;
    words.push(word);
    size += word.length;
  }
  return Buffer.from(words.join('')).subarray(0, length);
}

const inflated = (stream: Buffer) => zlib.inflateRawSync(stream);

describe('a deflated stream', () => {
  test.each([0, 1, 1 << 14, (1 << 14) + 1, 1 << 16, (1 << 16) + 1, 3_000_000])(
    'of %i bytes inflates to them',
    async (length) => {
      for (const bytes of [text(7, length), Buffer.alloc(length), randomBytes(length)]) {
        expect(inflated(await new Deflater().deflate(bytes)).equals(bytes)).toBe(true);
      }
    },
  );

  test('is the same whatever was deflated before', async () => {
    const shared = text(1, 900_000);
    const files = [1, 2, 3].map((seed) =>
      Buffer.concat([text(seed + 10, seed * 1_000), shared, text(seed + 20, 70_000)]),
    );
    const deflater = new Deflater();
    const together = await Promise.all(files.map((bytes) => deflater.deflate(bytes)));
    for (const [index, bytes] of files.entries()) {
      expect(together[index]?.equals(await new Deflater().deflate(bytes))).toBe(true);
      expect(inflated(together[index] ?? Buffer.alloc(0)).equals(bytes)).toBe(true);
    }
  });

  test('is hardly longer than in one piece', async () => {
    const bytes = text(3, 2_000_000);
    expect((await new Deflater().deflate(bytes)).length).toBeLessThan(zlib.deflateRawSync(bytes).length * 1.01);
  });

  test('of any bytes inflates to them', async () => {
    const deflater = new Deflater();
    const any = fc.array(fc.tuple(fc.nat(5), fc.nat(200_000)), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(any, async (parts) => {
        const bytes = Buffer.concat(parts.map(([seed, length]) => text(seed, length)));
        expect(inflated(await deflater.deflate(bytes)).equals(bytes)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});

test('bytes shared by files are deflated once, wherever they are', async () => {
  const shared = text(1, 2_000_000);
  let deflatedBytes = 0;
  const deflater = new Deflater((bytes, window) => {
    deflatedBytes += bytes.length;
    return deflateBlock(bytes, window);
  });
  for (const length of [10, 5_000, 90_000]) await deflater.deflate(Buffer.concat([text(length, length), shared]));
  expect(deflatedBytes).toBeLessThan(shared.length * 1.5);
});
