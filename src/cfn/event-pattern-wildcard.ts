// The operator `wildcard` of event patterns: `*` stands for any characters, `\*` and `\\` for themselves.
import { PatternError, type PatternPath } from './event-pattern-language.ts';

export function compileWildcard(pattern: string, path: PatternPath): (value: unknown) => boolean {
  const parts = literalParts(pattern, path);
  return (value) => typeof value === 'string' && isMatch(value, parts);
}

/** The texts between the stars. Positions in errors count bytes, from the quote before the text. */
function literalParts(pattern: string, path: PatternPath): readonly string[] {
  const parts = [''];
  for (let i = 0; i < pattern.length; i++) {
    const [character = '', next] = [pattern[i], pattern[i + 1]];
    const position = () => Buffer.byteLength(pattern.slice(0, i)) + 1;
    if (character === '*') {
      if (next === '*') {
        throw new PatternError(`Consecutive wildcard characters at pos ${position()}`, path, 'text');
      }
      parts.push('');
      continue;
    }
    if (character === '\\') {
      if (next !== '*' && next !== '\\') {
        throw new PatternError(`Invalid escape character at pos ${position()}`, path, 'text');
      }
      i++;
      parts[parts.length - 1] += next;
    } else {
      parts[parts.length - 1] += character;
    }
  }
  return parts;
}

/** Finds each part as early as it can, so the time does not depend on how the parts repeat. */
function isMatch(value: string, parts: readonly string[]): boolean {
  const [first = '', ...others] = parts;
  const last = others.pop();
  if (last === undefined) return value === first;
  if (!value.startsWith(first) || !value.endsWith(last) || value.length < first.length + last.length) return false;
  let from = first.length;
  const end = value.length - last.length;
  for (const part of others) {
    const found = value.indexOf(part, from);
    if (found === -1 || found + part.length > end) return false;
    from = found + part.length;
  }
  return true;
}
