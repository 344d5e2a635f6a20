// Python functions: their modules, and the wheels of their lock file or requirements.txt, for Lambda's platform.
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Problem } from '../../base/error.ts';
import { byPathOrder, findFiles } from '../files.ts';
import { buildInTurn, fileRules, outsideProblems, slashed, toArtifactFiles, treeInput } from '../parts.ts';
import type { ArtifactFile, BuildResult, FunctionSource, Runtime, Tools } from '../runtime.ts';
import { pythonChecker, whyUnchecked } from './check.ts';
import { dependencyFiles, findDependencies } from './dependencies.ts';
import { installOnce } from './install.ts';
import { listInstalled } from './installed.ts';
import { localInput } from './local.ts';
import { lambdaMarkers } from './markers.ts';
import type { Dependencies } from './requirement.ts';
import { leftToRuntime } from './sdk.ts';
import { moduleOf, withoutSrc } from './src.ts';

/** Files beside the code that are not part of the function. */
const leftOut = [
  '__pycache__/',
  '*.pyc',
  '.venv/',
  'venv/',
  '.tox/',
  '.nox/',
  '.mypy_cache/',
  '.pytest_cache/',
  'tests/',
  // setuptools output; a package may have the same name
  '/build/',
  '/dist/',
  '**/build/lib/',
  '**/build/bdist.*/',
  '*.egg-info/',
];

export const python: Runtime = {
  name: 'python',
  build(functions, tools) {
    // functions with the same lock file share one install
    const installs = new Map<string, Promise<Installed>>();
    return buildInTurn(functions, (source) => buildOne(source, tools, installs));
  },
  checker: pythonChecker,
};

type Installed = Awaited<ReturnType<typeof installOnce>>;

async function buildOne(
  source: FunctionSource,
  tools: Tools,
  installs: Map<string, Promise<Installed>>,
): Promise<BuildResult> {
  const folder = join(tools.folder, source.packaging.source);
  const wrong = wrongHandler(source);
  if (wrong !== undefined) return { built: [], problems: [wrong] };
  const rules = fileRules(source, tools.folder, ['*.py', ...source.packaging.include], leftOut);
  const selection = findFiles(folder, rules);
  const outside = outsideProblems(source, selection);
  const dependencies = findDependencies(source, folder, tools);
  if ('problem' in dependencies) return { built: [], problems: [...outside, dependencies.problem] };
  const sources = withoutSrc(source.handler, folder, toArtifactFiles(selection, tools.folder));
  const inputs = [
    treeInput(folder, rules),
    ...dependencyFiles(folder, tools.folder).map((path) => ({ kind: 'file', path }) as const),
    ...dependencies.files.map((path) => ({ kind: 'file', path }) as const),
    ...dependencies.local.map((path) => localInput(path)),
  ];
  const installed = await installedFiles(source, dependencies, tools, installs);
  if ('problem' in installed) return { built: [], problems: [...outside, installed.problem] };
  const taken = new Set(sources.map(({ path }) => path));
  const files = [...sources, ...installed.files.filter(({ path }) => !taken.has(path))].sort(byPathOrder);
  const missing = missingHandler(source, folder, files);
  if (missing !== undefined) return { built: [], problems: [...outside, missing] };
  const unchecked = await whyUnchecked(source, files, tools);
  const { notes } = installed;
  const built = { name: source.name, files, handler: source.handler, variables: {}, inputs, notes };
  return { built: [unchecked === undefined ? built : { ...built, unchecked }], problems: outside };
}

async function installedFiles(
  source: FunctionSource,
  dependencies: Dependencies,
  tools: Tools,
  installs: Map<string, Promise<Installed>>,
): Promise<
  { readonly files: readonly ArtifactFile[]; readonly notes: readonly string[] } | { readonly problem: Problem }
> {
  const { entries, local, from = '' } = dependencies;
  if (entries.length === 0) return { files: [], notes: [] };
  const key = JSON.stringify([source.runtime, source.architecture, from, entries, local]);
  const install = installs.get(key) ?? installOnce(source, dependencies, tools);
  installs.set(key, install);
  const result = await install;
  if ('problem' in result) return result;
  const { paths, limitedBy } =
    source.packaging.sdk === 'runtime'
      ? leftToRuntime(result.folder, entries, lambdaMarkers(source.runtime, source.architecture))
      : { paths: new Set<string>(), limitedBy: undefined };
  const note = `boto3 is packed in spite of \`sdk: runtime\`, because ${limitedBy} limits its version`;
  const shown = slashed(relative(tools.folder, from));
  return { files: listInstalled(result.folder, shown, paths), notes: limitedBy === undefined ? [] : [note] };
}

function wrongHandler({ handler, handlerAt }: FunctionSource): Problem | undefined {
  if (handler.lastIndexOf('.') > 0 && !handler.includes('::')) return undefined;
  return { at: handlerAt, message: `expected a handler such as main.handler, found ${JSON.stringify(handler)}` };
}

/** `pkg/main.handle` → pkg/main.py, or the package pkg/main/, of the function or of an installed package. */
function missingHandler(
  { handler, handlerAt, name, packaging }: FunctionSource,
  folder: string,
  files: readonly ArtifactFile[],
): Problem | undefined {
  const module = moduleOf(handler);
  const wanted = [`${module}.py`, `${module}/__init__.py`];
  if (files.some(({ path }) => wanted.includes(path) || nativeModule(path) === module)) return undefined;
  const shown = slashed(join(packaging.source, module));
  const inside = join(folder, dirname(module));
  const there = existsSync(inside) ? `; ${slashed(relative(folder, inside)) || 'its folder'} is there` : '';
  return { at: handlerAt, message: `the function "${name}" has no file ${shown}.py${there}` };
}

const nativeModule = (path: string): string | undefined => /^(.*?)\.[^/]*\.so$/.exec(path)?.[1];
