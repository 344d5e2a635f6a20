// Decodes a file: UTF-8 with or without a byte order mark, up to a size limit. Otherwise returns the problem and its place.
import type { Problem } from './error.ts';

/** CloudFormation accepts templates of 1 MB. A file twice that size is not a project, and would take long to read. */
export const largestTextFile = 2_000_000;

const marks = [
  { bytes: [0xff, 0xfe], name: 'UTF-16' },
  { bytes: [0xfe, 0xff], name: 'UTF-16' },
] as const;

/** The text without its byte order mark. */
export function decodeText(bytes: Uint8Array, file: string): { readonly text: string } | { readonly problem: Problem } {
  const start = { file, line: 1, column: 1, length: 1 };
  if (bytes.length > largestTextFile) {
    const size = `${(bytes.length / 1_000_000).toFixed(1)} MB`;
    return {
      problem: {
        at: start,
        message: `the file is ${size}; fx reads at most ${largestTextFile / 1_000_000} MB`,
        hint: 'split it with include:, or move data to separate files',
      },
    };
  }
  const mark = marks.find(({ bytes: [first, second] }) => bytes[0] === first && bytes[1] === second);
  if (mark !== undefined) {
    return { problem: { at: start, message: `the file is ${mark.name}`, hint: 'save it as UTF-8' } };
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { problem: { at: firstBadByte(bytes, file), message: 'the file is not UTF-8', hint: 'save it as UTF-8' } };
  }
}

/** The place of the first invalid byte, found by bisection. */
function firstBadByte(bytes: Uint8Array, file: string): Problem['at'] {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (decodes(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  const lines = new TextDecoder().decode(bytes.subarray(0, good)).split('\n');
  return { file, line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1, length: 1 };
}

/** Whether the beginning of a file is UTF-8. Its last character may be cut off. */
function decodes(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
