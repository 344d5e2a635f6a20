// The filters of an event source mapping: a pattern is compiled to a test of one record. fx checks them, the local AWS applies them.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax

export type RecordTest = (record: unknown) => boolean;
type ValueTest = (value: unknown) => boolean;

const patternLength = 4096;

/** A record passes if it matches any pattern, or if there are none. */
export function compileFilters(patterns: readonly string[]): RecordTest {
  const tests = patterns.map(compilePattern);
  return (record) => tests.length === 0 || tests.some((test) => test(record));
}

/** A pattern that Lambda does not accept; the message says why. */
export class InvalidFilter extends Error {}

function compilePattern(text: string): RecordTest {
  if (text.length > patternLength) throw new InvalidFilter(`a filter has at most ${patternLength} characters`);
  let pattern: unknown;
  try {
    pattern = JSON.parse(text);
  } catch {
    throw new InvalidFilter('a filter is JSON');
  }
  return compileObject(pattern);
}

function compileObject(pattern: unknown): ValueTest {
  if (!isObject(pattern))
    throw new InvalidFilter(`expected a map or a list of values, found ${JSON.stringify(pattern)}`);
  if (Object.keys(pattern).length === 0) throw new InvalidFilter('a map of a filter is empty');
  const tests = Object.entries(pattern).map(([key, condition]): ValueTest => {
    if (key === '$or') {
      if (!Array.isArray(condition)) throw new InvalidFilter('$or needs a list of maps');
      const choices = condition.map(compileObject);
      return (value) => choices.some((test) => test(value));
    }
    const test = Array.isArray(condition) ? compileList(condition) : compileObject(condition);
    return (value) => test(isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined);
  });
  return (value) => tests.every((test) => test(value));
}

/** One of the listed values or conditions must match the value, or an element if it is an array. */
function compileList(conditions: readonly unknown[]): ValueTest {
  if (conditions.length === 0) throw new InvalidFilter('a list of values is empty');
  const tests = conditions.map(compileCondition);
  return (value) => {
    const values = Array.isArray(value) ? value : [value];
    return tests.some((test) => values.some(test));
  };
}

function compileCondition(condition: unknown): ValueTest {
  if (!isObject(condition)) return (value) => value === condition;
  const [[operator = '', operand] = [], ...more] = Object.entries(condition);
  const compile = operators[operator];
  if (more.length > 0)
    throw new InvalidFilter(`a condition has one operator, found ${Object.keys(condition).join(', ')}`);
  if (compile === undefined)
    throw new InvalidFilter(`${JSON.stringify(operator)} is not an operator: ${Object.keys(operators).join(', ')}`);
  return compile(operand);
}

const operators: Readonly<Record<string, (operand: unknown) => ValueTest>> = {
  prefix: (operand) => onText('prefix', operand, (value, text) => value.startsWith(text)),
  suffix: (operand) => onText('suffix', operand, (value, text) => value.endsWith(text)),
  'equals-ignore-case': (operand) =>
    onText('equals-ignore-case', operand, (value, text) => value.toLowerCase() === text.toLowerCase()),
  exists: (operand) => {
    if (typeof operand !== 'boolean') throw new InvalidFilter('exists needs true or false');
    return (value) => (value !== undefined) === operand;
  },
  'anything-but': (operand) => {
    const test = isObject(operand)
      ? compileCondition(operand)
      : compileList(Array.isArray(operand) ? operand : [operand]);
    return (value) => value !== undefined && !test(value);
  },
  numeric: compileNumeric,
};

function onText(operator: string, operand: unknown, test: (value: string, text: string) => boolean): ValueTest {
  if (typeof operand !== 'string') throw new InvalidFilter(`${operator} needs text`);
  return (value) => typeof value === 'string' && test(value, operand);
}

const comparisons: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

/** `[">", 0, "<=", 5]`: every pair must match. */
function compileNumeric(operand: unknown): ValueTest {
  if (!Array.isArray(operand) || operand.length === 0 || operand.length % 2 !== 0)
    throw new InvalidFilter('numeric needs pairs such as [">", 0, "<=", 5]');
  const tests: ((value: number) => boolean)[] = [];
  for (let i = 0; i < operand.length; i += 2) {
    const compare = comparisons[String(operand[i])];
    const bound: unknown = operand[i + 1];
    if (compare === undefined || typeof bound !== 'number')
      throw new InvalidFilter('numeric needs pairs of =, <, <=, > or >= and a number');
    tests.push((value) => compare(value, bound));
  }
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
