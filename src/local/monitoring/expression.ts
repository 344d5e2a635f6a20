// Metric math: arithmetic with metrics and numbers. Functions and Metrics Insights queries are refused by name.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
import { AwsError } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';

/** Values by time. */
export type TimeSeries = ReadonlyMap<number, number>;

type Operand = number | TimeSeries;

const operators: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '^': (a, b) => a ** b,
};
const levels = [['+', '-'], ['*', '/'], ['^']];

/** `find` gives what another query of the request is, by its id. */
export function evaluate(expression: string, find: (id: string) => TimeSeries | undefined): TimeSeries {
  const tokens = expression.match(/\d+(?:\.\d+)?|[A-Za-z_]\w*|\S/g) ?? [];
  let at = 0;
  const invalid = (why: string) => new AwsError('ValidationError', `Error in expression '${expression}': ${why}`);

  const atom = (): Operand => {
    const token = tokens[at++];
    if (token === undefined) throw invalid('it ends too early');
    if (token === '-') return combine(0, atom(), '-');
    if (token === '(') {
      const inside = level(0);
      if (tokens[at++] !== ')') throw invalid('a ) is missing');
      return inside;
    }
    if (/^\d/.test(token)) return Number(token);
    if (!/^\w/.test(token) || token === 'SELECT' || tokens[at] === '(') {
      throw notImplemented(`cloudwatch:GetMetricData with an Expression with ${token}`);
    }
    const series = find(token);
    if (series === undefined) throw invalid(`no query has the id ${token}`);
    return series;
  };
  const level = (depth: number): Operand => {
    const own = levels[depth];
    if (own === undefined) return atom();
    let left = level(depth + 1);
    for (let token = tokens[at]; token !== undefined && own.includes(token); token = tokens[at]) {
      at++;
      left = combine(left, level(depth + 1), token);
    }
    return left;
  };

  const result = level(0);
  if (tokens[at] !== undefined) throw notImplemented(`cloudwatch:GetMetricData with an Expression with ${tokens[at]}`);
  if (typeof result === 'number') throw invalid('it has no metric');
  return result;
}

/** Of two metrics, only the times that both have; not what has no value, such as a division by zero. */
function combine(left: Operand, right: Operand, operator: string): Operand {
  const apply = operators[operator] ?? (() => Number.NaN);
  if (typeof left === 'number' && typeof right === 'number') return apply(left, right);
  const times = typeof left === 'number' ? (right as TimeSeries) : left;
  const valueAt = (operand: Operand, time: number) => (typeof operand === 'number' ? operand : operand.get(time));
  const values = new Map<number, number>();
  for (const time of times.keys()) {
    const value = apply(valueAt(left, time) ?? Number.NaN, valueAt(right, time) ?? Number.NaN);
    if (Number.isFinite(value)) values.set(time, value);
  }
  return values;
}
