// Recognizes native code, and the platform it is for, by a file's first bytes.
import { closeSync, openSync, readSync } from 'node:fs';
import type { Architecture } from './settings.ts';

export type Native = 'elf-x86_64' | 'elf-arm64' | 'elf-other' | 'mach-o' | 'pe';

// ELF: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html (e_machine at 18: 62 is x86-64, 183 AArch64)
const elfMachines: Readonly<Record<number, Native>> = { 62: 'elf-x86_64', 183: 'elf-arm64' };
const machOMagics = [0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe];
/** Fat Mach-O files and Java classes begin alike. Next, Mach-O has a count of processors, and a class its version, 45 or more. */
const fatMagic = 0xcafebabe;
const firstClassVersion = 45;

/** By the first bytes of a file; undefined if it is not native code. */
export function nativeOf(head: Buffer): Native | undefined {
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

const headBytes = 4096;

export function nativeOfFile(file: string): Native | undefined {
  const head = Buffer.alloc(headBytes);
  const descriptor = openSync(file, 'r');
  try {
    return nativeOf(head.subarray(0, readSync(descriptor, head, 0, headBytes, 0)));
  } finally {
    closeSync(descriptor);
  }
}

export const runsOn = (native: Native, architecture: Architecture): boolean => native === `elf-${architecture}`;
