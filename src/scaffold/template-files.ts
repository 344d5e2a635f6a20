// The files of a template in memory, whatever it came from, and the rules that they must keep.
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FxError } from '../base/error.ts';

export interface TemplateFile {
  readonly bytes: Buffer;
  readonly isExecutable: boolean;
}

/** By their paths in the new project, with `/`. */
export type TemplateFiles = ReadonlyMap<string, TemplateFile>;

/** More than any project to begin with: what is larger is no template, or means harm. */
export const templateLimits = { bytes: 50_000_000, files: 5_000 } as const;

/** Collects files one by one. Throws USAGE for a path that leaves the project, and over the limits. */
export class TemplateCollector {
  readonly files = new Map<string, TemplateFile>();
  readonly #from: string;
  #bytes = 0;

  constructor(from: string) {
    this.#from = from;
  }

  /** Before the content is read. Returns false for files that belong to one checkout. */
  admits(path: string, size: number): boolean {
    if (!isInside(path)) throw this.refused(`has a file outside of its folder: ${JSON.stringify(path)}`);
    const parts = path.toLowerCase().split('/');
    // however it is written: not every file system tells .GIT from .git, and what is in there is run by git
    if (parts.some((part) => part === '.git' || part === 'git~1' || part === 'node_modules') || parts[0] === '.fx')
      return false;
    this.#bytes += size;
    if (this.#bytes > templateLimits.bytes || this.files.size >= templateLimits.files) {
      throw this.refused(
        `is larger than a template may be: ${templateLimits.files} files of ${templateLimits.bytes / 1e6} MB in all`,
      );
    }
    return true;
  }

  add(path: string, file: TemplateFile): void {
    this.files.set(path, file);
  }

  refuseLink(path: string): never {
    throw this.refused(`has a link, which fx does not follow: ${JSON.stringify(path)}`);
  }

  refused(what: string): FxError {
    return new FxError('USAGE', `the template "${this.#from}" ${what}`, { hint: 'nothing was written' });
  }
}

/** Relative, without `..`, and no path of another system. */
function isInside(path: string): boolean {
  const hasControl = [...path].some((character) => character < ' ');
  if (path === '' || path.startsWith('/') || /^[A-Za-z]:/.test(path) || path.includes('\\') || hasControl) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

export async function filesOfFolder(folder: string, from: string): Promise<TemplateFiles> {
  const collector = new TemplateCollector(from);
  await collect(folder, '', collector);
  return collector.files;
}

async function collect(folder: string, prefix: string, collector: TemplateCollector): Promise<void> {
  const entries = await readdir(join(folder, prefix), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = `${prefix}${entry.name}`;
    const file = join(folder, path);
    if (entry.isSymbolicLink()) {
      if (collector.admits(path, 0)) collector.refuseLink(path);
    } else if (entry.isDirectory()) {
      if (collector.admits(path, 0)) await collect(folder, `${path}/`, collector);
    } else if (entry.isFile()) {
      const { size, mode } = await lstat(file);
      if (collector.admits(path, size))
        collector.add(path, { bytes: await readFile(file), isExecutable: (mode & 0o100) !== 0 });
    }
  }
}
