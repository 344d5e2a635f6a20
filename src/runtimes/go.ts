// Go functions: one static program named bootstrap, for the provided runtimes.
// https://docs.aws.amazon.com/lambda/latest/dg/golang-package.html
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { Span } from '../base/error.ts';
import { compiled, missingTool } from './compiled.ts';
import { buildInTurn, slashed } from './parts.ts';
import type { BuildResult, FunctionSource, Input, Runtime, Tools } from './runtime.ts';
import type { Architecture } from './settings.ts';
import { findProgram, runTool, type ToolCall, toolProblem } from './tool.ts';

const goArchitecture: Record<Architecture, string> = { arm64: 'arm64', x86_64: 'amd64' };

export const go: Runtime = {
  name: 'go',
  build(functions, tools) {
    // the go command already uses all processors, and shares its build cache
    return buildInTurn(functions, (source) => buildOne(source, tools));
  },
};

/** The tag drops support for the go1.x runtime. Without VCS stamps and paths, the same source gives the same bytes. */
export function goBuild(source: FunctionSource, folder: string, output: string): Omit<ToolCall, 'program' | 'signal'> {
  const flags = ['-trimpath', '-buildvcs=false', '-tags', 'lambda.norpc', '-ldflags', '-s -w'];
  return {
    folder,
    args: ['build', ...flags, '-o', output, '.'],
    variables: { GOOS: 'linux', GOARCH: goArchitecture[source.architecture], CGO_ENABLED: '0' },
  };
}

async function buildOne(source: FunctionSource, tools: Tools): Promise<BuildResult> {
  const folder = join(tools.folder, source.packaging.source);
  const program = findProgram('go');
  if (program === undefined) return missingTool(source, 'go');
  tools.progress(source.name, 'go build');
  const output = join(tools.scratch, 'go', source.name);
  const call = goBuild(source, folder, output);
  const result = await runTool({ ...call, program, signal: tools.signal });
  if (result.exitCode !== 0) {
    const where = (text: string) => place(text, folder, tools.folder);
    return { built: [], problems: [toolProblem(`go build of "${source.name}"`, result, source.at, where)] };
  }
  const inputs = await inputsOf(program, { ...call, args: [] }, tools);
  return compiled(source, tools, { program: output, inputs, from: `go build in ${source.packaging.source || '.'}` });
}

/** `./main.go:5:2: undefined: x`, relative to the folder where go ran. */
function place(output: string, folder: string, project: string): { at: Span; message: string } | undefined {
  const [, file, line, column, message] = /^(\S+\.go):(\d+):(?:(\d+):)? (.+)$/m.exec(output) ?? [];
  if (file === undefined || message === undefined) return undefined;
  const shown = slashed(relative(project, isAbsolute(file) ? file : resolve(folder, file)));
  return { at: { file: shown, line: Number(line), column: Number(column ?? 1), length: 1 }, message };
}

interface GoPackage {
  readonly Dir: string;
  readonly Standard?: boolean;
  readonly Module?: { readonly Main?: boolean; readonly GoMod?: string; readonly Replace?: { readonly Path: string } };
  readonly GoFiles?: readonly string[];
  readonly EmbedPatterns?: readonly string[];
  readonly EmbedFiles?: readonly string[];
  readonly SFiles?: readonly string[];
  readonly SysoFiles?: readonly string[];
}

/** The sources of this module and of modules replaced by folders; go.sum pins all downloads. */
async function inputsOf(
  program: string,
  call: Omit<ToolCall, 'program' | 'signal'>,
  { signal, folder: project }: Tools,
): Promise<readonly Input[]> {
  const fields = 'Dir,Standard,Module,GoFiles,EmbedPatterns,EmbedFiles,SFiles,SysoFiles';
  const args = ['list', '-deps', '-tags', 'lambda.norpc', `-json=${fields}`, '.'];
  const listed = await runTool({ ...call, args, program, signal });
  const packages = parseMany(listed.stdout).filter(({ Standard }) => Standard !== true);
  const local = packages.filter(({ Dir, Module }) => {
    const isReplaced = Module?.Replace !== undefined && /^[./]/.test(Module.Replace.Path);
    return Module === undefined || Module.Main === true || isReplaced || !relative(project, Dir).startsWith('..');
  });
  const files = local.flatMap(({ Dir, GoFiles = [], EmbedFiles = [], SFiles = [], SysoFiles = [], Module }) => [
    ...[...GoFiles, ...EmbedFiles, ...SFiles, ...SysoFiles].map((name) => join(Dir, name)),
    ...(Module?.GoMod === undefined ? [] : [Module.GoMod]),
  ]);
  const above: string[] = [];
  for (let folder = call.folder; ; folder = dirname(folder)) {
    above.push(
      ...['go.mod', 'go.sum', 'go.work', 'go.work.sum', 'vendor/modules.txt'].map((name) => join(folder, name)),
    );
    if (existsSync(join(folder, '.git')) || dirname(folder) === folder) break;
  }
  return [
    { kind: 'program', name: 'go' },
    ...[...new Set([...files, ...above])].map((path): Input => ({ kind: 'file', path })),
    ...local.map(({ Dir }): Input => ({ kind: 'names', folder: Dir, prefix: '', ending: '.go' })),
    ...local.flatMap(embeddable),
  ];
}

/** A new file may match a `//go:embed` pattern, so the file names in these folders are inputs too. */
function embeddable({ Dir, EmbedPatterns = [], EmbedFiles = [] }: GoPackage): readonly Input[] {
  const patterns = EmbedPatterns.map((pattern) => pattern.replace(/^all:/, ''));
  const folders = new Set<string>();
  for (const path of [...EmbedFiles, ...patterns])
    for (let at = dirname(path); at !== '.'; at = dirname(at)) folders.add(at);
  for (const pattern of patterns) folders.add(pattern);
  const below = [...folders].filter((path) => !/[*?[]/.test(path));
  const beside = patterns.filter((pattern) => !pattern.includes('/') && /[*?[]/.test(pattern));
  return [
    ...below.map((path): Input => ({ kind: 'names', folder: join(Dir, path), prefix: '' })),
    ...beside.map((pattern): Input => {
      const [prefix = '', ...rest] = pattern.split(/[*?[]/);
      const ending = /[\]\\]/.test(pattern) ? '' : (rest.at(-1) ?? '');
      return { kind: 'names', folder: Dir, prefix, ending };
    }),
  ];
}

/** A stream of JSON objects, each ended by a brace at the start of a line. */
function parseMany(text: string): readonly GoPackage[] {
  return text
    .split(/^}\n/m)
    .filter((text) => text.trim() !== '')
    .map((text) => JSON.parse(`${text}}`) as GoPackage);
}
