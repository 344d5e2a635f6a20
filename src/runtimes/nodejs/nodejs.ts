// Node.js functions: TypeScript and JavaScript, bundled in one esbuild pass per group of equal settings.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import type { Problem } from '../../base/error.ts';
import { FxError } from '../../base/error.ts';
import { nearest } from '../../base/suggest.ts';
import { byPathOrder, findFiles } from '../files.ts';
import { fileRules, outsideProblems, slashed, treeInput } from '../parts.ts';
import type { ArtifactFile, BuildResult, BuiltFunction, FunctionSource, Runtime, Tools } from '../runtime.ts';
import { bundle } from './bundle.ts';
import { nodejsChecker } from './check.ts';
import { type EntryPoint, type Format, splitHandler } from './entry.ts';
import { packPlain } from './plain.ts';
import { plugAt } from './pnp.ts';
import { Configurations } from './tsconfig.ts';

const endings = ['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.jsx'] as const;

export const nodejs: Runtime = {
  name: 'nodejs',

  async build(functions, tools) {
    plugAt(tools.folder);
    const problems: Problem[] = [];
    const entries: EntryPoint[] = [];
    const configurations = new Configurations();
    for (const source of functions) {
      const result = findEntry(source, tools.folder, configurations);
      if ('problem' in result) problems.push(result.problem);
      else entries.push(result.entry);
    }
    const results = await Promise.all(
      groups(entries).map((group) =>
        group[0]?.source.packaging.bundle === false ? packPlain(group, tools) : bundle(group, tools),
      ),
    );
    const all = [...results, ...results.map(({ built }) => addIncluded(built, functions, tools))];
    return {
      built: all.slice(results.length).flatMap(({ built }) => built),
      problems: unique([...problems, ...all.flatMap((result) => result.problems)]),
    };
  },

  checker: nodejsChecker,
};

/** Each pass that reaches a broken module reports it. */
function unique(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}

/** One pass builds all functions with the same settings. */
function groups(entries: readonly EntryPoint[]): readonly (readonly EntryPoint[])[] {
  const groups = new Map<string, EntryPoint[]>();
  for (const entry of entries) {
    const { bundle: isBundled, packages, bundleConfig, external, minify, sourceMap, sdk } = entry.source.packaging;
    const { runtime, architecture } = entry.source;
    const settings = [isBundled, packages, bundleConfig, external, minify, sourceMap, sdk];
    const key = JSON.stringify([entry.format, entry.conditions, runtime, architecture, ...settings]);
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return [...groups.values()];
}

/** The files of `include`, in addition to the module graph. */
function addIncluded(built: readonly BuiltFunction[], sources: readonly FunctionSource[], tools: Tools): BuildResult {
  const problems: Problem[] = [];
  const withIncluded = built.map((program): BuiltFunction => {
    const source = sources.find(({ name }) => name === program.name);
    if (source === undefined || source.packaging.include.length === 0) return program;
    const folder = join(tools.folder, source.packaging.source);
    const rules = fileRules(source, tools.folder, source.packaging.include);
    const selection = findFiles(folder, rules);
    problems.push(...outsideProblems(source, selection));
    const taken = new Set(program.files.map(({ path }) => path));
    const added = selection.files
      .filter(({ path }) => !taken.has(path))
      .map(
        ({ path, file }): ArtifactFile => ({ path, content: { file }, from: [slashed(relative(tools.folder, file))] }),
      );
    return {
      ...program,
      files: [...program.files, ...added].sort(byPathOrder),
      inputs: [...program.inputs, treeInput(folder, rules)],
    };
  });
  return { built: withIncluded, problems };
}

const handlerPattern = /^[^\s.][^\s]*\.[A-Za-z_$][\w$]*$/;

function findEntry(
  source: FunctionSource,
  project: string,
  configurations: Configurations,
): { entry: EntryPoint } | { problem: Problem } {
  const at = source.handlerAt;
  if (!handlerPattern.test(source.handler)) {
    const message = `expected a handler such as src/orders.handler, found ${JSON.stringify(source.handler)}`;
    return { problem: { at, message } };
  }
  const folder = join(project, source.packaging.source);
  const { module } = splitHandler(source.handler);
  const stem = resolve(folder, module);
  if (relative(project, stem).startsWith('..')) {
    return { problem: { at, message: `the handler of "${source.name}" is outside the project: ${module}` } };
  }
  const file = endings.map((ending) => stem + ending).find((candidate) => existsSync(candidate));
  if (file !== undefined) {
    const conditions = configurations.customConditions(dirname(file));
    const output = slashed(relative(project, stem));
    const format = formatOf(file, project);
    return { entry: { source: withLayers(source, format.format), file, ...format, conditions, output } };
  }
  return {
    problem: {
      at,
      message: `the function "${source.name}" has no file ${slashed(relative(project, stem))}.ts, .mts, .cts, .js, .mjs or .cjs`,
      hint: missingFileHint(stem, project),
    },
  };
}

/** `require` looks into layers by NODE_PATH, but an ES module's `import` does not: https://nodejs.org/api/esm.html#no-node_path */
function withLayers(source: FunctionSource, format: Format): FunctionSource {
  if (format === 'esm') return { ...source, layerFolders: [] };
  const { packaging, layerPackages = [] } = source;
  return { ...source, packaging: { ...packaging, external: [...packaging.external, ...layerPackages] } };
}

function missingFileHint(stem: string, folder: string): string {
  const inside = dirname(stem);
  const shown = relative(folder, inside) || '.';
  if (!existsSync(inside) || !statSync(inside).isDirectory()) return `there is no folder ${shown}`;
  const modules = readdirSync(inside)
    .filter((name) => (endings as readonly string[]).includes(extname(name)))
    .map((name) => basename(name, extname(name)));
  const suggestion = nearest(basename(stem), modules);
  if (suggestion !== undefined) return `did you mean ${shown === '.' ? '' : `${shown}/`}${suggestion}?`;
  return modules.length === 0
    ? `${shown} has no JavaScript or TypeScript`
    : `${shown} has ${modules.sort().join(', ')}`;
}

/** The module format as Node decides it: by extension, else by the nearest package.json, else by syntax. */
function formatOf(file: string, folder: string): Pick<EntryPoint, 'format' | 'isFormatOpen'> {
  const ending = extname(file);
  if (ending === '.mts' || ending === '.mjs') return { format: 'esm', isFormatOpen: false };
  if (ending === '.cts' || ending === '.cjs') return { format: 'cjs', isFormatOpen: false };
  const declared = nearestPackageType(dirname(file), folder);
  if (declared !== undefined) return { format: declared === 'module' ? 'esm' : 'cjs', isFormatOpen: false };
  const hasImports = /^\s*(import[\s{*"']|export[\s{*])/m.test(readFileSync(file, 'utf8'));
  return { format: hasImports ? 'esm' : 'cjs', isFormatOpen: hasImports };
}

function nearestPackageType(start: string, top: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file)) {
      try {
        return (JSON.parse(readFileSync(file, 'utf8')) as { type?: string }).type;
      } catch (cause) {
        throw new FxError(
          'BUILD_FAILED',
          `${relative(top, file) || file} is not valid JSON: ${(cause as Error).message}`,
          {
            cause,
          },
        );
      }
    }
    if (dirname(folder) === folder) return undefined;
  }
}
