// Lays packages out for Node.js: at the top if there is one version, else beside the package that needs another; real paths
// (npm, yarn, pnpm, workspaces), and only what the function's processor needs.
import { dirname, join, relative } from 'node:path';
import type { Problem } from '../../base/error.ts';
import { slashed, treeInput } from '../parts.ts';
import type { ArtifactFile, FunctionSource, Input } from '../runtime.ts';
import type { Architecture } from '../settings.ts';
import type { PackedPackage } from './decision.ts';
import { Dependents } from './dependents.ts';
import { nodeVersion } from './entry.ts';
import type { Fetched, Wanted } from './fetch.ts';
import { ownRules, packageFilesOf } from './files.ts';
import { developmentOnly, type Installed, type Needs, needsOf, readPackage, resolvePackage } from './installed.ts';
import { addCommand, installAllCommand, installCommand, isNativePackage } from './platform.ts';

export interface Packed {
  readonly files: readonly ArtifactFile[];
  readonly inputs: readonly Input[];
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
  /** Why this machine cannot load the package. */
  readonly unloadable: string | undefined;
}

export interface LayoutOptions {
  readonly source: FunctionSource;
  readonly architecture: Architecture;
  /** The project's. */
  readonly folder: string;
  /** By import name. */
  readonly packed: ReadonlyMap<string, PackedPackage>;
}

/** Whether a file of a traced package, by its real path, is needed. */
export type Kept = (file: string) => boolean;

interface Placed {
  readonly name: string;
  readonly installed: Installed;
  /** Its path in the artifact. */
  readonly place: string;
  readonly why: readonly string[];
  /** Why it is not bundled, if the bundle imports it. */
  readonly reason?: string | undefined;
}

export class Layout {
  readonly #options: LayoutOptions;
  readonly #placed = new Map<string, Placed>();
  /** The places of direct imports. */
  readonly #requested = new Set<string>();
  readonly #problems: Problem[] = [];
  readonly #inputs: Input[] = [];
  readonly #notes: string[] = [];
  #fromLayers = false;

  readonly #dependents = new Dependents();

  readonly #fetched: ReadonlyMap<string, Fetched>;
  readonly #wanted = new Map<string, Wanted>();

  /** `fetched` are packages for the function's platform that are not installed, by name. */
  constructor(options: LayoutOptions, fetched: ReadonlyMap<string, Fetched>) {
    this.#options = options;
    this.#fetched = fetched;
  }

  /** Packages for the function's platform that must be fetched before there is a result. */
  wanted(): readonly Wanted[] {
    return [...this.#wanted.values()];
  }

  /** Direct imports go to the top. */
  request(name: string, importer: string): void {
    const { source, folder, packed } = this.#options;
    if (this.#isInLayer(name)) return;
    const decided = packed.get(name);
    const installed = decided?.installed ?? resolvePackage(name, dirname(importer));
    const shown = slashed(relative(folder, importer));
    if (installed === undefined) {
      this.#reportUninstalled(name, shown);
      return;
    }
    const place = `node_modules/${name}`;
    this.#requested.add(place);
    this.#dependents.addImport(place, name, importer);
    const other = this.#placed.get(place);
    if (other === undefined) {
      const why = [shown];
      this.#placed.set(place, { name: decided?.name ?? name, installed, place, why, reason: decided?.reason });
    } else if (other.installed.folder !== installed.folder) {
      this.#problems.push({
        at: source.handlerAt,
        message: `the function "${source.name}" imports two versions of ${name}, for ${other.why[0]} and for ${shown}`,
        hint: 'bundle it, or use one version of it',
      });
    }
  }

  /** A package under `external` may come from elsewhere, such as a layer. */
  #reportUninstalled(name: string, importer: string): void {
    const { source, folder } = this.#options;
    if (source.hasOtherLayers) this.#fromLayers = true;
    else if (source.packaging.external.includes(name)) {
      this.#notes.push(`not installed, so left out: ${name} (under \`external\`, imported by ${importer})`);
    } else {
      this.#problems.push({
        at: source.handlerAt,
        message: `the function "${source.name}" imports ${name}, which is not installed (${importer})`,
        hint: `install it in the project: ${addCommand(name, folder)}`,
      });
    }
  }

  /** Where layers have packages: https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html */
  #isInLayer(name: string): boolean {
    const places = this.#options.source.layerFolders.map((folder) => join(folder, 'nodejs', 'node_modules', name));
    for (const place of places) this.#inputs.push({ kind: 'file', path: join(place, 'package.json') });
    const isThere = places.some((place) => readPackage(place) !== undefined);
    if (isThere) this.#fromLayers = true;
    return isThere;
  }

  /** Then the dependencies, nearest to the code first. Iterates over a map that grows. */
  fill(): void {
    const { architecture, folder } = this.#options;
    const isUnused = developmentOnly(folder);
    const incomplete: (Placed & { readonly missing: Needs['missing']; readonly isPlatform: boolean })[] = [];
    for (const placed of this.#placed.values()) {
      const { name, installed, place, why } = placed;
      const needs = needsOf(installed, architecture, isUnused);
      const fetched = needs.isPlatform ? this.#fetchedFor(installed, needs.missing) : [];
      const missing = needs.missing.filter((one) => !fetched.some((dependency) => dependency.name === one));
      if (missing.length > 0) incomplete.push({ ...placed, missing, isPlatform: needs.isPlatform });
      for (const dependency of [...needs.packages, ...fetched]) {
        const visible = this.#visible(dependency.name, place);
        const isThere = visible?.installed.folder === dependency.installed.folder;
        const target = isThere
          ? visible.place
          : `${visible === undefined ? '' : `${place}/`}node_modules/${dependency.name}`;
        this.#dependents.add(target, dependency.name, { place, manifest: installed.manifest });
        if (!isThere) this.#placed.set(target, { ...dependency, place: target, why: [...why, name] });
      }
    }
    for (const { name, place, missing, isPlatform } of incomplete) {
      if (!isPlatform || this.#dependents.isRequired(place)) this.#reportMissing(name, missing, isPlatform);
      else {
        this.#placed.delete(place);
        const failure = this.#whyNotFetched(missing);
        this.#notes.push(
          `left out: ${name}, which is optional and needs ${missing.join(', ')}, which is not installed${failure}`,
        );
      }
    }
  }

  #fetchedFor({ manifest }: Installed, missing: readonly string[]) {
    return missing.flatMap((name) => {
      const installed = this.#fetched.get(name);
      if (installed === undefined)
        this.#wanted.set(name, { name, range: manifest.optionalDependencies?.[name] ?? 'latest' });
      return installed === undefined || 'failure' in installed ? [] : [{ name, installed }];
    });
  }

  /** What Node would resolve from a place: the nearest package above it. */
  #visible(name: string, place: string): Placed | undefined {
    for (let at = place; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
      const placed = this.#placed.get(`${at === '' ? '' : `${at}/`}node_modules/${name}`);
      if (placed !== undefined || at === '') return placed;
      if (!at.includes('/node_modules/')) return this.#placed.get(`node_modules/${name}`);
    }
  }

  #whyNotFetched(missing: readonly string[]): string {
    const failures = missing.flatMap((name) => {
      const fetched = this.#fetched.get(name);
      return fetched !== undefined && 'failure' in fetched ? [fetched.failure] : [];
    });
    return failures.length === 0 ? '' : ` (fetching failed: ${failures[0]})`;
  }

  #reportMissing(name: string, missing: readonly string[], isPlatform: boolean): void {
    const { source, architecture, folder } = this.#options;
    const names = missing.join(', ');
    const verb = missing.length === 1 ? 'is' : 'are';
    this.#problems.push({
      at: source.at,
      message: isPlatform
        ? `the function "${source.name}" runs on Linux ${architecture}, where ${name} needs ${names}, which ${verb} not installed`
        : `the function "${source.name}" needs ${name}, which needs ${names}, which ${verb} not installed`,
      hint: isPlatform
        ? `${installCommand(name, missing, { folder, architecture })}${this.#whyNotFetched(missing)}`
        : `install again: ${installAllCommand(folder)}`,
    });
  }

  result(kept: Kept | undefined): Packed {
    const { source, architecture, folder } = this.#options;
    const all: ArtifactFile[] = [];
    let hasNative = false;
    const whole = this.#wholePlaces();
    for (const { place, installed, why, reason } of this.#placed.values()) {
      const { folder: real, manifest } = installed;
      const contents = packageFilesOf(real, manifest, { architecture, node: nodeVersion(source.runtime) });
      const rules = ownRules(real);
      if (rules !== undefined) this.#inputs.push(treeInput(real, rules));
      hasNative ||= contents.hasNative;
      if (!contents.hasNative && contents.foreign.some((path) => path.endsWith('.node')))
        this.#reportForeign(manifest.name, contents.foreign);
      const isKept = ({ path, file }: { readonly path: string; readonly file: string }) =>
        kept === undefined || whole.has(place) || path === 'package.json' || licence.test(path) || kept(file);
      const files = contents.files.filter(isKept);
      if (
        files.every(({ path }) => path === 'package.json' || licence.test(path)) &&
        kept !== undefined &&
        !whole.has(place)
      )
        continue;
      for (const { path, file } of files) {
        const from = [slashed(relative(folder, file)), ...why.map((dependent) => `needed by ${dependent}`)];
        if (path === 'package.json' && contents.foreign.length > 0) from.push(leftOutNote(contents.foreign));
        if (reason !== undefined) from.push(`packed as installed: ${reason}`);
        all.push({ path: `${place}/${path}`, content: { file }, from });
      }
    }
    const isNative = hasNative || [...this.#placed.values()].some(({ installed }) => isNativePackage(installed));
    const here = process.platform === 'linux' && (process.arch === 'arm64' ? 'arm64' : 'x86_64') === architecture;
    return {
      files: all,
      inputs: [
        ...this.#inputs,
        ...all.flatMap(({ content }): Input[] => ('file' in content ? [{ kind: 'file', path: content.file }] : [])),
      ],
      problems: this.#problems,
      notes: this.#notes,
      unloadable:
        isNative && !here
          ? `it has native code for Linux ${architecture}`
          : this.#fromLayers && (source.hasOtherLayers || !here)
            ? 'it needs what its layers have'
            : undefined,
    };
  }

  /** Packages that nothing traces, such as native ones, and all that they need: they may load any of it. */
  #wholePlaces(): ReadonlySet<string> {
    const { architecture, folder, packed } = this.#options;
    const isUnused = developmentOnly(folder);
    const wholeFolders = [...packed.values()].flatMap(({ opens, installed: { folder: whole } }) =>
      opens === undefined ? whole : [],
    );
    const isWhole = ({ place, installed }: Placed) => {
      const isDirect = place.lastIndexOf('node_modules/') === 0 && this.#requested.has(place);
      const isTraced = isDirect && packed.get(place.slice('node_modules/'.length))?.opens !== undefined;
      if (wholeFolders.includes(installed.folder)) return true;
      return (isDirect && !isTraced) || isNativePackage(installed) || ownRules(installed.folder) !== undefined;
    };
    const whole = new Map([...this.#placed.values()].filter(isWhole).map((one) => [one.place, one]));
    // iterates over a map that grows
    for (const { installed, place } of whole.values()) {
      for (const { name } of needsOf(installed, architecture, isUnused).packages) {
        const dependency = this.#visible(name, place);
        if (dependency !== undefined) whole.set(dependency.place, dependency);
      }
    }
    return new Set(whole.keys());
  }

  #reportForeign(name: string | undefined, foreign: readonly string[]): void {
    const { source, architecture } = this.#options;
    const list = foreign.filter((path) => path.endsWith('.node')).join(', ');
    this.#problems.push({
      at: source.at,
      message: `the function "${source.name}" runs on Linux ${architecture}, but ${name} has native code for other platforms only`,
      hint: `it has ${list}; build it on Linux ${architecture}, or set \`architecture\``,
    });
  }
}

/** Their licences ask to go where the code goes. */
const licence = /^(?:licen[cs]e|copying|notice)[^/]*$/i;

function leftOutNote(foreign: readonly string[]): string {
  const files = foreign.length === 1 ? 'file' : 'files';
  return `left out: ${foreign.length} ${files} for other platforms, such as ${foreign[0]}`;
}
