// Go functions: one static program named bootstrap, for the provided runtimes.
// https://docs.aws.amazon.com/lambda/latest/dg/golang-package.html
import { isAbsolute, join, relative, resolve } from 'node:path';
import type { Problem, Span } from '../base/error.ts';
import { compiled, missingTool } from './compiled.ts';
import { hollowPackage, type NeedsCgo, needsCgo } from './go-cgo.ts';
import { inputsOf } from './go-inputs.ts';
import { buildInTurn, slashed } from './parts.ts';
import type { BuildResult, FunctionSource, Runtime, Tools } from './runtime.ts';
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

/** The tag drops support for the go1.x runtime. Without VCS stamps and paths, the same source gives the same bytes.
 * An option hides the same one in GOFLAGS, so fx repeats what is there. */
export function goBuild(
  source: FunctionSource,
  folder: string,
  output: string,
  goFlags = process.env['GOFLAGS'] ?? '',
): Omit<ToolCall, 'program' | 'signal'> {
  const { ldflags } = source.packaging.go;
  const linker = ['-s -w', ...flagsNamed('ldflags', goFlags), ldflags].filter((flags) => flags !== '').join(' ');
  const flags = ['-trimpath', '-buildvcs=false', '-tags', tagsOf(source, goFlags), '-ldflags', linker];
  return {
    folder,
    args: ['build', ...flags, '-o', output, '.'],
    variables: { GOOS: 'linux', GOARCH: goArchitecture[source.architecture], CGO_ENABLED: '0' },
  };
}

function tagsOf({ packaging }: FunctionSource, goFlags = process.env['GOFLAGS'] ?? ''): string {
  const inherited = flagsNamed('tags', goFlags).flatMap((tags) => tags.split(/[,\s]+/));
  return [...new Set(['lambda.norpc', ...inherited, ...packaging.go.tags])].filter((tag) => tag !== '').join(',');
}

/** The values of a flag in GOFLAGS: words, each of which may be quoted. https://pkg.go.dev/cmd/go#hdr-Environment_variables */
function flagsNamed(name: string, goFlags: string): readonly string[] {
  return [...goFlags.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].flatMap(([, single, double, plain]) => {
    const [, found, value] = /^--?([a-z]+)=(.*)$/s.exec(single ?? double ?? plain ?? '') ?? [];
    return found === name && value !== undefined ? [value.replace(/^(['"])(.*)\1$/s, '$2')] : [];
  });
}

async function buildOne(source: FunctionSource, tools: Tools): Promise<BuildResult> {
  const folder = join(tools.folder, source.packaging.source);
  const program = findProgram('go');
  if (program === undefined) return missingTool(source, 'go');
  tools.progress(source.name, 'go build');
  const output = join(tools.scratch, 'go', source.name);
  const call = { ...goBuild(source, folder, output), program, signal: tools.signal };
  const result = await runTool(call);
  const tags = tagsOf(source);
  if (result.exitCode !== 0) {
    const cgo = await needsCgo(call, tags, result.output);
    const where = (text: string) => place(text, folder, tools.folder);
    const other = () => toolProblem(`go build of "${source.name}"`, result, source.at, where);
    return { built: [], problems: [cgo === undefined ? other() : refused(cgo, source, where(result.output)?.at)] };
  }
  const { inputs, packages } = await inputsOf(call, tags, tools);
  const cgo = hollowPackage(packages);
  if (cgo !== undefined) return { built: [], problems: [refused(cgo, source, undefined)] };
  return compiled(source, tools, { program: output, inputs, from: `go build in ${source.packaging.source || '.'}` });
}

function refused(cgo: NeedsCgo, source: FunctionSource, at: Span | undefined): Problem {
  const own = 'build it with a C compiler for Linux and set `artifact` to the result';
  return {
    at: at ?? source.at,
    message: `the function "${source.name}" needs cgo for ${cgo.package}, but fx builds Go without a C compiler`,
    hint: `use ${cgo.instead ?? 'a package in pure Go'}, or ${own}`,
  };
}

/** `./main.go:5:2: undefined: x`, relative to the folder where go ran. */
function place(output: string, folder: string, project: string): { at: Span; message: string } | undefined {
  const [, file, line, column, message] = /^(\S+\.go):(\d+):(?:(\d+):)? (.+)$/m.exec(output) ?? [];
  if (file === undefined || message === undefined) return undefined;
  const shown = slashed(relative(project, isAbsolute(file) ? file : resolve(folder, file)));
  return { at: { file: shown, line: Number(line), column: Number(column ?? 1), length: 1 }, message };
}
