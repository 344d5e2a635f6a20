// What was built elsewhere: a zip, a folder, an object of S3; and a folder with a `bootstrap` for the provided runtimes.
import { createWriteStream, existsSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Entry, open, type ZipFile } from 'yauzl';
import type { Problem } from '../base/error.ts';
import { sha256 } from '../base/hash.ts';
import { findFiles } from './files.ts';
import { asTheyStand, fileRules, outsideProblems, treeInput } from './parts.ts';
import type { ArtifactFile, BuildResult, FunctionSource, Runtime, Tools } from './runtime.ts';

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
  const all = await Promise.all(results);
  return { built: all.flatMap(({ built }) => built), problems: all.flatMap(({ problems }) => problems) };
}

function problem({ at }: FunctionSource, message: string, hint?: string): BuildResult {
  return { built: [], problems: [hint === undefined ? { at, message } : { at, message, hint }] };
}

function takeArtifact(source: FunctionSource, tools: Tools): Promise<BuildResult> {
  const where = source.packaging.artifact ?? '';
  if (where.startsWith('s3://')) return Promise.resolve(takeObject(source, where));
  const path = join(tools.folder, where);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) {
    return Promise.resolve(
      problem(source, `the artifact of "${source.name}" is not there: ${where}`, 'build it first'),
    );
  }
  return stat.isDirectory() ? Promise.resolve(takeFolder(source, path, tools)) : takeZip(source, path, tools);
}

/** `s3://bucket/key?versionId=…` */
function takeObject(source: FunctionSource, uri: string): BuildResult {
  const [, bucket = '', key = '', version] = /^s3:\/\/([^/]+)\/([^?]+)(?:\?versionId=(.+))?$/.exec(uri) ?? [];
  if (key === '') return problem(source, `expected s3://bucket/key or s3://bucket/key?versionId=…, found ${uri}`);
  // the manifest stands for the object: what it is called is its identity
  const name: ArtifactFile = { path: sha256(uri), content: { bytes: Buffer.from(uri) }, from: [uri] };
  const built = { name: source.name, files: [name], handler: source.handler, variables: {}, inputs: [] };
  return { built: [{ ...built, object: { bucket, key, version }, unchecked: 'it is in S3' }], problems: [] };
}

function takeFolder(source: FunctionSource, folder: string, tools: Tools): BuildResult {
  const { include } = source.packaging;
  const only = include.length > 0 && source.packaging.artifact === undefined ? ['/bootstrap', ...include] : undefined;
  const rules = { ...fileRules(source, tools.folder, only), installed: true };
  const found = findFiles(folder, rules);
  const built = {
    name: source.name,
    files: asTheyStand(found, tools.folder),
    handler: source.handler,
    variables: {},
    inputs: [treeInput(folder, rules)],
  };
  return { built: [built], problems: outsideProblems(source, found) };
}

async function takeZip(source: FunctionSource, file: string, { scratch }: Tools): Promise<BuildResult> {
  const folder = join(scratch, 'artifacts', source.name);
  const from = [source.packaging.artifact ?? ''];
  const files: ArtifactFile[] = [];
  const problems: Problem[] = [];
  try {
    for await (const { zip, entry } of entries(file)) {
      if (entry.fileName.endsWith('/')) continue;
      // 0o120000 of the Unix mode is a symbolic link
      if (((entry.externalFileAttributes >>> 16) & 0o170000) === 0o120000) {
        problems.push({ at: source.at, message: `the artifact of "${source.name}" has a link: ${entry.fileName}` });
        continue;
      }
      const target = join(folder, String(files.length));
      await mkdir(dirname(target), { recursive: true });
      const stream = await new Promise<NodeJS.ReadableStream>((done, fail) => {
        zip.openReadStream(entry, (error, opened) => (error ? fail(error) : done(opened)));
      });
      await pipeline(stream, createWriteStream(target));
      files.push({ path: entry.fileName, content: { file: target }, from });
    }
  } catch (error) {
    return problem(source, `the artifact of "${source.name}" is no zip that can be read: ${(error as Error).message}`);
  }
  const inputs = [{ kind: 'file', path: file }] as const;
  return { built: [{ name: source.name, files, handler: source.handler, variables: {}, inputs }], problems };
}

/** yauzl refuses absolute names and names that climb with `..`. */
async function* entries(file: string): AsyncGenerator<{ zip: ZipFile; entry: Entry }> {
  const zip = await new Promise<ZipFile>((done, fail) => {
    open(file, { lazyEntries: true }, (error, opened) => (error ? fail(error) : done(opened)));
  });
  for (;;) {
    const entry = await new Promise<Entry | undefined>((done, fail) => {
      zip.removeAllListeners();
      zip
        .once('entry', done)
        .once('end', () => done(undefined))
        .once('error', fail);
      zip.readEntry();
    });
    if (entry === undefined) return;
    yield { zip, entry };
  }
}
