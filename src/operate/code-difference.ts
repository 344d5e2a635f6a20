// What changes in the code of functions and layers: files and sizes of two zips, by their directories; or the images.
import { open } from 'node:fs/promises';
import { FxError } from '../base/error.ts';
import { type ListedFile, type RangeReader, zipDirectory } from '../base/zip-directory.ts';
import { artifactObjectKey } from '../cfn/names.ts';
import type { Code, Recipe } from '../cfn/recipe.ts';
import { type Context, eachFunction } from './context.ts';

export interface FileChange {
  readonly path: string;
  readonly action: 'add' | 'modify' | 'remove';
  /** Bytes. */
  readonly before?: number;
  readonly after?: number;
}

/** One side of a change. */
export interface CodeSide {
  /** The key of the artifact, or the image's tag or URI. */
  readonly key: string;
  /** Bytes of the zip; undefined for an image, and for a zip that cannot be read. */
  readonly size?: number;
}

export interface CodeChange {
  readonly kind: 'function' | 'layer';
  readonly name: string;
  readonly before?: CodeSide;
  readonly after?: CodeSide;
  /** Undefined for images, and where one of two zips cannot be read. */
  readonly files?: readonly FileChange[];
}

/** Where the zips of a recipe are. */
export interface CodePlace {
  readonly recipe: Recipe | undefined;
  /** Undefined if there is none; then only local zips and other buckets can be read. */
  readonly bucket: string | undefined;
  readonly project: string;
  /** Local zips, by key. */
  readonly zips?: ReadonlyMap<string, string>;
}

export function codeDifference(before: CodePlace, after: CodePlace, context: Context): Promise<readonly CodeChange[]> {
  const changed = [...pairs('function', before, after), ...pairs('layer', before, after)];
  return eachFunction(changed, async ({ kind, name, old, fresh }): Promise<CodeChange> => {
    const [left, right] = await Promise.all([read(old, before, context), read(fresh, after, context)]);
    return {
      kind,
      name,
      ...(left === undefined ? {} : { before: left.side }),
      ...(right === undefined ? {} : { after: right.side }),
      ...filesOf(left, right),
    };
  });
}

interface Pair {
  readonly kind: CodeChange['kind'];
  readonly name: string;
  readonly old: Code | undefined;
  readonly fresh: Code | undefined;
}

function pairs(kind: CodeChange['kind'], before: CodePlace, after: CodePlace): readonly Pair[] {
  const of = ({ recipe }: CodePlace) => (kind === 'function' ? recipe?.functions : recipe?.layers) ?? new Map();
  const names = new Set<string>([...of(after).keys(), ...of(before).keys()]);
  return [...names]
    .map((name): Pair => ({ kind, name, old: of(before).get(name), fresh: of(after).get(name) }))
    .filter(({ old, fresh }) => old?.key !== fresh?.key);
}

interface ReadCode {
  readonly side: CodeSide;
  readonly files: readonly ListedFile[] | undefined;
}

async function read(code: Code | undefined, place: CodePlace, context: Context): Promise<ReadCode | undefined> {
  if (code === undefined) return undefined;
  const image = code.imageTag ?? code.image;
  if (image !== undefined) return { side: { key: image }, files: undefined };
  const directory = await directoryOf(code, place, context);
  const { size, files } = directory ?? { size: undefined, files: undefined };
  return { side: { key: code.key, ...(size === undefined ? {} : { size }) }, files };
}

/** Undefined if it is gone, or not a zip, or closed to this caller: Lambda may read what the caller may not. */
async function directoryOf(code: Code, { bucket, project, zips }: CodePlace, { aws }: Context) {
  const local = zips?.get(code.key);
  if (local !== undefined) return localDirectory(local);
  const at = code.object ?? (bucket === undefined ? undefined : { bucket, key: artifactObjectKey(project, code.key) });
  if (at === undefined) return undefined;
  const part = async (wanted: Parameters<typeof aws.objects.range>[1]) => {
    const found = await aws.objects.range(at, wanted);
    if (found === undefined) throw new FxError('AWS_REFUSED', `${at.key} is gone`);
    return found;
  };
  try {
    return await zipDirectory({
      last: (length) => part({ last: length }),
      between: async (start, end) => (await part({ start, end })).bytes,
    });
  } catch (error) {
    if (error instanceof FxError && error.code === 'AWS_REFUSED') return undefined;
    throw error;
  }
}

async function localDirectory(file: string) {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const between: RangeReader['between'] = async (start, end) => {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - start), 0, end - start, start);
      return buffer.subarray(0, bytesRead);
    };
    const last: RangeReader['last'] = async (length) => ({
      bytes: await between(Math.max(0, size - length), size),
      size,
    });
    return await zipDirectory({ last, between });
  } finally {
    await handle.close();
  }
}

/** A new function's files are all new: its size says enough. */
function filesOf(left: ReadCode | undefined, right: ReadCode | undefined): Pick<CodeChange, 'files'> {
  if (left?.files === undefined || right?.files === undefined) return {};
  const before = new Map(left.files.map((file) => [file.path, file]));
  const after = new Map(right.files.map((file) => [file.path, file]));
  const files = [...new Set([...after.keys(), ...before.keys()])].flatMap((path): FileChange[] => {
    const [old, fresh] = [before.get(path), after.get(path)];
    if (old === undefined) return [{ path, action: 'add', after: fresh?.size ?? 0 }];
    if (fresh === undefined) return [{ path, action: 'remove', before: old.size }];
    if (old.crc === fresh.crc && old.size === fresh.size && old.mode === fresh.mode) return [];
    return [{ path, action: 'modify', before: old.size, after: fresh.size }];
  });
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}
