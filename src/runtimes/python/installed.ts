// What of the installed packages belongs in an artifact, and whether something was built that Lambda cannot load.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../../base/error.ts';
import type { ArtifactFile, FunctionSource } from '../runtime.ts';
import { glibcOf } from './installers.ts';
import { machineOf, normalized } from './markers.ts';
import { foreignCode } from './problems.ts';
import type { Dependencies } from './requirement.ts';

/** A package that is installed in a folder, by its metadata. */
export interface Distribution {
  readonly name: string;
  /** Its folder of metadata. */
  readonly info: string;
  /** The files that it installed, relative; without RECORD, none are known. */
  readonly files: readonly string[];
  /** `Requires-Dist` of METADATA. */
  readonly requires: readonly string[];
}

export function distributionsIn(folder: string): readonly Distribution[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.dist-info'))
    .map((info) => {
      const metadata = readIfThere(join(folder, info, 'METADATA'));
      const head = metadata.split(/\r?\n\r?\n/)[0] ?? '';
      const name = /^Name:\s*(\S+)/m.exec(head)?.[1] ?? info.split('-')[0] ?? '';
      const requires = [...head.matchAll(/^Requires-Dist:\s*(.+?)\s*$/gm)].flatMap(([, text]) => text ?? []);
      return { name: normalized(name), info, files: recorded(readIfThere(join(folder, info, 'RECORD'))), requires };
    });
}

const readIfThere = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');

/** The first column, which is quoted if it has a comma. */
const recorded = (text: string): readonly string[] =>
  text.split(/\r?\n/).flatMap((line) => {
    const [, quoted, bare] = /^(?:"((?:[^"]|"")*)"|([^,]+)),/.exec(line) ?? [];
    const path = quoted?.replaceAll('""', '"') ?? bare;
    return path === undefined ? [] : [path];
  });

/** Wheels of an index name the oldest glibc that they need; only a wheel built here has the plain tag of its system. */
export function builtElsewhere(
  folder: string,
  source: FunctionSource,
  dependencies: Dependencies,
): Problem | undefined {
  for (const { name, info, files } of distributionsIn(folder)) {
    const tags = [...readIfThere(join(folder, info, 'WHEEL')).matchAll(/^Tag:\s*(\S+)/gm)].flatMap(
      ([, tag]) => tag ?? [],
    );
    const isBuiltHere = tags.some((tag) => /-linux_\w+$/.test(tag));
    const isForeign =
      (tags.length > 0 && !tags.some((tag) => loads(tag, source))) ||
      (isBuiltHere && files.some((path) => /\.so(\.\d+)*$/.test(path) && isNewer(join(folder, path), source)));
    if (isForeign) return foreignCode(name, { source, dependencies });
  }
  return undefined;
}

/** Whether it was linked against a newer glibc than Lambda's. */
function isNewer(file: string, { runtime }: FunctionSource): boolean {
  if (!existsSync(file)) return false;
  const versions = [...readFileSync(file, 'latin1').matchAll(/\0GLIBC_2\.(\d+)(?=\0)/g)];
  return versions.some(([, minor]) => Number(minor) > glibcOf(runtime));
}

/** `cp312-cp312-manylinux_2_17_x86_64` and the like. */
function loads(tag: string, { runtime, architecture }: FunctionSource): boolean {
  const [python = '', abi = '', platform = ''] = tag.split('-');
  if (platform === 'any') return true;
  if (!/linux/.test(platform) || !platform.endsWith(`_${machineOf[architecture]}`)) return false;
  const version = runtime.replace(/^python(\d)\.(\d+)$/, 'cp$1$2');
  return abi === 'abi3' || abi === 'none' || python === version || /^py/.test(python);
}

/** Removes what no function needs, and what names this machine: every build would differ. An index's address may have a secret. */
export function cleanInstalled(folder: string): void {
  for (const { info } of distributionsIn(folder)) {
    for (const name of ['direct_url.json', 'uv_cache.json', 'uv_build.json', 'INSTALLER', 'REQUESTED']) {
      rmSync(join(folder, info, name), { force: true });
    }
  }
  rmSync(join(folder, '.lock'), { force: true });
}

/** importlib.metadata reads METADATA and entry_points.txt, and top_level.txt to find a module's package. */
const keptMetadata = new Set(['METADATA', 'entry_points.txt', 'top_level.txt']);

/** Functions need no bytecode, tests or scripts. */
function isLeftOut(path: string): boolean {
  const [info = '', ...inner] = path.split('/');
  if (info.endsWith('.dist-info')) return !['', ...keptMetadata].includes(inner.join('/'));
  return /(^|\/)(__pycache__|tests)\/|\.py[co]$|^bin\//.test(path);
}

export function listInstalled(folder: string, from: string, without: ReadonlySet<string>): readonly ArtifactFile[] {
  const files: ArtifactFile[] = [];
  const visit = (path: string) => {
    for (const entry of readdirSync(join(folder, path), { withFileTypes: true })) {
      const inner = path === '' ? entry.name : `${path}/${entry.name}`;
      if (isLeftOut(entry.isDirectory() ? `${inner}/` : inner)) continue;
      if (entry.isDirectory()) visit(inner);
      else if (!without.has(inner))
        files.push({ path: inner, content: { file: join(folder, inner) }, from: [`installed by ${from}`] });
    }
  };
  visit('');
  return files;
}
