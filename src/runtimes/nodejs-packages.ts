// Packages that are not bundled: found from the modules that import them, with their dependencies, by real path (npm, yarn,
// pnpm, workspaces), and only for the function's processor. No installer runs.

import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import type { Metafile } from 'esbuild';
import type { Problem } from '../base/error.ts';
import {
  type Installed,
  needsOf,
  ownRules,
  packageFilesOf,
  packageOfSpecifier,
  readPackage,
  resolvePackage,
} from './nodejs-installed.ts';
import { installCommand, isNativePackage } from './nodejs-platform.ts';
import { slashed, treeInput } from './parts.ts';
import type { ArtifactFile, FunctionSource, Input } from './runtime.ts';
import type { Architecture } from './settings.ts';

/** An import that esbuild did not bundle. */
export interface Request {
  readonly name: string;
  /** The module that imports it, relative to the project. */
  readonly importer: string;
}

export interface Packed {
  readonly files: readonly ArtifactFile[];
  readonly inputs: readonly Input[];
  readonly problems: readonly Problem[];
  /** Why this machine cannot load the package. */
  readonly unloadable: string | undefined;
}

/** Imports of the graph's modules that no bundle contains and `isMeant` accepts. */
export function requestsOf(
  metafile: Metafile,
  graph: readonly string[],
  accepts: (path: string) => boolean,
): readonly Request[] {
  const requests = new Map<string, Request>();
  for (const importer of graph) {
    for (const { path, external, kind } of metafile.inputs[importer]?.imports ?? []) {
      if (external !== true || kind === 'entry-point' || isBuiltin(path) || /^[./<]|^[a-z]+:/.test(path)) continue;
      if (!accepts(path)) continue;
      const name = packageOfSpecifier(path);
      requests.set(`${name} ${dirname(importer)}`, { name, importer });
    }
  }
  return [...requests.values()];
}

/** The packages with native code among a bundle's packages. */
export function nativePackages(metafile: Metafile, project: string): readonly string[] {
  const names = new Set<string>();
  const looked = new Set<string>();
  for (const path of Object.keys(metafile.inputs)) {
    const place = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
    if (place === undefined || looked.has(place)) continue;
    looked.add(place);
    const read = readPackage(resolve(project, place));
    if (read !== undefined && isNativePackage(read.manifest)) names.add(read.manifest.name ?? '');
  }
  for (const path of Object.keys(metafile.inputs).filter((path) => path.endsWith('.node'))) {
    const owner = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
    if (owner !== undefined) names.add(owner);
  }
  return [...names].filter((name) => name !== '').sort();
}

interface Options {
  readonly source: FunctionSource;
  readonly architecture: Architecture;
  /** The project's. */
  readonly folder: string;
}

/** Lays packages out for Node: at the top if there is one version, else beside the package that needs another. */
export function packInstalled(requests: readonly Request[], options: Options): Packed {
  const layout = new Layout(options);
  for (const { name, importer } of requests) layout.request(name, resolve(options.folder, importer));
  layout.fill();
  return layout.result();
}

interface Placed {
  readonly name: string;
  readonly installed: Installed;
  /** Its path in the artifact. */
  readonly place: string;
  readonly why: readonly string[];
}

class Layout {
  readonly #options: Options;
  readonly #placed = new Map<string, Placed>();
  readonly #problems: Problem[] = [];
  readonly #inputs: Input[] = [];
  #fromLayers = false;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Direct imports go to the top. */
  request(name: string, importer: string): void {
    const { source, folder } = this.#options;
    if (this.#isInLayer(name)) return;
    const installed = resolvePackage(name, dirname(importer));
    if (installed === undefined && source.hasOtherLayers) {
      this.#fromLayers = true;
      return;
    }
    const shown = slashed(relative(folder, importer));
    const place = `node_modules/${name}`;
    const other = this.#placed.get(place);
    if (installed === undefined) {
      this.#problems.push({
        at: source.handlerAt,
        message: `the function "${source.name}" imports ${name}, which is not installed (${shown})`,
        hint: `install it in the project: npm install ${name}`,
      });
    } else if (other === undefined) {
      this.#placed.set(place, { name, installed, place, why: [shown] });
    } else if (other.installed.folder !== installed.folder) {
      this.#problems.push({
        at: source.handlerAt,
        message: `the function "${source.name}" imports two versions of ${name}, for ${other.why[0]} and for ${shown}`,
        hint: 'bundle it, or use one version of it',
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
    for (const { name, installed, place, why } of this.#placed.values()) {
      const needs = needsOf(installed, this.#options.architecture);
      if (needs.missing.length > 0) this.#reportMissing(name, needs.missing, needs.isPlatform);
      for (const dependency of needs.packages) {
        const visible = this.#visible(dependency.name, place);
        if (visible?.installed.folder === dependency.installed.folder) continue;
        const target = `${visible === undefined ? '' : `${place}/`}node_modules/${dependency.name}`;
        this.#placed.set(target, { ...dependency, place: target, why: [...why, name] });
      }
    }
  }

  /** What Node would resolve from a place: the nearest package above it. */
  #visible(name: string, place: string): Placed | undefined {
    for (let at = place; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
      const placed = this.#placed.get(`${at === '' ? '' : `${at}/`}node_modules/${name}`);
      if (placed !== undefined || at === '') return placed;
      if (!at.includes('/node_modules/')) return this.#placed.get(`node_modules/${name}`);
    }
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
        ? installCommand(name, missing, { folder, architecture })
        : 'install again, such as by npm install',
    });
  }

  result(): Packed {
    const { architecture, folder } = this.#options;
    const files: ArtifactFile[] = [];
    for (const { place, installed, why } of this.#placed.values()) {
      const { folder: real, manifest } = installed;
      const contents = packageFilesOf(real, architecture);
      const rules = ownRules(real);
      if (rules !== undefined) this.#inputs.push(treeInput(real, rules));
      const isNative = contents.files.some(({ path }) => path.endsWith('.node'));
      if (!isNative && contents.foreign.some((path) => path.endsWith('.node')))
        this.#reportForeign(manifest.name, contents.foreign);
      for (const { path, file } of contents.files) {
        const from = [slashed(relative(folder, file)), ...why.map((dependent) => `needed by ${dependent}`)];
        files.push({ path: `${place}/${path}`, content: { file }, from });
      }
    }
    const isNative =
      files.some(({ path }) => path.endsWith('.node')) ||
      [...this.#placed.values()].some(({ installed }) => isNativePackage(installed.manifest));
    const here = process.platform === 'linux' && (process.arch === 'arm64' ? 'arm64' : 'x86_64') === architecture;
    return {
      files,
      inputs: [
        ...this.#inputs,
        ...files.flatMap(({ content }): Input[] => ('file' in content ? [{ kind: 'file', path: content.file }] : [])),
      ],
      problems: this.#problems,
      unloadable:
        isNative && !here
          ? `it has native code for Linux ${architecture}`
          : this.#fromLayers
            ? 'it needs what its layers have'
            : undefined,
    };
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
