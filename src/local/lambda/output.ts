// Turns what a function's process writes into log events: one per line of stdout and stderr, one per frame of the log pipe.
import type { Readable } from 'node:stream';

export type WriteEvent = (message: string, timestamp?: number) => void;

/** Every line with its newline; the rest without one is an event when the stream ends. */
export function readLines(stream: Readable, write: WriteEvent): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) write(`${line}\n`);
  });
  stream.on('end', () => {
    if (rest !== '') write(rest);
  });
}

// Lambda's managed runtimes write framed messages, so that one of several lines stays one event: a type word, a length word
// and, but for type 1, the time in microseconds, all big-endian. Type 2 is JSON; bits 2 to 4 may hold the level. As in
// https://github.com/aws/aws-lambda-nodejs-runtime-interface-client (src/LogPatch) and its Python sibling.
const frameWithoutTime = 0xa55a0001;
const framesWithTime: readonly number[] = [0xa55a0002, 0xa55a0003];
const levelBits = 0b11100;

/** Bytes outside a frame form one event. */
export function readFrames(stream: Readable, write: WriteEvent): void {
  let rest: Buffer = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      if (rest.length < 8) return;
      const type = (rest.readUInt32BE(0) & ~levelBits) >>> 0;
      const header = framesWithTime.includes(type) ? 16 : type === frameWithoutTime ? 8 : undefined;
      if (header === undefined) {
        // Not a frame: a function wrote to the descriptor itself.
        write(rest.toString('utf8'));
        rest = Buffer.alloc(0);
        return;
      }
      const end = header + rest.readUInt32BE(4);
      if (rest.length < end) return;
      const time = header === 16 ? Number(rest.readBigInt64BE(8) / 1000n) : undefined;
      write(rest.toString('utf8', header, end), time);
      rest = rest.subarray(end);
    }
  });
}
