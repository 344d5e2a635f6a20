// Packages that are not bundled: found from the modules that import them, with all that they need, by their real paths (npm, yarn,
// pnpm, workspaces), for the function's processor only. No installer is run.

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

/** An import that esbuild left alone. */
export interface Request {
  readonly name: string;
  /** The module that imports it, relative to the project. */
  readonly importer: string;
}

export interface Packed {
  readonly files: readonly ArtifactFile[];
  readonly inputs: readonly Input[];
  readonly problems: readonly Problem[];
  /** Why it cannot be loaded on this machine. */
  readonly unloadable: string | undefined;
}

/** What the modules of a graph import and no bundle holds, of what `isMeant`. */
export function requestsOf(
  metafile: Metafile,
  graph: readonly string[],
  isMeant: (path: string) => boolean,
): readonly Request[] {
  const found = new Map<string, Request>();
  for (const importer of graph) {
    for (const { path, external, kind } of metafile.inputs[importer]?.imports ?? []) {
      if (external !== true || kind === 'entry-point' || isBuiltin(path) || /^[./<]|^[a-z]+:/.test(path)) continue;
      if (!isMeant(path)) continue;
      const name = packageOfSpecifier(path);
      found.set(`${name} ${dirname(importer)}`, { name, importer });
    }
  }
  return [...found.values()];
}

/** Packages with native code among those that a bundle would be made of. */
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
  for (const path of Object.keys(metafile.inputs).filter((one) => one.endsWith('.node'))) {
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

/** Lays packages out as Node finds them: at the top where there is one version, else beside the one that needs another. */
export function packInstalled(requests: readonly Request[], options: Options): Packed {
  const layout = new Layout(options);
  for (const { name, importer } of requests) layout.request(name, resolve(options.folder, importer));
  layout.fill();
  return layout.result();
}

interface Placed {
  readonly name: string;
  readonly installed: Installed;
  /** Where it is in the artifact. */
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

  /** What the code itself imports lies at the top. */
  request(name: string, importer: string): void {
    const { source, folder } = this.#options;
    if (this.#isInLayer(name)) return;
    const found = resolvePackage(name, dirname(importer));
    if (found === undefined && source.hasOtherLayers) {
      this.#fromLayers = true;
      return;
    }
    const shown = slashed(relative(folder, importer));
    const place = `node_modules/${name}`;
    const other = this.#placed.get(place);
    if (found === undefined) {
      this.#problems.push({
        at: source.handlerAt,
        message: `the function "${source.name}" imports ${name}, which is not installed (${shown})`,
        hint: `install it in the project: npm install ${name}`,
      });
    } else if (other === undefined) {
      this.#placed.set(place, { name, installed: found, place, why: [shown] });
    } else if (other.installed.folder !== found.folder) {
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

  /** Then what these need, the nearest to the code first. A map that grows is walked to its end. */
  fill(): void {
    for (const { name, installed, place, why } of this.#placed.values()) {
      const needs = needsOf(installed, this.#options.architecture);
      if (needs.missing.length > 0) this.#tellMissing(name, needs.missing, needs.isPlatform);
      for (const one of needs.found) {
        const visible = this.#visible(one.name, place);
        if (visible?.installed.folder === one.installed.folder) continue;
        const target = `${visible === undefined ? '' : `${place}/`}node_modules/${one.name}`;
        this.#placed.set(target, { ...one, place: target, why: [...why, name] });
      }
    }
  }

  /** What Node would find from a place: the nearest above. */
  #visible(name: string, place: string): Placed | undefined {
    for (let at = place; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
      const found = this.#placed.get(`${at === '' ? '' : `${at}/`}node_modules/${name}`);
      if (found !== undefined || at === '') return found;
      if (!at.includes('/node_modules/')) return this.#placed.get(`node_modules/${name}`);
    }
  }

  #tellMissing(name: string, missing: readonly string[], isPlatform: boolean): void {
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
      const own = packageFilesOf(real, architecture);
      const rules = ownRules(real);
      if (rules !== undefined) this.#inputs.push(treeInput(real, rules));
      const isNative = own.files.some(({ path }) => path.endsWith('.node'));
      if (!isNative && own.foreign.some((path) => path.endsWith('.node')))
        this.#tellForeign(manifest.name, own.foreign);
      for (const { path, file } of own.files) {
        const from = [slashed(relative(folder, file)), ...why.map((one) => `needed by ${one}`)];
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

  #tellForeign(name: string | undefined, foreign: readonly string[]): void {
    const { source, architecture } = this.#options;
    const list = foreign.filter((path) => path.endsWith('.node')).join(', ');
    this.#problems.push({
      at: source.at,
      message: `the function "${source.name}" runs on Linux ${architecture}, but ${name} has native code for other platforms only`,
      hint: `it has ${list}; build it on Linux ${architecture}, or set \`architecture\``,
    });
  }
}
