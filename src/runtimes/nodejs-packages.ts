// Packages that are not bundled: found from the modules that import them, with all that they need, by their real paths (npm, yarn,
// pnpm, workspaces), for the function's processor only. No installer is run.

import { isBuiltin } from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import type { Metafile } from 'esbuild';
import type { Problem } from '../base/error.ts';
import { type Installed, needsOf, packageFilesOf, readPackage, resolvePackage } from './nodejs-installed.ts';
import { installCommand, isNativePackage } from './nodejs-platform.ts';
import { slashed } from './parts.ts';
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

export function packageOfSpecifier(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
}

/** What the modules of a graph import and no bundle holds, without what the runtime has. */
export function requestsOf(
  metafile: Metafile,
  graph: readonly string[],
  fromRuntime: readonly string[],
): readonly Request[] {
  const found = new Map<string, Request>();
  for (const importer of graph) {
    for (const { path, external, kind } of metafile.inputs[importer]?.imports ?? []) {
      if (external !== true || kind === 'entry-point' || isBuiltin(path) || /^[./]|^[a-z]+:/.test(path)) continue;
      if (fromRuntime.some((prefix) => path.startsWith(prefix))) continue;
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
  return layout.result();
}

class Layout {
  readonly #options: Options;
  /** Place in the artifact → real folder. */
  readonly #placed = new Map<string, Installed>();
  readonly #problems: Problem[] = [];
  readonly #why = new Map<string, string>();

  constructor(options: Options) {
    this.#options = options;
  }

  request(name: string, importer: string): void {
    const found = resolvePackage(name, dirname(importer));
    const { source, folder } = this.#options;
    if (found === undefined) {
      this.#problems.push({
        at: source.handlerAt,
        message: `the function "${source.name}" imports ${name}, which is not installed (${slashed(relative(folder, importer))})`,
        hint: `install it in the project: npm install ${name}`,
      });
      return;
    }
    this.#place(name, found, '', slashed(relative(folder, importer)));
  }

  /** `above` is the place of the package that needs it; '' is the artifact's top. */
  #place(name: string, found: Installed, above: string, why: string): void {
    const visible = this.#visible(name, above);
    if (visible?.folder === found.folder) return;
    const place =
      visible === undefined ? `node_modules/${name}` : `${above === '' ? '' : `${above}/`}node_modules/${name}`;
    // two functions' modules that need two versions of one package at the top cannot both have it
    if (this.#placed.has(place)) return;
    this.#placed.set(place, found);
    this.#why.set(place, why);
    const needs = needsOf(found, this.#options.architecture);
    if (needs.missing.length > 0) this.#tellMissing(name, needs.missing, needs.isPlatform);
    for (const one of needs.found) this.#place(one.name, one.installed, place, `${why} > ${name}`);
  }

  /** What Node would find from a place: the nearest above. */
  #visible(name: string, place: string): Installed | undefined {
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
    const files = [...this.#placed].flatMap(([place, { folder: real }]) =>
      packageFilesOf(real, architecture).map(
        ({ path, file }): ArtifactFile => ({
          path: `${place}/${path}`,
          content: { file },
          from: [
            slashed(relative(folder, file)),
            ...(this.#why.get(place) ?? '').split(' > ').map((one) => `needed by ${one}`),
          ],
        }),
      ),
    );
    const hasNative =
      files.some(({ path }) => path.endsWith('.node')) ||
      [...this.#placed.values()].some(({ manifest }) => isNativePackage(manifest));
    const here = process.platform === 'linux' && (process.arch === 'arm64' ? 'arm64' : 'x86_64') === architecture;
    return {
      files,
      inputs: files.flatMap(({ content }): Input[] =>
        'file' in content ? [{ kind: 'file', path: content.file }] : [],
      ),
      problems: this.#problems,
      unloadable: hasNative && !here ? `it has native code for Linux ${architecture}` : undefined,
    };
  }
}
