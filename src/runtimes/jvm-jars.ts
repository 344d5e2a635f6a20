// Jars as files of an artifact: the function's own, unpacked, and those that it depends on, in lib/.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { ZipArchive } from 'archiver';
import { zipEntries } from '../base/zip-entries.ts';
import { slashed } from './parts.ts';
import type { ArtifactFile, FunctionSource, Tools } from './runtime.ts';
import { type Unzipped, unzipTo } from './unzip.ts';

export interface Jars {
  readonly jar: string;
  /** The jars it depends on. */
  readonly libraries: readonly string[];
  /** The names of those that this build made of other modules. */
  readonly made: ReadonlySet<string>;
}

export function jarsIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.jar'));
  return names.sort().map((name) => join(folder, name));
}

/** Apex's name, else a jar named as a fat jar, else the newest: those of earlier versions stay beside it. */
export function jarIn(folder: string): { readonly jar?: string } {
  const jars = jarsIn(folder)
    .filter((file) => !/[\\/]original-|-(sources|javadoc|tests|plain)\.jar$/.test(file))
    .map((file) => ({ file, written: statSync(file).mtimeMs }))
    .sort((a, b) => b.written - a.written)
    .map(({ file }) => file);
  const named = (pattern: RegExp) => jars.find((file) => pattern.test(file));
  const jar = named(/[\\/]apex\.jar$/) ?? named(/-(all|standalone|jar-with-dependencies|shaded|aws)\.jar$/) ?? jars[0];
  return jar === undefined ? {} : { jar };
}

/** Archives contain dates, so two builds differ, but their files are equal. Jars from repositories are packed as they are. */
export async function filesOf(
  { jar, libraries, made }: Jars,
  { source, tools }: { readonly source: FunctionSource; readonly tools: Tools },
): Promise<readonly ArtifactFile[]> {
  const scratch = join(tools.scratch, 'jvm', source.name);
  const shown = slashed(relative(tools.folder, jar));
  const entries = await unzipTo(jar, join(scratch, 'classes'));
  const classes = entries
    .filter(({ path }) => !isNoise(path))
    .map(({ path, file, repeats }): ArtifactFile => {
      const content = contentOf({ path, file, repeats });
      return { path, content, from: [shown] };
    });
  const own = new Set(classes.map(({ path }) => path));
  const beside: ArtifactFile[] = [];
  for (const file of libraries) {
    const name = basename(file);
    if (inLayer(file, source) || (await isWithin(file, own))) continue;
    const packed = made.has(name) ? await repacked(file, join(scratch, 'made')) : file;
    const from = [`a dependency of ${source.packaging.source || '.'}`];
    beside.push({ path: `lib/${name}`, content: { file: packed }, from });
  }
  return [...classes, ...beside];
}

/** Maven's build metadata, with a timestamp, and signatures, which unpacked classes have no use for. */
const isNoise = (path: string) => /^META-INF\/maven\/|^META-INF\/(.*\.(SF|RSA|DSA)|INDEX\.LIST)$/.test(path);

function contentOf({ path, file, repeats }: Pick<Unzipped, 'path' | 'file' | 'repeats'>): ArtifactFile['content'] {
  if (path === 'META-INF/MANIFEST.MF') return { bytes: withoutBuilder(readFileSync(file, 'utf8')) };
  // tools that put jars into one may repeat the lists of implementations, and Java would read only one of them
  if (repeats.length === 0 || !path.startsWith('META-INF/services/')) return { file };
  const lines = [file, ...repeats].flatMap((one) => readFileSync(one, 'utf8').split(/\r?\n/));
  return { bytes: Buffer.from(`${[...new Set(lines)].filter((line) => line.trim() !== '').join('\n')}\n`) };
}

/** Tools record who built a jar, when and with what. A line that begins with a space continues the one before. */
function withoutBuilder(manifest: string): Uint8Array {
  const noted =
    /^(?:Built-(?:By|Date|JDK|OS|Host)|Build-(?:Jdk|Date|Time|Timestamp|OS|Host)|Bnd-LastModified):.*\r?\n(?: .*\r?\n)*/gim;
  return Buffer.from(manifest.replace(noted, ''));
}

/** Whether a fat jar has the classes of a library already. */
async function isWithin(library: string, own: ReadonlySet<string>): Promise<boolean> {
  const names = await namesIn(library);
  const classes = names.filter((name) => name.endsWith('.class') && !/module-info|^META-INF\//.test(name));
  return classes.length > 0 && classes.every((name) => own.has(name));
}

export async function namesIn(jar: string): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { name } of zipEntries(jar)) names.push(name);
  return names;
}

/** Layers have jars in java/lib: https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html */
export const layerJars = ({ layerFolders }: FunctionSource): readonly string[] =>
  layerFolders.flatMap((folder) => jarsIn(join(folder, 'java/lib')));

/** Whether a layer has the same jar: by name and content. */
function inLayer(file: string, source: FunctionSource): boolean {
  return layerJars(source).some(
    (jar) => basename(jar) === basename(file) && readFileSync(jar).equals(readFileSync(file)),
  );
}

/** The same files with one date, in one order: a jar of another module is built anew each time. */
async function repacked(jar: string, folder: string): Promise<string> {
  const entries = await unzipTo(jar, join(folder, basename(jar, '.jar')));
  const archive = new ZipArchive({ store: true });
  const chunks: Buffer[] = [];
  const done = new Promise<void>((end, fail) => {
    archive
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', end)
      .on('error', fail);
  });
  const kept = entries.filter(({ path }) => !isNoise(path)).sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const entry of kept) {
    const content = contentOf(entry);
    const bytes = 'bytes' in content ? Buffer.from(content.bytes) : await readFile(content.file);
    archive.append(bytes, { name: entry.path, date: new Date('1980-02-01T00:00:00Z'), mode: 0o644 });
  }
  await archive.finalize();
  await done;
  const target = join(folder, 'jars', basename(jar));
  await mkdir(join(folder, 'jars'), { recursive: true });
  await writeFile(target, Buffer.concat(chunks));
  return target;
}
