// The file of a saved plan: one line of JSON, then the zips that the bucket lacks. The line has everything that a deploy needs, and the
// state that the plan was made from.
import { closeSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { FxError } from '../base/error.ts';
import { sha256 } from '../base/hash.ts';
import { fromPlain, type Plain } from '../base/located.ts';
import { temporaryName } from '../base/replace-file.ts';
import { flag, integer, list, mapOf, object, oneOf, readAll, text, verbatim } from '../base/schema.ts';
import { type Change, readChange, recordText } from './record.ts';

/** Incremented with each change that an older fx could misread. Unknown keys are ignored. */
export const planFormat = 1;

/** The state from which a plan was made: if it moved since, the plan is void. */
export interface LiveIdentity {
  /** Undefined if there was no stack. */
  readonly stack?: { readonly id: string; readonly updated: string; readonly template: string } | undefined;
  /** The newest number in the ledger; 0 for none. */
  readonly newest: number;
  /** The version of each live alias, and the shares of others. */
  readonly aliases: Readonly<Record<string, string>>;
}

export interface PackedZip {
  readonly key: string;
  readonly size: number;
  readonly sha256: string;
}

/** How traffic moves to the new versions, in the words of project.yml. */
export interface SavedDeployment {
  readonly kind: 'canary' | 'linear';
  readonly step: number;
  readonly watchSeconds: number;
  readonly abortOn: readonly string[];
  readonly smoke: boolean;
  /** The files of each function's events, if project.yml names them. */
  readonly events: Readonly<Record<string, readonly string[]>>;
}

export interface SavedPlan {
  readonly fx: string;
  readonly account: string;
  readonly region: string;
  readonly project: string;
  readonly environment: string;
  readonly stackName: string;
  readonly live: LiveIdentity;
  /** The intended change; its number is the one after `live.newest`. */
  readonly change: Change;
  /** The template's text. */
  readonly template: string;
  readonly deployment: SavedDeployment | undefined;
  readonly zips: readonly PackedZip[];
}

const anySize = integer({ least: 0, most: Number.MAX_SAFE_INTEGER });
const stack = object({ open: true, required: { id: text(), updated: text(), template: text() }, optional: {} });
const schema = object({
  open: true,
  required: {
    fx: text(),
    account: text(),
    region: text(),
    project: text(),
    environment: text(),
    stackName: text(),
    live: object({ open: true, required: { newest: anySize, aliases: mapOf(text()) }, optional: { stack } }),
    change: verbatim,
    template: text(),
    zips: list(object({ open: true, required: { key: text(), size: anySize, sha256: text() }, optional: {} })),
  },
  optional: {
    deployment: object({
      open: true,
      required: {
        kind: oneOf(['canary', 'linear']),
        step: anySize,
        watchSeconds: anySize,
        abortOn: list(text()),
        smoke: flag,
        events: mapOf(list(text())),
      },
      optional: {},
    }),
  },
});

const magic = '{"fx plan":';

/** Replaces only another plan. Only its owner may read it: a template has the values of variables. `read` gives the bytes of a zip. */
export async function writePlan(
  file: string,
  { change, ...plan }: SavedPlan,
  read: (zip: PackedZip) => Promise<Buffer>,
): Promise<void> {
  checkReplaceable(file);
  const temporary = temporaryName(file);
  const handle = openSync(temporary, 'wx', 0o600);
  try {
    // the format comes first: an older fx must find it, whatever follows
    const head = { 'fx plan': planFormat, ...plan, change: JSON.parse(recordText(change)) as Plain };
    writeSync(handle, `${JSON.stringify(head)}\n`);
    for (const zip of plan.zips) writeSync(handle, await read(zip));
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(handle);
  }
}

function checkReplaceable(file: string): void {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    const start = Buffer.alloc(magic.length);
    readSync(handle, start, 0, start.length, 0);
    if (start.toString() === magic) return;
    throw new FxError('ALREADY_EXISTS', `${file} exists, and is no plan`, { hint: 'name another file' });
  } finally {
    closeSync(handle);
  }
}

export interface OpenPlan {
  readonly plan: SavedPlan;
  /** The bytes of a packed zip, checked. */
  zip(key: string): Promise<Buffer | undefined>;
}

/** Throws PLAN_UNREADABLE. */
export async function readPlan(file: string): Promise<OpenPlan> {
  const { line, start } = await firstLine(file);
  const plan = parsed(file, line);
  const zip = async (key: string): Promise<Buffer | undefined> => {
    const index = plan.zips.findIndex((packed) => packed.key === key);
    const packed = plan.zips[index];
    if (packed === undefined) return undefined;
    const offset = plan.zips.slice(0, index).reduce((sum, { size }) => sum + size, start);
    const bytes = await withFile(file, async (handle) => {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(packed.size), 0, packed.size, offset);
      return buffer.subarray(0, bytesRead);
    });
    if (sha256(bytes) !== packed.sha256) throw unreadable(file, `the code ${key.slice(0, 12)} in it is damaged`);
    return bytes;
  };
  return { plan, zip };
}

async function withFile<T>(file: string, work: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(file, error.code === 'ENOENT' ? 'there is no such file' : error.message);
  });
  try {
    return await work(handle);
  } finally {
    await handle.close();
  }
}

const blockSize = 1 << 16;
/** Longer than any plan: a template has at most 1 MB. */
const longestLine = 64 << 20;

function firstLine(file: string): Promise<{ readonly line: string; readonly start: number }> {
  return withFile(file, async (handle) => {
    const blocks: Buffer[] = [];
    for (let length = 0; length < longestLine; ) {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(blockSize), 0, blockSize, length);
      const block = buffer.subarray(0, bytesRead);
      const end = block.indexOf('\n');
      blocks.push(end < 0 ? block : block.subarray(0, end));
      if (end >= 0) return { line: Buffer.concat(blocks).toString('utf8'), start: length + end + 1 };
      // another kind of file need not be read to its end
      if (bytesRead === 0 || !blocks[0]?.toString('utf8', 0, magic.length).startsWith(magic)) break;
      length += bytesRead;
    }
    throw unreadable(file, 'it is no plan, or not all of one');
  });
}

function parsed(file: string, line: string): SavedPlan {
  let value: { readonly 'fx plan'?: unknown; readonly fx?: unknown };
  try {
    value = JSON.parse(line) as typeof value;
  } catch {
    throw unreadable(file, 'it is no plan');
  }
  const format = value['fx plan'];
  if (typeof format !== 'number') throw unreadable(file, 'it is no plan');
  if (format > planFormat) {
    throw new FxError(
      'PLAN_UNREADABLE',
      `${file} has format ${format}, and this fx reads formats up to ${planFormat}`,
      {
        hint: `use fx ${typeof value.fx === 'string' ? value.fx : ''} or newer, which wrote it`,
      },
    );
  }
  const at = { file, line: 1, column: 1, length: 1 };
  const { value: read, problems } = readAll(schema, fromPlain(value as Plain, at));
  if (read === undefined) throw unreadable(file, problems[0]?.message ?? 'it has another shape');
  const { deployment, live } = read;
  return {
    ...read,
    live: { ...live, aliases: Object.fromEntries(live.aliases) },
    change: readChange(Buffer.from(JSON.stringify(read.change)), file),
    deployment: deployment && { ...deployment, events: Object.fromEntries(deployment.events) },
  };
}

function unreadable(file: string, why: string): FxError {
  return new FxError('PLAN_UNREADABLE', `${file} cannot be deployed: ${why}`, {
    hint: 'fx plan -o FILE saves a plan; an environment is named with --env',
  });
}
