// Splits a text into literal parts and lookups: `${name}`, `${name, default}`, lookups inside lookups, and `$${`,
// which is a plain `${`.

export interface Lookup {
  /** As written, with its braces. */
  readonly text: string;
  readonly name: readonly Part[];
  /** The value if the lookup finds nothing; undefined if there is no comma. */
  readonly fallback: readonly Part[] | undefined;
}
export type Part = string | Lookup;

/** The limit for nested lookups: deeper than anybody reads. */
const deepest = 10;

/** A lookup without an end, or nested too deeply. */
export class UnclosedLookup extends Error {}

/** Whether there is anything to parse: most texts have no lookups. */
export function hasLookup(text: string): boolean {
  return text.includes('${');
}

/** Throws UnclosedLookup. */
export function parseText(text: string): readonly Part[] {
  const cursor = { text, at: 0, depth: 0 };
  return readParts(cursor, 'end');
}

interface Cursor {
  readonly text: string;
  at: number;
  depth: number;
}

/** Reads up to the end of the text, to the `}` of the enclosing lookup, or to the comma before its default. */
function readParts(cursor: Cursor, stop: 'end' | 'brace' | 'comma'): readonly Part[] {
  const parts: Part[] = [];
  let plain = '';
  const { text } = cursor;
  while (cursor.at < text.length) {
    if (text.startsWith('$${', cursor.at)) {
      plain += '${';
      cursor.at += 3;
    } else if (text.startsWith('${', cursor.at)) {
      if (plain !== '') parts.push(plain);
      plain = '';
      parts.push(readLookup(cursor));
    } else {
      const character = text[cursor.at] ?? '';
      if (stop !== 'end' && character === '}') break;
      if (stop === 'comma' && character === ',') break;
      plain += character;
      cursor.at++;
    }
  }
  if (plain !== '') parts.push(plain);
  return parts;
}

function readLookup(cursor: Cursor): Lookup {
  const start = cursor.at;
  cursor.at += 2;
  if (++cursor.depth > deepest) throw new UnclosedLookup();
  const name = trimmed(readParts(cursor, 'comma'));
  let fallback: readonly Part[] | undefined;
  if (cursor.text[cursor.at] === ',') {
    cursor.at++;
    fallback = readFallback(cursor);
  }
  if (cursor.text[cursor.at] !== '}') throw new UnclosedLookup();
  cursor.at++;
  cursor.depth--;
  return { text: cursor.text.slice(start, cursor.at), name, fallback };
}

/** Quotes keep spaces and braces: `${params.x, 'a }'}`. */
function readFallback(cursor: Cursor): readonly Part[] {
  const { text } = cursor;
  while (text[cursor.at] === ' ') cursor.at++;
  const quote = text[cursor.at];
  const end = quote === "'" || quote === '"' ? text.indexOf(quote, cursor.at + 1) : -1;
  if (end > 0 && /^\s*\}/.test(text.slice(end + 1))) {
    const inner = text.slice(cursor.at + 1, end);
    cursor.at = end + 1;
    while (text[cursor.at] === ' ') cursor.at++;
    return [inner];
  }
  return trimmed(readParts(cursor, 'brace'));
}

function trimmed(parts: readonly Part[]): readonly Part[] {
  return parts
    .map((part, index) => {
      if (typeof part !== 'string') return part;
      const start = index === 0 ? part.trimStart() : part;
      return index === parts.length - 1 ? start.trimEnd() : start;
    })
    .filter((part) => part !== '');
}
