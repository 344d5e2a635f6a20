// Inspects a built package before the upload: finds native code for another platform, and file names that no zip can hold.
import type { Problem } from '../base/error.ts';
import type { Native } from '../runtimes/native.ts';
import type { BuiltFunction, FunctionSource } from '../runtimes/runtime.ts';
import type { PackedEntry } from './artifact.ts';
import { packageOf } from './limits.ts';

// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (4.4.10: two bytes for the length of a name; 4.4.17: `/` only)
const longestName = 65_535;

export function inspect(
  source: FunctionSource,
  built: Pick<BuiltFunction, 'foreignCode'>,
  manifest: readonly PackedEntry[],
): readonly Problem[] {
  return [...namesOf(source, manifest), ...(built.foreignCode === true ? [] : nativesOf(source, manifest))];
}

function namesOf({ name, at }: FunctionSource, manifest: readonly PackedEntry[]): readonly Problem[] {
  const problems: Problem[] = [];
  const seen = new Map<string, string>();
  for (const { path } of manifest) {
    const wrong = nameFault(path) ?? (seen.has(path) ? 'is there twice' : undefined);
    if (wrong !== undefined) {
      const message = `the function "${name}" has a file whose name cannot be stored in a zip: ${JSON.stringify(path)} ${wrong}`;
      problems.push({ at, message, hint: 'rename it, or exclude it' });
    }
    seen.set(path, path);
  }
  return problems;
}

function nameFault(path: string): string | undefined {
  if (path.includes('\\')) return 'has a backslash';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern looks for control characters
  if (/[\u0000-\u001f\u007f]/.test(path)) return 'has a control character';
  if (path.includes('\ufffd')) return 'is not UTF-8';
  if (path.startsWith('/') || path.split('/').some((part) => part === '..' || part === '')) return 'leads out of it';
  return Buffer.byteLength(path) > longestName ? 'is too long' : undefined;
}

const described: Readonly<Record<Native, string>> = {
  'elf-x86_64': 'Linux on x86_64',
  'elf-arm64': 'Linux on arm64',
  'elf-other': 'Linux on another processor',
  'mach-o': 'macOS',
  pe: 'Windows',
};

/** One problem per package, or per file outside packages. */
function nativesOf(source: FunctionSource, manifest: readonly PackedEntry[]): readonly Problem[] {
  const { name, architecture } = source;
  const at = source.artifactAt ?? source.at;
  const wrong = manifest.filter(({ native, path }) => native !== undefined && !fits(native, path, architecture));
  const groups = new Map<string, PackedEntry[]>();
  for (const entry of wrong) {
    const group = packageOf(entry.path) ?? entry.path;
    groups.set(group, [...(groups.get(group) ?? []), entry]);
  }
  return [...groups].map(([group, entries]): Problem => {
    const [first] = entries;
    const builtFor = described[first?.native ?? 'elf-other'];
    const isPackage = first !== undefined && packageOf(first.path) !== undefined;
    const what = isPackage ? `${group} (${first.path})` : group;
    return {
      at,
      message: `the function "${name}" runs on Linux ${architecture}, but ${what} was built for ${builtFor}`,
      hint: isPackage
        ? installHint(group, source, builtFor)
        : `build it for Linux ${architecture}, or set \`architecture\``,
    };
  });
}

function fits(native: Native, path: string, architecture: string): boolean {
  if (native === `elf-${architecture}`) return true;
  // Windows programs inside packages, and .NET assemblies, are data on Linux
  return native === 'pe' && !/\.(node|pyd)$/.test(path);
}

function installHint(name: string, { architecture, packaging }: FunctionSource, builtFor: string): string {
  const other = builtFor === 'Linux on x86_64' ? 'x86_64' : builtFor === 'Linux on arm64' ? 'arm64' : undefined;
  const setting = other === undefined ? '' : `, or set \`architecture: ${other}\``;
  if (packaging.family !== 'nodejs') return `install ${name} for Linux ${architecture}${setting}`;
  // https://www.prisma.io/docs/orm/reference/prisma-schema-reference#binarytargets-options
  if (/^(?:\.prisma\/|@prisma\/engines$)/.test(name)) {
    const target = architecture === 'arm64' ? 'linux-arm64-openssl-3.0.x' : 'rhel-openssl-3.0.x';
    return `set binaryTargets = ["native", "${target}"] in the generator of schema.prisma, and run prisma generate${setting}`;
  }
  return `its native code is compiled on installation: run npm rebuild ${name} on Linux ${architecture}${setting}`;
}
