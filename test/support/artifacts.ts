// Inspects built artifacts, and runs them as Lambda does: unpacked in a folder without the project.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Artifact } from '../../src/artifact/artifact.ts';
import { buildArtifacts } from '../../src/artifact/build.ts';
import { FxError } from '../../src/base/error.ts';
import type { Report } from '../../src/base/report.ts';
import { load } from './project.ts';

export const contentOf = (artifact: Artifact, path: string): string => {
  const read = 'import sys,zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))';
  return execFileSync('python3', ['-c', read, artifact.zip?.file ?? '', path], { encoding: 'utf8' });
};

export function unpacked(artifact: Artifact): string {
  const folder = mkdtempSync(join(tmpdir(), 'fx-unpacked-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  execFileSync('python3', ['-m', 'zipfile', '-e', artifact.zip?.file ?? '', folder]);
  return folder;
}

/** What a built program prints. */
export function outputOf(artifact: Artifact): string {
  const program = join(unpacked(artifact), 'bootstrap');
  chmodSync(program, artifact.manifest.find(({ path }) => path === 'bootstrap')?.mode ?? 0);
  return execFileSync(program, { encoding: 'utf8' });
}

const call = `
const [file, name] = process.argv.slice(1);
const loaded = await import(file);
const handler = name.split('.').reduce((value, key) => value?.[key], loaded) ?? loaded.default?.[name];
console.log(JSON.stringify(await handler({}, {})));
`;

/** A Node.js handler's result in a clean folder. */
export function answerOf(artifact: Artifact): unknown {
  const folder = unpacked(artifact);
  const dot = artifact.code.handler.lastIndexOf('.');
  const stem = artifact.code.handler.slice(0, dot);
  const file = artifact.manifest.find(({ path }) => [`${stem}.js`, `${stem}.mjs`, `${stem}.cjs`].includes(path))?.path;
  const args = ['--input-type=module', '--eval', call, join(folder, file ?? ''), artifact.code.handler.slice(dot + 1)];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8', env: {} }));
}

/** A Python function's result in a clean folder, from this machine's Python without its own packages. */
export function answerOfPython(artifact: Artifact, event: unknown = {}): unknown {
  const folder = unpacked(artifact);
  const dot = artifact.code.handler.lastIndexOf('.');
  const module = artifact.code.handler.slice(0, dot).replaceAll('/', '.');
  const read =
    'import importlib,json,sys; sys.path.insert(0, "."); print(json.dumps(getattr(importlib.import_module(sys.argv[1]), sys.argv[2])(json.loads(sys.argv[3]), None)))';
  const args = ['-I', '-S', '-B', '-c', read, module, artifact.code.handler.slice(dot + 1), JSON.stringify(event)];
  return JSON.parse(execFileSync('python3', args, { cwd: folder, encoding: 'utf8' }));
}

export const pathsOf = (artifact: Artifact): readonly string[] => artifact.manifest.map(({ path }) => path);

export interface BuiltProject {
  readonly artifacts: ReadonlyMap<string, Artifact>;
  /** The functions that the build just built. */
  readonly fresh: readonly string[];
  readonly notes: readonly string[];
}

export async function buildIn(folder: string, environment = 'local'): Promise<BuiltProject> {
  const reports: Report[] = [];
  const artifacts = await buildArtifacts(await load(folder, environment), { report: (one) => reports.push(one) });
  return {
    artifacts: new Map(artifacts.map((artifact) => [artifact.name, artifact])),
    fresh: reports.flatMap((one) => (one.kind === 'built' && !one.cached ? [one.functionName] : [])).sort(),
    notes: reports.flatMap((one) =>
      one.kind === 'not-loaded'
        ? [`${one.functionName} was not loaded here: ${one.reason}`]
        : one.kind === 'build-note'
          ? [`${one.functionName}: ${one.text}`]
          : one.kind === 'hook'
            ? [`${one.owner} ${one.moment}: ${one.line}`]
            : [],
    ),
  };
}

export async function artifactIn(folder: string, name = 'a'): Promise<Artifact> {
  const artifact = (await buildIn(folder)).artifacts.get(name);
  if (artifact === undefined) throw new Error(`${name} was not built`);
  return artifact;
}

/** The problems of a failed build, each with its hint. */
export async function problemsIn(folder: string): Promise<readonly string[]> {
  const error = await buildIn(folder).catch((thrown: unknown) => thrown);
  if (!(error instanceof FxError)) throw new Error(`expected an FxError, got ${String(error)}`);
  return error.problems.map(({ at, message, hint }) => `${at.file}:${at.line} ${message}${hint ? ` | ${hint}` : ''}`);
}
