// Selects the files of a folder for an artifact: gitignore-style patterns, `.fxignore`, and what is never packed unless named.
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import ignore from 'ignore';

export interface FileRules {
  /** Only files that match; undefined selects all. */
  readonly include: readonly string[] | undefined;
  readonly exclude: readonly string[];
  readonly outsideLinks: boolean;
  /** Links may lead anywhere below this folder. */
  readonly top: string;
  /** Whether to walk node_modules; otherwise packages come from the module graph. */
  readonly installed?: boolean;
  /** Whether to include secrets and ignored files: they can affect a build without being packed. */
  readonly whole?: boolean;
}

export interface FoundFile {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  /** Absolute. */
  readonly file: string;
}

export interface FileSelection {
  readonly files: readonly FoundFile[];
  /** Links that lead out of the project, which fx did not follow. */
  readonly outside: readonly FoundFile[];
}

const ignoreFileName = '.fxignore';

/** Packed only if `include` names them without a wildcard. */
const secrets = [
  ...['.env*', '*.pem', '*.key', '*.p8', '*.p12', '*.pfx', '*.jks', '*.keystore', '*.ppk', '*.kdbx', '*.tfstate*'],
  ...['id_rsa*', 'id_dsa*', 'id_ecdsa*', 'id_ed25519*', '.aws/', '.azure/', '.docker/', '.gnupg/', '.kube/', '.ssh/'],
  ...['.git-credentials', '.htpasswd', '.netrc', '.npmrc', '.pgpass', '.pypirc', '.yarnrc', '.yarnrc.yml'],
];
/** Files of version control, editors and the project itself: packed only if named, like secrets. */
const apart = [
  ...[
    '.git',
    '.hg/',
    '.svn/',
    '.jj/',
    '.bzr/',
    '.gitignore',
    '.gitattributes',
    '.gitmodules',
    '.DS_Store',
    'Thumbs.db',
  ],
  ...['.fx/', ignoreFileName, 'project.yml', '/project.*.yml', '.idea/', '.vscode/', '.terraform/'],
];

/** Sorted by path, so that the order on disk does not matter. */
export function findFiles(folder: string, rules: FileRules): FileSelection {
  const isExcluded = exclusion(folder, rules);
  const never = ignore().add(rules.whole === true ? apart : [...secrets, ...apart]);
  const named = new Set((rules.include ?? []).filter((pattern) => !/[*?[\]!]/.test(pattern)).map(withoutSlashes));
  const included = rules.include === undefined ? undefined : ignore().add([...rules.include]);
  const walk: Walk = {
    folder,
    rules,
    keeps: (path, file) => {
      if (isExcluded(path)) return false;
      if (included !== undefined && !included.ignores(path)) return false;
      return !never.ignores(path) || named.has(path) || (path.endsWith('.pem') && isPublic(file));
    },
    enters: (path) => !isExcluded(`${path}/`) && (!never.ignores(`${path}/`) || isNamedBelow(named, path)),
    files: [],
    outside: [],
  };
  for (const start of startFolders(rules.include)) {
    if (existsSync(join(folder, start))) visit(walk, start, []);
  }
  const byPath = new Map(walk.files.map((file) => [file.path, file]));
  return { files: [...byPath.values()].sort(byPathOrder), outside: walk.outside };
}

export function byPathOrder(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

function isNamedBelow(named: ReadonlySet<string>, path: string): boolean {
  return [...named].some((name) => name.startsWith(`${path}/`));
}

const withoutSlashes = (pattern: string) => pattern.replace(/^\.?\//, '').replace(/\/$/, '');

/**
 * Applies `.fxignore` of the project and of the function's folder, each relative to its folder, and `exclude`;
 * the nearest file wins, as with .gitignore.
 */
function exclusion(folder: string, { top, exclude, whole }: FileRules): (path: string) => boolean {
  const isTop = relative(top, folder) === '';
  const nearRules = ignore().add([...(whole === true ? [] : readPatterns(folder)), ...exclude]);
  if (isTop || whole === true) return (path) => nearRules.ignores(path);
  const above = ignore().add([...readPatterns(top)]);
  const way = relative(top, folder).split(sep).join('/');
  // a file outside the project has no path in it
  const start = way.startsWith('../') || way === '..' || isAbsolute(way) ? '' : `${way}/`;
  return (path) => {
    const { ignored, unignored } = nearRules.test(path);
    return ignored || (!unignored && above.ignores(start + path));
  };
}

function readPatterns(folder: string): readonly string[] {
  const file = join(folder, ignoreFileName);
  return existsSync(file) ? readFileSync(file, 'utf8').split(/\r?\n/) : [];
}

/** CA certificates have the same extension as private keys, and many packages contain them. */
function isPublic(file: string): boolean {
  const text = readFileSync(file, 'latin1');
  return text.includes('-----BEGIN CERTIFICATE-----') && !text.includes('PRIVATE KEY');
}

/** Where to look: the fixed prefixes of the patterns, to avoid a walk of the whole project. */
function startFolders(include: readonly string[] | undefined): readonly string[] {
  if (include === undefined) return [''];
  const starts = include
    .filter((pattern) => !pattern.startsWith('!') && !pattern.startsWith('#') && pattern.trim() !== '')
    .map((pattern) => {
      const parts = withoutSlashes(pattern).split('/');
      // a pattern without a slash matches at any depth
      if (parts.length === 1 && !pattern.startsWith('/')) return '';
      const wild = parts.findIndex((part) => /[*?[\]]/.test(part));
      return (wild === -1 ? parts.slice(0, -1) : parts.slice(0, wild)).join('/');
    });
  const unique = [...new Set(starts)].sort();
  return unique.filter(
    (one) => !unique.some((other) => other !== one && (other === '' || one.startsWith(`${other}/`))),
  );
}

interface Walk {
  readonly folder: string;
  readonly rules: FileRules;
  readonly keeps: (path: string, file: string) => boolean;
  readonly enters: (path: string) => boolean;
  readonly files: FoundFile[];
  readonly outside: FoundFile[];
}

function visit(walk: Walk, path: string, above: readonly string[]): void {
  for (const entry of readdirSync(join(walk.folder, path), { withFileTypes: true })) {
    const inner = path === '' ? entry.name : `${path}/${entry.name}`;
    const file = join(walk.folder, inner);
    if (entry.isSymbolicLink()) visitLink(walk, { path: inner, file }, above);
    else if (entry.isDirectory()) enter(walk, inner, above);
    else if (entry.isFile() && walk.keeps(inner, file)) walk.files.push({ path: inner, file });
  }
}

function enter(walk: Walk, path: string, above: readonly string[]): void {
  // installed packages come through the lock file or the module graph, unless a pattern names them
  const isInstalled = /(^|\/)node_modules$/.test(path);
  const isWanted = walk.rules.installed === true || walk.rules.include?.some((one) => one.includes('node_modules'));
  if ((!isInstalled || isWanted === true) && walk.enters(path)) visit(walk, path, above);
}

function visitLink(walk: Walk, link: FoundFile, above: readonly string[]): void {
  if (!existsSync(link.file)) return;
  const target = realpathSync(link.file);
  const isFolder = statSync(target).isDirectory();
  if (isFolder ? !walk.enters(link.path) : !walk.keeps(link.path, target)) return;
  if (!walk.rules.outsideLinks && isOutside(walk.rules.top, target)) walk.outside.push(link);
  else if (!isFolder) walk.files.push({ path: link.path, file: target });
  // a link to one of its parent folders would never end
  else if (!above.includes(target) && isOutside(target, realpathSync(join(link.file, '..'))))
    visit(walk, link.path, [...above, target]);
}

function isOutside(folder: string, path: string): boolean {
  const way = relative(realpathSync(folder), path);
  return way === '..' || way.startsWith(`..${sep}`);
}
