// Decides the rules of Choice states.
// https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
import { isTimestamp } from '../../cfn/states-fields.ts';
import { runtimeError } from './state-error.ts';
import { type Values, valueAt } from './values.ts';

type Rule = Readonly<Record<string, unknown>>;

/** Whether the rule of the JSONPath query language holds. */
export function holds(rule: Rule, values: Values): boolean {
  const { And, Or, Not, Variable, Next, Comment, Assign, ...rest } = rule;
  if (And !== undefined) return (And as Rule[]).every((inner) => holds(inner, values));
  if (Or !== undefined) return (Or as Rule[]).some((inner) => holds(inner, values));
  if (Not !== undefined) return !holds(Not as Rule, values);
  const [name = '', expected] = Object.entries(rest)[0] ?? [];
  const actual = valueAt(String(Variable), values);
  if (name === 'IsPresent') return (actual !== undefined) === expected;
  if (actual === undefined) throw invalidPath(String(Variable));
  if (name.startsWith('Is')) return isOfKind(name, actual) === expected;
  if (!name.endsWith('Path')) return compare(name, actual, expected);
  const other = valueAt(String(expected), values);
  if (other === undefined) throw invalidPath(String(expected));
  return compare(name.slice(0, -'Path'.length), actual, other);
}

function invalidPath(path: string) {
  return runtimeError(`Invalid path '${path}': The choice state's condition path references an invalid value.`);
}

function isOfKind(name: string, value: unknown): boolean {
  switch (name) {
    case 'IsNull':
      return value === null;
    case 'IsBoolean':
      return typeof value === 'boolean';
    case 'IsNumeric':
      return typeof value === 'number';
    case 'IsString':
      return typeof value === 'string';
    default:
      return isTimestamp(value);
  }
}

/** False if a value is not of the comparison's type. */
function compare(name: string, actual: unknown, expected: unknown): boolean {
  if (name === 'StringMatches') return typeof actual === 'string' && wildcard(String(expected)).test(actual);
  const [, type, order = ''] = /^(Boolean|Numeric|String|Timestamp)(.+)$/.exec(name) ?? [];
  switch (type) {
    case 'Boolean':
      return typeof actual === 'boolean' && actual === expected;
    case 'Numeric':
      return typeof actual === 'number' && typeof expected === 'number' && inOrder(order, actual - expected);
    case 'String':
      return (
        typeof actual === 'string' && typeof expected === 'string' && inOrder(order, compareText(actual, expected))
      );
    default:
      return isTimestamp(actual) && isTimestamp(expected) && inOrder(order, Date.parse(actual) - Date.parse(expected));
  }
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function inOrder(order: string, difference: number): boolean {
  switch (order) {
    case 'Equals':
      return difference === 0;
    case 'LessThan':
      return difference < 0;
    case 'GreaterThan':
      return difference > 0;
    case 'LessThanEquals':
      return difference <= 0;
    default:
      return difference >= 0;
  }
}

/** `*` stands for any characters, `\*` for an asterisk. */
function wildcard(pattern: string): RegExp {
  const source = pattern.replace(/\\([*\\])|\*|[.+?^${}()|[\]\\]/g, (found, escaped: string | undefined) => {
    if (escaped !== undefined) return `\\${escaped}`;
    return found === '*' ? '.*' : `\\${found}`;
  });
  return new RegExp(`^${source}$`, 's');
}
