// Shared by several families: rules for a function's files, the inputs they make, and the wording of problems.
import { relative, sep } from 'node:path';
import type { Problem } from '../base/error.ts';
import type { FileRules, FileSelection } from './files.ts';
import type { ArtifactFile, BuildResult, FunctionSource, Input } from './runtime.ts';

export const slashed = (path: string): string => path.split(sep).join('/');

export function fileRules(
  { packaging }: FunctionSource,
  top: string,
  include: readonly string[] | undefined,
  exclude: readonly string[] = [],
): FileRules {
  return { include, exclude: [...exclude, ...packaging.exclude], outsideLinks: packaging.outsideLinks, top };
}

/** Builds functions one by one, for tools that use all processors or lock their folder. */
export async function buildInTurn(
  functions: readonly FunctionSource[],
  build: (source: FunctionSource) => Promise<BuildResult>,
): Promise<BuildResult> {
  const results: BuildResult[] = [];
  for (const source of functions) results.push(await build(source));
  return joined(results);
}

export function joined(results: readonly BuildResult[]): BuildResult {
  return { built: results.flatMap(({ built }) => built), problems: results.flatMap(({ problems }) => problems) };
}

export function treeInput(folder: string, rules: FileRules): Input {
  return { kind: 'tree', folder, rules };
}

/** A folder that a tool reads, including files that artifacts leave out, such as keys and those in `.fxignore`. */
export function sourceTree(folder: string, exclude: readonly string[]): Input {
  return treeInput(folder, { include: undefined, exclude, outsideLinks: true, top: folder, whole: true });
}

export function outsideProblems({ name, at }: FunctionSource, { outside }: FileSelection): readonly Problem[] {
  return outside.map(({ path }) => ({
    at,
    message: `the function "${name}" would include ${path}, a link that leads out of the project`,
    hint: 'exclude it, or allow it with `outsideLinks: true`',
  }));
}

/** The files, unchanged. */
export function toArtifactFiles(selection: FileSelection, project: string, prefix = ''): readonly ArtifactFile[] {
  return selection.files.map(({ path, file }) => ({
    path: `${prefix}${path}`,
    content: { file },
    from: [slashed(relative(project, file))],
  }));
}
