// Runs esbuild until it is settled what is bundled: a pass shows which packages cannot be bundled and which imports cannot be
// resolved, and the next one leaves them out. Most functions need one pass.
import { join, resolve } from 'node:path';
import type { BuildFailure, BuildOptions, BuildResult, Message, Metafile, Plugin } from 'esbuild';
import type { RunEsbuild } from '../../base/esbuild.ts';
import type { DecidedPackage } from '../runtime.ts';
import type { Architecture } from '../settings.ts';
import { type ModulesOfEntry, packageAt } from './bundled.ts';
import { decide, type PackedPackage } from './decision.ts';
import { isOptionalNeed, packageOfSpecifier, readPackage, resolvePackage } from './installed.ts';
import type { UserNeeds } from './user-modules.ts';

export type Options = BuildOptions & { readonly write: false; readonly metafile: true };

/** Entry points for which one run of esbuild has the right result. */
export interface Settled<Entry> {
  readonly entries: readonly Entry[];
  readonly result: BuildResult<Options>;
  /** By the name that the bundle imports, which differs from the package's if there are two versions. */
  readonly packed: ReadonlyMap<string, PackedPackage>;
  /** Imports of packages that cannot be resolved and stay in place: they fail when reached, as without a bundler. */
  readonly left: readonly LeftImport[];
  readonly needs: UserNeeds;
  /** Whether a package looks for the project's package.json. */
  readonly seeksManifest: boolean;
}

export interface LeftImport {
  readonly specifier: string;
  /** The package that imports it. */
  readonly importer: string;
}

export interface PassSettings {
  readonly folder: string;
  readonly architecture: Architecture;
  /** `external`, without patterns: packed as installed if installed, else left in place. */
  readonly external: readonly string[];
  readonly overrides: Readonly<Record<string, 'bundle' | 'pack'>>;
}

/** What a pass leaves out of the bundle, and which modules of the user's it changes on the way. */
interface State extends UserNeeds, Pick<Settled<never>, 'seeksManifest'> {
  readonly packed: ReadonlyMap<string, PackedPackage>;
  readonly left: ReadonlyMap<string, LeftImport>;
}

interface Bundling<Entry> {
  readonly entries: readonly Entry[];
  options(entries: readonly Entry[], needs: UserNeeds): Options;
  /** The modules that an entry reaches. */
  modulesOf(entry: Entry, metafile: Metafile): ModulesOfEntry;
  /** What its modules outside packages need. Paths are absolute. */
  needsOf(entry: Entry, files: readonly string[]): UserNeeds;
  pluginsFor(needs: UserNeeds): readonly Plugin[];
  /** Takes what is decided for an entry so far. If present, decisions go on after a failure. */
  decided?(entry: Entry, packages: readonly DecidedPackage[]): void;
  readonly settings: PassSettings;
  readonly run: RunEsbuild;
}

/** Each pass adds at least one package or import; a graph of packages has few layers. */
const mostPasses = 12;

/**
 * Decides for each entry alone, so that no function changes because of another one; entries with equal decisions share the next
 * pass. Throws esbuild's failure if it is the user's.
 */
export async function settle<Entry>(
  bundling: Bundling<Entry>,
  state: State = firstState,
  pass = 1,
): Promise<readonly Settled<Entry>[]> {
  const { entries, settings } = bundling;
  const names = importNames(state.packed, settings.folder);
  const plugins = [...bundling.pluginsFor(state), ...leaveOut({ ...state, names, settings })];
  let result: BuildResult<Options>;
  try {
    result = await bundling.run({ ...bundling.options(entries, state), ...logged, plugins: [...plugins] });
  } catch (error) {
    if (!isBuildFailure(error) || pass === mostPasses) throw error;
    const { next, own } = absorb(error, state, settings);
    if (own.length > 0) {
      if (bundling.decided !== undefined) await decideWithout(own, { bundling, state: next, pass });
      // beside them, what another pass would settle says nothing
      throw Object.assign(new Error(error.message), { errors: own, warnings: [] });
    }
    if (sizeOf(next) === sizeOf(state)) throw error;
    return settle(bundling, next, pass + 1);
  }
  const groups = new Map<string, { state: State; entries: Entry[] }>();
  for (const entry of entries) {
    const modules = bundling.modulesOf(entry, result.metafile);
    const next = nextState(state, {
      ...decide({ ...modules, ...result }, { ...settings, packed: state.packed }),
      ...bundling.needsOf(entry, userModules(modules, settings.folder)),
    });
    bundling.decided?.(entry, decidedPackages(next, modules));
    const key = JSON.stringify([
      next.decorated,
      next.seeksManifest,
      [...next.located].sort(),
      [...next.packed.keys()].sort(),
    ]);
    const group = groups.get(key) ?? { state: next, entries: [] };
    groups.set(key, group);
    group.entries.push(entry);
  }
  const settled = [...groups.values()].map(async (group): Promise<readonly Settled<Entry>[]> => {
    const isSettled = sizeOf(group.state) === sizeOf(state) || pass === mostPasses;
    if (!isSettled) return settle({ ...bundling, entries: group.entries }, group.state, pass + 1);
    const packed = byImportName(names, state.packed);
    const { seeksManifest } = group.state;
    return [{ entries: group.entries, result, packed, left: [...state.left.values()], needs: state, seeksManifest }];
  });
  return (await Promise.all(settled)).flat();
}

/** What would be decided if the user's unresolved imports did not stop the build. */
async function decideWithout<Entry>(
  errors: readonly Message[],
  { bundling, state, pass }: { readonly bundling: Bundling<Entry>; readonly state: State; readonly pass: number },
): Promise<void> {
  const left = new Map(state.left);
  for (const { text, location } of errors) {
    const specifier = /^Could not resolve "([^"]+)"/.exec(text)?.[1];
    const importer = packageAt(location?.file ?? '')?.name;
    if (specifier !== undefined) left.set(leftKey(specifier, importer), { specifier, importer: importer ?? '' });
  }
  if (left.size === state.left.size) return;
  // its failure is of the same build
  await settle(bundling, { ...state, left }, pass + 1).catch(() => {});
}

function decidedPackages({ packed }: State, { reached }: ModulesOfEntry): readonly DecidedPackage[] {
  const names = new Set(reached.flatMap((path) => packageAt(path)?.name ?? []));
  const all = new Map([...names].map((name): [string, string | undefined] => [name, undefined]));
  for (const { name, reason } of packed.values()) all.set(name, reason);
  return [...all].map(([name, reason]) => ({ name, reason }));
}

const firstState: State = {
  packed: new Map(),
  left: new Map(),
  decorated: false,
  located: new Set(),
  seeksManifest: false,
};

/** States only grow, so equal sizes mean equal states. */
const sizeOf = ({ packed, left, decorated, located }: State) =>
  packed.size + left.size + Number(decorated) + located.size;

function nextState(state: State, more: Omit<State, 'left'>): State {
  return {
    left: state.left,
    packed: new Map([...state.packed, ...more.packed]),
    decorated: state.decorated || more.decorated,
    seeksManifest: state.seeksManifest || more.seeksManifest,
    located: new Set([...state.located, ...more.located]),
  };
}

function userModules({ reached }: ModulesOfEntry, folder: string): readonly string[] {
  return reached.flatMap((path) => (packageAt(path) === undefined ? [resolve(folder, path)] : []));
}

/** Warnings that are silent by default, and a failure with all its errors. */
const logged: Pick<BuildOptions, 'logLimit' | 'logOverride'> = {
  logLimit: 0,
  logOverride: { 'unsupported-require-call': 'warning', 'unsupported-dynamic-import': 'warning' },
};

export function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && Array.isArray((error as Partial<BuildFailure>).errors);
}

interface Leaving extends Pick<State, 'packed' | 'left'> {
  readonly names: ReadonlyMap<string, string>;
  readonly settings: PassSettings;
}

/** A plugin only where it is needed: each call of one crosses a process. */
function leaveOut({ names, packed, left, settings }: Leaving): readonly Plugin[] {
  const packages = [...new Set([...[...packed.values()].map(({ name }) => name), ...settings.external])];
  const specifiers = [...new Set([...left.values()].map(({ specifier }) => specifier))];
  const alternatives = [...packages.map((name) => `${escaped(name)}(?:/.*)?`), ...specifiers.map(escaped)];
  if (alternatives.length === 0) return [];
  const filter = new RegExp(`^(?:${alternatives.join('|')})$`);
  const setup: Plugin['setup'] = ({ onResolve }) =>
    onResolve({ filter }, ({ path, importer, resolveDir, kind }) => {
      if (kind === 'entry-point') return undefined;
      const name = packageOfSpecifier(path);
      const installed = packages.includes(name) ? resolvePackage(name, resolveDir) : undefined;
      const importName = installed === undefined ? undefined : names.get(installed.folder);
      if (importName !== undefined) return { path: importName + path.slice(name.length), external: true };
      if (settings.external.includes(name)) return { path, external: true };
      const isLeft = left.has(leftKey(path, packageAt(importer)?.name));
      return isLeft ? { path, external: true } : undefined;
    });
  return [{ name: 'fx-leave-out', setup }];
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

const leftKey = (specifier: string, importer: string | undefined) => `${importer} ${specifier}`;

/** The name to import a packed package by: its own, or with its version if another version has that. */
function importNames(packed: ReadonlyMap<string, PackedPackage>, folder: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const taken = new Map<string, string>();
  const isTop = ({ name, installed }: PackedPackage) => resolvePackage(name, folder)?.folder === installed.folder;
  for (const one of [...packed.values()].sort((a, b) => Number(isTop(b)) - Number(isTop(a)))) {
    const { name, installed } = one;
    const first = taken.get(name) ?? installed.folder;
    taken.set(name, first);
    names.set(
      installed.folder,
      first === installed.folder ? name : `${name}--${installed.manifest.version ?? names.size}`,
    );
  }
  return names;
}

function byImportName(
  names: ReadonlyMap<string, string>,
  packed: ReadonlyMap<string, PackedPackage>,
): ReadonlyMap<string, PackedPackage> {
  return new Map([...packed].map(([folder, one]) => [names.get(folder) ?? one.name, one]));
}

/** The state in which another pass may succeed, and the errors that are the user's: those inside installed packages are not. */
function absorb(
  { errors }: BuildFailure,
  state: State,
  { folder, overrides }: PassSettings,
): { readonly next: State; readonly own: readonly Message[] } {
  const packed = new Map(state.packed);
  const left = new Map(state.left);
  const own = errors.filter((error) => {
    const at = error.location === null ? undefined : packageAt(error.location.file);
    const importer = at === undefined ? undefined : readPackage(join(folder, at.folder));
    if (at === undefined || importer === undefined) return true;
    const specifier = /^Could not resolve "([^"]+)"/.exec(error.text)?.[1];
    if (specifier === undefined) {
      // such as a file without a loader: esbuild cannot bundle the package
      if (overrides[at.name] === 'bundle') return true;
      const reason = `esbuild cannot bundle it: ${error.text}`;
      packed.set(importer.folder, { name: at.name, installed: importer, reason });
    } else if (isOptionalNeed(packageOfSpecifier(specifier), importer.manifest) || isCall(error)) {
      left.set(leftKey(specifier, at.name), { specifier, importer: at.name });
    } else {
      return true;
    }
    return false;
  });
  return { next: { ...state, packed, left }, own };
}

/** `require(…)` or `import(…)` rather than an `import` statement: it may never be reached. */
function isCall({ location }: Message): boolean {
  return /(?:\brequire(?:\.resolve)?|\bimport|[\w$]*[rR]equire[\w$]*)\s*\(\s*$/.test(
    location?.lineText.slice(0, location.column) ?? '',
  );
}
