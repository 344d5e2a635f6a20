// Event patterns as the text that a caller gives: parsed, and errors with the line and column that AWS tells.
import { compileEventPattern, type EventTest } from '../../cfn/event-pattern.ts';
import { busDialect, PatternError, type PatternPath } from '../../cfn/event-pattern-language.ts';
import { AwsError } from '../cloud.ts';

/** Throws InvalidEventPatternException, in the words of AWS: "Event pattern is not valid. Reason: … at [Source: …; line: 1, column: 8]". */
export function compilePatternText(text: string): EventTest {
  try {
    return compileEventPattern(parsed(text), busDialect);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    const where = error.place === 'nowhere' ? '' : located(text, tokenEnd(text, error));
    throw invalidPattern(`${error.message}${where}${error.isTwice ? where : ''}`);
  }
}

function invalidPattern(reason: string): AwsError {
  return new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const [space = '', word = ''] = /^(\s*)(\w*)/.exec(text)?.slice(1) ?? [];
    const expected = "was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
    const isWord = word !== '' && !/^(true|false|null|-?\d+)$/.test(word);
    const reason = isWord ? `Unrecognized token '${word}': ${expected}` : 'Unexpected character or end-of-input';
    throw invalidPattern(`${reason}${located(text, isWord ? space.length + word.length : text.length)}`);
  }
}

/** The line and the column after the offset, as Jackson, AWS's JSON parser, prints them. */
function located(text: string, offset: number): string {
  const lines = text.slice(0, offset).split('\n');
  return `\n at [Source: (String)"${text}"; line: ${lines.length}, column: ${(lines.at(-1)?.length ?? 0) + 1}]`;
}

/** The offset behind the token where the parser stands. */
function tokenEnd(text: string, { path, place }: PatternError): number {
  const start = valueStart(text, path);
  if (place === 'end') return valueEnd(text, start);
  // the parser reads a text only when it is asked for it
  if (text[start] === '"') return place === 'text' ? valueEnd(text, start) : start + 1;
  return /[[{]/.test(text[start] ?? '') ? start + 1 : valueEnd(text, start);
}

/** Where the value at a path begins, in valid JSON. Of a key that is there twice, the last one counts. */
function valueStart(text: string, path: PatternPath): number {
  let at = skipSpace(text, 0);
  for (const step of path) {
    let found = at;
    let index = 0;
    for (let next = skipSpace(text, at + 1); !/[\]}]/.test(text[next] ?? '}'); index++) {
      let key: unknown = index;
      if (text[at] === '{') {
        const keyEnd = valueEnd(text, next);
        key = JSON.parse(text.slice(next, keyEnd));
        next = skipSpace(text, skipSpace(text, keyEnd) + 1);
      }
      if (key === step) found = next;
      next = skipSpace(text, valueEnd(text, next));
      if (text[next] === ',') next = skipSpace(text, next + 1);
    }
    at = found;
  }
  return at;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (/\s/.test(text[at] ?? '')) at++;
  return at;
}

/** The offset behind the value that begins at `from`. */
function valueEnd(text: string, from: number): number {
  let depth = 0;
  const token = /"(?:[^"\\]|\\.)*"|[[{]|[\]}]|[^\s,:[\]{}"]+/gy;
  for (let at = from; at < text.length; ) {
    token.lastIndex = at;
    const found = token.exec(text)?.[0];
    if (found === undefined) {
      at++;
      continue;
    }
    at = token.lastIndex;
    if (/^[[{]/.test(found)) depth++;
    else if (/^[\]}]/.test(found)) depth--;
    if (depth === 0) return at;
  }
  return text.length;
}
