// The size of the frames that a WebSocket client sends: `ws` limits whole messages only.
// https://www.rfc-editor.org/rfc/rfc6455.html#section-5.2

/** Takes the bytes of a client, and calls `begun` with the length of each frame as soon as its head has arrived. */
export function frameLengths(begun: (length: number) => void): (chunk: Buffer) => void {
  let head: Buffer = Buffer.alloc(0);
  /** What remains of the frame that has begun. */
  let left = 0;
  return (chunk) => {
    let rest = chunk;
    while (rest.length > 0) {
      if (left > 0) {
        const skipped = Math.min(left, rest.length);
        left -= skipped;
        rest = rest.subarray(skipped);
        continue;
      }
      const before = head.length;
      head = Buffer.concat([head, rest.subarray(0, longestHead)]);
      const size = headSize(head);
      // the head goes on in the next chunk
      if (size === undefined || head.length < size) return;
      left = lengthIn(head);
      rest = rest.subarray(size - before);
      head = Buffer.alloc(0);
      begun(left);
    }
  };
}

/** Two bytes, eight of a length, four of the mask. */
const longestHead = 14;

function headSize([, second]: Buffer): number | undefined {
  if (second === undefined) return undefined;
  const short = second & 0x7f;
  return 2 + (short === 127 ? 8 : short === 126 ? 2 : 0) + ((second & 0x80) === 0 ? 0 : 4);
}

function lengthIn(head: Buffer): number {
  const short = head.readUInt8(1) & 0x7f;
  if (short === 127) return Number(head.readBigUInt64BE(2));
  return short === 126 ? head.readUInt16BE(2) : short;
}
