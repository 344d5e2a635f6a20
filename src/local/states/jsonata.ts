// Evaluates JSONata expressions, with Step Functions' own functions.
// https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
import { randomUUID } from 'node:crypto';
import jsonata from 'jsonata';
import { expressionIn } from '../../cfn/states-fields.ts';
import { hash, partition, range, seeded } from './intrinsic-functions.ts';
import { StateError } from './state-error.ts';

/** What expressions see: `$states` and the variables. */
export interface Names {
  readonly states: Readonly<Record<string, unknown>>;
  readonly variables: Readonly<Record<string, unknown>>;
}

// a runaway expression must not hold the local AWS up
const timeoutMs = 5000;
const deepest = 1000;

const functions = {
  partition: (items: unknown[], size: number) => partition(items, size),
  range: (first: number, last: number, step: number) => range(first, last, step),
  hash: (data: unknown, algorithm: string) => hash(data, algorithm),
  random: (seed?: unknown) => (seed === undefined ? Math.random() : seeded(seed)),
  uuid: () => randomUUID(),
  parse: (text: string) => JSON.parse(text) as unknown,
  // AWS leaves out $eval
  eval: undefined,
};

const compiled = new Map<string, jsonata.Expression>();
const compiledLimit = 1000;

/** The value with every expression in it replaced by its result. `field` names it in errors. */
export async function fillExpressions(value: unknown, field: string, names: Names): Promise<unknown> {
  const expression = expressionIn(value);
  if (expression !== undefined) return evaluate(expression, field, names);
  if (Array.isArray(value)) {
    return Promise.all(value.map((item, index) => fillExpressions(item, `${field}[${index}]`, names)));
  }
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(
    async ([name, item]): Promise<[string, unknown]> => [name, await fillExpressions(item, `${field}/${name}`, names)],
  );
  return Object.fromEntries(await Promise.all(fields));
}

async function evaluate(expression: string, field: string, { states, variables }: Names): Promise<unknown> {
  let result: unknown;
  try {
    result = await compile(expression).evaluate(undefined, { ...functions, ...variables, states });
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    const reason = [code, message].filter(Boolean).join(': ');
    throw queryError(
      field,
      `The JSONata expression '${expression}' specified for the field '${field}' threw an error during evaluation. ${reason}`,
    );
  }
  // functions and undefined are no JSON; sequences have hidden members
  const text = JSON.stringify(result) as string | undefined;
  if (text === undefined || typeof result === 'function') {
    throw queryError(
      field,
      `The JSONata expression '${expression}' specified for the field '${field}' returned nothing (undefined).`,
    );
  }
  return JSON.parse(text) as unknown;
}

export class QueryError extends StateError {
  readonly field: string;
  constructor(field: string, cause: string) {
    super('States.QueryEvaluationError', cause, true);
    this.field = field;
  }
}

function queryError(field: string, cause: string): QueryError {
  return new QueryError(field, cause);
}

function compile(expression: string): jsonata.Expression {
  let found = compiled.get(expression);
  if (found === undefined) {
    if (compiled.size === compiledLimit) compiled.clear();
    found = jsonata(expression, { timeout: timeoutMs, stack: deepest });
    compiled.set(expression, found);
  }
  return found;
}
