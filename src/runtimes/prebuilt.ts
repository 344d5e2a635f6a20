// Prebuilt artifacts: a zip, a folder or an S3 object; and a folder with a `bootstrap` for the provided runtimes.
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Problem } from '../base/error.ts';
import { sha256 } from '../base/hash.ts';
import { findFiles } from './files.ts';
import { fileRules, joined, outsideProblems, toArtifactFiles, treeInput } from './parts.ts';
import { layerRules, prebuiltProblems } from './prebuilt-check.ts';
import type { ArtifactFile, BuildResult, FunctionSource, Runtime, Tools } from './runtime.ts';
import { unzipTo } from './unzip.ts';

export const prebuilt: Runtime = {
  name: 'artifact',
  build: (functions, tools) => collect(functions.map((source) => takeArtifact(source, tools))),
};

export const bootstrap: Runtime = {
  name: 'bootstrap',
  build: (functions, tools) =>
    collect(
      functions.map(async (source) => {
        const folder = join(tools.folder, source.packaging.source);
        if (existsSync(join(folder, 'bootstrap'))) return takeFolder(source, folder, tools);
        const where = source.packaging.source || "the project's folder";
        return problem(source, `the function "${source.name}" has no file bootstrap in ${where}`);
      }),
    ),
};

async function collect(results: readonly Promise<BuildResult>[]): Promise<BuildResult> {
  return joined(await Promise.all(results));
}

function problem(source: FunctionSource, message: string, hint?: string): BuildResult {
  const at = source.artifactAt ?? source.at;
  return { built: [], problems: [hint === undefined ? { at, message } : { at, message, hint }] };
}

function takeArtifact(source: FunctionSource, tools: Tools): Promise<BuildResult> {
  const where = source.packaging.artifact ?? '';
  if (where.startsWith('s3://')) return Promise.resolve(takeObject(source, where));
  const path = resolve(tools.folder, where);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) {
    return Promise.resolve(
      problem(source, `the artifact of "${source.name}" does not exist: ${where}`, 'build it first'),
    );
  }
  return stat.isDirectory() ? takeFolder(source, path, tools) : takeZip(source, path, tools);
}

/** `s3://bucket/key?versionId=…` */
function takeObject(source: FunctionSource, uri: string): BuildResult {
  const [, bucket = '', key = '', version] = /^s3:\/\/([^/]+)\/([^?]+)(?:\?versionId=(.+))?$/.exec(uri) ?? [];
  if (key === '') return problem(source, `expected s3://bucket/key or s3://bucket/key?versionId=…, found ${uri}`);
  // the manifest represents the object: its name is its identity
  const name: ArtifactFile = { path: sha256(uri), content: { bytes: Buffer.from(uri) }, from: [uri] };
  const built = { name: source.name, files: [name], handler: source.handler, variables: {}, inputs: [] };
  return { built: [{ ...built, object: { bucket, key, version }, unchecked: 'it is in S3' }], problems: [] };
}

async function takeFolder(source: FunctionSource, folder: string, tools: Tools): Promise<BuildResult> {
  const { include, artifact } = source.packaging;
  // take all of a prebuilt artifact; `include` adds files that fx would leave out, such as a key
  const only = include.length === 0 ? undefined : [artifact === undefined ? '/bootstrap' : '**', ...include];
  const rules = { ...fileRules(source, tools.folder, only), installed: true };
  const selection = findFiles(folder, rules);
  const built = {
    name: source.name,
    files: toArtifactFiles(selection, tools.folder),
    handler: source.handler,
    variables: {},
    inputs: [treeInput(folder, rules)],
  };
  return checked(source, 'folder', { built: [built], problems: outsideProblems(source, selection) });
}

/** The layers may have the handler, so they are inputs too. */
async function checked(source: FunctionSource, kind: 'zip' | 'folder', result: BuildResult): Promise<BuildResult> {
  const problems = await prebuiltProblems(source, kind, result.built[0]?.files ?? []);
  const layers = source.layerFolders
    .filter((folder) => existsSync(folder))
    .map((folder) => treeInput(folder, layerRules(folder)));
  return {
    built: result.built.map((built) => ({ ...built, inputs: [...built.inputs, ...layers] })),
    problems: [...result.problems, ...problems],
  };
}

async function takeZip(source: FunctionSource, file: string, { scratch }: Tools): Promise<BuildResult> {
  const from = [source.packaging.artifact ?? ''];
  try {
    const entries = await unzipTo(file, join(scratch, 'artifacts', source.name));
    const problems = entries
      .filter(({ isLink }) => isLink)
      .map(
        ({ path }): Problem => ({
          at: source.artifactAt ?? source.at,
          message: `the artifact of "${source.name}" has a link: ${path}`,
        }),
      );
    const files = entries.map(({ path, file: unpacked }) => ({ path, content: { file: unpacked }, from }));
    const inputs = [{ kind: 'file', path: file }] as const;
    const built = { name: source.name, files, handler: source.handler, variables: {}, inputs };
    return await checked(source, 'zip', { built: [built], problems });
  } catch (error) {
    return problem(source, `the artifact of "${source.name}" is not a readable zip: ${(error as Error).message}`);
  }
}
