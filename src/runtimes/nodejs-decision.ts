// Decides which packages are bundled and which are packed as installed, by what a package does. The only place that does.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Message, Metafile } from 'esbuild';
import { type Evidence, evidenceIn, mayHaveEvidence, shownIn } from './nodejs-evidence.ts';
import {
  developmentOnly,
  type Installed,
  needsOf,
  packageOfSpecifier,
  readPackage,
  resolvePackage,
} from './nodejs-installed.ts';
import { isNativePackage } from './nodejs-platform.ts';
import type { Architecture } from './settings.ts';

/** A package that is packed as installed instead of bundled. */
export interface PackedPackage {
  readonly name: string;
  readonly installed: Installed;
  /** For `fx build --why`. */
  readonly reason: string;
  /** The module that loads it by name at run time, where no import shows. */
  readonly loadedBy?: string;
}

/** Paths as in the metafile. */
export interface ModulesOfEntry {
  /** All that are reached. */
  readonly reached: readonly string[];
  /** Those of which something is left after tree shaking. */
  readonly surviving: ReadonlySet<string>;
}

/** One run of esbuild, as one entry point sees it. */
export interface Pass extends ModulesOfEntry {
  readonly metafile: Metafile;
  readonly warnings: readonly Message[];
}

export interface Choices {
  /** The project's folder, absolute. */
  readonly folder: string;
  readonly architecture: Architecture;
  /** `bundle: {packages}`: what the user decides. */
  readonly overrides: Readonly<Record<string, 'bundle' | 'pack'>>;
  /** The packages that are packed already. */
  readonly packed: ReadonlyMap<string, PackedPackage>;
}

/** The packages to pack in addition to `choices.packed`, by folder. */
export function decide(pass: Pass, choices: Choices): ReadonlyMap<string, PackedPackage> {
  const packages = packagesOf(pass, choices);
  const packed = new Map<string, PackedPackage>();
  const pack = (one: PackedPackage) => {
    const { folder } = one.installed;
    if (choices.overrides[one.name] === 'bundle' || choices.packed.has(folder) || packed.has(folder)) return;
    packed.set(folder, one);
  };
  for (const { name, installed } of packages) {
    if (choices.overrides[name] === 'pack') pack({ name, installed, reason: 'project.yml says so' });
    else if (isNativePackage(installed.manifest)) pack({ name, installed, reason: 'it has native code' });
  }
  for (const one of packages) for (const reason of ownFileReasons(one)) pack(reason);
  for (const one of computedRequires(pass, packages)) pack(one);
  for (const one of namedPackages(pass, packages, choices)) pack(one);
  for (const one of patched(packages)) pack(one);
  const all = new Map([...choices.packed, ...packed]);
  for (const one of oneCopyEach(packages, all, choices)) pack(one);
  return packed;
}

/** A package that a pass bundled. */
interface Bundled {
  readonly name: string;
  readonly installed: Installed;
  /** Its modules, as in the metafile. */
  readonly paths: ReadonlySet<string>;
  /** The same, absolute. */
  readonly modules: readonly string[];
  /** Those of which something is left after tree shaking. */
  readonly surviving: readonly string[];
}

const packagePath = /^(.*node_modules\/((?:@[^/]+\/)?[^/]+))\//;

/** The folder and the name of the installed package that a path belongs to. */
export function packageAt(path: string): { readonly folder: string; readonly name: string } | undefined {
  const [, folder, name] = packagePath.exec(path) ?? [];
  return folder === undefined || name === undefined ? undefined : { folder, name };
}

function packagesOf({ reached, surviving }: Pass, { folder }: Choices): readonly Bundled[] {
  const packages = new Map<string, Bundled & { paths: Set<string>; modules: string[]; surviving: string[] }>();
  for (const path of reached) {
    const at = packageAt(path);
    if (at === undefined) continue;
    const known = packages.get(at.folder);
    const installed = known?.installed ?? readPackage(resolve(folder, at.folder));
    if (installed === undefined) continue;
    const bundled = known ?? { name: at.name, installed, paths: new Set(), modules: [], surviving: [] };
    packages.set(at.folder, bundled);
    // where it can be read, which differs from esbuild's path if the package is in a zip
    const file = join(installed.folder, path.slice(at.folder.length));
    bundled.paths.add(path);
    bundled.modules.push(file);
    if (surviving.has(path)) bundled.surviving.push(file);
  }
  return [...packages.values()];
}

const texts = new Map<string, string>();

/** Read once per process: packages do not change while fx runs. */
function textOf(file: string): string {
  const known = texts.get(file);
  if (known !== undefined) return known;
  const text = readFileSync(file, 'utf8');
  texts.set(file, text);
  return text;
}

const noEvidence: Evidence = { files: [], packages: [] };
const evidence = new Map<string, Evidence>();

/** Also once per process, without keeping the text. */
function evidenceOf(file: string, packageFolder: string): Evidence {
  const known = evidence.get(file);
  if (known !== undefined) return known;
  const text = /\.[cm]?[jt]sx?$/.test(file) ? readFileSync(file, 'utf8') : '';
  const result = mayHaveEvidence(text) ? evidenceIn({ file, text, packageFolder }) : noEvidence;
  evidence.set(file, result);
  return result;
}

/** Packages that open files beside themselves, and packages that they load by `createRequire`. */
function ownFileReasons({ name, installed, surviving }: Bundled): readonly PackedPackage[] {
  const reasons: PackedPackage[] = [];
  for (const file of surviving) {
    const { files, packages } = evidenceOf(file, installed.folder);
    const shown = shownIn(installed.folder, file);
    const [first] = files;
    if (first !== undefined) {
      reasons.push({ name, installed, reason: `${shown} opens ${shownIn(installed.folder, first)} beside it` });
    }
    for (const specifier of packages) {
      const target = packageOfSpecifier(specifier);
      const found = resolvePackage(target, installed.folder);
      if (found !== undefined)
        reasons.push({
          name: target,
          installed: found,
          reason: `${name} finds it by its path (${shown})`,
          loadedBy: file,
        });
    }
  }
  return reasons;
}

/** A path, or a subpath import such as `#fonts/${name}`: a module of the package itself. */
const ownComputed = /^require\(\s*(?:String\.raw)?['"`](?:\.{1,2}\/|#)/;
/** A path that is made before: ``const path = `./${name}` `` */
const ownPath = /(['"])\.{1,2}\/[^'"\n]*\1\s*\+|`\.{1,2}\/[^`\n]*\$\{/;

function computedCalls({ warnings }: Pass, { paths }: Bundled): readonly Message[] {
  return warnings.filter(
    ({ id, location }) => id === 'unsupported-require-call' && location !== null && paths.has(location.file),
  );
}

function computedRequires(pass: Pass, packages: readonly Bundled[]): readonly PackedPackage[] {
  return packages.flatMap((one) => {
    const own = computedCalls(pass, one).some(({ location }) => {
      if (location === null) return false;
      const text = () =>
        textOf(join(one.installed.folder, location.file.slice(packageAt(location.file)?.folder.length)));
      return ownComputed.test(location.lineText.slice(location.column)) || ownPath.test(text());
    });
    const { name, installed } = one;
    return own ? [{ name, installed, reason: 'it requires modules of its own by a computed name' }] : [];
  });
}

/**
 * Packages that others may require by a computed name: the optional peers of the one that requires, and those that the user's
 * code names, as in `app.set('view engine', 'ejs')`. Only from `dependencies` of the project.
 */
function namedPackages(
  pass: Pass,
  packages: readonly Bundled[],
  { folder, packed }: Choices,
): readonly PackedPackage[] {
  const loaders = packages.filter((one) => computedCalls(pass, one).length > 0);
  if (loaders.length === 0 && packed.size === 0) return [];
  const names = dependenciesOf(folder);
  const bundled = new Set(packages.map(({ name }) => name));
  const open = names.filter((name) => !bundled.has(name));
  const reasons: PackedPackage[] = [];
  const add = (name: string, reason: string, loadedBy: string) => {
    const installed = resolvePackage(name, folder);
    if (installed !== undefined) reasons.push({ name, installed, reason, loadedBy });
  };
  for (const loader of loaders) {
    const { peerDependencies, peerDependenciesMeta, optionalDependencies } = loader.installed.manifest;
    const imported = importedBy(loader, pass);
    for (const peer of Object.keys({ ...peerDependencies, ...peerDependenciesMeta, ...optionalDependencies })) {
      if (names.includes(peer) && !imported.has(peer))
        add(peer, `${loader.name} may require it by a computed name`, loader.installed.folder);
    }
  }
  for (const path of pass.reached) {
    if (packageAt(path) !== undefined || !/\.[cm]?[jt]sx?$/.test(path)) continue;
    const text = readFileSync(resolve(folder, path), 'utf8');
    for (const name of open)
      if (['"', "'", '`'].some((quote) => text.includes(quote + name + quote))) add(name, `${path} names it`, path);
  }
  return reasons;
}

/** The packages that a package imports by their names, which are bundled. */
function importedBy({ paths }: Bundled, { metafile }: Pass): ReadonlySet<string> {
  const imports = [...paths].flatMap((path) => metafile.inputs[path]?.imports ?? []);
  return new Set(imports.flatMap(({ path }) => packageAt(path)?.name ?? []));
}

function dependenciesOf(folder: string): readonly string[] {
  const { manifest } = readPackage(folder) ?? {};
  return Object.keys(manifest?.dependencies ?? {});
}

/** Libraries through which a package patches others as they are loaded. */
const patchLibraries = ['require-in-the-middle', 'import-in-the-middle', '@opentelemetry/instrumentation'];

/** Packages that patch others when those are loaded, and those others: in a bundle, nothing is loaded. */
function patched(packages: readonly Bundled[]): readonly PackedPackage[] {
  const isPatcher = ({ name, installed }: Bundled) =>
    patchLibraries.includes(name) ||
    patchLibraries.some((library) => installed.manifest.dependencies?.[library] !== undefined);
  const patchers = packages.filter(isPatcher);
  if (patchers.length === 0) return [];
  const reasons = patchers.map(
    ({ name, installed }): PackedPackage => ({
      name,
      installed,
      reason: 'it patches other packages as they are loaded',
    }),
  );
  for (const { name, installed } of packages.filter((one) => !isPatcher(one))) {
    const pattern = new RegExp(
      String.raw`(['"\x60])${name.replaceAll('.', String.raw`\.`)}\1|(?:^|[{,])\s*${name.replaceAll('.', String.raw`\.`)}\s*:`,
      'm',
    );
    const patcher = patchers.find(({ modules }) => modules.some((file) => pattern.test(textOf(file))));
    if (patcher !== undefined) reasons.push({ name, installed, reason: `${patcher.name} patches it as it is loaded` });
  }
  return reasons;
}

/** What packed packages need is packed too: bundled as well, it would exist twice, with two classes of each name. */
function oneCopyEach(
  packages: readonly Bundled[],
  packed: ReadonlyMap<string, PackedPackage>,
  { architecture, folder }: Choices,
): readonly PackedPackage[] {
  const isUnused = developmentOnly(folder);
  const needed = new Map<string, string>();
  const queue = [...packed.values()].map(({ name, installed }) => ({ name, installed }));
  // the queue grows
  for (const { name, installed } of queue) {
    for (const dependency of needsOf(installed, architecture, isUnused).packages) {
      if (needed.has(dependency.installed.folder)) continue;
      needed.set(dependency.installed.folder, name);
      queue.push(dependency);
    }
  }
  return packages.flatMap(({ name, installed }): PackedPackage[] => {
    const by = needed.get(installed.folder);
    return by === undefined ? [] : [{ name, installed, reason: `${by}, which is packed, needs it too` }];
  });
}
