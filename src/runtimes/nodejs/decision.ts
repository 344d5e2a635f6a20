// Decides which packages are bundled and which are packed as installed, by what a package does. The only place that does.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Architecture } from '../settings.ts';
import { type Bundled, type Pass, packageAt, packagesOf, textOf } from './bundled.ts';
import { computedRequires, namedPackages } from './computed.ts';
import {
  type Evidence,
  evidenceIn,
  givesItsFolder,
  mayHaveEvidence,
  namedFiles,
  namesFilesElsewhere,
  requiresByItsOwn,
  shownIn,
} from './evidence.ts';
import { developmentOnly, type Installed, needsOf, packageOfSpecifier, resolvePackage } from './installed.ts';
import { isNativePackage } from './platform.ts';
import { looksForManifest } from './project-manifest.ts';

/** A package that is packed as installed instead of bundled. */
export interface PackedPackage {
  readonly name: string;
  readonly installed: Installed;
  /** For `fx build --why`. */
  readonly reason: string;
  /** The module that loads it by name at run time, where no import shows. */
  readonly loadedBy?: string;
  /** Whether it patches others as they are loaded. */
  readonly patches?: true;
  /** Only the files that the function reaches are packed, and these: absolute paths. If absent, the whole package is. */
  readonly opens?: readonly string[];
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

export interface Decision {
  /** The packages to pack in addition to `choices.packed`, by folder. */
  readonly packed: ReadonlyMap<string, PackedPackage>;
  /** Whether a package looks for the project's package.json. */
  readonly seeksManifest: boolean;
}

export function decide(pass: Pass, choices: Choices): Decision {
  const packages = packagesOf(pass, choices.folder);
  const packed = new Map<string, PackedPackage>();
  const pack = (one: PackedPackage) => {
    const { folder } = one.installed;
    if (choices.overrides[one.name] === 'bundle' || choices.packed.has(folder)) return;
    const known = packed.get(folder);
    packed.set(folder, known === undefined ? one : both(known, one));
  };
  for (const { name, installed } of packages) {
    if (choices.overrides[name] === 'pack') pack({ name, installed, reason: 'project.yml says so' });
    else if (isNativePackage(installed)) pack({ name, installed, reason: 'it has native code' });
  }
  for (const one of packages) for (const reason of ownFileReasons(one)) pack(reason);
  for (const one of userReasons(pass, choices)) pack(one);
  for (const one of computedRequires(pass, packages)) pack(one);
  for (const one of namedPackages(pass, packages, choices)) pack(one);
  for (const one of patched(packages)) pack(one);
  const all = new Map([...choices.packed, ...packed]);
  for (const one of oneCopyEach(packages, all, choices)) pack(one);
  const seeks = ({ installed, surviving }: Bundled) =>
    surviving.some((file) => evidenceOf(file, installed.folder).seeksManifest);
  return { packed, seeksManifest: packages.some(seeks) };
}

/** Any reason for the whole package outweighs the others. */
function both(one: PackedPackage, other: PackedPackage): PackedPackage {
  const { opens, ...whole } = one;
  const patches = one.patches ?? other.patches;
  const merged = patches === undefined ? whole : { ...whole, patches };
  return opens === undefined || other.opens === undefined ? merged : { ...merged, opens: [...opens, ...other.opens] };
}

/** What a module shows, and whether it refers to its place at all. */
interface Read extends Evidence {
  readonly isPlace: boolean;
  readonly seeksManifest: boolean;
  readonly requiresByItsOwn: boolean;
}

const noEvidence: Evidence = { files: [], packages: [] };
const evidence = new Map<string, Read>();

/** Read once per process, like `textOf`, but without keeping the text. */
function evidenceOf(file: string, packageFolder: string): Read {
  const known = evidence.get(file);
  if (known !== undefined) return known;
  const text = /\.[cm]?[jt]sx?$/.test(file) && existsSync(file) ? readFileSync(file, 'utf8') : '';
  const isPlace = mayHaveEvidence(text);
  const found = isPlace ? evidenceIn({ file, text, packageFolder }) : noEvidence;
  const result = { ...found, isPlace, seeksManifest: looksForManifest(text), requiresByItsOwn: requiresByItsOwn(text) };
  evidence.set(file, result);
  return result;
}

/** Packages that open files beside themselves, and packages that they load by `createRequire`. */
function ownFileReasons({ name, installed, surviving }: Bundled): readonly PackedPackage[] {
  const reasons: PackedPackage[] = [];
  if (surviving.some((file) => evidenceOf(file, installed.folder).requiresByItsOwn))
    reasons.push({ name, installed, reason: 'it requires modules by a function of its own' });
  for (const file of surviving) {
    const { files, packages } = evidenceOf(file, installed.folder);
    const shown = shownIn(installed.folder, file);
    const [first] = files;
    if (first !== undefined) {
      reasons.push({
        name,
        installed,
        reason: `${shown} opens ${shownIn(installed.folder, first)} beside it`,
        opens: files,
      });
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
          opens: [],
        });
    }
  }
  return [...reasons, ...placeReasons({ name, installed, surviving })];
}

/** Places that lead to files whose names are in other modules. */
function placeReasons({
  name,
  installed,
  surviving,
}: Pick<Bundled, 'name' | 'installed' | 'surviving'>): readonly PackedPackage[] {
  const modules = surviving.filter((file) => evidenceOf(file, installed.folder).isPlace);
  if (modules.length === 0) return [];
  if (modules.some((file) => givesItsFolder(textOf(file))))
    return [{ name, installed, reason: 'it gives its own folder to others' }];
  const opener = modules.find((file) => namesFilesElsewhere(textOf(file)));
  if (opener === undefined) return [];
  const opens = namedFiles(opener, surviving.filter((file) => /\.[cm]?js$/.test(file)).map(textOf), installed.folder);
  const [first] = opens;
  const reason = `${shownIn(installed.folder, opener)} opens ${shownIn(installed.folder, first ?? '')}, which another module names`;
  return first === undefined ? [] : [{ name, installed, reason, opens }];
}

/** Packages that the user's modules find by `createRequire` or `require.resolve`. */
function userReasons({ reached }: Pass, { folder }: Choices): readonly PackedPackage[] {
  return reached
    .filter((path) => packageAt(path) === undefined)
    .flatMap((path) => {
      const file = resolve(folder, path);
      // unlike packages, these change while fx runs
      const text = /\.[cm]?[jt]sx?$/.test(path) && existsSync(file) ? readFileSync(file, 'utf8') : '';
      return evidenceIn({ file, text, packageFolder: folder }).packages.flatMap((specifier): PackedPackage[] => {
        const name = packageOfSpecifier(specifier);
        const installed = resolvePackage(name, dirname(file));
        if (installed === undefined) return [];
        const inner = join(installed.folder, specifier.slice(name.length));
        const one = { name, installed, reason: `${path} finds it by its path`, loadedBy: path };
        // of a data file only that; of code the whole package, whose modules nothing has read
        const isData = inner !== installed.folder && existsSync(inner) && !/\.[cm]?js$/.test(inner);
        return [isData ? { ...one, opens: [inner] } : one];
      });
    });
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
      patches: true,
    }),
  );
  for (const { name, installed } of packages.filter((one) => !isPatcher(one))) {
    const pattern = new RegExp(
      String.raw`(['"\x60])${name.replaceAll('.', String.raw`\.`)}\1|(?:^|[{,])\s*${name.replaceAll('.', String.raw`\.`)}\s*:`,
      'm',
    );
    const patcher = patchers.find(({ modules }) => modules.some((file) => pattern.test(textOf(file))));
    if (patcher !== undefined)
      reasons.push({ name, installed, reason: `${patcher.name} patches it as it is loaded`, opens: [] });
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
    return by === undefined ? [] : [{ name, installed, reason: `${by}, which is packed, needs it too`, opens: [] }];
  });
}
