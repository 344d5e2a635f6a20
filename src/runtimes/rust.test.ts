import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { buildIn, pathsOf, problemsIn } from '../../test/support/artifacts.ts';
import { localLambda } from '../../test/support/local-lambda.ts';
import { folderOf, writeFiles } from '../../test/support/project.ts';
import { reasonMissing, runs } from '../../test/support/toolchain.ts';
import { remapping } from './rust.ts';
import { chooseTarget, type RustMachine } from './rust-target.ts';

const version = runs('cargo', '--version');
const architecture = process.arch === 'arm64' ? 'arm64' : 'x86_64';
const project = (more = '') => `name: s\nfunctions:\n  a: {architecture: ${architecture}${more}}\n`;

describe.skipIf(version === undefined)(`a Rust function${reasonMissing(version, 'there is no cargo here')}`, () => {
  const local = localLambda();
  afterAll(() => local.stop());

  // the Runtime API by hand: its crate takes half an hour to compile on a small machine
  const main = `mod greet;
use std::{env, io::{Read, Write}, net::TcpStream};

fn call(method: &str, path: &str, body: &str) -> String {
    let api = env::var("AWS_LAMBDA_RUNTIME_API").unwrap();
    let mut stream = TcpStream::connect(&api).unwrap();
    write!(stream, "{method} /2018-06-01/runtime/{path} HTTP/1.1\\r\\nhost: {api}\\r\\nconnection: close\\r\\ncontent-length: {}\\r\\n\\r\\n{body}", body.len()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

fn main() {
    loop {
        let next = call("GET", "invocation/next", "");
        let id = next.lines().find_map(|line| line.strip_prefix("lambda-runtime-aws-request-id: ")).unwrap().to_string();
        let mut buffer = itoa::Buffer::new();
        call("POST", &format!("invocation/{id}/response"), &format!("\\"{} {}\\"", greet::TEXT, buffer.format(42)));
    }
}
`;
  test('is a release build, with a real dependency, that the local AWS runs', { timeout: 180_000 }, async () => {
    const folder = await folderOf({
      'project.yml': project(),
      'functions/a/Cargo.toml':
        '[package]\nname = "hello"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nitoa = "1"\n',
      'functions/a/src/main.rs': main,
      'functions/a/src/greet.rs': 'pub const TEXT: &str = "rust";\n',
    });
    const { artifacts } = await buildIn(folder);
    const artifact = artifacts.get('a');
    if (artifact === undefined) throw new Error('nothing was built');
    expect(pathsOf(artifact)).toEqual(['bootstrap']);
    expect(artifact.manifest[0]).toMatchObject({ mode: 0o755, native: `elf-${architecture}` });
    const { result } = await local.invoke(artifact, { Runtime: 'provided.al2023', Architectures: [architecture] }, {});
    expect(result).toBe('rust 42');

    // the first build wrote Cargo.lock, one of its own inputs
    await buildIn(folder);
    expect((await buildIn(folder)).fresh).toEqual([]);
    await writeFiles(folder, { 'functions/a/README.md': 'x' });
    expect((await buildIn(folder)).fresh).toEqual([]);
    await writeFiles(folder, { 'functions/a/src/greet.rs': 'pub const TEXT: &str = "rusty";\n' });
    expect((await buildIn(folder)).fresh).toEqual(['a']);

    await writeFiles(folder, { 'functions/a/src/greet.rs': 'pub const TEXT: &str = 5;\n' });
    expect(await problemsIn(folder)).toEqual([
      expect.stringMatching(/^functions\/a\/src\/greet.rs:1 mismatched types \| /),
    ]);
  });

  test('has the same bytes from another folder and for another user', { timeout: 180_000 }, async () => {
    const files = {
      'project.yml': project(),
      'functions/a/Cargo.toml':
        '[package]\nname = "hello"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nsmallvec = "1"\n',
      'functions/a/src/main.rs':
        'fn main() {\n    let mut v: smallvec::SmallVec<[usize; 2]> = std::env::args().map(|one| one.len()).collect();\n    v.insert(std::env::args().count() * 9, 1);\n    println!("{v:?} {}", file!());\n}\n',
    };
    const here = await folderOf(files);
    const first = (await buildIn(here)).artifacts.get('a');
    const there = await folderOf({ ...files, 'functions/a/Cargo.lock': contentOfFile(here, 'functions/a/Cargo.lock') });
    const before = process.env['CARGO_HOME'];
    process.env['CARGO_HOME'] = await folderOf({});
    try {
      expect((await buildIn(there)).artifacts.get('a')?.code.key).toBe(first?.code.key);
    } finally {
      if (before === undefined) delete process.env['CARGO_HOME'];
      else process.env['CARGO_HOME'] = before;
    }
  });

  test('for a processor that this machine cannot link for is reported with the command', async () => {
    const other = architecture === 'arm64' ? 'x86_64' : 'arm64';
    const name = `${other === 'arm64' ? 'aarch64' : 'x86_64'}-unknown-linux-musl`;
    const sysroot = runs('rustc', '--print', 'sysroot');
    const isInstalled = runs('sh', '-c', `test -d '${sysroot}/lib/rustlib/${name}'`) !== undefined;
    const folder = await folderOf({
      'project.yml': project().replace(architecture, other),
      'functions/a/Cargo.toml': '[package]\nname = "hello"\nversion = "0.1.0"\nedition = "2021"\n',
      'functions/a/src/main.rs': 'fn main() {}\n',
    });
    if (isInstalled) expect((await buildIn(folder)).fresh).toEqual(['a']);
    else {
      expect(await problemsIn(folder)).toEqual([
        `project.yml:3 the function "a" is for Linux ${other}, but Rust has no standard library for it here | rustup target add ${name}`,
      ]);
    }
  });
});

const contentOfFile = (folder: string, path: string) => readFileSync(join(folder, path), 'utf8');

test("the user's flags stay beside those that remove this machine's paths", () => {
  const ours = ['--remap-path-prefix=/p=/project', '--remap-path-prefix=/h=/cargo'];
  expect(remapping('/p', { CARGO_HOME: '/h' })).toEqual({
    args: ['--config', `build.rustflags=${JSON.stringify(ours)}`],
    variables: {},
  });
  expect(remapping('/p', { CARGO_HOME: '/h', RUSTFLAGS: '-C  opt-level=s' }).variables).toEqual({
    CARGO_ENCODED_RUSTFLAGS: ['-C', 'opt-level=s', ...ours].join('\u001f'),
  });
  expect(remapping('/p', { CARGO_HOME: '/h', CARGO_ENCODED_RUSTFLAGS: '-Ca=b c', RUSTFLAGS: 'x' }).variables).toEqual({
    CARGO_ENCODED_RUSTFLAGS: ['-Ca=b c', ...ours].join('\u001f'),
  });
});

describe('the target of a Rust build', () => {
  const machine = (targets: readonly string[], programs: readonly string[] = []): RustMachine => ({
    targets,
    architecture: 'x86_64',
    isLinux: true,
    hasLinker: (target) => programs.includes(`linker of ${target}`),
    has: (program) => programs.includes(program),
  });
  const [musl, gnu, arm, armGnu] = [
    'x86_64-unknown-linux-musl',
    'x86_64-unknown-linux-gnu',
    'aarch64-unknown-linux-musl',
    'aarch64-unknown-linux-gnu',
  ];
  test.each([
    ['musl before gnu', 'x86_64', machine([musl, gnu]), { name: musl, variables: {} }],
    ['gnu of its own processor', 'x86_64', machine([gnu]), { name: gnu, variables: {} }],
    [
      "another processor by Rust's own linker",
      'arm64',
      machine([gnu, arm]),
      { name: arm, variables: { CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER: 'rust-lld' } },
    ],
    [
      'another processor by a cross compiler',
      'arm64',
      machine([armGnu], ['aarch64-linux-gnu-gcc']),
      { name: armGnu, variables: { CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER: 'aarch64-linux-gnu-gcc' } },
    ],
    [
      'zig, which compiles C code too',
      'arm64',
      machine([gnu, arm], ['cargo-zigbuild']),
      { name: arm, variables: {}, zig: arm },
    ],
    [
      'zig for the glibc of the runtime',
      'arm64',
      machine([gnu, armGnu], ['cargo-zigbuild']),
      { name: armGnu, variables: {}, zig: `${armGnu}.2.34` },
    ],
    [
      "the user's linker before all others",
      'arm64',
      machine([arm, armGnu], [`linker of ${armGnu}`, 'cargo-zigbuild']),
      { name: armGnu, variables: {} },
    ],
    [
      'a compiler for musl before zig',
      'x86_64',
      machine([musl], ['musl-gcc', 'cargo-zigbuild']),
      { name: musl, variables: {} },
    ],
    ['none', 'arm64', machine([gnu, armGnu]), { missing: 'rustup target add aarch64-unknown-linux-musl' }],
  ] as const)('is %s', (_what, architectureWanted, has, expected) => {
    expect(chooseTarget(architectureWanted, 'provided.al2023', has)).toEqual(expected);
  });
});
