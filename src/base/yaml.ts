// Reads a YAML file into values that know where they were written. Nesting depth and the expansion of anchors are limited, so
// that the work is bounded for any file.
import {
  Composer,
  CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  Parser,
  type Tags,
} from 'yaml';
import type { Problem, Span } from './error.ts';
import {
  deepestNesting,
  type Entry,
  emptyMap,
  expandsTooFar,
  fromPlain,
  type Located,
  largestExpansion,
  type Plain,
} from './located.ts';

type Place = (start: number, end: number) => Span;

/** Parses one YAML document; an empty file is an empty map. Errors are returned as problems. */
export function parseLocated(
  text: string,
  file: string,
  customTags: Tags,
): { readonly value: Located; readonly problems: readonly Problem[] } {
  const lines = new LineCounter();
  const place: Place = (start, end) => {
    const { line, col } = lines.linePos(start);
    const stop = text.indexOf('\n', start);
    const length = Math.max(1, Math.min(end, stop < 0 ? text.length : stop) - start);
    return { file, line: Math.max(1, line), column: Math.max(1, col), length };
  };
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const deep = tooDeep(tokens);
  if (deep !== undefined) {
    const problem = { at: place(deep, deep + 1), message: `this is nested more than ${deepestNesting} levels deep` };
    return { value: emptyMap(file), problems: [problem] };
  }
  const documents = [
    ...new Composer({ customTags, prettyErrors: false, uniqueKeys: false, merge: true }).compose(tokens),
  ];
  const [document, second] = documents;
  const problems = syntaxProblems(document, text, place);
  if (problems.length === 0 && second !== undefined) {
    problems.push({
      at: place(second.range?.[0] ?? 0, 0),
      message: 'a second YAML document begins here',
      hint: 'a project file is one document: remove the ---',
    });
  }
  if (document === undefined || problems.length > 0 || document.contents === null) {
    return { value: emptyMap(file), problems };
  }
  const locator = new Locator(place, problems);
  const value = locator.locate(document.contents);
  if (problems.length === 0 && locator.firstAlias !== undefined && expandsTooFar(value)) {
    problems.push({
      at: locator.firstAlias,
      message: `the anchors of this file expand to over ${largestExpansion} values, or ${deepestNesting} levels`,
      hint: 'write the value out',
    });
  }
  return { value: problems.length > 0 ? emptyMap(file) : value, problems };
}

/** Where a collection exceeds the depth limit; found without recursion. */
function tooDeep(tokens: readonly CST.Token[]): number | undefined {
  const waiting: { readonly token: CST.Token; readonly depth: number }[] = tokens.map((token) => ({ token, depth: 0 }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { token, depth } = next;
    if (depth > deepestNesting) return 'offset' in token ? token.offset : 0;
    if (token.type === 'document' && token.value !== undefined) waiting.push({ token: token.value, depth });
    if (!CST.isCollection(token)) continue;
    for (const { key, value } of token.items) {
      if (key) waiting.push({ token: key, depth: depth + 1 });
      if (value) waiting.push({ token: value, depth: depth + 1 });
    }
  }
  return undefined;
}

function syntaxProblems(document: Document | undefined, text: string, place: Place): Problem[] {
  // after the first syntax error the parser guesses, and most of its further errors are consequences
  const first = document?.errors[0];
  if (first !== undefined) {
    const message = first.message.split('\n')[0] ?? first.message;
    return [{ at: place(first.pos[0], first.pos[1]), message, ...slipHint(text, first.pos[0]) }];
  }
  // the parser would drop an unknown tag, and with it the user's intent
  return (document?.warnings ?? []).map(({ message, pos }) => ({
    at: place(pos[0], pos[1]),
    message: (message.split('\n')[0] ?? message).replace(/^Unresolved tag: /, 'unknown tag '),
  }));
}

/** Explains braces inside a plain value: the most common mistake is an unquoted path such as /files/{name}. */
function slipHint(text: string, position: number): { hint?: string } {
  const start = text.lastIndexOf('\n', position - 1) + 1;
  const end = text.indexOf('\n', position);
  const line = text.slice(start, end < 0 ? text.length : end);
  if (/^\s*\t/.test(line)) return { hint: 'YAML is indented with spaces' };
  return /[{[][^"']*\S\{/.test(line)
    ? { hint: 'put text that has braces in quotes, such as {path: "/files/{name}"}' }
    : {};
}

/** Walks a document once. An anchored value is walked at the anchor, and shared by its aliases. */
class Locator {
  readonly #place: Place;
  readonly #problems: Problem[];
  readonly #anchors = new Map<string, Located | 'open'>();
  firstAlias: Span | undefined;

  constructor(place: Place, problems: Problem[]) {
    this.#place = place;
    this.#problems = problems;
  }

  locate(node: Node): Located {
    const at = this.#at(node);
    if (isAlias(node)) return this.#alias(node.source, at);
    const { anchor } = node as { anchor?: string };
    if (anchor !== undefined) this.#anchors.set(anchor, 'open');
    const value = this.#value(node, at);
    if (anchor !== undefined) this.#anchors.set(anchor, value);
    return value;
  }

  #value(node: Node, at: Span): Located {
    if (isMap(node)) return this.#map(node.items as never, at);
    if (isSeq(node)) {
      return {
        kind: 'list',
        at,
        items: node.items.map((item) => (item === null ? nothing(at) : this.locate(item as Node))),
      };
    }
    if (isScalar(node)) return fromPlain(asWritten(node.value as Plain, node.source), at);
    return nothing(at);
  }

  #alias(name: string, at: Span): Located {
    this.firstAlias ??= at;
    const target = this.#anchors.get(name);
    if (target !== undefined && target !== 'open') return target;
    this.#problems.push({
      at,
      message: target === 'open' ? `*${name} is used inside its own anchor` : `there is no anchor &${name}`,
    });
    return nothing(at);
  }

  #map(pairs: readonly { readonly key: Node | null; readonly value: Node | null }[], at: Span): Located {
    const entries = new Map<string, Entry>();
    const merged: Entry[] = [];
    for (const { key, value } of pairs) {
      const keyAt = key === null ? at : this.#at(key);
      const child = value === null ? nothing(keyAt) : this.locate(value);
      if (isMergeKey(key)) {
        merged.push({ keyAt, value: child });
        continue;
      }
      const name = isScalar(key) && key.value !== null && typeof key.value !== 'object' ? String(key.value) : undefined;
      if (name === undefined || name === '__proto__') {
        this.#problems.push({ at: keyAt, message: 'a key is text', hint: 'put it in quotes if it is meant as text' });
        continue;
      }
      const other = entries.get(name);
      if (other !== undefined) {
        this.#problems.push({
          at: keyAt,
          message: `the key "${name}" appears twice; first in line ${other.keyAt.line}`,
        });
        continue;
      }
      entries.set(name, { keyAt, value: child });
    }
    for (const entry of merged) this.#merge(entries, entry);
    return { kind: 'map', at, entries };
  }

  /** `<<` adds keys that are not written; the earliest of several maps wins. https://yaml.org/type/merge.html */
  #merge(entries: Map<string, Entry>, { keyAt, value }: Entry): void {
    for (const source of value.kind === 'list' ? value.items : [value]) {
      if (source.kind !== 'map') {
        this.#problems.push({ at: keyAt, message: 'expected a map or a list of maps after <<' });
        continue;
      }
      for (const [name, entry] of source.entries) if (!entries.has(name)) entries.set(name, entry);
    }
  }

  #at(node: Node): Span {
    const [start = 0, end = 0] = node.range ?? [];
    return this.#place(start, end);
  }
}

function nothing(at: Span): Located {
  return { kind: 'scalar', at, value: null };
}

function isMergeKey(key: Node | null): boolean {
  return isScalar(key) && (typeof key.value === 'symbol' || (key.value === '<<' && key.type === 'PLAIN'));
}

/** A number that would change when parsed (an account that begins with 0, a version such as 1.10, an id over 2^53, a commit
 * such as 12e10, or a number JSON cannot hold) stays text; AWS accepts text for numbers, and nobody means 1.1 by
 * 1.10. */
function asWritten(value: Plain, source: string | undefined): Plain {
  return typeof value === 'number' && source !== undefined && String(value) !== source ? source : value;
}
