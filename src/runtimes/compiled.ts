// Shared by the families that compile to one program: the program as `bootstrap`, plus the files of `include`.
import { join } from 'node:path';
import { byPathOrder, findFiles } from './files.ts';
import { fileRules, outsideProblems, toArtifactFiles, treeInput } from './parts.ts';
import type { ArtifactFile, BuildResult, FunctionSource, Input, Tools } from './runtime.ts';

interface Program {
  readonly program: string;
  readonly inputs: readonly Input[];
  readonly from: string;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html */
export function compiled(source: FunctionSource, tools: Tools, { program, inputs, from }: Program): BuildResult {
  const bootstrap: ArtifactFile = { path: 'bootstrap', content: { file: program }, from: [from] };
  return withIncluded(source, tools, { files: [bootstrap], inputs });
}

/** A function made of these files and those of `include`. */
export function withIncluded(
  source: FunctionSource,
  { folder: project }: Tools,
  { files, inputs }: { readonly files: readonly ArtifactFile[]; readonly inputs: readonly Input[] },
): BuildResult {
  const { packaging, name, handler } = source;
  const folder = join(project, packaging.source);
  const rules = fileRules(source, project, packaging.include);
  const selection = packaging.include.length === 0 ? { files: [], outside: [] } : findFiles(folder, rules);
  const taken = new Set(files.map(({ path }) => path));
  const added = toArtifactFiles(selection, project).filter(({ path }) => !taken.has(path));
  const built = {
    name,
    files: [...files, ...added].sort(byPathOrder),
    handler,
    variables: {},
    inputs: packaging.include.length === 0 ? inputs : [...inputs, treeInput(folder, rules)],
  };
  return { built: [built], problems: outsideProblems(source, selection) };
}

export function missingTool({ name, at }: FunctionSource, tool: string, hint?: string): BuildResult {
  const message = `the function "${name}" is built by ${tool}, which is not on the PATH`;
  return {
    built: [],
    problems: [{ at, message, hint: hint ?? `install ${tool}, or build elsewhere and set \`artifact\` to the result` }],
  };
}
