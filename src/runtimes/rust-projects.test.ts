// Rust beyond one package: workspaces, packages with several programs, features, build scripts, and C code for another processor.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { artifactIn, buildIn, outputOf, problemsIn } from '../../test/support/artifacts.ts';
import { folderOf, writeFiles } from '../../test/support/project.ts';
import { reasonMissing, runs } from '../../test/support/toolchain.ts';

const version = process.platform === 'linux' ? runs('cargo', '--version') : undefined;
const architecture = process.arch === 'arm64' ? 'arm64' : 'x86_64';
const project = (more = '') => `name: s\nfunctions:\n  a: {architecture: ${architecture}${more}}\n`;
const manifest = (name: string, more = '') =>
  `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2021"\n${more}`;
const outputIn = async (folder: string, name?: string) => outputOf(await artifactIn(folder, name));

describe.skipIf(version === undefined)(`Rust${reasonMissing(version, 'there is no cargo for Linux here')}`, () => {
  test('workspaces: members are functions, share a target folder, and a change of a library builds those that use it', async () => {
    const member = (name: string, uses: string) => ({
      [`functions/${name}/Cargo.toml`]: manifest(name, `[dependencies]\ngreet = { path = "../../greet" }\n`),
      [`functions/${name}/src/main.rs`]: `fn main() { print!("${name} {}", ${uses}); }\n`,
    });
    const folder = await folderOf({
      'project.yml': `name: s\ndefaults: {architecture: ${architecture}}\nfunctions: {a: {}, b: {}, c: {}}\n`,
      'Cargo.toml': '[workspace]\nmembers = ["functions/*", "greet"]\nresolver = "2"\n',
      'greet/Cargo.toml': manifest('greet'),
      'greet/src/lib.rs': 'pub const WORD: &str = "one";\n',
      ...member('a', 'greet::WORD'),
      ...member('b', 'greet::WORD.len()'),
      'functions/c/Cargo.toml': manifest('c'),
      'functions/c/src/main.rs': 'fn main() { print!("c"); }\n',
    });
    expect([await outputIn(folder, 'a'), await outputIn(folder, 'b'), await outputIn(folder, 'c')]).toEqual([
      'a one',
      'b 3',
      'c',
    ]);
    expect(existsSync(join(folder, 'functions/a/target'))).toBe(false);
    await buildIn(folder);
    expect((await buildIn(folder)).fresh).toEqual([]);
    await writeFiles(folder, { 'greet/src/lib.rs': 'pub const WORD: &str = "three";\n' });
    expect((await buildIn(folder)).fresh).toEqual(['a', 'b']);
    await writeFiles(folder, {
      'Cargo.toml':
        '[workspace]\nmembers = ["functions/*", "greet"]\nresolver = "2"\n[profile.release]\nopt-level = 1\n',
    });
    expect((await buildIn(folder)).fresh).toEqual(['a', 'b', 'c']);
  });

  test('programs: the one of the setting, of the function, of default-run, or the only one', async () => {
    const folder = await folderOf({
      'project.yml': project(),
      'functions/a/Cargo.toml': manifest('hello'),
      'functions/a/src/bin/one.rs': 'fn main() { print!("one"); }\n',
      'functions/a/src/bin/two.rs': 'fn main() { print!("two"); }\n',
    });
    expect(await problemsIn(folder)).toEqual([
      'project.yml:3 the function "a" could be any of the programs one, two | set `rust: {bin: one}`, or name one of them bootstrap, or after the function',
    ]);
    await writeFiles(folder, { 'project.yml': project(', rust: {bin: one}') });
    expect(await outputIn(folder)).toBe('one');
    await writeFiles(folder, { 'project.yml': project(', rust: {bin: three}') });
    expect(await problemsIn(folder)).toEqual([
      'project.yml:3 the function "a" has no program "three" | its programs are one, two',
    ]);
    await writeFiles(folder, {
      'project.yml': project(),
      'functions/a/Cargo.toml': manifest('hello', 'default-run = "two"\n'),
    });
    expect(await outputIn(folder)).toBe('two');
    await writeFiles(folder, { 'functions/a/src/bin/a.rs': 'fn main() { print!("a"); }\n' });
    expect(await outputIn(folder)).toBe('a');
    await writeFiles(folder, {
      'functions/a/src/bin/bootstrap.rs': 'fn main() { print!("bootstrap"); }\n',
      'functions/a/src/bin/a.rs': '',
    });
    execFileSync('rm', ['functions/a/src/bin/a.rs'], { cwd: folder });
    expect(await outputIn(folder)).toBe('bootstrap');
  });

  test('features are those of the setting', async () => {
    const folder = await folderOf({
      'project.yml': project(),
      'functions/a/Cargo.toml': manifest('hello', '[features]\npaid = []\ntls = []\n'),
      'functions/a/src/main.rs': 'fn main() { print!("{} {}", cfg!(feature = "paid"), cfg!(feature = "tls")); }\n',
    });
    expect(await outputIn(folder)).toBe('false false');
    await writeFiles(folder, { 'project.yml': project(', rust: {features: [paid, tls]}') });
    expect(await outputIn(folder)).toBe('true true');
  });

  test('a file that only a build script reads is an input', async () => {
    const folder = await folderOf({
      'project.yml': project(),
      'functions/a/Cargo.toml': manifest('hello'),
      'functions/a/build.rs':
        'fn main() { println!("cargo:rustc-env=WORD={}", std::fs::read_to_string("words/one.txt").unwrap()); }\n',
      'functions/a/words/one.txt': 'one',
      'functions/a/src/main.rs': 'fn main() { print!(env!("WORD")); }\n',
    });
    expect(await outputIn(folder)).toBe('one');
    await buildIn(folder);
    expect((await buildIn(folder)).fresh).toEqual([]);
    await writeFiles(folder, { 'functions/a/words/one.txt': 'two' });
    expect(await outputIn(folder)).toBe('two');
  });
});

const other = architecture === 'arm64' ? 'x86_64' : 'arm64';
const target = `${other === 'arm64' ? 'aarch64' : 'x86_64'}-unknown-linux-musl`;
const sysroot = version === undefined ? undefined : runs('rustc', '--print', 'sysroot');
const hasTarget =
  sysroot !== undefined &&
  existsSync(join(sysroot, 'lib/rustlib', target)) &&
  runs('python3', '-m', 'venv', '--help') !== undefined;

describe.skipIf(!hasTarget)(
  `C code for another processor${reasonMissing(hasTarget, `Rust has no ${target} here, or there is no python3`)}`,
  () => {
    const files = {
      'project.yml': project().replace(architecture, other),
      'functions/a/Cargo.toml': manifest('hello', '[build-dependencies]\ncc = "1"\n'),
      'functions/a/build.rs': 'fn main() { cc::Build::new().file("twice.c").compile("twice"); }\n',
      'functions/a/twice.c': '#include <stdlib.h>\nint twice(int x) { return abs(x) * 2; }\n',
      'functions/a/src/main.rs':
        'extern "C" { fn twice(x: i32) -> i32; }\nfn main() { print!("{}", unsafe { twice(-4) }); }\n',
    };

    test('needs a compiler; what the error says to install is one', { timeout: 600_000 }, async () => {
      const folder = await folderOf(files);
      const before = process.env['PATH'] ?? '';
      onTestFinished(() => {
        process.env['PATH'] = before;
      });
      process.env['PATH'] = withoutPrograms(before, 'cargo-zigbuild');
      const [problem = ''] = await problemsIn(folder);
      const message = `the function "a" needs a C compiler for Linux ${other} for the C code of hello, and this machine has none`;
      expect(problem).toBe(`project.yml:3 ${message} | pip install cargo-zigbuild ziglang`);
      const place = await folderOf({});
      execFileSync('python3', ['-m', 'venv', '.'], { cwd: place });
      const command = problem.slice(problem.indexOf('| ') + 2);
      execFileSync('sh', ['-c', command], {
        env: { ...process.env, PATH: `${place}/bin${delimiter}${before}` },
        stdio: 'pipe',
      });
      process.env['PATH'] = `${place}/bin${delimiter}${before}`;
      const artifact = await artifactIn(folder);
      expect(artifact.manifest[0]).toMatchObject({ path: 'bootstrap', native: `elf-${other}` });
      const { fresh } = await buildIn(folder);
      expect(fresh).toEqual(fresh.length === 0 ? [] : ['a']);
    });
  },
);

/** The folders of PATH that do not have the program. */
const withoutPrograms = (path: string, program: string) =>
  path
    .split(delimiter)
    .filter((folder) => !existsSync(join(folder, program)))
    .join(delimiter);
