// Rust functions: a release build by cargo as `bootstrap`, for a target that this machine can link.
import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { Problem, Span } from '../base/error.ts';
import { glibcOf, neededGlibc } from './bootstrap-file.ts';
import { compiled, missingTool } from './compiled.ts';
import { buildInTurn, slashed } from './parts.ts';
import type { BuildResult, FunctionSource, Runtime, Tools } from './runtime.ts';
import { cargoHome, inputsOf, type Metadata } from './rust-inputs.ts';
import { chooseTarget, muslTarget, type Target, thisMachine, zigInstallation } from './rust-target.ts';
import { findProgram, runTool, type ToolResult, toolProblem } from './tool.ts';

export const rust: Runtime = {
  name: 'rust',
  build(functions, tools) {
    // cargo itself uses all processors, and locks its folder
    return buildInTurn(functions, (source) => buildOne(source, tools));
  },
};

async function buildOne(source: FunctionSource, tools: Tools): Promise<BuildResult> {
  const { architecture, name, at } = source;
  const folder = join(tools.folder, source.packaging.source);
  const cargo = findProgram('cargo');
  if (cargo === undefined) return missingTool(source, 'cargo');
  const call = { program: cargo, folder, signal: tools.signal };
  const sysroot = await sysrootOf(call);
  const target = chooseTarget(architecture, source.runtime, thisMachine(sysroot, folder));
  if ('missing' in target) {
    const message = `the function "${name}" is for Linux ${architecture}, but Rust has no standard library for it here`;
    return { built: [], problems: [{ at, message, hint: target.missing }] };
  }
  const described = await runTool({ ...call, args: ['metadata', '--no-deps', '--format-version', '1'] });
  if (described.exitCode !== 0) return failure('cargo metadata', source, described, tools, folder);
  const metadata = JSON.parse(described.stdout) as Metadata;
  const chosen = chooseProgram(metadata, folder, source);
  if ('problem' in chosen) return { built: [], problems: [{ at, ...chosen.problem }] };
  const samePaths = remapping(tools.folder, process.env);
  const args = [...cargoBuild(source, target, chosen), ...samePaths.args];
  tools.progress(name, `cargo ${args[0]} --release --target ${target.zig ?? target.name}`);
  const result = await runTool({ ...call, args, variables: { ...target.variables, ...samePaths.variables } });
  if (result.exitCode !== 0) {
    const linking = needsCompiler(result.output, source);
    if (linking !== undefined) return { built: [], problems: [linking] };
    return failure('cargo build', source, result, tools, folder);
  }
  const program = join(metadata.target_directory, target.name, 'release', chosen.program);
  const tooNew = newerGlibc(program, source);
  if (tooNew !== undefined) return { built: [], problems: [{ at, ...tooNew }] };
  const from = `cargo build in ${source.packaging.source || '.'}`;
  return compiled(source, tools, { program, inputs: inputsOf(`${program}.d`, metadata, { folder, sysroot }), from });
}

export function cargoBuild({ packaging }: FunctionSource, target: Target, chosen: Chosen): readonly string[] {
  const { features } = packaging.rust;
  return [
    ...[target.zig === undefined ? 'build' : 'zigbuild', '--release', '--target', target.zig ?? target.name],
    ...['--package', chosen.package, '--bin', chosen.program, '--color', 'never'],
    ...(features.length === 0 ? [] : ['--features', features.join(',')]),
  ];
}

/**
 * Programs name the places of their sources, in messages of a panic: with those of this machine each would be another.
 * Flags in variables take the place of those in files, so that ours are added where the user's are.
 * https://doc.rust-lang.org/cargo/reference/config.html#buildrustflags
 */
export function remapping(
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
): { readonly args: readonly string[]; readonly variables: Readonly<Record<string, string>> } {
  const places = [
    [folder, '/project'],
    [cargoHome(environment), '/cargo'],
  ];
  const flags = places.map(([from, to]) => `--remap-path-prefix=${from}=${to}`);
  const { CARGO_ENCODED_RUSTFLAGS: encoded, RUSTFLAGS: plain } = environment;
  const separator = '\u001f';
  if (encoded !== undefined) {
    const all = [...encoded.split(separator).filter((flag) => flag !== ''), ...flags];
    return { args: [], variables: { CARGO_ENCODED_RUSTFLAGS: all.join(separator) } };
  }
  if (plain !== undefined && plain.trim() !== '') {
    return {
      args: [],
      variables: { CARGO_ENCODED_RUSTFLAGS: [...plain.trim().split(/\s+/), ...flags].join(separator) },
    };
  }
  return { args: ['--config', `build.rustflags=${JSON.stringify(flags)}`], variables: {} };
}

interface Chosen {
  readonly package: string;
  readonly program: string;
}

/** `rust.bin`, or what is named as the function is, or the default of the package, or the only one. */
function chooseProgram(
  { packages }: Metadata,
  folder: string,
  { name: functionName, packaging }: FunctionSource,
): Chosen | { readonly problem: { readonly message: string; readonly hint: string } } {
  const local = packages.filter(({ manifest_path: manifest }) => dirname(manifest) === folder);
  const candidates = local.length > 0 ? local : packages;
  const programs = candidates.flatMap(({ name, targets }) =>
    targets
      .filter(({ kind }) => kind.includes('bin'))
      .map((target): Chosen => ({ package: name, program: target.name })),
  );
  const { bin } = packaging.rust;
  const list = programs.map(({ program }) => program).join(', ');
  const defaults = candidates.map(({ default_run: program }) => program);
  const found =
    bin !== undefined
      ? programs.find(({ program }) => program === bin)
      : (programs.find(({ program }) => program === 'bootstrap' || program === functionName) ??
        (local.length > 0 ? programs.find(({ program }) => defaults.includes(program)) : undefined) ??
        (programs.length === 1 ? programs[0] : undefined));
  if (found !== undefined) return found;
  const about = `the function "${functionName}"`;
  if (programs.length === 0) {
    const message = `${about} has no program in its Cargo.toml`;
    return { problem: { message, hint: 'add src/main.rs, or set `source` to the package of the program' } };
  }
  return bin === undefined
    ? {
        problem: {
          message: `${about} could be any of the programs ${list}`,
          hint: `set \`rust: {bin: ${programs[0]?.program}}\`, or name one of them bootstrap, or after the function`,
        },
      }
    : { problem: { message: `${about} has no program "${bin}"`, hint: `its programs are ${list}` } };
}

/** C code, or a linker for it, that only another compiler can make; and zig itself, which cargo-zigbuild needs. */
function needsCompiler(output: string, { name, architecture, at }: FunctionSource): Problem | undefined {
  const noZig = output.includes('Failed to find zig');
  const noCompiler =
    /failed to find tool "[^"]*(?:gcc|g\+\+|clang|cc|ar)"|is `[\w+-]*(?:gcc|g\+\+|clang)` installed|linker `[^`]+` not found|rust-lld: error: unable to find library/.exec(
      output,
    );
  if (!noZig && noCompiler === null) return undefined;
  const crate = /failed to run custom build command for `([^\s`]+)/.exec(output)?.[1];
  const purpose = crate === undefined ? 'to link it' : `for the C code of ${crate}`;
  return {
    at,
    message: noZig
      ? `the function "${name}" is linked by cargo-zigbuild, but there is no zig here`
      : `the function "${name}" needs a C compiler for Linux ${architecture} ${purpose}, and this machine has none`,
    hint: noZig ? 'pip install ziglang' : zigInstallation,
  };
}

type Call = Pick<Parameters<typeof runTool>[0], 'program' | 'folder' | 'signal'>;

async function sysrootOf(call: Call): Promise<string> {
  const rustc = findProgram('rustc') ?? 'rustc';
  return (await runTool({ ...call, program: rustc, args: ['--print', 'sysroot'] })).stdout.trim();
}

function failure(what: string, source: FunctionSource, result: ToolResult, tools: Tools, folder: string): BuildResult {
  const where = (output: string): { at: Span; message: string } | undefined => {
    const [, message, file, line, column] =
      /^error(?:\[\w+\])?: (.+)\n\s*--> ([^:\n]+):(\d+):(\d+)/m.exec(output) ?? [];
    if (file === undefined || message === undefined) return undefined;
    const shown = slashed(relative(tools.folder, isAbsolute(file) ? file : resolve(folder, file)));
    return { at: { file: shown, line: Number(line), column: Number(column), length: 1 }, message };
  };
  return { built: [], problems: [toolProblem(`${what} of "${source.name}"`, result, source.at, where)] };
}

/** A program that was linked with a newer glibc does not start. */
function newerGlibc(program: string, { runtime, name, architecture }: FunctionSource) {
  const most = glibcOf(runtime);
  const needed = neededGlibc(readFileSync(program));
  if (needed <= most) return undefined;
  return {
    message: `the function "${name}" was linked with this machine's glibc and needs 2.${needed}; ${runtime} has 2.${most}`,
    hint: `rustup target add ${muslTarget(architecture)}, which needs none`,
  };
}
