// Rust functions: a release build by cargo as `bootstrap`, for a target that this machine can link.
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { Span } from '../base/error.ts';
import { glibcOf, neededGlibc } from './bootstrap-file.ts';
import { compiled, missingTool } from './compiled.ts';
import { buildInTurn, slashed } from './parts.ts';
import type { BuildResult, FunctionSource, Input, Runtime, Tools } from './runtime.ts';
import type { Architecture } from './settings.ts';
import { findProgram, runTool, toolProblem } from './tool.ts';

export const rust: Runtime = {
  name: 'rust',
  build(functions, tools) {
    // cargo itself uses all processors, and locks its folder
    return buildInTurn(functions, (source) => buildOne(source, tools));
  },
};

const cpu: Record<Architecture, string> = { arm64: 'aarch64', x86_64: 'x86_64' };

export interface Target {
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** What a machine has: installed standard libraries, its own processor, and programs. */
export interface RustMachine {
  readonly targets: readonly string[];
  readonly architecture: Architecture;
  readonly isLinux: boolean;
  has(program: string): boolean;
}

/** musl first: it depends on no version of glibc. Its objects come with Rust, so Rust's linker can target another processor. */
export function chooseTarget(architecture: Architecture, machine: RustMachine): Target | { readonly missing: string } {
  const musl = `${cpu[architecture]}-unknown-linux-musl`;
  const gnu = `${cpu[architecture]}-unknown-linux-gnu`;
  const isOwn = machine.isLinux && machine.architecture === architecture;
  const linkerOf = (target: string) => `CARGO_TARGET_${target.toUpperCase().replaceAll('-', '_')}_LINKER`;
  const cross = `${cpu[architecture]}-linux-gnu-gcc`;
  if (machine.targets.includes(musl)) {
    const variables =
      isOwn || machine.has(`${cpu[architecture]}-linux-musl-gcc`) ? {} : { [linkerOf(musl)]: 'rust-lld' };
    return { name: musl, variables };
  }
  if (machine.targets.includes(gnu) && isOwn) return { name: gnu, variables: {} };
  if (machine.targets.includes(gnu) && machine.has(cross)) return { name: gnu, variables: { [linkerOf(gnu)]: cross } };
  return { missing: `rustup target add ${musl}` };
}

async function buildOne(source: FunctionSource, tools: Tools): Promise<BuildResult> {
  const { architecture, name, at } = source;
  const folder = join(tools.folder, source.packaging.source);
  const cargo = findProgram('cargo');
  if (cargo === undefined) return missingTool(source, 'cargo');
  const call = { program: cargo, folder, signal: tools.signal };
  const sysroot = await sysrootOf(call);
  const target = chooseTarget(architecture, thisMachine(sysroot));
  if ('missing' in target) {
    const message = `the function "${name}" is for Linux ${architecture}, but Rust has no standard library for it here`;
    return { built: [], problems: [{ at, message, hint: target.missing }] };
  }
  const described = await runTool({ ...call, args: ['metadata', '--no-deps', '--format-version', '1'] });
  if (described.exitCode !== 0) return failure('cargo metadata', source, described, tools, folder);
  const metadata = JSON.parse(described.stdout) as Metadata;
  const chosen = chooseProgram(metadata, folder, name);
  if ('problem' in chosen) return { built: [], problems: [{ at, ...chosen.problem }] };
  tools.progress(name, `cargo build --release --target ${target.name}`);
  const samePaths = remapping(tools.folder, process.env);
  const args = ['build', '--release', '--target', target.name, '--bin', chosen.name, '--color', 'never'];
  const variables = { ...target.variables, ...samePaths.variables };
  const result = await runTool({ ...call, args: [...args, ...samePaths.args], variables });
  if (result.exitCode !== 0) return failure('cargo build', source, result, tools, folder);
  const program = join(metadata.target_directory, target.name, 'release', chosen.name);
  const tooNew = newerGlibc(program, source);
  if (tooNew !== undefined) return { built: [], problems: [{ at, ...tooNew }] };
  const from = `cargo build in ${source.packaging.source || '.'}`;
  return compiled(source, tools, { program, inputs: inputsOf(`${program}.d`, metadata, { folder, sysroot }), from });
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

const cargoHome = (environment: Readonly<Record<string, string | undefined>>) =>
  environment['CARGO_HOME'] ?? join(homedir(), '.cargo');

interface Metadata {
  readonly target_directory: string;
  readonly workspace_root: string;
  readonly packages: readonly {
    readonly manifest_path: string;
    readonly targets: readonly { readonly name: string; readonly kind: readonly string[] }[];
  }[];
}

function chooseProgram(
  { packages }: Metadata,
  folder: string,
  functionName: string,
): { readonly name: string } | { readonly problem: { readonly message: string; readonly hint: string } } {
  const local = packages.filter(({ manifest_path: manifest }) => dirname(manifest) === folder);
  const programs = (local.length > 0 ? local : packages)
    .flatMap(({ targets }) => targets)
    .filter(({ kind }) => kind.includes('bin'))
    .map(({ name }) => name);
  const [only, ...more] = programs;
  const named = programs.find((name) => name === 'bootstrap' || name === functionName);
  if (named !== undefined) return { name: named };
  if (only !== undefined && more.length === 0) return { name: only };
  const message =
    only === undefined
      ? `the function "${functionName}" has no program in its Cargo.toml`
      : `the function "${functionName}" could be any of the programs ${programs.join(', ')}`;
  return { problem: { message, hint: 'name one of them bootstrap, or after the function' } };
}

type Call = Pick<Parameters<typeof runTool>[0], 'program' | 'folder' | 'signal'>;

async function sysrootOf(call: Call): Promise<string> {
  const rustc = findProgram('rustc') ?? 'rustc';
  return (await runTool({ ...call, program: rustc, args: ['--print', 'sysroot'] })).stdout.trim();
}

function thisMachine(sysroot: string): RustMachine {
  const library = join(sysroot, 'lib', 'rustlib');
  const names = ['x86_64', 'aarch64'].flatMap((cpu) => [`${cpu}-unknown-linux-musl`, `${cpu}-unknown-linux-gnu`]);
  return {
    targets: names.filter((name) => existsSync(join(library, name, 'lib'))),
    architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64',
    isLinux: process.platform === 'linux',
    has: (program) => findProgram(program) !== undefined,
  };
}

function failure(
  what: string,
  source: FunctionSource,
  result: Awaited<ReturnType<typeof runTool>>,
  tools: Tools,
  folder: string,
): BuildResult {
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
function newerGlibc(program: string, { runtime, name }: FunctionSource) {
  const most = glibcOf(runtime);
  const needed = neededGlibc(readFileSync(program));
  if (needed <= most) return undefined;
  return {
    message: `the function "${name}" was linked with this machine's glibc and needs 2.${needed}; ${runtime} has 2.${most}`,
    hint: 'rustup target add x86_64-unknown-linux-musl, which needs none',
  };
}

/** cargo writes down which sources a program was made of. */
function inputsOf(
  dependencies: string,
  { packages, workspace_root: root }: Metadata,
  { folder, sysroot }: { readonly folder: string; readonly sysroot: string },
): readonly Input[] {
  const file = dependencies.replace(/(\.exe)?\.d$/, '.d');
  const [, list = ''] = readFileSync(file, 'utf8').split(/: ?/, 2);
  const sources = list
    .split(/(?<!\\) /)
    .map((path) => path.replaceAll('\\ ', ' ').trim())
    .filter((path) => path !== '');
  const manifests = packages.map(({ manifest_path: manifest }) => manifest);
  const settings = [root, folder].flatMap((parent) =>
    ['Cargo.toml', 'Cargo.lock', 'rust-toolchain', 'rust-toolchain.toml', '.cargo/config.toml', 'build.rs'].map(
      (name) => join(parent, name),
    ),
  );
  const nearby = sources.map((file) => nearestManifest(file));
  const files = [
    ...sources,
    ...manifests,
    ...settings,
    ...nearby,
    ...configurations(folder),
    join(process.env['RUSTUP_HOME'] ?? join(homedir(), '.rustup'), 'settings.toml'),
    // what PATH has may be rustup's, which stays the same when it brings a new compiler
    join(sysroot, 'bin/rustc'),
  ];
  return [
    { kind: 'program', name: 'cargo' },
    { kind: 'program', name: 'rustc' },
    ...[...new Set(files)].map((path): Input => ({ kind: 'file', path })),
  ];
}

/** https://doc.rust-lang.org/cargo/reference/config.html#hierarchical-structure */
function configurations(start: string): readonly string[] {
  const places = ['config.toml', 'config'].map((name) => join(cargoHome(process.env), name));
  for (let folder = start; ; folder = dirname(folder)) {
    places.push(join(folder, '.cargo/config.toml'), join(folder, '.cargo/config'));
    if (dirname(folder) === folder) return places;
  }
}

function nearestManifest(source: string): string {
  for (let folder = dirname(source); ; folder = dirname(folder)) {
    const file = join(folder, 'Cargo.toml');
    if (existsSync(file) || dirname(folder) === folder) return file;
  }
}
