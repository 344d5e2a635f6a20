// Which files of packed packages a function reaches, by @vercel/nft: it follows requires, and files that modules open.
import { realpathSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { nodeFileTrace } from '@vercel/nft';

export interface TraceRequest {
  /** The folder of the module that imports it, absolute. */
  readonly folder: string;
  readonly specifier: string;
  readonly kind: 'import' | 'require';
}

export interface Trace {
  readonly requests: readonly TraceRequest[];
  /** Further modules, such as workers. Absolute. */
  readonly modules: readonly string[];
  readonly projectFolder: string;
}

/** Shared by all functions of a process: packages do not change while fx runs. */
const cache = {};

let last: Promise<unknown> = Promise.resolve();
let calls = 0;

/** Real paths, absolute. One trace at a time, so that each module is read once: several would read the same ones. */
export function traceFiles(trace: Trace): Promise<ReadonlySet<string>> {
  const next = last.then(() => traced(trace));
  last = next.catch(() => undefined);
  return next;
}

async function traced({ requests, modules, projectFolder }: Trace): Promise<ReadonlySet<string>> {
  // nft caches what it read by path
  calls += 1;
  // a module that exists only here makes each request from where the bundle makes it
  const virtual = new Map<string, string>();
  for (const { folder, specifier, kind } of requests) {
    const file = join(folder, `fx-trace-${calls}.${kind === 'import' ? 'mjs' : 'cjs'}`);
    const line =
      kind === 'import' ? `import ${JSON.stringify(specifier)};\n` : `require(${JSON.stringify(specifier)});\n`;
    virtual.set(file, (virtual.get(file) ?? '') + line);
  }
  const base = parse(projectFolder).root;
  const traces = conditions.map((names) =>
    nodeFileTrace([...virtual.keys(), ...modules], {
      base,
      processCwd: projectFolder,
      conditions: [...names],
      cache,
      readFile: async (path) => virtual.get(path) ?? readText(path),
      stat: async (path) =>
        virtual.has(path) ? statSync(projectFolder) : (statSync(path, { throwIfNoEntry: false }) ?? null),
    }),
  );
  const lists = (await Promise.all(traces)).flatMap(({ fileList }) => [...fileList]);
  const files = lists.map((path) => join(base, path)).filter((path) => !virtual.has(path));
  return new Set(files.map((path) => realpathSync(path)));
}

/** Newer versions of Node.js require what a package exports for `module-sync`, older ones the rest. */
const conditions = [['node'], ['node', 'module-sync']] as const;

async function readText(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    // nft asks for files to see whether they exist
    if (['ENOENT', 'EISDIR', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}
