// The conditions of event patterns: each tests one value of an event.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
import { addressRange, bytesOfAddress, sameBytes, withinRange } from './event-pattern-address.ts';
import { type Dialect, PatternError, type PatternPath } from './event-pattern-language.ts';
import { compileWildcard } from './event-pattern-wildcard.ts';

export type Scalar = string | number | boolean | null;

export interface LeafTest {
  passes(value: Scalar): boolean;
  /** Passes if there is no value. */
  readonly absent: boolean;
}

type Passes = (value: Scalar) => boolean;

export function compileCondition(condition: unknown, path: PatternPath, dialect: Dialect): LeafTest {
  if (Array.isArray(condition)) {
    throw new PatternError('Match value must be String, number, true, false, or null', path);
  }
  if (typeof condition !== 'object' || condition === null) return present(equals(condition as Scalar));
  const [first, second] = Object.entries(condition);
  if (first === undefined) throw new PatternError('Match expression name not found', path, 'end');
  const [operator, operand] = first as [string, unknown];
  const at = [...path, operator];
  if (!dialect.operators.has(operator)) throw new PatternError(`Unrecognized match type ${operator}`, at);
  const test = operator === 'exists' ? exists(operand, at) : present(compileOperator(operator, operand, at, dialect));
  if (second !== undefined) {
    const isCounted = operator === 'numeric' || operator === 'anything-but';
    const reason = isCounted ? 'Too many elements in numeric expression' : onlyOneKey;
    throw new PatternError(reason, [...path, second[0]]);
  }
  return test;
}

const onlyOneKey = 'Only one key allowed in match expression';

function compileOperator(operator: string, operand: unknown, path: PatternPath, dialect: Dialect): Passes {
  switch (operator) {
    case 'exactly':
      return equals(textOf(operand, path, 'exact match pattern must be a string'));
    case 'prefix':
      return affix('prefix', operand, path);
    case 'suffix':
      return affix('suffix', operand, path);
    case 'equals-ignore-case':
      return sameIgnoringCase(textOf(operand, path, 'equals-ignore-case match pattern must be a string'));
    case 'wildcard':
      return compileWildcard(textOf(operand, path, 'wildcard match pattern must be a string'), path);
    // "prefix" is AWS's word here too
    case 'cidr':
      return addressIn(textOf(operand, path, 'prefix match pattern must be a string'), path);
    case 'numeric':
      return numeric(operand, path);
    default:
      return anythingBut(operand, path, dialect);
  }
}

function present(passes: Passes): LeafTest {
  return { passes, absent: false };
}

function exists(operand: unknown, path: PatternPath): LeafTest {
  if (typeof operand !== 'boolean') {
    throw new PatternError('exists match pattern must be either true or false.', path);
  }
  return { passes: () => operand, absent: !operand };
}

/** Two addresses are equal however they are written. */
function equals(expected: Scalar): Passes {
  const address = typeof expected === 'string' ? bytesOfAddress(expected) : undefined;
  if (address === undefined) return (value) => value === expected;
  return (value) => {
    const actual = typeof value === 'string' ? bytesOfAddress(value) : undefined;
    return actual !== undefined && sameBytes(actual, address);
  };
}

function textOf(operand: unknown, path: PatternPath, reason: string): string {
  if (typeof operand !== 'string') throw new PatternError(reason, path);
  return operand;
}

const folded = (text: string): string => text.toLowerCase();

function sameIgnoringCase(expected: string): Passes {
  return (value) => typeof value === 'string' && folded(value) === folded(expected);
}

const affixes = {
  prefix: { title: 'Prefix', has: (value: string, part: string) => value.startsWith(part) },
  suffix: { title: 'Suffix', has: (value: string, part: string) => value.endsWith(part) },
} as const;

/** `{"prefix": "a"}` or `{"prefix": {"equals-ignore-case": "a"}}`. */
function affix(operator: keyof typeof affixes, operand: unknown, path: PatternPath): Passes {
  const { title, has } = affixes[operator];
  if (typeof operand === 'object' && operand !== null && !Array.isArray(operand)) {
    const [first, second] = Object.entries(operand);
    if (first === undefined) throw new PatternError(`${title} expression name not found`, path, 'end');
    const at = [...path, first[0]];
    if (first[0] !== 'equals-ignore-case') throw new PatternError(`Unsupported ${operator} pattern: ${first[0]}`, at);
    const part = folded(textOf(first[1], at, 'equals-ignore-case match pattern must be a string'));
    if (second !== undefined) throw new PatternError(onlyOneKey, [...path, second[0]]);
    return (value) => typeof value === 'string' && has(folded(value), part);
  }
  const part = textOf(operand, path, `${operator} match pattern must be a string`);
  return (value) => typeof value === 'string' && has(value, part);
}

function addressIn(text: string, path: PatternPath): Passes {
  const range = addressRange(text, path);
  return (value) => {
    const address = typeof value === 'string' ? bytesOfAddress(value) : undefined;
    return address !== undefined && withinRange(address, range);
  };
}

/** "EventBridge supports numeric matching between -5.0e9 and +5.0e9 inclusive":
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#filtering-numeric-matching */
const largestNumber = 5e9;

function numberOf(value: number, path: PatternPath): number {
  if (Math.abs(value) <= largestNumber) return value;
  throw new PatternError('Value must be between -5.0E9 and 5.0E9, inclusive', path);
}

const comparisons: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

/** `["<", 10]`, or a range such as `[">", 0, "<=", 5]`. */
function numeric(operand: unknown, path: PatternPath): Passes {
  if (!Array.isArray(operand)) throw new PatternError('Value of numeric must be an array.', path);
  const [operator, bound, second, top] = operand as readonly unknown[];
  const at = (i: number): readonly [PatternPath, 'token' | 'text' | 'end'] =>
    i < operand.length ? [[...path, i], 'token'] : [path, 'end'];
  if (typeof operator !== 'string') {
    const found = operand.length === 0 ? ']' : JSON.stringify(operator);
    throw new PatternError(`Invalid member in numeric match: ${found}`, ...at(0));
  }
  const compare = Object.hasOwn(comparisons, operator) ? comparisons[operator] : undefined;
  if (compare === undefined) throw new PatternError(`Unrecognized numeric range operator: ${operator}`, ...at(1));
  if (typeof bound !== 'number') {
    throw new PatternError(`Value of ${operator === '=' ? 'equals' : operator} must be numeric`, ...at(1));
  }
  const low = numberOf(bound, [...path, 1]);
  const isLow = operator === '>' || operator === '>=';
  if (operand.length === 2) return (value) => typeof value === 'number' && compare(value, low);
  if (!isLow) throw new PatternError('Too many elements in numeric expression', ...at(2));
  if (typeof second !== 'string') {
    throw new PatternError(`Bad value in numeric range: ${JSON.stringify(second)}`, ...at(2));
  }
  if (second !== '<' && second !== '<=') {
    throw new PatternError(`Bad numeric range operator: ${second}`, [...path, 2], 'text');
  }
  if (typeof top !== 'number') throw new PatternError(`Value of ${second} must be numeric`, ...at(3));
  const high = numberOf(top, [...path, 3]);
  if (operand.length > 4) throw new PatternError('Too many terms in numeric range expression', ...at(4));
  if (low >= high) throw new PatternError('Bottom must be less than top', path, 'end');
  const below = comparisons[second] as (value: number, bound: number) => boolean;
  return (value) => typeof value === 'number' && compare(value, low) && below(value, high);
}

/** A value is missing to no test: an absent one does not pass. */
function anythingBut(operand: unknown, path: PatternPath, dialect: Dialect): Passes {
  if (Array.isArray(operand)) return noneOf(operand, path);
  if (typeof operand === 'string') return (value) => value !== operand;
  if (typeof operand === 'number') {
    const number = numberOf(operand, path);
    return (value) => value !== number;
  }
  const notAValue = 'Value of anything-but must be an array or single string/number value.';
  if (typeof operand !== 'object' || operand === null) throw new PatternError(notAValue, path);
  const [first, second] = Object.entries(operand) as [string, unknown][];
  if (first === undefined) throw new PatternError('Anything-But expression name not found', path, 'end');
  const [operator, inner] = first;
  const at = [...path, operator];
  if (!dialect.negated.has(operator)) throw new PatternError(`Unsupported anything-but pattern: ${operator}`, at);
  if (!Array.isArray(inner) && typeof inner !== 'string' && typeof inner !== 'number') {
    throw new PatternError(notAValue, at);
  }
  const isList = Array.isArray(inner);
  const tests = (isList ? inner : [inner]).map((part: unknown, i) =>
    negatable(operator, part, isList ? [...at, i] : at, isList),
  );
  if (second !== undefined) {
    throw new PatternError('Too many elements in numeric expression', [...path, second[0]]);
  }
  return (value) => !tests.some((test) => test(value));
}

/** A list of texts or of numbers. */
function noneOf(list: readonly unknown[], path: PatternPath): Passes {
  for (const [i, value] of list.entries()) {
    if (typeof value !== 'string' && typeof value !== 'number') {
      const reason = 'Inside anything but list, start|null|boolean is not supported.';
      throw new PatternError(reason, [...path, i], 'token', true);
    }
    if (typeof value === 'number') numberOf(value, [...path, i]);
  }
  if (new Set(list.map((value) => typeof value)).size !== 1) {
    const reason = 'Inside anything but list, either all values are number or string, mixed type is not supported';
    throw new PatternError(reason, path, 'end');
  }
  const values = new Set(list);
  return (value) => !values.has(value);
}

function negatable(operator: string, part: unknown, path: PatternPath, isInList: boolean): Passes {
  if (typeof part !== 'string') {
    const reasons: Readonly<Record<string, string>> = {
      'equals-ignore-case': 'Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.',
      wildcard: 'wildcard match pattern must be a string',
    };
    throw new PatternError(
      reasons[operator] ?? 'prefix/suffix match pattern must be a string',
      path,
      'token',
      isInList,
    );
  }
  if (operator === 'equals-ignore-case') return sameIgnoringCase(part);
  if (operator === 'wildcard') return compileWildcard(part, path);
  if (part === '') throw new PatternError('Null prefix/suffix not allowed', path, 'text', isInList);
  return affix(operator as 'prefix' | 'suffix', part, path);
}
