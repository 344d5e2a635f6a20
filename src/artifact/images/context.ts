// The build context: the files of a folder that .dockerignore leaves, by Docker's rules, and a copy of exactly those for the engine.
// https://docs.docker.com/build/concepts/context/#dockerignore-files
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { copyFile, link, mkdir, symlink } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import dockerignore from '@balena/dockerignore';

export interface ContextEntry {
  /** Relative to the context, with `/`. */
  readonly path: string;
  /** Absolute. */
  readonly file: string;
  readonly kind: 'file' | 'link' | 'folder';
  /** Whether its owner may execute it: COPY keeps modes. */
  readonly runs: boolean;
  /** The target of a link. */
  readonly target?: string;
}

/** What changes without a change of the code: fx's own files and the history. A line such as `!.git` in .dockerignore keeps one. */
function leftOut(folder: string, projectFolder: string): readonly string[] {
  const way = relative(folder, projectFolder).split(sep).join('/');
  const isInside = way !== '..' && !way.startsWith('../') && !isAbsolute(way);
  const own = isInside
    ? ['project.yml', 'project.*.yml', 'functions/*/function.yml', 'functions/*/function.*.yml']
    : ['function.yml', 'function.*.yml'];
  return ['**/.fx', '.git', ...own.map((pattern) => (isInside && way !== '' ? `${way}/${pattern}` : pattern))];
}

export interface ContextPlace {
  readonly folder: string;
  readonly dockerfile: string;
  readonly projectFolder: string;
}

/** Sorted by path. Folders only if they are empty. */
export function contextOf({ folder, dockerfile, projectFolder }: ContextPlace): readonly ContextEntry[] {
  const written = ignoreFileOf(folder, dockerfile);
  const lines = written === undefined ? [] : readFileSync(written, 'utf8').split(/\r?\n/);
  const rules = dockerignore.default({ ignorecase: false }).add([...leftOut(folder, projectFolder), ...lines]);
  const hasExceptions = lines.some((line) => line.trim().startsWith('!'));
  const entries: ContextEntry[] = [];
  const visit = (below: string): number => {
    const names = readdirSync(join(folder, below));
    for (const name of names) {
      const path = below === '' ? name : `${below}/${name}`;
      const file = join(folder, path);
      const stat = lstatSync(file);
      const isIgnored = rules.ignores(path);
      if (stat.isDirectory()) {
        // an exception may bring back a file of an ignored folder
        if (isIgnored && !hasExceptions) continue;
        if (visit(path) === 0 && !isIgnored) entries.push({ path, file, kind: 'folder', runs: true });
      } else if (!isIgnored) {
        const runs = (stat.mode & 0o100) !== 0;
        if (stat.isSymbolicLink()) {
          entries.push({ path, file, kind: 'link', runs: true, target: readlinkSync(file) });
        } else if (stat.isFile()) entries.push({ path, file, kind: 'file', runs });
      }
    }
    return names.length;
  };
  visit('');
  return entries.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** One beside the Dockerfile, with its name, comes first. */
function ignoreFileOf(folder: string, dockerfile: string): string | undefined {
  return [`${dockerfile}.dockerignore`, join(folder, '.dockerignore')].find((file) => existsSync(file));
}

/** Links the files into a new folder: engines read ignore files differently, and must see what fx hashed. */
export async function stage(entries: readonly ContextEntry[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const made = new Set<string>();
  for (const { path, file, kind, target = '' } of entries) {
    const to = join(folder, path);
    const parent = kind === 'folder' ? to : dirname(to);
    if (!made.has(parent)) await mkdir(parent, { recursive: true });
    made.add(parent);
    if (kind === 'link') await symlink(target, to);
    else if (kind === 'file') await link(file, to).catch(() => copyFile(file, to));
  }
}
