// Installs a function's dependencies for Lambda, without Docker, once per set: wheels, and what must be built here first.
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
import { basename, dirname, join } from 'node:path';
import type { Problem } from '../../base/error.ts';
import { sha256 } from '../../base/hash.ts';
import { findFiles } from '../files.ts';
import type { FunctionSource, Tools } from '../runtime.ts';
import { findProgram, runTool, type ToolResult } from '../tool.ts';
import { pythonOf } from './check.ts';
import { builtElsewhere, cleanInstalled } from './installed.ts';
import { type Installer, installerFor, listArgs, probesFor } from './installers.ts';
import { hasStaticName, isProject, localInput, projectName } from './local.ts';
import { normalized } from './markers.ts';
import { type FailedInstall, installProblem, needsBuild, withoutSecrets } from './problems.ts';
import type { Dependencies, Entry } from './requirement.ts';

/** How many folders of installed wheels to keep; the least recently used go first. */
const installsKept = 12;
/** Increment if the same dependencies give other files. */
const format = 2;

/** The folder of the installed packages. */
export async function installOnce(
  source: FunctionSource,
  dependencies: Dependencies,
  tools: Tools,
): Promise<{ readonly folder: string } | { readonly problem: Problem }> {
  const { entries, isLocked, local } = dependencies;
  const installer = findProgram('uv') === undefined ? 'pip' : 'uv';
  const texts = entries.map(({ text }) => text);
  const listed = dependencies.files.map((file) => (existsSync(file) ? sha256(readFileSync(file)) : ''));
  const decides = [texts, listed, isLocked, source.runtime, source.architecture, installer, contentOf(local), format];
  const folder = join(tools.cache, 'python', sha256(JSON.stringify(decides)).slice(0, 32));
  if (existsSync(folder)) {
    const now = new Date();
    utimesSync(folder, now, now);
    return { folder };
  }
  const problem = await install({ source, dependencies, folder, tools });
  if (problem !== undefined) return { problem };
  prune(dirname(folder));
  return { folder };
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
  readonly dependencies: Dependencies;
  readonly folder: string;
  readonly tools: Tools;
}

async function install({ source, dependencies, folder, tools }: Install): Promise<Problem | undefined> {
  const installer = installerFor(source, await pythonOf(source.runtime, tools));
  if ('problem' in installer) return installer.problem;
  const temporary = `${folder}.${process.pid}.tmp`;
  mkdirSync(temporary, { recursive: true });
  const remove = () => rmSync(temporary, { recursive: true, force: true });
  // an interruption ends the process before it reaches `finally`
  process.once('exit', remove);
  const cleanLocal = leftovers(dependencies.local);
  try {
    const run: Run = { source, dependencies, installer, target: temporary, tools };
    tools.progress(source.name, `${installer.name} install for ${source.runtime} on ${source.architecture}`);
    for (const entries of parts(installer, dependencies)) {
      const failed = await runInstaller(run, entries);
      if (failed !== undefined) return installProblem(failed);
    }
    const foreign = builtElsewhere(temporary, source, dependencies);
    if (foreign !== undefined) return foreign;
    cleanInstalled(temporary);
    utimesSync(temporary, new Date(), new Date());
    renameIfAbsent(temporary, folder);
    return undefined;
  } finally {
    cleanLocal();
    remove();
    process.removeListener('exit', remove);
  }
}

/** pip with hashes takes nothing without one, such as a folder or a repository: these come second. */
function parts({ name }: Installer, { entries, isLocked, local }: Dependencies): readonly (readonly Entry[])[] {
  if (name === 'uv') return [entries];
  if (!isLocked) {
    // pip does not know uv's table of sources: what a local project needs beside it is named too
    const known = new Set(entries.flatMap((entry) => entry.local ?? []));
    const more = local.filter(
      (path) => !known.has(path) && statSync(path).isDirectory() && projectName(path) !== undefined,
    );
    return [[...entries, ...more.map((path) => ({ text: path, at: undefined, name: projectName(path), local: path }))]];
  }
  const options = entries.filter(({ text }) => text.startsWith('-'));
  const [checked, others] = [true, false].map((has) =>
    entries.filter(({ text }) => !text.startsWith('-') && text.includes(' --hash=') === has),
  );
  return [checked ?? [], others ?? []].filter((list) => list.length > 0).map((list) => [...options, ...list]);
}

interface Run {
  readonly source: FunctionSource;
  readonly dependencies: Dependencies;
  readonly installer: Installer;
  readonly target: string;
  readonly tools: Tools;
}

/** Takes wheels only, then builds what has none, by name: nothing is compiled where a wheel exists. */
async function runInstaller(run: Run, entries: readonly Entry[]): Promise<FailedInstall | undefined> {
  const { source, dependencies, installer, target, tools } = run;
  const isUv = installer.name === 'uv';
  const list = writeList(
    tools,
    entries.map(({ text }) => (isUv ? text : forPip(text))),
  );
  const names = dependencies.local.flatMap((path) => projectName(path) ?? []);
  // uv cannot allow a build of what it does not know the name of without building it: then it may build anything
  const isFree = isUv && dependencies.local.some((path) => isProject(path) && !hasStaticName(path));
  const more = listArgs(installer, dependencies, names);
  const built: string[] = [];
  for (;;) {
    const allowed = [...(isUv ? names : []), ...built].flatMap((name) => ['--no-binary', name]);
    const how = isFree ? [] : ['--only-binary', ':all:', ...allowed];
    const args = [...installer.args, ...how, ...more, '--target', target, '-r', list];
    const result = await runTool({ ...callIn(run), args });
    if (result.exitCode === 0) return undefined;
    const name = needsBuild(result.output);
    const failed: FailedInstall = { source, dependencies, installer, result: redacted(result), tools };
    if (name === undefined || isFree) return failed;
    if (built.includes(name)) {
      // pip tells only then that an index refused the credentials
      return isUv ? failed : { ...failed, result: redacted(await runTool({ ...callIn(run), args: [...args, '-vv'] })) };
    }
    const elsewhere = await wheelElsewhere(run, entries, name, result.output);
    if (elsewhere !== undefined) return { ...failed, compiled: { name, elsewhere } };
    tools.progress(source.name, `${installer.name} builds ${name}, which has no wheel for ${source.runtime}`);
    built.push(name);
  }
}

/** Paths in requirements are relative to the folder. */
const callIn = ({ installer, dependencies, tools }: Run) => ({
  ...installer,
  folder: dirname(dependencies.from ?? tools.folder),
  signal: tools.signal,
});

function writeList({ scratch }: Tools, lines: readonly string[]): string {
  const text = `${lines.join('\n')}\n`;
  const list = join(scratch, `requirements-${sha256(text).slice(0, 8)}.txt`);
  writeFileSync(list, text, { mode: 0o600 });
  return list;
}

/** The Python for which there is a wheel, although there is none for the function: building it here would take long and be of no use. */
async function wheelElsewhere(
  run: Run,
  entries: readonly Entry[],
  name: string,
  output: string,
): Promise<string | undefined> {
  const { source, target, tools } = run;
  // a package of an index may have the same name
  const isGiven = entries.some(({ text, local }) => (local ?? /:\/\//.exec(text)) && normalized(text).includes(name));
  if (isGiven) return undefined;
  const wanted = new RegExp(`\\b${name.replaceAll('-', '[-_.]')}==[\\w.!+]+`, 'i').exec(output)?.[0] ?? name;
  // options such as --index-url, but not what would ask for hashes or forbid a version
  const options = entries.filter(({ text }) =>
    /^--(extra-index-url|index-url|find-links|no-index|trusted-host|pre\b)|^-[if]\b/.test(text),
  );
  const list = writeList(tools, [...options.map(({ text }) => text), wanted]);
  for (const probe of probesFor(source, await pythonOf(source.runtime, tools))) {
    const args = [...probe.args, '--only-binary', ':all:', '--no-deps', '--dry-run', '--target', target, '-r', list];
    if ((await runTool({ ...callIn(run), ...probe, args })).exitCode === 0) return probe.runtime;
  }
  return undefined;
}

/** Older versions of pip take a local repository only without a name before it. */
function forPip(text: string): string {
  const [, name, url, fragment, rest] = /^(\S+) @ (git\+file:[^\s#]+)(?:#(\S+))?(.*)$/.exec(text) ?? [];
  return name === undefined ? text : `${url}#${fragment === undefined ? '' : `${fragment}&`}egg=${name}${rest}`;
}

const redacted = (result: ToolResult): ToolResult => ({ ...result, output: withoutSecrets(result.output) });

/** Builds in place leave folders behind: those that were not there before are removed. */
function leftovers(local: readonly string[]): () => void {
  const places = local.filter(isProject).flatMap((path) => [path, join(path, 'src')]);
  const built = (folder: string) =>
    existsSync(folder)
      ? readdirSync(folder)
          .filter((name) => name === 'build' || name.endsWith('.egg-info'))
          .map((name) => join(folder, name))
      : [];
  const before = new Set(places.flatMap(built));
  return () => {
    for (const path of places.flatMap(built)) if (!before.has(path)) rmSync(path, { recursive: true, force: true });
  };
}

/** Another build may have installed the same set in the meantime. */
function renameIfAbsent(temporary: string, folder: string): void {
  try {
    renameSync(temporary, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}

/** Keeps what this run installed or used: its files are read only when the artifacts are made. */
function prune(folder: string): void {
  const installs = readdirSync(folder)
    .map((name) => join(folder, name))
    .flatMap((path) => {
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat === undefined ? [] : [{ path, used: stat.mtimeMs }];
    })
    .sort((a, b) => b.used - a.used);
  for (const { path, used } of installs.slice(installsKept)) {
    if (used < performance.timeOrigin) rmSync(path, { recursive: true, force: true });
  }
}
