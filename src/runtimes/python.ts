// Python functions: their modules, and the wheels of their lock file or requirements.txt, for Lambda's platform.
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Problem } from '../base/error.ts';
import { byPathOrder, findFiles } from './files.ts';
import { buildInTurn, fileRules, outsideProblems, slashed, toArtifactFiles, treeInput } from './parts.ts';
import { pythonChecker, whyUnchecked } from './python-check.ts';
import { dependencyFiles, findDependencies, localInput } from './python-dependencies.ts';
import { installOnce, type Wheels } from './python-install.ts';
import type { ArtifactFile, BuildResult, FunctionSource, Runtime, Tools } from './runtime.ts';

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
    const installs = new Map<string, Promise<Wheels>>();
    return buildInTurn(functions, (source) => buildOne(source, tools, installs));
  },
  checker: pythonChecker,
};

async function buildOne(
  source: FunctionSource,
  tools: Tools,
  installs: Map<string, Promise<Wheels>>,
): Promise<BuildResult> {
  const folder = join(tools.folder, source.packaging.source);
  const missing = missingHandler(source, folder);
  if (missing !== undefined) return { built: [], problems: [missing] };
  const rules = fileRules(source, tools.folder, ['*.py', ...source.packaging.include], leftOut);
  const selection = findFiles(folder, rules);
  const outside = outsideProblems(source, selection);
  const dependencies = await findDependencies(source, folder, tools);
  if ('problem' in dependencies) return { built: [], problems: [...outside, dependencies.problem] };
  const sources = toArtifactFiles(selection, tools.folder);
  const inputs = [
    treeInput(folder, rules),
    ...dependencyFiles(folder, tools.folder).map((path) => ({ kind: 'file', path }) as const),
    ...dependencies.files.map((path) => ({ kind: 'file', path }) as const),
    ...dependencies.local.map((path) => localInput(path)),
  ];
  let installed: readonly ArtifactFile[] = [];
  if (dependencies.requirements !== undefined) {
    const key = JSON.stringify([source.runtime, source.architecture, dependencies.requirements, dependencies.local]);
    const install = installs.get(key) ?? installOnce(source, dependencies, tools);
    installs.set(key, install);
    const wheels = await install;
    if (wheels.problem !== undefined) return { built: [], problems: [...outside, wheels.problem] };
    installed = wheels.files;
  }
  const taken = new Set(sources.map(({ path }) => path));
  const files = [...sources, ...installed.filter(({ path }) => !taken.has(path))].sort(byPathOrder);
  const unchecked = await whyUnchecked(source, files, tools);
  const built = { name: source.name, files, handler: source.handler, variables: {}, inputs };
  return { built: [unchecked === undefined ? built : { ...built, unchecked }], problems: outside };
}

/** `pkg/main.handle` → pkg/main.py, or the package pkg/main/. */
function missingHandler({ handler, handlerAt, name, packaging }: FunctionSource, folder: string): Problem | undefined {
  const dot = handler.lastIndexOf('.');
  const module = handler.slice(0, dot).replaceAll('.', '/');
  const shown = slashed(join(packaging.source, module));
  if (dot <= 0 || handler.includes('::')) {
    return { at: handlerAt, message: `expected a handler such as main.handler, found ${JSON.stringify(handler)}` };
  }
  if (existsSync(join(folder, `${module}.py`)) || existsSync(join(folder, module, '__init__.py'))) return undefined;
  const inside = join(folder, dirname(module));
  const there = existsSync(inside) ? `; ${slashed(relative(folder, inside)) || 'its folder'} is there` : '';
  return { at: handlerAt, message: `the function "${name}" has no file ${shown}.py${there}` };
}
