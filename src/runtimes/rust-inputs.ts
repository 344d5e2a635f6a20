// The inputs of a Rust build: the sources that cargo writes down, the manifests and settings of the workspace, and build scripts.
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { slashed, sourceTree } from './parts.ts';
import type { Input } from './runtime.ts';

/** `cargo metadata --no-deps`: the packages of the workspace. */
export interface Metadata {
  readonly target_directory: string;
  readonly workspace_root: string;
  readonly packages: readonly CargoPackage[];
}

export interface CargoPackage {
  readonly name: string;
  readonly manifest_path: string;
  readonly default_run: string | null;
  readonly targets: readonly { readonly name: string; readonly kind: readonly string[] }[];
}

export const cargoHome = (environment: Readonly<Record<string, string | undefined>>) =>
  environment['CARGO_HOME'] ?? join(homedir(), '.cargo');

/** The list does not say what a build script read, so that its whole package counts. */
export function inputsOf(
  dependencies: string,
  { packages, workspace_root: root, target_directory: output }: Metadata,
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
  const nearby = [...new Set(sources.map((file) => nearestManifest(file)))];
  const scripted = nearby.filter((manifest) => {
    const known = packages.find(({ manifest_path: path }) => path === manifest);
    if (known !== undefined) return known.targets.some(({ kind }) => kind.includes('custom-build'));
    return existsSync(join(dirname(manifest), 'build.rs'));
  });
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
    { kind: 'program', name: 'cargo-zigbuild' },
    // each file there is a program
    ...nearby.map((manifest): Input => ({ kind: 'names', folder: join(dirname(manifest), 'src/bin'), prefix: '' })),
    ...scripted.map((manifest) => sourceTree(dirname(manifest), ['target/', ...below(dirname(manifest), output)])),
    ...[...new Set(files)].map((path): Input => ({ kind: 'file', path })),
  ];
}

/** A folder as a pattern, if it lies in the other. */
function below(folder: string, inner: string): readonly string[] {
  const way = slashed(relative(folder, inner));
  return way === '' || way.startsWith('..') ? [] : [`/${way}/`];
}

/** https://doc.rust-lang.org/cargo/reference/config.html#hierarchical-structure */
export function configurations(start: string): readonly string[] {
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
