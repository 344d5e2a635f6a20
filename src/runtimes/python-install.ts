// Installs wheels for Lambda's platform with uv or pip, without Docker or a compiler, once per set of requirements.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { Problem, Span } from '../base/error.ts';
import { sha256 } from '../base/hash.ts';
import { findFiles } from './files.ts';
import { slashed } from './parts.ts';
import { type Dependencies, localInput } from './python-dependencies.ts';
import type { ArtifactFile, FunctionSource, Tools } from './runtime.ts';
import type { Architecture } from './settings.ts';
import { findProgram, plain, runTool, toolProblem } from './tool.ts';

export interface Wheels {
  readonly files: readonly ArtifactFile[];
  readonly problem?: Problem;
}

/** How many folders of installed wheels to keep; the least recently used go first. */
const installsKept = 12;

const machine: Record<Architecture, string> = { arm64: 'aarch64', x86_64: 'x86_64' };

/** Amazon Linux 2023 has glibc 2.34; Amazon Linux 2 (up to Python 3.11) has 2.26.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html */
function glibcOf(runtime: string): number {
  return Number(runtime.slice('python3.'.length)) >= 12 ? 34 : 26;
}

export async function installOnce(source: FunctionSource, dependencies: Dependencies, tools: Tools): Promise<Wheels> {
  const { requirements = '', from = '', local } = dependencies;
  const installer = findProgram('uv') === undefined ? 'pip' : 'uv';
  const id = sha256(
    JSON.stringify([requirements, source.runtime, source.architecture, installer, contentOf(local), 1]),
  );
  const folder = join(tools.cache, 'python', id.slice(0, 32));
  if (existsSync(folder)) {
    const now = new Date();
    utimesSync(folder, now, now);
  } else {
    const problem = await install({ source, requirements, from, folder, tools });
    if (problem !== undefined) return { files: [], problem };
    prune(dirname(folder), folder);
  }
  return { files: listInstalled(folder, slashed(relative(tools.folder, from))) };
}

/** The content at a path can change while the requirements stay the same. */
function contentOf(local: readonly string[]): readonly string[] {
  return local.flatMap((path) => {
    const input = localInput(path);
    const files = input.kind === 'tree' ? findFiles(path, input.rules).files : [{ path: basename(path), file: path }];
    return [path, ...files.map(({ path: name, file }) => `${name} ${sha256(readFileSync(file))}`)];
  });
}

interface Install {
  readonly source: FunctionSource;
  readonly requirements: string;
  readonly from: string;
  readonly folder: string;
  readonly tools: Tools;
}

async function install({ source, requirements, from, folder, tools }: Install): Promise<Problem | undefined> {
  const command = installCommand(source);
  if ('problem' in command) return command.problem;
  const temporary = `${folder}.${process.pid}.tmp`;
  mkdirSync(temporary, { recursive: true });
  const remove = () => rmSync(temporary, { recursive: true, force: true });
  // an interruption ends the process before it reaches `finally`
  process.once('exit', remove);
  // pip resolves paths relative to the requirements.txt
  const isFile = from.endsWith('requirements.txt');
  const list = isFile ? from : join(tools.scratch, `requirements-${sha256(requirements).slice(0, 8)}.txt`);
  if (!isFile) writeFileSync(list, requirements);
  try {
    tools.progress(source.name, `${command.name} install for ${source.runtime} on ${source.architecture}`);
    const args = [...command.args, '--target', temporary, '-r', list];
    const result = await runTool({ program: command.program, args, folder: dirname(from), signal: tools.signal });
    if (result.exitCode !== 0) {
      const shown = slashed(relative(tools.folder, from));
      const where = (output: string) => missingWheel(plain(output), { source, from, shown });
      const problem = toolProblem(`${command.name} install of ${shown}`, result, source.at, where);
      return where(result.output) === undefined ? problem : where(result.output);
    }
    renameIfAbsent(temporary, folder);
    return undefined;
  } finally {
    remove();
    process.removeListener('exit', remove);
  }
}

/** Another build may have installed the same set in the meantime. */
function renameIfAbsent(temporary: string, folder: string): void {
  try {
    renameSync(temporary, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}

interface Command {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
}

export function installCommand(
  { runtime, architecture, at, name }: FunctionSource,
  find: (program: string) => string | undefined = findProgram,
): Command | { readonly problem: Problem } {
  const version = runtime.slice('python'.length);
  const glibc = glibcOf(runtime);
  const uv = find('uv');
  if (uv !== undefined) {
    // https://docs.astral.sh/uv/reference/cli/#uv-pip-install--python-platform
    const platform = `${machine[architecture]}-manylinux${glibc >= 34 ? '_2_34' : '2014'}`;
    const args = [
      'pip',
      'install',
      '--no-build',
      '--python-platform',
      platform,
      '--python-version',
      version,
      '--quiet',
    ];
    return { name: 'uv', program: uv, args };
  }
  const python = find('python3') ?? find('python');
  if (python === undefined) {
    const message = `the function "${name}" has dependencies, but neither uv nor python3 is installed`;
    return { problem: { at, message, hint: 'install one of them; no Docker is needed' } };
  }
  const platforms = platformTags(architecture, glibc).flatMap((tag) => ['--platform', tag]);
  // https://pip.pypa.io/en/stable/cli/pip_install/#cmdoption-platform
  const how = [
    '--only-binary=:all:',
    '--implementation',
    'cp',
    '--python-version',
    version,
    '--no-compile',
    '--no-input',
  ];
  const quiet = ['--quiet', '--disable-pip-version-check', '--no-warn-script-location', '--root-user-action=ignore'];
  return { name: 'pip', program: python, args: ['-m', 'pip', 'install', ...how, ...platforms, ...quiet] };
}

/** pip needs each tag separately. https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/#manylinux */
function platformTags(architecture: Architecture, glibc: number): readonly string[] {
  const cpu = machine[architecture];
  const least = architecture === 'arm64' ? 17 : 5;
  const exact = Array.from({ length: glibc - least + 1 }, (_, index) => `manylinux_2_${glibc - index}_${cpu}`);
  const legacy = architecture === 'arm64' ? ['2014'] : ['2014', '2010', '1'];
  return [...exact, ...legacy.map((name) => `manylinux${name}_${cpu}`)];
}

interface WheelRequest {
  readonly source: FunctionSource;
  readonly from: string;
  readonly shown: string;
}

/** pip and uv word it differently. */
function missingWheel(output: string, { source, from, shown }: WheelRequest): Problem | undefined {
  const byPip = /No matching distribution found for ([A-Za-z0-9._-]+)/.exec(output)?.[1];
  const said = output.replaceAll(/\s+/g, ' ');
  const byUv =
    /Because (?:all versions of )?([A-Za-z0-9._-]+?)(?:[=<>!~]\S+)? (?:has no (?:usable )?wheels|was not found)/.exec(
      said,
    )?.[1] ??
    /Because there (?:is no version|are no versions) of ([A-Za-z0-9._-]+?)(?:[=<>!~]\S+)? and/.exec(said)?.[1];
  const name = byPip ?? byUv;
  if (name === undefined) return undefined;
  return {
    at: lineOf(name, from, shown) ?? source.at,
    message: `${name} has no wheel for Linux ${source.architecture} and ${source.runtime}, or there is no such version`,
    hint: 'use a version that has one, change `runtime` or `architecture`, or build the wheel on such a machine and name its file',
  };
}

function lineOf(name: string, from: string, shown: string): Span | undefined {
  if (!from.endsWith('requirements.txt')) return undefined;
  const normalized = name.toLowerCase().replace(/[._-]+/g, '-');
  const lines = readFileSync(from, 'utf8').split('\n');
  const index = lines.findIndex(
    (line) =>
      /^[A-Za-z0-9._-]+/
        .exec(line)?.[0]
        .toLowerCase()
        .replace(/[._-]+/g, '-') === normalized,
  );
  return index === -1 ? undefined : { file: shown, line: index + 1, column: 1, length: lines[index]?.length ?? 1 };
}

/** Functions need no bytecode or tests; files that name this machine would make every build differ. */
const leftOut =
  /(^|\/)(__pycache__|tests)\/|\.py[co]$|^bin\/|\.dist-info\/(RECORD|INSTALLER|REQUESTED|direct_url\.json|uv_cache\.json|uv_build\.json)$|(^|\/)\.lock$/;

function listInstalled(folder: string, from: string): readonly ArtifactFile[] {
  const files: ArtifactFile[] = [];
  const visit = (path: string) => {
    for (const entry of readdirSync(join(folder, path), { withFileTypes: true })) {
      const inner = path === '' ? entry.name : `${path}/${entry.name}`;
      if (leftOut.test(entry.isDirectory() ? `${inner}/` : inner)) continue;
      if (entry.isDirectory()) visit(inner);
      else files.push({ path: inner, content: { file: join(folder, inner) }, from: [`installed by ${from}`] });
    }
  };
  visit('');
  return files;
}

function prune(folder: string, kept: string): void {
  const installs = readdirSync(folder)
    .map((name) => join(folder, name))
    .flatMap((path) => {
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat === undefined ? [] : [{ path, used: stat.mtimeMs }];
    })
    .sort((a, b) => b.used - a.used);
  for (const { path } of installs.slice(installsKept))
    if (path !== kept) rmSync(path, { recursive: true, force: true });
}
