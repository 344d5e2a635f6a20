// Values that know where they were written: what a YAML file holds, with the file, line and column of every key and value.
import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type Tags } from 'yaml';
import type { Problem, Span } from './error.ts';

export type Scalar = string | number | boolean | null;
export type Plain = Scalar | readonly Plain[] | { readonly [key: string]: Plain };

export interface LocatedMap {
  readonly kind: 'map';
  readonly at: Span;
  readonly entries: ReadonlyMap<string, Entry>;
}
export interface LocatedList {
  readonly kind: 'list';
  readonly at: Span;
  readonly items: readonly Located[];
}
export interface LocatedScalar {
  readonly kind: 'scalar';
  readonly at: Span;
  readonly value: Scalar;
}
export type Located = LocatedMap | LocatedList | LocatedScalar;
export interface Entry {
  readonly keyAt: Span;
  readonly value: Located;
}

/** Parses one YAML document; an empty file is an empty map. Syntax errors come back as problems, all of them. */
export function parseLocated(
  text: string,
  file: string,
  customTags: Tags,
): { readonly value: Located; readonly problems: readonly Problem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    customTags,
    prettyErrors: false,
    uniqueKeys: true,
    merge: true,
  });
  const place = (start: number, end: number): Span => {
    const { line, col } = lines.linePos(start);
    const stop = text.indexOf('\n', start);
    const length = Math.max(1, Math.min(end, stop < 0 ? text.length : stop) - start);
    return { file, line, column: col, length };
  };
  // after the first error of syntax the parser guesses, and most of what it goes on to tell is its own doing
  const firstSlip = document.errors.find(({ code }) => code !== 'DUPLICATE_KEY');
  const problems = document.errors
    .filter((error) => error.code === 'DUPLICATE_KEY' || error === firstSlip)
    .map((error) => ({
      at: place(error.pos[0], error.pos[1]),
      message: error.message.split('\n')[0] ?? error.message,
      ...(error === firstSlip ? slipHint(text, error.pos[0]) : {}),
    }));
  if (problems.length > 0) return { value: emptyMap(file), problems };
  return { value: document.contents === null ? emptyMap(file) : locate(document.contents, document, place), problems };
}

/** Braces mean a map in the middle of one: the commonest slip is a path such as /files/{name} between them. */
function slipHint(text: string, position: number): { hint?: string } {
  const start = text.lastIndexOf('\n', position - 1) + 1;
  const end = text.indexOf('\n', position);
  const line = text.slice(start, end < 0 ? text.length : end);
  return /[{[][^"']*\S\{/.test(line)
    ? { hint: 'put text that has braces in quotes, such as {path: "/files/{name}"}' }
    : {};
}

export function emptyMap(file: string): LocatedMap {
  return { kind: 'map', at: { file, line: 1, column: 1, length: 1 }, entries: new Map() };
}

function locate(node: Node, document: Document, place: (start: number, end: number) => Span): Located {
  const [start = 0, end = 0] = node.range ?? [];
  const at = place(start, end);
  if (isMap(node)) {
    const entries = node.items.map(({ key, value }) => {
      const keyNode = key as Node;
      const [keyStart = start, keyEnd = start] = keyNode.range ?? [];
      const keyAt = place(keyStart, keyEnd);
      const name = String(isScalar(keyNode) ? keyNode.value : keyNode);
      // a key without a value is null, and stands where the key does
      const child: Located =
        value === null ? { kind: 'scalar', at: keyAt, value: null } : locate(value as Node, document, place);
      return [name, { keyAt, value: child }] as const;
    });
    return { kind: 'map', at, entries: new Map(entries) };
  }
  if (isSeq(node)) return { kind: 'list', at, items: node.items.map((item) => locate(item as Node, document, place)) };
  if (isScalar(node)) return fromPlain(node.value as Plain, at);
  const target =
    'resolve' in node ? (node as { resolve(document: Document): Node | undefined }).resolve(document) : undefined;
  return target === undefined ? { kind: 'scalar', at, value: null } : locate(target, document, place);
}

/** A plain value, all of it standing at one place. Dates (YAML 1.1 timestamps) become the text that was meant. */
export function fromPlain(value: Plain | Date | undefined, at: Span): Located {
  if (value === undefined || value === null) return { kind: 'scalar', at, value: null };
  if (value instanceof Date) return { kind: 'scalar', at, value: value.toISOString() };
  if (Array.isArray(value)) return { kind: 'list', at, items: value.map((item: Plain) => fromPlain(item, at)) };
  if (typeof value === 'object') {
    const entries = Object.entries(value).map(
      ([key, item]) => [key, { keyAt: at, value: fromPlain(item as Plain, at) }] as const,
    );
    return { kind: 'map', at, entries: new Map(entries) };
  }
  return { kind: 'scalar', at, value };
}

export function toPlain(located: Located): Plain {
  switch (located.kind) {
    case 'scalar':
      return located.value;
    case 'list':
      return located.items.map(toPlain);
    case 'map':
      return Object.fromEntries([...located.entries].map(([key, entry]) => [key, toPlain(entry.value)]));
  }
}

/** The value below a path of keys and indices; undefined where there is none. */
export function valueAt(located: Located, path: readonly (string | number)[]): Located | undefined {
  let current: Located | undefined = located;
  for (const step of path) {
    if (current?.kind === 'map') current = current.entries.get(String(step))?.value;
    else if (current?.kind === 'list') current = current.items[Number(step)];
    else return undefined;
  }
  return current;
}

/** Where a path was written: the key of the last step that exists, so that a problem is shown at what the user typed. */
export function placeOf(located: Located, path: readonly (string | number)[]): Span {
  let current: Located = located;
  let at = located.at;
  for (const step of path) {
    if (current.kind === 'map') {
      const entry = current.entries.get(String(step));
      if (entry === undefined) break;
      at = entry.keyAt;
      current = entry.value;
    } else if (current.kind === 'list') {
      const item = current.items[Number(step)];
      if (item === undefined) break;
      at = item.at;
      current = item;
    } else break;
  }
  return at;
}
