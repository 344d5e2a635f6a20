// .NET functions: the output of `dotnet publish` for Linux. https://docs.aws.amazon.com/lambda/latest/dg/csharp-package-cli.html
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { Span } from '../base/error.ts';
import { missingTool, withIncluded } from './compiled.ts';
import { findFiles } from './files.ts';
import { buildInTurn, slashed, sourceTree } from './parts.ts';
import type { BuildResult, FunctionSource, Input, Runtime, Tools } from './runtime.ts';
import type { Architecture } from './settings.ts';
import { findProgram, runTool, type ToolCall, toolProblem } from './tool.ts';

export const dotnet: Runtime = {
  name: 'dotnet',
  build: (functions, tools) => buildInTurn(functions, (source) => buildOne(source, tools)),
};

const identifiers: Record<Architecture, string> = { arm64: 'linux-arm64', x86_64: 'linux-x64' };

/** The runtime includes .NET. The build is deterministic and contains no paths of this machine. */
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
  const published = findFiles(output, { include: undefined, exclude: ['*.pdb'], outsideLinks: true, top: output });
  const files = published.files.map(({ path, file }) => ({ path, content: { file }, from }));
  const inputs = [...inputsOf(join(folder, project)), { kind: 'program', name: 'dotnet' } as const];
  return withIncluded(source, tools, { files, inputs });
}

/** Files inherited from parent folders: https://learn.microsoft.com/en-us/visualstudio/msbuild/customize-by-directory */
const aboveNames = ['Directory.Build.props', 'Directory.Build.targets', 'Directory.Packages.props', 'global.json'];

/** The folders of a project and of all projects it references, directly or not. */
function inputsOf(project: string): readonly Input[] {
  const projects = new Set([project]);
  const above = new Set<string>();
  // iterates over a set that grows
  for (const file of projects) {
    if (!existsSync(file)) continue;
    const references = readFileSync(file, 'utf8').matchAll(/<ProjectReference\s[^>]*?Include\s*=\s*["']([^"']+)["']/g);
    for (const [, path = ''] of references) projects.add(resolve(dirname(file), path.replaceAll('\\', '/')));
    for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
      for (const name of [...aboveNames, 'nuget.config', 'NuGet.config', 'NuGet.Config']) above.add(join(folder, name));
    }
  }
  return [
    ...[...new Set([...projects].map((file) => dirname(file)))].map((folder) => sourceTree(folder, ['bin/', 'obj/'])),
    ...[...above].map((path): Input => ({ kind: 'file', path })),
  ];
}

/** `/path/Function.cs(10,5): error CS0103: The name … [/path/x.csproj]` */
function place(output: string, project: string): { at: Span; message: string } | undefined {
  const [, file, line, column, message] = /^\s*(\S+\.\w+)\((\d+),(\d+)\): error (.+?)(?: \[.*\])?$/m.exec(output) ?? [];
  if (file === undefined || message === undefined) return undefined;
  const shown = isAbsolute(file) ? slashed(relative(project, file)) : file;
  return { at: { file: shown, line: Number(line), column: Number(column), length: 1 }, message };
}
