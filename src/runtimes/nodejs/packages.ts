// Packages that are not bundled: which modules ask for them, what is fetched for the function's platform, and which of their
// files the function reaches. No installer runs.
import { isBuiltin } from 'node:module';
import { dirname, resolve, sep } from 'node:path';
import type { Metafile } from 'esbuild';
import type { Tools } from '../runtime.ts';
import { type Fetched, fetchPackage } from './fetch.ts';
import { packageOfSpecifier } from './installed.ts';
import { type Kept, Layout, type LayoutOptions, type Packed } from './layout.ts';
import { plugAt } from './pnp.ts';

/** An import that esbuild did not bundle. */
export interface Request {
  readonly name: string;
  /** The module that imports it, relative to the project. */
  readonly importer: string;
  readonly specifier: string;
  readonly kind: 'import' | 'require';
}

/** Imports of the graph's modules that no bundle contains and `accepts` names. */
export function requestsOf(
  metafile: Metafile,
  graph: readonly string[],
  accepts: (path: string) => boolean,
): readonly Request[] {
  const requests = new Map<string, Request>();
  for (const importer of graph) {
    for (const { path, external, kind } of metafile.inputs[importer]?.imports ?? []) {
      if (
        external !== true ||
        kind === 'entry-point' ||
        isBuiltin(path) ||
        /^(?:\.{1,2}(?:\/|$)|[/<]|[a-z]+:)/.test(path)
      )
        continue;
      if (!accepts(path)) continue;
      const how = kind === 'require-call' || kind === 'require-resolve' ? 'require' : 'import';
      const name = packageOfSpecifier(path);
      requests.set(`${how} ${path} ${dirname(importer)}`, { name, importer, specifier: path, kind: how });
    }
  }
  return [...requests.values()];
}

/** The files of packages, laid out; fetches those for the function's platform that are not installed. */
export async function packInstalled(
  requests: readonly Request[],
  options: LayoutOptions,
  tools: Tools,
): Promise<Packed> {
  const fetched = new Map<string, Fetched>();
  for (;;) {
    const layout = new Layout(options, fetched);
    for (const { name, importer } of requests) layout.request(name, resolve(options.folder, importer));
    layout.fill();
    const wanted = layout.wanted();
    if (wanted.length === 0) return layout.result(await keptFiles(requests, options));
    // what is fetched may need more
    await Promise.all(
      wanted.map(async (one) => {
        tools.progress(options.source.name, `fetching ${one.name}, for Linux ${options.architecture}`);
        const fetching = { projectFolder: options.folder, cache: tools.cache, signal: tools.signal };
        fetched.set(one.name, await fetchPackage(one, fetching));
      }),
    );
  }
}

/** The files that the function reaches in packages that need not be whole; undefined if all are whole. */
async function keptFiles(requests: readonly Request[], { folder, packed }: LayoutOptions): Promise<Kept | undefined> {
  const traced = requests.filter(({ name }) => packed.get(name)?.opens !== undefined);
  // nft knows no Plug'n'Play
  if (traced.length === 0 || plugAt(folder) !== undefined) return undefined;
  // also of packages that only other packed ones require
  const opened = [...packed.values()].flatMap(({ opens = [] }) => opens);
  const { traceFiles } = await import('./trace.ts');
  const reached = await traceFiles({
    requests: traced.map(({ name, importer, specifier, kind }) => ({
      folder: dirname(resolve(folder, importer)),
      specifier: (packed.get(name)?.name ?? name) + specifier.slice(name.length),
      kind,
    })),
    modules: opened.filter((path) => /\.[cm]?js$/.test(path)),
    projectFolder: folder,
  });
  return (file) => reached.has(file) || opened.some((path) => file === path || file.startsWith(path + sep));
}
