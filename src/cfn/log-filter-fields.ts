// Compiles the space-delimited form of a filter pattern, `[ip, user, status = 4*, ...]`, to a predicate on messages.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html#matching-terms-space-delimited-log-events
import { LogFilterError, type Matches } from './log-filter.ts';
import { compileComparison, type Test } from './log-filter-json.ts';

/** A condition on each field; undefined for the fields that `...` stands for. */
type Field = Test | undefined;

export function compileFieldPattern(pattern: string): Matches {
  if (!pattern.endsWith(']')) throw new LogFilterError();
  const fields = split(pattern.slice(1, -1), ',').map(compileField);
  const gap = fields.indexOf(undefined);
  if (fields.length === 0 || fields.indexOf(undefined, gap + 1) > gap) throw new LogFilterError();
  const before = (gap < 0 ? fields : fields.slice(0, gap)) as Test[];
  const after = (gap < 0 ? [] : fields.slice(gap + 1)) as Test[];
  return (message) => {
    const words = wordsOf(message);
    const isLongEnough = gap < 0 ? words.length === fields.length : words.length >= fields.length - 1;
    const last = words.slice(words.length - after.length);
    return (
      isLongEnough &&
      before.every((test, index) => test(words[index] ?? '')) &&
      after.every((test, index) => test(last[index] ?? ''))
    );
  };
}

/** What is in quotes or brackets is one word. */
function wordsOf(message: string): string[] {
  return [...message.matchAll(/"([^"]*)"|\[([^\]]*)\]|(\S+)/g)].map(
    ([, quoted, bracketed, plain]) => quoted ?? bracketed ?? plain ?? '',
  );
}

/** Separators in quotes, in regular expressions or in parentheses do not count. */
function split(text: string, separator: string): string[] {
  const parts = [''];
  let closing = '';
  for (const character of text) {
    if (closing === '' && character === separator) {
      parts.push('');
      continue;
    }
    if (closing === '') closing = { '"': '"', '%': '%', '(': ')' }[character] ?? '';
    else if (character === closing) closing = '';
    parts[parts.length - 1] += character;
  }
  if (closing !== '') throw new LogFilterError();
  return parts.map((part) => part.trim());
}

const condition = /^\s*([A-Za-z_][A-Za-z0-9_]*)\s*(!=|<=|>=|=|<|>)\s*("(?:[^"\\]|\\.)*"|%[^%]*%|[^\s&|]+)\s*(&&|\|\|)?/;

function compileField(text: string): Field {
  if (text === '...') return undefined;
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(text)) return () => true;
  let rest = text.startsWith('(') && text.endsWith(')') ? text.slice(1, -1) : text;
  const alternatives: Test[][] = [[]];
  for (;;) {
    const match = condition.exec(rest);
    if (match === null) throw new LogFilterError();
    const [whole, , operator = '', operand = '', joint] = match;
    alternatives.at(-1)?.push(compileWord(operator, operand));
    rest = rest.slice(whole.length);
    if (joint === undefined) break;
    if (joint === '||') alternatives.push([]);
  }
  if (rest.trim() !== '') throw new LogFilterError();
  return (word) => alternatives.some((tests) => tests.every((test) => test(word)));
}

/** Numbers are compared as numbers, although the words of a message are text. */
function compileWord(operator: string, operand: string): Test {
  const isNumber = !operand.startsWith('"') && operand !== '' && !Number.isNaN(Number(operand));
  const value = (word: unknown) => (isNumber ? Number(word) : word);
  return compileComparison(value, operator, operand);
}
