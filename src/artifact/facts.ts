// The facts of a file's content: its hash, its size, and from its first bytes whether it is executable and for which platform.
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, statSync } from 'node:fs';

/** The platform of a native file. `fat` covers several macOS processors. */
export type Native = 'elf-x86_64' | 'elf-arm64' | 'elf-other' | 'mach-o' | 'pe';

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

// ELF: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html (e_machine at 18: 62 is x86-64, 183 AArch64)
const elfMachines: Readonly<Record<number, Native>> = { 62: 'elf-x86_64', 183: 'elf-arm64' };
const machOMagics = [0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe];
/** Fat Mach-O files and Java classes begin alike. Next, Mach-O has a count of processors, and a class its version, 45 or more. */
const fatMagic = 0xcafebabe;
const firstClassVersion = 45;

function nativeOf(head: Buffer): Native | undefined {
  if (head.length < 20) return undefined;
  const magic = head.readUInt32BE(0);
  if (magic === 0x7f454c46) {
    const isLittle = head[5] === 1;
    return elfMachines[isLittle ? head.readUInt16LE(18) : head.readUInt16BE(18)] ?? 'elf-other';
  }
  if (machOMagics.includes(magic)) return 'mach-o';
  if (magic === fatMagic && head.readUInt32BE(4) < firstClassVersion) return 'mach-o';
  return isPe(head) ? 'pe' : undefined;
}

// https://learn.microsoft.com/en-us/windows/win32/debug/pe-format#signature-image-only
function isPe(head: Buffer): boolean {
  if (head.length < 64 || head.subarray(0, 2).toString('latin1') !== 'MZ') return false;
  const at = head.readUInt32LE(0x3c);
  return at + 4 <= head.length && head.subarray(at, at + 4).toString('latin1') === 'PE\0\0';
}
