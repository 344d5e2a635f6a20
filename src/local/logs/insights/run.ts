// Runs a query of CloudWatch Logs Insights over log events.
import { aggregate, isAggregate, type Sample } from './aggregates.ts';
import { callFunction } from './functions.ts';
import type { Column, Command, Expression } from './syntax.ts';
import { compare, isTrue, numberOf, order, type Row, textOf, type Value } from './values.ts';

export interface Outcome {
  readonly rows: readonly (readonly (readonly [name: string, value: string])[])[];
  /** How many events the filters let through. */
  readonly matched: number;
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Limit.html */
const defaultLimit = 10_000;

/** `rows` are the events' fields. */
export function runQuery(commands: readonly Command[], rows: readonly Row[], limit: number | undefined): Outcome {
  // without sort, the newest come first
  let current = [...rows].sort((a, b) => order(b.get('@timestamp'), a.get('@timestamp')));
  let matched = current.length;
  /** Undefined: as without fields or display. */
  let shown: readonly string[] | undefined;
  let isAggregated = false;
  for (const command of commands) {
    switch (command.kind) {
      case 'fields':
      case 'display': {
        current = current.map((row) => withColumns(row, command.columns));
        const names = command.columns.map(({ name }) => name);
        shown = command.kind === 'display' ? names : [...new Set([...(shown ?? []), ...names])];
        break;
      }
      case 'filter':
        current = current.filter((row) => isTrue(evaluate(command.condition, row)));
        if (!isAggregated) matched = current.length;
        break;
      case 'parse':
        current = current.map((row) => parsed(row, command));
        break;
      case 'stats':
        current = grouped(current, command.columns, command.by);
        shown = [...command.by, ...command.columns].map(({ name }) => name);
        isAggregated = true;
        break;
      case 'sort':
        current = sorted(current, command.keys);
        break;
      case 'dedup':
        current = deduplicated(current, command.names);
        break;
      case 'limit':
        current = current.slice(0, command.count);
        break;
    }
  }
  const most = commands.some(({ kind }) => kind === 'limit') ? current.length : (limit ?? defaultLimit);
  const names = [...(shown ?? ['@timestamp', '@message']), ...(isAggregated ? [] : ['@ptr'])];
  const result = current.slice(0, most).map((row) =>
    names.flatMap((name) => {
      const text = textOf(row.get(name));
      return text === undefined ? [] : [[name, text] as const];
    }),
  );
  return { rows: result, matched };
}

function withColumns(row: Row, columns: readonly Column[]): Row {
  const computed = columns.filter(({ expression, name }) => expression.kind !== 'field' || expression.name !== name);
  if (computed.length === 0) return row;
  const added = new Map(row);
  for (const { expression, name } of computed) added.set(name, evaluate(expression, row));
  return added;
}

function parsed(row: Row, { of, pattern, names }: Extract<Command, { readonly kind: 'parse' }>): Row {
  const match = pattern.exec(textOf(evaluate(of, row)) ?? '');
  if (match === null) return row;
  const added = new Map(row);
  for (const [index, name] of names.entries()) {
    const value = match.groups === undefined ? match[index + 1] : match.groups[name];
    if (value !== undefined) added.set(name, value);
  }
  return added;
}

function sorted(rows: readonly Row[], keys: Extract<Command, { readonly kind: 'sort' }>['keys']): Row[] {
  const keyed = rows.map((row) => ({ row, values: keys.map(({ by }) => evaluate(by, row)) }));
  keyed.sort((left, right) => {
    for (const [index, { descending }] of keys.entries()) {
      const ordered = order(left.values[index], right.values[index]);
      if (ordered !== 0) return descending ? -ordered : ordered;
    }
    return 0;
  });
  return keyed.map(({ row }) => row);
}

/** The first of each; rows without one of the fields stay. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Dedup.html */
function deduplicated(rows: readonly Row[], names: readonly string[]): Row[] {
  const seen = new Set<string>();
  return rows.filter((row) => {
    const texts = names.map((name) => textOf(row.get(name)));
    if (texts.some((text) => text === undefined)) return true;
    const key = JSON.stringify(texts);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function grouped(rows: readonly Row[], columns: readonly Column[], by: readonly Column[]): Row[] {
  const groups = new Map<string, { readonly values: readonly Value[]; readonly rows: Row[] }>();
  for (const row of rows) {
    const values = by.map(({ expression }) => evaluate(expression, row));
    const key = JSON.stringify(values.map((value) => textOf(value) ?? null));
    const group = groups.get(key) ?? { values, rows: [] };
    group.rows.push(row);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ values, rows: members }) => {
    const result = new Map(by.map(({ name }, index) => [name, values[index]] as const));
    for (const { expression, name } of columns) result.set(name, evaluate(expression, new Map(), members));
    return result;
  });
}

/** `members`: the rows that the functions of stats are over. */
export function evaluate(expression: Expression, row: Row, members?: readonly Row[]): Value {
  const of = (inner: Expression) => evaluate(inner, row, members);
  const truth = (isSo: boolean): number => (isSo ? 1 : 0);
  switch (expression.kind) {
    case 'field':
      return row.get(expression.name);
    case 'value':
      return expression.value;
    case 'period':
      return expression.ms;
    case 'not':
      return truth(!isTrue(of(expression.of)));
    case 'negative': {
      const number = numberOf(of(expression.of));
      return number === undefined ? undefined : -number;
    }
    case 'matches':
      return truth(expression.pattern.test(textOf(of(expression.of)) ?? ''));
    case 'contains': {
      const text = textOf(of(expression.of));
      return truth(text?.includes(textOf(of(expression.part)) ?? '') === true);
    }
    case 'in': {
      const value = of(expression.of);
      return truth(expression.among.some((other) => compare(value, of(other)) === 0));
    }
    case 'call':
      return call(expression, row, members);
    case 'binary':
      return binary(expression.operator, of(expression.left), () => of(expression.right));
  }
}

function call(
  { name, args }: Extract<Expression, { readonly kind: 'call' }>,
  row: Row,
  members: readonly Row[] | undefined,
): Value {
  if (isAggregate(name) && members !== undefined) {
    const [first, second] = args;
    const samples = members.flatMap((member): Sample[] => {
      const value = first === undefined ? 1 : evaluate(first, member);
      return value === undefined ? [] : [{ value, time: numberOf(member.get('@timestamp')) ?? 0 }];
    });
    return aggregate(name, samples, second === undefined ? undefined : numberOf(evaluate(second, row)));
  }
  const values = args.map((argument) => evaluate(argument, row, members));
  if (name === 'bin') return callFunction('datefloor', [row.get('@timestamp'), values[0]]);
  return callFunction(name, values);
}

function binary(operator: string, left: Value, right: () => Value): Value {
  if (operator === 'and') return isTrue(left) && isTrue(right()) ? 1 : 0;
  if (operator === 'or') return isTrue(left) || isTrue(right()) ? 1 : 0;
  const other = right();
  const compared = comparisons.get(operator);
  if (compared !== undefined) {
    // what is missing differs from everything
    const difference = compare(left, other);
    return difference === undefined ? (operator === '!=' ? 1 : 0) : compared(difference) ? 1 : 0;
  }
  const [a, b] = [numberOf(left), numberOf(other)];
  if (a === undefined || b === undefined) return undefined;
  const result = arithmetic.get(operator)?.(a, b);
  return result === undefined || !Number.isFinite(result) ? undefined : result;
}

const comparisons: ReadonlyMap<string, (difference: number) => boolean> = new Map([
  ['=', (difference: number) => difference === 0],
  ['!=', (difference: number) => difference !== 0],
  ['<', (difference: number) => difference < 0],
  ['<=', (difference: number) => difference <= 0],
  ['>', (difference: number) => difference > 0],
  ['>=', (difference: number) => difference >= 0],
]);

const arithmetic: ReadonlyMap<string, (a: number, b: number) => number> = new Map([
  ['+', (a: number, b: number) => a + b],
  ['-', (a: number, b: number) => a - b],
  ['*', (a: number, b: number) => a * b],
  ['/', (a: number, b: number) => a / b],
  ['%', (a: number, b: number) => a % b],
  ['^', (a: number, b: number) => a ** b],
]);
