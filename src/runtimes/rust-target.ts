// The target of a Rust build, and what links for it: musl before glibc, Rust's own linker, a cross compiler, or zig.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { glibcOf } from './bootstrap-file.ts';
import { configurations } from './rust-inputs.ts';
import type { Architecture } from './settings.ts';
import { findProgram } from './tool.ts';

const cpu: Record<Architecture, string> = { arm64: 'aarch64', x86_64: 'x86_64' };

export const muslTarget = (architecture: Architecture): string => `${cpu[architecture]}-unknown-linux-musl`;

/** What installs cargo-zigbuild and zig, a compiler and linker for every target.
 * https://github.com/rust-cross/cargo-zigbuild#installation */
export const zigInstallation = 'pip install cargo-zigbuild ziglang';

export interface Target {
  /** As rustc and the folder of the result name it. */
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
  /** With cargo-zigbuild, the target may say which glibc to link for. */
  readonly zig?: string;
}

/** What a machine has: installed standard libraries, its own processor, and programs. */
export interface RustMachine {
  readonly targets: readonly string[];
  readonly architecture: Architecture;
  readonly isLinux: boolean;
  /** Whether the user named a linker for a target. */
  hasLinker(target: string): boolean;
  has(program: string): boolean;
}

/** musl first: it depends on no version of glibc. Its objects come with Rust, so Rust's linker can target another processor; only
 * C code needs a compiler, which zig is. */
export function chooseTarget(
  architecture: Architecture,
  runtime: string,
  machine: RustMachine,
): Target | { readonly missing: string } {
  const musl = muslTarget(architecture);
  const gnu = `${cpu[architecture]}-unknown-linux-gnu`;
  const isOwn = machine.isLinux && machine.architecture === architecture;
  const cross = `${cpu[architecture]}-linux-gnu-gcc`;
  const hasZig = machine.has('cargo-zigbuild');
  const own = [musl, gnu].find((target) => machine.targets.includes(target) && machine.hasLinker(target));
  if (own !== undefined) return { name: own, variables: {} };
  if (machine.targets.includes(musl)) {
    const hasCompiler = machine.has(`${cpu[architecture]}-linux-musl-gcc`) || (isOwn && machine.has('musl-gcc'));
    if (hasCompiler) return { name: musl, variables: {} };
    if (hasZig) return { name: musl, variables: {}, zig: musl };
    return { name: musl, variables: isOwn ? {} : { [linkerOf(musl)]: 'rust-lld' } };
  }
  if (machine.targets.includes(gnu)) {
    if (isOwn) return { name: gnu, variables: {} };
    if (machine.has(cross)) return { name: gnu, variables: { [linkerOf(gnu)]: cross } };
    if (hasZig) return { name: gnu, variables: {}, zig: `${gnu}.2.${glibcOf(runtime)}` };
  }
  return { missing: `rustup target add ${musl}` };
}

const linkerOf = (target: string) => `CARGO_TARGET_${target.toUpperCase().replaceAll('-', '_')}_LINKER`;

/** For a build in this folder. */
export function thisMachine(sysroot: string, folder: string): RustMachine {
  const library = join(sysroot, 'lib', 'rustlib');
  const names = ['x86_64', 'aarch64'].flatMap((cpu) => [`${cpu}-unknown-linux-musl`, `${cpu}-unknown-linux-gnu`]);
  return {
    targets: names.filter((name) => existsSync(join(library, name, 'lib'))),
    architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64',
    isLinux: process.platform === 'linux',
    hasLinker: (target) => process.env[linkerOf(target)] !== undefined || isConfigured(target, folder),
    has: (program) => findProgram(program) !== undefined,
  };
}

/** https://doc.rust-lang.org/cargo/reference/config.html#targettriplelinker */
function isConfigured(target: string, folder: string): boolean {
  const section = new RegExp(`^\\[target\\.["']?${target}["']?\\][^[]*^linker\\s*=`, 'm');
  return configurations(folder)
    .filter((file) => existsSync(file))
    .some((file) => section.test(readFileSync(file, 'utf8')));
}
