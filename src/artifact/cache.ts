// The build cache, keyed by inputs: if no input changed, no tool runs. Entries and zips are renamed into place;
// a damaged entry counts as missing. Builds may share the cache.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256 } from '../base/hash.ts';
import { packageFolder } from '../base/packaged.ts';
import { replaceFile, temporaryEnding } from '../base/replace-file.ts';
import { temporaryFolder } from '../base/temporary-folder.ts';
import { findFiles } from '../runtimes/files.ts';
import type { BuiltFunction, FunctionSource, Input } from '../runtimes/runtime.ts';
import type { Artifact, PackedEntry, StoredZip } from './artifact.ts';
import { keyOf } from './artifact.ts';
import { FileMemory } from './file-memory.ts';
import { InputReader } from './inputs.ts';

/** The maximum total size of zips. The least recently used go first, but never those of this build. */
const zipBytesKept = 1 << 30;
const entriesKept = 2_000;
const abandonedMs = 3_600_000;
/** Shell variables that affect tools. Variables that only set a storage location are left out. */
const toolVariables =
  /^(GO(FLAGS|WORK|EXPERIMENT|TOOLCHAIN|AMD64|ARM64|FIPS140)|(CARGO_(ENCODED_|BUILD_|PROFILE_|TARGET_).*|RUSTFLAGS|RUSTC|RUSTC_.*|RUSTUP_TOOLCHAIN)|JAVA_HOME|JDK_JAVA_OPTIONS|JAVA_TOOL_OPTIONS|MAVEN_(ARGS|OPTS)|GRADLE_OPTS|ORG_GRADLE_PROJECT_.*|LEIN_.*|BUNDLE_.*|NODE_PATH|(PIP|UV)_.*)$/;

interface Entry {
  readonly inputs: readonly Input[];
  readonly digest: string;
  readonly manifest: readonly PackedEntry[];
  readonly handler: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly zip: { readonly sha256: string; readonly size: number } | undefined;
  readonly object?: Artifact['code']['object'];
  readonly unchecked?: string;
}

export interface Hit {
  readonly artifact: Artifact;
  readonly unchecked: string | undefined;
}

export class BuildCache {
  readonly folder: string;
  readonly memory: FileMemory;
  readonly #project: string;
  readonly #reader: () => InputReader;
  #inputs: InputReader;
  readonly #variables = Object.entries(process.env)
    .filter(([name]) => toolVariables.test(name))
    .sort(([name], [other]) => (name < other ? -1 : 1));
  readonly #used = new Set<string>();
  #isChanged = false;

  constructor(projectFolder: string) {
    this.#project = projectFolder;
    this.folder = writableFolder(join(projectFolder, '.fx', 'cache', 'build'));
    this.memory = new FileMemory(this.folder);
    this.#reader = () => new InputReader(this.memory, process.env['PATH'] ?? '');
    this.#inputs = this.#reader();
  }

  zipFile(key: string): string {
    return join(this.folder, 'zips', `${key}.zip`);
  }

  /** The cached result for the same source and inputs. */
  find(source: FunctionSource): Hit | undefined {
    const file = this.#entryFile(source);
    const entry = readEntry(file);
    if (entry === undefined || this.#inputs.digest(entry.inputs) !== entry.digest) return undefined;
    const artifact = toArtifact(source.name, entry, { cached: true });
    const zip = entry.zip === undefined ? undefined : { ...entry.zip, file: this.zipFile(artifact.code.key) };
    // `read` checks the content against the hash
    if (zip !== undefined && this.memory.facts(zip.file)?.sha256 !== zip.sha256) return undefined;
    this.#use(file);
    if (zip !== undefined) this.#use(zip.file);
    return { artifact: { ...artifact, zip, inputs: entry.inputs }, unchecked: entry.unchecked };
  }

  /** Stores the result, unless an input changed after `began`: the build may have read the old content. */
  keep(source: FunctionSource, built: BuiltFunction, artifact: Artifact, began: number): void {
    if (artifact.zip !== undefined) this.#used.add(artifact.zip.file);
    // what fx itself unpacked during this build never changes: its folder is named by its version
    const unpacked = join(this.folder, '..', 'packages') + sep;
    const isNewer = (file: string) => !file.startsWith(unpacked) && this.memory.isWrittenAfter(file, began);
    if (built.inputs.some((input) => filesOf(input).some(isNewer))) return;
    const { zip, manifest } = artifact;
    const entry: Entry = {
      inputs: built.inputs,
      digest: this.#inputs.digest(built.inputs),
      manifest,
      handler: built.handler,
      variables: built.variables,
      zip: zip === undefined ? undefined : { sha256: zip.sha256, size: zip.size },
      ...objectOf(built),
      ...(built.unchecked === undefined ? {} : { unchecked: built.unchecked }),
    };
    const file = this.#entryFile(source);
    const text = JSON.stringify(entry);
    replaceFile(file, `${sha256(text)}\n${text}`);
    this.#used.add(file);
    this.#isChanged = true;
  }

  /** A tool ran: files may have changed. */
  lookAgain(): void {
    this.memory.lookAgain();
    this.#inputs = this.#reader();
  }

  /** A zip with this content, if both the zip and its hash exist. */
  storedZip(key: string): StoredZip | undefined {
    const file = this.zipFile(key);
    const note = readEntryText(this.#zipNote(key));
    if (note === undefined || this.memory.facts(file)?.sha256 !== note) return undefined;
    this.#use(file);
    return { file, sha256: note, size: statSync(file).size };
  }

  rememberZip(key: string, zip: StoredZip): void {
    const file = this.#zipNote(key);
    this.#used.add(zip.file).add(file);
    if (readEntryText(file) === zip.sha256) return;
    replaceFile(file, `${sha256(zip.sha256)}\n${zip.sha256}`);
    this.#isChanged = true;
  }

  #zipNote(key: string): string {
    return join(this.folder, 'functions', `layer-${key}.txt`);
  }

  close(): void {
    this.memory.save();
    if (!this.#isChanged) return;
    prune(join(this.folder, 'zips'), this.#used, { bytes: zipBytesKept });
    prune(join(this.folder, 'functions'), this.#used, { files: entriesKept });
  }

  #entryFile(source: FunctionSource): string {
    const { name, handler, runtime, architecture, packaging, hasSecrets, layerFolders, hasOtherLayers } = source;
    const { problems: _, hooks: __, ...settings } = packaging;
    const id = sha256(
      JSON.stringify([
        programHash(),
        // inputs are absolute: a project copied with its cache must not use the entries of the original
        this.#project,
        name,
        handler,
        runtime,
        architecture,
        settings,
        hasSecrets,
        layerFolders,
        hasOtherLayers,
        this.#variables,
      ]),
    );
    return join(this.folder, 'functions', `${id}.json`);
  }

  #use(file: string): void {
    this.#used.add(file);
    const now = new Date();
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat === undefined || now.getTime() - stat.mtimeMs < abandonedMs) return;
    try {
      utimesSync(file, now, now);
    } catch (error) {
      // if the file is read-only or gone, it only looks older than it is
      if (!['EACCES', 'EPERM', 'EROFS', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
}

/** The zip is not in the cache yet. */
export function toArtifact(
  name: string,
  built: Pick<Entry, 'handler' | 'variables' | 'manifest' | 'object'>,
  { cached }: Pick<Artifact, 'cached'>,
): Artifact {
  const { handler, variables, manifest } = built;
  return {
    name,
    code: { key: keyOf(manifest), handler, variables, ...objectOf(built) },
    manifest,
    unzippedSize: manifest.reduce((sum, entry) => sum + entry.size, 0),
    cached,
    zip: undefined,
  };
}

function objectOf({ object }: Pick<Entry, 'object'>) {
  return object === undefined ? {} : { object };
}

function filesOf(input: Input): readonly string[] {
  if (input.kind === 'file') return [input.path];
  return input.kind === 'tree' ? findFiles(input.folder, input.rules).files.map(({ file }) => file) : [];
}

/** An entry begins with the hash of its text, so damage is detected. */
function readEntry(file: string): Entry | undefined {
  const text = readEntryText(file);
  return text === undefined ? undefined : (JSON.parse(text) as Entry);
}

function readEntryText(file: string): string | undefined {
  try {
    const [hash, text = ''] = splitOnce(readFileSync(file, 'utf8'));
    return sha256(text) === hash ? text : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function splitOnce(text: string): readonly [string, string] {
  const at = text.indexOf('\n');
  return [text.slice(0, at), text.slice(at + 1)];
}

let program: string | undefined;

/** Changes with fx, esbuild and Node. fx's bundle is large, so its version, size and date count instead of its content. */
function programHash(): string {
  if (program !== undefined) return program;
  const esbuild = createRequire(import.meta.url).resolve('esbuild/package.json');
  const { mtimeMs, size } = statSync(fileURLToPath(import.meta.url));
  const fx = readFileSync(join(packageFolder(), 'package.json'), 'utf8');
  program = sha256([fx, size, mtimeMs, readFileSync(esbuild, 'utf8'), process.version].join('\n'));
  return program;
}

/** If the checkout is read-only, fx builds without a cache. */
function writableFolder(folder: string): string {
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, '.gitignore'), '*\n');
    return folder;
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    return temporaryFolder('fx-cache-').path;
  }
}

interface Kept {
  readonly file: string;
  readonly size: number;
  readonly used: number;
}

/** Deletes the least recently used entries above the limit, and the leftovers of killed builds. */
function prune(
  folder: string,
  used: ReadonlySet<string>,
  most: { readonly bytes?: number; readonly files?: number },
): void {
  const now = Date.now();
  const kept = list(folder).filter(({ file, used: at }) => {
    const isAbandoned = file.endsWith(temporaryEnding) && now - at > abandonedMs;
    if (isAbandoned) rmSync(file, { force: true });
    return !file.endsWith(temporaryEnding);
  });
  let bytes = 0;
  let files = 0;
  for (const { file, size } of kept.sort((a, b) => b.used - a.used)) {
    bytes += size;
    files += 1;
    const isOver = bytes > (most.bytes ?? Number.POSITIVE_INFINITY) || files > (most.files ?? Number.POSITIVE_INFINITY);
    if (isOver && !used.has(file)) rmSync(file, { force: true });
  }
}

function list(folder: string): readonly Kept[] {
  const names = statSync(folder, { throwIfNoEntry: false }) === undefined ? [] : readdirSync(folder);
  return names.flatMap((name) => {
    const file = join(folder, name);
    // another build may have deleted it
    const stat = statSync(file, { throwIfNoEntry: false });
    return stat === undefined ? [] : [{ file, size: stat.size, used: stat.mtimeMs }];
  });
}
