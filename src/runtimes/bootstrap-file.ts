// Checks that Lambda can start a `bootstrap`: a program for its processor and libraries, or a script whose interpreter exists.
// A file that the kernel cannot start fails only when it is called, as "no such file" or "exec format error".
import { readFileSync } from 'node:fs';
import type { Problem } from '../base/error.ts';
import { nativeOf } from './native.ts';
import type { Content, FunctionSource } from './runtime.ts';

/** Undefined for a file that starts. Programs for another processor are found with all native code. */
export function unstartable(source: FunctionSource, content: Content, paths: readonly string[]): Problem | undefined {
  const bytes = 'bytes' in content ? Buffer.from(content.bytes) : readFileSync(content.file);
  const native = nativeOf(bytes);
  const fault = native === undefined ? scriptFault(bytes, source, paths) : programFault(bytes, native, source);
  if (fault === undefined) return undefined;
  return {
    at: source.artifactAt ?? source.at,
    message: `the function "${source.name}" cannot start: ${fault.message}`,
    hint: fault.hint,
  };
}

interface Fault {
  readonly message: string;
  readonly hint: string;
}

// ---- Scripts

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

function scriptFault(bytes: Buffer, source: FunctionSource, paths: readonly string[]): Fault | undefined {
  if (bytes.length === 0)
    return { message: 'bootstrap is empty', hint: 'write a script that begins with #!/bin/sh, or build a program' };
  if (bytes.subarray(0, 3).equals(byteOrderMark)) {
    return {
      message: 'bootstrap begins with a byte order mark',
      hint: "remove it: sed -i '1s/^\\xEF\\xBB\\xBF//' bootstrap",
    };
  }
  const text = bytes.toString('latin1');
  const [first = ''] = text.split('\n', 1);
  if (!first.startsWith('#!')) {
    const shown = /^[\x20-\x7e\t]+\r?$/.test(first)
      ? `: it begins with ${JSON.stringify(first.trim().slice(0, 40))}`
      : '';
    return {
      message: `bootstrap is neither a program for Linux nor a script${shown}`,
      hint: `begin a script with #!/bin/sh; build a program for Linux ${source.architecture}`,
    };
  }
  if (text.includes('\r\n')) {
    return {
      message: `bootstrap has the line ends of Windows (CRLF), so that Linux looks for "${first.slice(2).trim()}\\r"`,
      hint: 'convert it: sed -i \'s/\\r$//\' bootstrap; Git keeps it so with a line "bootstrap text eol=lf" in .gitattributes',
    };
  }
  return interpreterFault(first.slice(2).trim(), source, paths);
}

/** What a script can name in Amazon Linux 2023's minimal image, of which provided.al2023 is made; it has no Python and no Perl.
 * https://docs.aws.amazon.com/linux/al2023/ug/lambda.html */
const shells = ['sh', 'bash', 'env', 'awk', 'gawk', 'sed'];
const systemFolder = /^\/(usr\/)?(local\/)?s?bin\//;

function interpreterFault(line: string, source: FunctionSource, paths: readonly string[]): Fault | undefined {
  const [interpreter = '', ...rest] = line.split(/\s+/);
  const named = rest.filter((word) => !word.startsWith('-') && !word.includes('='))[0];
  const isEnv = /\/env$/.test(interpreter);
  const program = isEnv ? (named ?? '') : interpreter;
  const fault = (message: string): Fault => ({
    message,
    hint: 'begin it with #!/bin/sh; pack the interpreter and start it from there, or bring it in a layer and write #!/opt/bin/…',
  });
  if (program === '') return fault('the first line of bootstrap names no interpreter');
  if (program.startsWith('/var/task/')) {
    return paths.includes(program.slice('/var/task/'.length))
      ? undefined
      : fault(`bootstrap needs ${program}, and the artifact has no ${program.slice('/var/task/'.length)}`);
  }
  // a layer may have anything in /opt, and in /opt/bin, which is on the PATH
  const mayBeInLayer = source.layerFolders.length > 0 || source.hasOtherLayers;
  const isSystems = isEnv ? !program.includes('/') : systemFolder.test(program);
  const isThere =
    isSystems && shells.includes(program.slice(program.lastIndexOf('/') + 1)) && !program.includes('/local/');
  if (isThere || (mayBeInLayer && (isEnv || program.startsWith('/opt/')))) return undefined;
  if (isEnv && program.includes('/')) return undefined;
  return fault(`bootstrap needs the interpreter ${program}, which ${source.runtime} does not have`);
}

// ---- Programs

function programFault(bytes: Buffer, native: string, { architecture, runtime }: FunctionSource): Fault | undefined {
  if (native === 'pe' || native === 'mach-o') {
    const system = native === 'pe' ? 'Windows' : 'macOS';
    return { message: `bootstrap is a program for ${system}`, hint: `build it for Linux ${architecture}` };
  }
  if (native !== `elf-${architecture}`) return undefined;
  const loader = loaderOf(bytes);
  const has = architecture === 'arm64' ? '/lib/ld-linux-aarch64.so.1' : '/lib64/ld-linux-x86-64.so.2';
  if (loader !== undefined && loader !== has) {
    return {
      message: `bootstrap is linked for ${loader}, which ${runtime} does not have`,
      hint: `link it statically, or with glibc, whose ${has} is there`,
    };
  }
  const needed = neededGlibc(bytes);
  const most = glibcOf(runtime);
  if (needed <= most) return undefined;
  return {
    message: `bootstrap was linked with a newer glibc and needs 2.${needed}; ${runtime} has 2.${most}`,
    hint: `link it statically, or build it on ${runtime === 'provided.al2' ? 'Amazon Linux 2' : 'Amazon Linux 2023'}`,
  };
}

/** Amazon Linux 2023 has glibc 2.34, Amazon Linux 2 has 2.26. https://docs.aws.amazon.com/linux/al2023/ug/compare-with-al2.html */
export const glibcOf = (runtime: string): number => (runtime === 'provided.al2' ? 26 : 34);

/** The minor version of glibc 2 that a program needs; 0 if none. */
export function neededGlibc(bytes: Buffer): number {
  const versions = [...bytes.toString('latin1').matchAll(/\0GLIBC_2\.(\d+)(?=\0)/g)].map(([, minor]) => Number(minor));
  return versions.reduce((most, version) => Math.max(most, version), 0);
}

/** The path in the PT_INTERP segment: https://refspecs.linuxfoundation.org/elf/gabi4+/ch5.pheader.html (64 bits, little-endian) */
function loaderOf(bytes: Buffer): string | undefined {
  const interpreterSegment = 3;
  if (bytes.length < 64 || bytes[4] !== 2 || bytes[5] !== 1) return undefined;
  const [table, size, count] = [Number(bytes.readBigUInt64LE(32)), bytes.readUInt16LE(54), bytes.readUInt16LE(56)];
  for (let index = 0; index < count; index++) {
    const at = table + index * size;
    if (at + 40 > bytes.length) return undefined;
    if (bytes.readUInt32LE(at) !== interpreterSegment) continue;
    const [start, length] = [Number(bytes.readBigUInt64LE(at + 8)), Number(bytes.readBigUInt64LE(at + 32))];
    return bytes
      .subarray(start, start + length)
      .toString('latin1')
      .replace(/\0.*$/s, '');
  }
  return undefined;
}
