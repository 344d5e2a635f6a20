// Fetches a package for the function's platform that this machine's platform did not need, such as @img/sharp-linux-arm64:
// the version of the lock file, checked against its integrity, by `npm pack`, which knows the user's registries. No installer runs.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { parse as parseYaml } from 'yaml';
import { findProgram, runTool } from '../tool.ts';
import { type Installed, readPackage } from './installed.ts';

export interface Wanted {
  readonly name: string;
  /** What the dependent package asks for, usually an exact version. */
  readonly range: string;
}

export interface Fetching {
  readonly projectFolder: string;
  /** Where packages are kept. */
  readonly cache: string;
  readonly signal: AbortSignal;
}

export type Fetched = Installed | { readonly failure: string };

const running = new Map<string, Promise<Fetched>>();

/** Functions that need the same package share one fetch. */
export function fetchPackage(wanted: Wanted, fetching: Fetching): Promise<Fetched> {
  const locked = lockedVersion(wanted, fetching.projectFolder);
  const target = join(fetching.cache, 'packages', 'node_modules', `${wanted.name.replace('/', '+')}@${locked.version}`);
  const known = readPackage(target);
  if (known !== undefined) return Promise.resolve(known);
  const fetched = running.get(target) ?? fetchTo(target, { ...wanted, ...locked }, fetching);
  running.set(target, fetched);
  return fetched.finally(() => running.delete(target));
}

interface Locked {
  readonly version: string;
  readonly integrity: string | undefined;
}

async function fetchTo(
  target: string,
  { name, version, integrity }: Wanted & Locked,
  fetching: Fetching,
): Promise<Fetched> {
  const program = findProgram('npm');
  if (program === undefined) return { failure: 'npm is not on PATH' };
  const unfinished = `${target}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  try {
    const args = [
      'pack',
      `${name}@${version}`,
      '--ignore-scripts',
      '--loglevel=error',
      '--fetch-retries=1',
      '--pack-destination',
      unfinished,
    ];
    const { exitCode, output } = await runTool({
      program,
      args,
      folder: fetching.projectFolder,
      signal: fetching.signal,
    });
    const [archive] = (await readdir(unfinished)).filter((file) => file.endsWith('.tgz'));
    if (exitCode !== 0 || archive === undefined)
      return { failure: firstLine(output) ?? `npm pack ended with ${exitCode}` };
    const bytes = await readFile(join(unfinished, archive));
    if (integrity !== undefined && !matches(bytes, integrity))
      return { failure: `${name}@${version} does not match the integrity in the lock file` };
    const folder = join(unfinished, 'package');
    await unpack(bytes, folder);
    if (!existsSync(target)) renameSync(folder, target);
    return readPackage(target) ?? { failure: `${name}@${version} has no package.json` };
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

const firstLine = (output: string): string | undefined =>
  output
    .split('\n')
    .map((line) => line.replace(/^npm (?:error|ERR!) /, '').trim())
    .find((line) => line !== '' && !line.startsWith('code '));

/** Subresource integrity: `sha512-…`, possibly several; the strongest decides. https://www.w3.org/TR/sri/ */
function matches(bytes: Uint8Array, integrity: string): boolean {
  const [strongest] = integrity.trim().split(/\s+/).sort().reverse();
  const [algorithm = '', digest] = strongest?.split(/-(.*)/s) ?? [];
  return createHash(algorithm).update(bytes).digest('base64') === digest;
}

/** Without the first folder of each path, as npm does. */
async function unpack(archive: Uint8Array, folder: string): Promise<void> {
  const files = extract();
  const read = pipeline(Readable.from([archive]), createGunzip(), files);
  for await (const entry of files) {
    const file = resolve(folder, entry.header.name.split('/').slice(1).join('/'));
    if (entry.header.type !== 'file' || !file.startsWith(folder + sep)) {
      entry.resume();
      continue;
    }
    mkdirSync(dirname(file), { recursive: true });
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    await writeFile(file, Buffer.concat(chunks), { mode: (entry.header.mode ?? 0o644) & 0o777 });
  }
  await read;
}

/** From the nearest lock file; without an entry there, the version that the dependent package asks for. */
function lockedVersion({ name, range }: Wanted, start: string): Locked {
  const exact = range.replace(/^[\^~=v]+/, '');
  for (let folder = start; ; folder = dirname(folder)) {
    for (const [file, read] of Object.entries(lockReaders)) {
      const path = join(folder, file);
      const locked = existsSync(path) ? read(readFileSync(path, 'utf8'), name, exact) : undefined;
      if (locked !== undefined) return locked;
    }
    if (dirname(folder) === folder) return { version: exact, integrity: undefined };
  }
}

type LockReader = (text: string, name: string, version: string) => Locked | undefined;

const lockReaders: Readonly<Record<string, LockReader>> = {
  'package-lock.json': readNpmLock,
  'npm-shrinkwrap.json': readNpmLock,
  'pnpm-lock.yaml': readPnpmLock,
  'yarn.lock': readYarnLock,
  'bun.lock': readBunLock,
};

interface NpmLock {
  readonly packages?: Readonly<Record<string, { readonly version?: string; readonly integrity?: string }>>;
}

function readNpmLock(text: string, name: string, version: string): Locked | undefined {
  const entries = Object.entries((JSON.parse(text) as NpmLock).packages ?? {});
  const own = entries.filter(([path]) => path.endsWith(`node_modules/${name}`)).map(([, entry]) => entry);
  const entry = own.find((one) => one.version === version) ?? own[0];
  return entry?.version === undefined ? undefined : { version: entry.version, integrity: entry.integrity };
}

interface PnpmLock {
  readonly packages?: Readonly<Record<string, { readonly resolution?: { readonly integrity?: string } }>>;
}

function readPnpmLock(text: string, name: string, version: string): Locked | undefined {
  const { packages = {} } = parseYaml(text) as PnpmLock;
  const entry = packages[`${name}@${version}`] ?? packages[`/${name}@${version}`];
  return entry === undefined ? undefined : { version, integrity: entry.resolution?.integrity };
}

/** Yarn 1. Later versions keep checksums of their own archives, which say nothing of npm's. */
function readYarnLock(text: string, name: string, version: string): Locked | undefined {
  const block = text.split('\n\n').find((one) => one.includes(`${name}@`) && one.includes(`version "${version}"`));
  return block === undefined ? undefined : { version, integrity: /integrity (\S+)/.exec(block)?.[1] };
}

function readBunLock(text: string, name: string, version: string): Locked | undefined {
  const line = text.split('\n').find((one) => one.includes(`"${name}@${version}"`));
  return line === undefined ? undefined : { version, integrity: /"(sha512-[^"]+)"/.exec(line)?.[1] };
}
