// The filter policies of SNS subscriptions: what is wrong with one, and which messages pass. fx checks them, the local AWS applies them.
// https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
import { isIPv4 } from 'node:net';

export type FilterScope = 'MessageAttributes' | 'MessageBody';
export type FilterTest = (properties: unknown) => boolean;
type ValueTest = (value: unknown) => boolean;

/** A policy that SNS does not accept; the message is SNS's own, where it is known (recorded in 2026). */
export class InvalidFilterPolicy extends Error {}

// https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
const mostCombinations = 150;
const mostKeys = 5;
const largestPolicy = 262_144;
const largestNumber = 1_000_000_000;

/** The test of a policy. Throws InvalidFilterPolicy. */
export function compileFilterPolicy(policy: unknown, scope: FilterScope): FilterTest {
  if (!isObject(policy)) throw new InvalidFilterPolicy('Filter is not an object');
  if (JSON.stringify(policy).length > largestPolicy) throw new InvalidFilterPolicy('Filter policy is too large');
  const test = compileObject(policy, scope, 1);
  const { combinations, keys } = measure(policy, 1);
  if (keys > mostKeys) throw new InvalidFilterPolicy(`Filter policy can not have more than ${mostKeys} keys`);
  if (combinations > mostCombinations) throw new InvalidFilterPolicy('Filter policy is too complex');
  return test;
}

function compileObject(policy: Readonly<Record<string, unknown>>, scope: FilterScope, depth: number): FilterTest {
  const tests = Object.entries(policy).map(([key, rule]): FilterTest => {
    if (key === '$or' && isAlternatives(rule)) {
      const choices = rule.map((choice) => compileObject(choice, scope, depth));
      return (value) => choices.some((test) => test(value));
    }
    if (Array.isArray(rule)) {
      const test = compileList(rule);
      return (value) => test(propertyOf(value, key));
    }
    if (!isObject(rule)) throw new InvalidFilterPolicy(`"${key}" must be an object or an array`);
    if (scope === 'MessageAttributes') {
      throw new InvalidFilterPolicy('Filter policy scope MessageAttributes does not support nested filter policy');
    }
    if (Object.keys(rule).length === 0) throw new InvalidFilterPolicy('Empty objects are not allowed');
    const test = compileObject(rule, scope, depth + 1);
    return (value) => anyOf(propertyOf(value, key), test);
  });
  return (value) => tests.every((test) => test(value));
}

/** SNS reads `$or` as a key unless it lists at least two objects, none of which looks like a condition. */
function isAlternatives(rule: unknown): rule is readonly Readonly<Record<string, unknown>>[] {
  return (
    Array.isArray(rule) &&
    rule.length > 1 &&
    rule.every((choice) => isObject(choice) && Object.keys(choice).every((key) => !Object.hasOwn(operators, key)))
  );
}

/** An array matches if one of its elements does, at any depth. */
function anyOf(value: unknown, test: FilterTest): boolean {
  return Array.isArray(value) ? value.some((item) => anyOf(item, test)) : test(value);
}

function propertyOf(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function compileList(rules: readonly unknown[]): ValueTest {
  if (rules.length === 0) throw new InvalidFilterPolicy('Empty arrays are not allowed');
  const tests = rules.map(compileRule);
  return (value) => tests.some((test) => (Array.isArray(value) && value.length > 0 ? anyOf(value, test) : test(value)));
}

function compileRule(rule: unknown): ValueTest {
  if (Array.isArray(rule)) throw new InvalidFilterPolicy('Match value must be String, number, true, false, or null');
  if (!isObject(rule)) {
    if (typeof rule === 'number') checkNumber(rule);
    return (value) => value === rule;
  }
  const [[operator = '', operand] = [], ...more] = Object.entries(rule);
  if (more.length > 0) throw new InvalidFilterPolicy('Only one key allowed in match expression');
  const compile = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
  if (compile === undefined) throw new InvalidFilterPolicy(`Unrecognized match type ${operator}`);
  return compile(operand);
}

const operators: Readonly<Record<string, (operand: unknown) => ValueTest>> = {
  'anything-but': anythingBut,
  cidr,
  'equals-ignore-case': onText('equals-ignore-case', (value, text) => value.toLowerCase() === text.toLowerCase()),
  exists: (operand) => {
    if (typeof operand !== 'boolean')
      throw new InvalidFilterPolicy('exists match pattern must be either true or false.');
    return (value) => (value !== undefined) === operand;
  },
  numeric,
  prefix: onText('prefix', (value, text) => value.startsWith(text)),
  suffix: onText('suffix', (value, text) => value.endsWith(text)),
};

function onText(operator: string, test: (value: string, text: string) => boolean) {
  return (operand: unknown): ValueTest => {
    if (typeof operand !== 'string') throw new InvalidFilterPolicy(`${operator} match pattern must be a string`);
    return (value) => typeof value === 'string' && test(value, operand);
  };
}

function anythingBut(operand: unknown): ValueTest {
  if (isObject(operand)) {
    const [[operator = '', inner] = [], ...more] = Object.entries(operand);
    if (operator !== 'prefix' || more.length > 0) {
      throw new InvalidFilterPolicy(`Unsupported anything-but pattern: ${operator}`);
    }
    const test = compileRule({ prefix: inner });
    return (value) => value !== undefined && !test(value);
  }
  const values = [operand].flat();
  if (values.length === 0) throw new InvalidFilterPolicy('Empty arrays are not allowed');
  if (values.some((value) => typeof value !== 'string' && typeof value !== 'number')) {
    throw new InvalidFilterPolicy('anything-but list must contain only strings or numbers');
  }
  return (value) => value !== undefined && !values.includes(value);
}

const comparisons: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

/** `["=", 5]`, `["<", 5]` or `[">", 0, "<=", 5]`. */
function numeric(operand: unknown): ValueTest {
  if (!Array.isArray(operand)) throw new InvalidFilterPolicy('Value of numeric must be an array.');
  if (operand.length === 0) throw new InvalidFilterPolicy('Invalid member in numeric match: ]');
  if (operand.length > 4) throw new InvalidFilterPolicy('Too many elements in numeric expression');
  const tests: ((value: number) => boolean)[] = [];
  for (let i = 0; i < operand.length; i += 2) {
    const operator: unknown = operand[i];
    const bound: unknown = operand[i + 1];
    const compare = typeof operator === 'string' ? comparisons[operator] : undefined;
    if (compare === undefined) throw new InvalidFilterPolicy(`Unrecognized numeric range operator: ${operator}`);
    if (typeof bound !== 'number') throw new InvalidFilterPolicy(`Value of ${operator} must be numeric`);
    checkNumber(bound);
    tests.push((value) => compare(value, bound));
  }
  if (operand.length === 4 && !(String(operand[0]).startsWith('>') && String(operand[2]).startsWith('<'))) {
    throw new InvalidFilterPolicy('Too many elements in numeric expression');
  }
  if (operand.length === 4 && Number(operand[1]) >= Number(operand[3])) {
    throw new InvalidFilterPolicy('Bottom must be less than top');
  }
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

function checkNumber(value: number): void {
  if (Math.abs(value) > largestNumber) {
    throw new InvalidFilterPolicy(`Value must be between -1.0E9 and 1.0E9, inclusive`);
  }
}

function cidr(operand: unknown): ValueTest {
  const [, address = '', bits = '32'] = /^([\d.]+)(?:\/(\d{1,2}))?$/.exec(String(operand)) ?? [];
  if (typeof operand !== 'string' || !isIPv4(address) || Number(bits) > 32) {
    throw new InvalidFilterPolicy("Malformed CIDR, one '/' required");
  }
  const size = 2 ** (32 - Number(bits));
  const block = Math.floor(addressNumber(address) / size);
  return (value) => typeof value === 'string' && isIPv4(value) && Math.floor(addressNumber(value) / size) === block;
}

function addressNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** The product of the numbers of values; for a nested key, times its depth. */
function measure(policy: Readonly<Record<string, unknown>>, depth: number): { combinations: number; keys: number } {
  let combinations = 1;
  let keys = 0;
  for (const [key, rule] of Object.entries(policy)) {
    if (key === '$or' && isAlternatives(rule)) {
      const choices = rule.map((choice) => measure(choice, depth));
      combinations *= choices.reduce((sum, choice) => sum + choice.combinations, 0);
      keys += choices.reduce((sum, choice) => sum + choice.keys, 0);
    } else if (Array.isArray(rule)) {
      combinations *= rule.length * depth;
      keys += 1;
    } else if (isObject(rule)) {
      const inner = measure(rule, depth + 1);
      combinations *= inner.combinations;
      keys += inner.keys;
    }
  }
  return { combinations, keys };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
