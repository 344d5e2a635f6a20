// .NET functions: what `dotnet publish` puts out for Linux. https://docs.aws.amazon.com/lambda/latest/dg/csharp-package-cli.html
import { readdirSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import type { Span } from '../base/error.ts';
import { missingTool, withIncluded } from './compiled.ts';
import { findFiles } from './files.ts';
import { fileRules, slashed, treeInput } from './parts.ts';
import type { BuildResult, FunctionSource, Runtime, Tools } from './runtime.ts';
import type { Architecture } from './settings.ts';
import { findProgram, runTool, type ToolCall, toolProblem } from './tool.ts';

export const dotnet: Runtime = {
  name: 'dotnet',
  async build(functions, tools) {
    const results: BuildResult[] = [];
    for (const source of functions) results.push(await buildOne(source, tools));
    return { built: results.flatMap(({ built }) => built), problems: results.flatMap(({ problems }) => problems) };
  },
};

const identifiers: Record<Architecture, string> = { arm64: 'linux-arm64', x86_64: 'linux-x64' };

/** The runtime has .NET itself. Deterministic, and without the paths of this machine in it. */
export function dotnetPublish(
  { architecture, runtime }: FunctionSource,
  { folder, project, output }: { readonly folder: string; readonly project: string; readonly output: string },
): Omit<ToolCall, 'program' | 'signal'> {
  const framework = runtime.replace(/^dotnet(\d+)$/, 'net$1.0');
  const words = ['--configuration', 'Release', '--framework', framework, '--runtime', identifiers[architecture]];
  const properties = [
    '/p:GenerateRuntimeConfigurationFiles=true',
    '/p:ContinuousIntegrationBuild=true',
    '/p:DebugType=none',
  ];
  return {
    folder,
    args: ['publish', project, ...words, '--self-contained', 'false', ...properties, '--output', output, '--nologo'],
    variables: { DOTNET_CLI_TELEMETRY_OPTOUT: '1', DOTNET_NOLOGO: '1' },
  };
}

async function buildOne(source: FunctionSource, tools: Tools): Promise<BuildResult> {
  const folder = join(tools.folder, source.packaging.source);
  const projects = readdirSync(folder).filter((name) => /\.(cs|fs|vb)proj$/.test(name));
  const [project, ...more] = projects;
  if (project === undefined || more.length > 0) {
    const what = project === undefined ? 'no project file' : `several project files: ${projects.join(', ')}`;
    return { built: [], problems: [{ at: source.at, message: `the function "${source.name}" has ${what}` }] };
  }
  const program = findProgram('dotnet');
  if (program === undefined) return missingTool(source, 'dotnet');
  const output = join(tools.scratch, 'dotnet', source.name);
  tools.progress(source.name, 'dotnet publish');
  const result = await runTool({
    ...dotnetPublish(source, { folder, project, output }),
    program,
    signal: tools.signal,
  });
  if (result.exitCode !== 0) {
    const where = (text: string) => place(text, tools.folder);
    return { built: [], problems: [toolProblem(`dotnet publish of "${source.name}"`, result, source.at, where)] };
  }
  const from = [`dotnet publish of ${slashed(join(source.packaging.source, project))}`];
  const found = findFiles(output, { include: undefined, exclude: ['*.pdb'], outsideLinks: true, top: output });
  const files = found.files.map(({ path, file }) => ({ path, content: { file }, from }));
  const rules = fileRules(source, tools.folder, undefined, ['bin/', 'obj/']);
  const inputs = [treeInput(folder, rules), { kind: 'program', name: 'dotnet' } as const];
  return withIncluded(source, tools, { files, inputs });
}

/** `/path/Function.cs(10,5): error CS0103: The name … [/path/x.csproj]` */
function place(output: string, project: string): { at: Span; message: string } | undefined {
  const [, file, line, column, message] = /^\s*(\S+\.\w+)\((\d+),(\d+)\): error (.+?)(?: \[.*\])?$/m.exec(output) ?? [];
  if (file === undefined || message === undefined) return undefined;
  const shown = isAbsolute(file) ? slashed(relative(project, file)) : file;
  return { at: { file: shown, line: Number(line), column: Number(column), length: 1 }, message };
}
