// Compiles the JSON form of a filter pattern, `{ $.level = "error" && $.ms > 100 }`, to a predicate on messages.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
import { compileRegex, LogFilterError, type Matches } from './log-filter.ts';

export type Test = (event: unknown) => boolean;

/** A message that is not a JSON object or array matches no JSON pattern. */
export function compileJsonPattern(pattern: string): Matches {
  if (!pattern.endsWith('}')) throw new LogFilterError();
  const tokens = tokenize(pattern.slice(1, -1));
  const test = readDisjunction(tokens);
  if (tokens.length > 0) throw new LogFilterError();
  return (message) => {
    const event = parsed(message);
    return typeof event === 'object' && event !== null && test(event);
  };
}

function parsed(message: string): unknown {
  if (!/^\s*[[{]/.test(message)) return undefined;
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}

const tokenPattern =
  /\s*(&&|\|\||!=|<=|>=|[=<>()]|"(?:[^"\\]|\\.)*"|%[^%]*%|\$(?:\.[\p{L}\p{N}_-]+|\.?\["[^"]+"\]|\[\d+\])+|[^\s()=<>!&|"%]+)\s*/uy;

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < text.length) {
    const match = tokenPattern.exec(text);
    if (match?.[1] === undefined) throw new LogFilterError();
    tokens.push(match[1]);
  }
  return tokens;
}

function readDisjunction(tokens: string[]): Test {
  const tests = [readConjunction(tokens)];
  while (tokens[0] === '||') {
    tokens.shift();
    tests.push(readConjunction(tokens));
  }
  return (event) => tests.some((test) => test(event));
}

function readConjunction(tokens: string[]): Test {
  const tests = [readTerm(tokens)];
  while (tokens[0] === '&&') {
    tokens.shift();
    tests.push(readTerm(tokens));
  }
  return (event) => tests.every((test) => test(event));
}

function readTerm(tokens: string[]): Test {
  const first = tokens.shift();
  if (first === '(') {
    const inner = readDisjunction(tokens);
    if (tokens.shift() !== ')') throw new LogFilterError();
    return inner;
  }
  if (!first?.startsWith('$')) throw new LogFilterError();
  const select = compileSelector(first);
  const operator = tokens.shift()?.toUpperCase();
  if (operator === 'IS' || operator === 'NOT')
    return readKeyword(`${operator} ${tokens.shift()?.toUpperCase()}`, select);
  const operand = tokens.shift();
  if (operator === undefined || operand === undefined) throw new LogFilterError();
  return compileComparison(select, operator, operand);
}

function readKeyword(keyword: string, select: (event: unknown) => unknown): Test {
  switch (keyword) {
    case 'IS TRUE':
      return (event) => select(event) === true;
    case 'IS FALSE':
      return (event) => select(event) === false;
    case 'IS NULL':
      return (event) => select(event) === null;
    case 'NOT EXISTS':
      return (event) => select(event) === undefined;
    default:
      throw new LogFilterError();
  }
}

function compileSelector(selector: string): (event: unknown) => unknown {
  const steps = [...selector.matchAll(/\.([\p{L}\p{N}_-]+)|\["([^"]+)"\]|\[(\d+)\]/gu)].map(
    ([, plain, quoted, index]) => plain ?? quoted ?? Number(index),
  );
  return (event) => {
    let value = event;
    for (const step of steps) {
      if (typeof value !== 'object' || value === null) return undefined;
      if (Array.isArray(value) !== (typeof step === 'number')) return undefined;
      value = Object.hasOwn(value, step) ? (value as Record<string | number, unknown>)[step] : undefined;
    }
    return value;
  };
}

export function compileComparison(select: (event: unknown) => unknown, operator: string, operand: string): Test {
  if (operator === '=' || operator === '!=') {
    const equals = compileEquality(operand);
    return (event) => {
      const value = select(event);
      return value !== undefined && equals(value) === (operator === '=');
    };
  }
  const bound = Number(operand);
  const compare = orders[operator];
  if (compare === undefined || Number.isNaN(bound)) throw new LogFilterError();
  return (event) => {
    const value = select(event);
    return typeof value === 'number' && compare(value, bound);
  };
}

const orders: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

// An unquoted number is compared as a number; `*` in a string matches anything.
function compileEquality(operand: string): (value: unknown) => boolean {
  if (operand.startsWith('%')) {
    const regex = compileRegex(operand.slice(1, -1));
    return (value) => typeof value === 'string' && regex.test(value);
  }
  const quoted = operand.startsWith('"');
  if (!quoted && operand !== '' && !Number.isNaN(Number(operand))) {
    return (value) => typeof value === 'number' && value === Number(operand);
  }
  const text = quoted ? operand.slice(1, -1).replace(/\\(.)/g, '$1') : operand;
  const parts = text.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  const wildcard = new RegExp(`^${parts.join('.*')}$`, 's');
  return (value) => typeof value === 'string' && wildcard.test(value);
}
