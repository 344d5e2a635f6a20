// Node.js functions with `bundle: false`: the modules that the handler reaches, unchanged, and the packages they import.
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Problem } from '../../base/error.ts';
import { esbuild } from '../../base/esbuild.ts';
import { byPathOrder } from '../files.ts';
import { joined, slashed } from '../parts.ts';
import type { ArtifactFile, BuildResult, Tools } from '../runtime.ts';
import { toProblem } from './bundle.ts';
import type { EntryPoint } from './entry.ts';
import { graphInputs, reachable } from './graph.ts';
import { packInstalled, requestsOf } from './packages.ts';
import { isBuildFailure } from './passes.ts';
import { Configurations } from './tsconfig.ts';

/** esbuild only finds the modules; its output is not used. */
export async function packPlain(entries: readonly EntryPoint[], tools: Tools): Promise<BuildResult> {
  const results = await Promise.all(entries.map((entry) => packOne(entry, tools)));
  return joined(results);
}

async function packOne(entry: EntryPoint, tools: Tools): Promise<BuildResult> {
  const { folder } = tools;
  const { source } = entry;
  const { packaging, name, architecture } = source;
  try {
    const { metafile } = await esbuild().build({
      absWorkingDir: folder,
      entryPoints: [entry.file],
      outdir: join(folder, '.fx', 'unwritten'),
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: entry.format,
      write: false,
      metafile: true,
      logLevel: 'silent',
      loader: { '.node': 'copy', '.wasm': 'copy', '.txt': 'copy' },
    });
    const graph = reachable(metafile, slashed(relative(folder, entry.file)));
    const typed = graph.find((path) => /\.(?:[cm]?ts|tsx|jsx)$/.test(path));
    if (typed !== undefined) return { built: [], problems: [needsBundle(entry, typed)] };
    const inside = graph.every((path) => !relative(packaging.source, path).startsWith('..'));
    const base = inside ? packaging.source : '';
    const paths = [...new Set([...graph, ...packageFiles(graph, folder)])];
    const files = paths.map(
      (path): ArtifactFile => ({
        path: slashed(relative(base, path)),
        content: { file: resolve(folder, path) },
        from: [path],
      }),
    );
    const accepts = (path: string) => packaging.sdk !== 'runtime' || !path.startsWith('@aws-sdk/');
    const installed = await packInstalled(
      requestsOf(metafile, graph, accepts),
      {
        source,
        architecture,
        folder,
        packed: new Map(),
      },
      tools,
    );
    const built = {
      name,
      files: [...files, ...installed.files].sort(byPathOrder),
      handler: inside ? source.handler : slashed(join(packaging.source, source.handler)),
      variables: {},
      inputs: [
        ...graphInputs(
          paths.map((path) => resolve(folder, path)),
          { metafile, configurations: new Configurations(), project: folder },
        ),
        ...installed.inputs,
      ],
      ...(installed.notes.length === 0 ? {} : { notes: installed.notes }),
      ...(installed.unloadable === undefined ? {} : { unchecked: installed.unloadable }),
    };
    return { built: [built], problems: installed.problems };
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    return { built: [], problems: error.errors.map((message) => toProblem(message, [entry], folder)) };
  }
}

function needsBundle({ source }: EntryPoint, file: string): Problem {
  return {
    at: source.handlerAt,
    message: `the function "${source.name}" is not bundled, so ${file} must be JavaScript`,
    hint: 'remove `bundle: false`, or compile it first in `hooks: {build: …}`',
  };
}

/** The package.json files that set the modules' format. */
function packageFiles(paths: readonly string[], project: string): readonly string[] {
  const packageJsons = new Set<string>();
  for (const path of paths) {
    for (let folder = dirname(path); ; folder = dirname(folder)) {
      const file = folder === '.' ? 'package.json' : `${folder}/package.json`;
      if (existsSync(join(project, file))) {
        packageJsons.add(file);
        break;
      }
      if (folder === '.' || folder === '..') break;
    }
  }
  return [...packageJsons];
}
