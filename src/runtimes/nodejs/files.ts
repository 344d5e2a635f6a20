// The files of an installed package that a function can use: no tests, documentation, declarations or code for other platforms.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type FileRules, findFiles } from '../files.ts';
import { type Native, nativeOfFile, runsOn } from '../native.ts';
import type { Architecture } from '../settings.ts';
import type { Manifest } from './installed.ts';
import { isForOther } from './platform.ts';

interface PackageFile {
  readonly path: string;
  readonly file: string;
}

export interface PackageFiles {
  readonly files: readonly PackageFile[];
  /** Native code for other platforms, left out. */
  readonly foreign: readonly string[];
  /** Whether native code that the function can load is among the files. */
  readonly hasNative: boolean;
}

export interface Platform {
  readonly architecture: Architecture;
  /** Node's major version. */
  readonly node: number;
}

export function packageFilesOf(folder: string, manifest: Manifest, platform: Platform): PackageFiles {
  const all = listPackage(folder);
  const isOwn = ownRules(folder) !== undefined;
  const used = isOwn ? all.filter(({ path }) => !declarations.test(path)) : withoutUnused(all, manifest);
  return withoutForeign(used, platform);
}

const declarations = /\.d\.[cm]?ts(\.map)?$|\.tsbuildinfo$/;
/** Files that no code reads at run time. A missing source map only makes a stack trace less exact. */
const unusedFile =
  /\.d\.[cm]?ts$|\.map$|\.tsbuildinfo$|\.flow$|(^|\/)(?:readme|changelog|changes|history|authors|contributing|security|code_of_conduct)(?:\.(?:md|markdown|txt|rst))?$|\.(?:md|markdown)$|(^|\/)\.(?:eslintrc|prettierrc|editorconfig|npmignore|gitattributes|travis|nycrc|jshintrc)[^/]*$|(^|\/)tsconfig[^/]*\.json$/i;
/** Declarations that TypeScript reads when it checks types. */
const compilerLibrary = /(?:^|\/)lib\.(?:[\w.]+\.)?d\.ts$/;
/** Folders at the top of a package. Deeper ones may be code: googleapis has an API named docs. */
const unusedFolder = /^(?:tests?|__tests__|docs?|examples?|benchmarks?|bench|coverage|\.github|\.vscode|\.idea)\//;

function withoutUnused(all: readonly PackageFile[], manifest: Manifest): readonly PackageFile[] {
  const files = all.filter(({ path }) => !unusedFile.test(path) || compilerLibrary.test(path));
  const folders = new Set(files.flatMap(({ path }) => unusedFolder.exec(path)?.[0] ?? []));
  if (folders.size === 0) return files;
  const inFolder = (path: string, folder: string) => path.startsWith(folder);
  const code = files.filter(({ path }) => /\.[cm]?js$/.test(path) && ![...folders].some((one) => inFolder(path, one)));
  const texts = [JSON.stringify(manifest), ...code.map(({ file }) => readFileSync(file, 'utf8'))];
  const unused = [...folders].filter((folder) => {
    const name = folder.slice(0, -1);
    const mentioned = new RegExp(`[/'"\`]${name.replace('.', '\\.')}(?:[/'"\`]|\\$)`);
    return !texts.some((text) => mentioned.test(text));
  });
  return files.filter(({ path }) => !unused.some((folder) => inFolder(path, folder)));
}

/** Extensions of files that are never native code. */
const plainFile = /\.(?:[cm]?[jt]sx?|json|wasm|css|html?|txt|ya?ml|proto|svg|png|afm|ttf|dat|node\.txt)$/;

/** Prebuilt code for several platforms side by side is fine if one of them is Lambda's; the others stay out. */
function withoutForeign(files: readonly PackageFile[], { architecture, node }: Platform): PackageFiles {
  const natives = new Map<string, Native>();
  for (const { path, file } of files) {
    const native = plainFile.test(path) ? undefined : nativeOfFile(file);
    if (native !== undefined) natives.set(path, native);
  }
  const fits = (path: string) => {
    const native = natives.get(path);
    return native !== undefined && runsOn(native, architecture) && !isForOther(path, architecture) && !isMusl(path);
  };
  const fitting = [...natives.keys()].filter(fits);
  const rightVersion = fitting.filter((path) => isOtherNode(path, node) === false);
  const isLeftOut = (path: string) => {
    const native = natives.get(path);
    if (native === undefined) return isForOther(path, architecture);
    if (!fits(path)) return fitting.length > 0 || isForOther(path, architecture) || !isLibrary(path);
    return isOtherNode(path, node) === true && rightVersion.length > 0;
  };
  const foreign = files.filter(({ path }) => isLeftOut(path)).map(({ path }) => path);
  const left = new Set(foreign);
  return { files: files.filter(({ path }) => !left.has(path)), foreign, hasNative: fitting.length > 0 };
}

/** Code that a package loads, rather than a program for another system that it never starts on Lambda. */
const isLibrary = (path: string) => /\.(?:node|so|dylib|bare)(?:\.[\d.]+)?$/.test(path);

const isMusl = (path: string) => /(?:^|[-_./])(?:linux)?musl(?:[-_./]|$)/.test(path);

/** ABI versions: https://nodejs.org/download/release/index.json, `modules` */
const abis: Readonly<Record<number, string>> = { 20: '115', 22: '127', 24: '137' };

/** Undefined if the path names no ABI version, as with N-API. */
function isOtherNode(path: string, node: number): boolean | undefined {
  const abi = /(?:^|[/_-])(?:node-v?|abi)(\d{2,3})(?=[./-])/.exec(path)?.[1];
  const own = abis[node];
  return abi === undefined || own === undefined ? undefined : abi !== own;
}

/** A workspace package is the user's folder and may contain anything. */
export function ownRules(folder: string): FileRules | undefined {
  if (folder.includes('node_modules')) return undefined;
  return { include: undefined, exclude: [], outsideLinks: false, top: folder };
}

function listPackage(folder: string): readonly PackageFile[] {
  const rules = ownRules(folder);
  if (rules !== undefined) return findFiles(folder, rules).files;
  const files: PackageFile[] = [];
  const visit = (path: string) => {
    for (const entry of readdirSync(join(folder, path), { withFileTypes: true })) {
      const inner = path === '' ? entry.name : `${path}/${entry.name}`;
      const file = join(folder, inner);
      // dependencies are packed separately, and bundled dependencies are found through the package's node_modules
      if (entry.name === 'node_modules' || entry.name === '.git') continue;
      if (entry.isDirectory()) visit(inner);
      else if (statSync(file, { throwIfNoEntry: false })?.isFile()) files.push({ path: inner, file });
    }
  };
  visit('');
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}
