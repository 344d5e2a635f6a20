// JSONPath as API Gateway's mappings and Step Functions' states have it: the paths of Jayway JsonPath.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html#input-variable-reference
// https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html

type Step =
  | { readonly kind: 'name'; readonly name: string; readonly deep: boolean }
  | { readonly kind: 'all'; readonly deep: boolean }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'slice'; readonly from: number; readonly to: number | undefined }
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'indexes'; readonly indexes: readonly number[] }
  | { readonly kind: 'filter'; readonly anyOf: readonly (readonly Condition[])[] }
  | { readonly kind: 'length' };

interface Condition {
  readonly path: string;
  readonly operator?: string;
  readonly operand?: unknown;
}

/** Whether the text is a path that `jsonPath` understands. */
export function isJsonPath(text: string): boolean {
  return text.startsWith('$') && stepsOf(text) !== undefined;
}

/** Whether the path leads to a single node by names and indexes, so that a value can be put there. */
export function isReferencePath(text: string): boolean {
  const steps = text.startsWith('$') ? stepsOf(text) : undefined;
  return steps?.every((step) => step.kind === 'index' || (step.kind === 'name' && !step.deep)) ?? false;
}

/** The names and indexes of a reference path. */
export function referenceSteps(text: string): readonly (string | number)[] {
  return (stepsOf(text) ?? []).flatMap((step): (string | number)[] =>
    step.kind === 'name' ? [step.name] : step.kind === 'index' ? [step.index] : [],
  );
}

/** The value at the path; a list if the path may lead to several. Undefined if there is none, or the path is invalid. */
export function jsonPath(value: unknown, path: string): unknown {
  const steps = stepsOf(path.trim());
  if (steps === undefined) return undefined;
  const isDefinite = steps.every(
    (step) => ['index', 'length'].includes(step.kind) || (step.kind === 'name' && !step.deep),
  );
  const found = steps.reduce<unknown[]>((values, step) => values.flatMap((item) => take(item, step)), [value]);
  return isDefinite ? found[0] : found;
}

function stepsOf(path: string): Step[] | undefined {
  if (!path.startsWith('$')) return stepsOf(path.startsWith('[') ? `$${path}` : `$.${path}`);
  let rest = path.slice(1);
  const steps: Step[] = [];
  while (rest !== '') {
    const next = nextStep(rest);
    if (next === undefined) return undefined;
    steps.push(next.step);
    rest = rest.slice(next.length);
  }
  return steps;
}

function nextStep(text: string): { step: Step; length: number } | undefined {
  const named = /^(\.\.?)(length\(\)|\*|[^.[\]()\s*]+)/.exec(text);
  if (named !== null) {
    const [all, dots, name = ''] = named;
    const deep = dots === '..';
    if (name === 'length()') return { step: { kind: 'length' }, length: all.length };
    const step: Step = name === '*' ? { kind: 'all', deep } : { kind: 'name', name, deep };
    return { step, length: all.length };
  }
  const bracketed =
    /^(\.\.)?\[(\*|-?\d+|-?\d+(?:\s*,\s*-?\d+)+|-?\d*:-?\d*|\?\(.*?\)|(?:'[^']*'|"[^"]*")(?:\s*,\s*(?:'[^']*'|"[^"]*"))*)\]/.exec(
      text,
    );
  if (bracketed === null) return undefined;
  const [all, dots, inside = ''] = bracketed;
  const step = bracketStep(inside, dots !== undefined);
  return step && { step, length: all.length };
}

function bracketStep(inside: string, deep: boolean): Step | undefined {
  if (inside === '*') return { kind: 'all', deep };
  if (/^-?\d+$/.test(inside)) return { kind: 'index', index: Number(inside) };
  if (/^[-\d,\s]+$/.test(inside)) return { kind: 'indexes', indexes: inside.split(',').map(Number) };
  if (inside.startsWith('?(')) return filterStep(inside.slice(2, -1));
  if (inside.includes(':') && !/['"]/.test(inside)) {
    const [from = '', to = ''] = inside.split(':');
    return { kind: 'slice', from: Number(from || 0), to: to === '' ? undefined : Number(to) };
  }
  const names = [...inside.matchAll(/'([^']*)'|"([^"]*)"/g)].map(([, single, double]) => single ?? double ?? '');
  return names.length === 1 ? { kind: 'name', name: names[0] ?? '', deep } : { kind: 'names', names };
}

function filterStep(text: string): Step | undefined {
  const anyOf = text.split('||').map((part) => part.split('&&').map(condition));
  if (anyOf.some((all) => all.includes(undefined))) return undefined;
  return { kind: 'filter', anyOf: anyOf as Condition[][] };
}

function condition(text: string): Condition | undefined {
  const [, rest, operator, operand] =
    /^\s*@((?:\.[\w.-]+|\['[^']*'\]|\[\d+\])*)\s*(?:(==|!=|<=|>=|<|>)\s*(.+?))?\s*$/.exec(text) ?? [];
  if (rest === undefined) return undefined;
  const path = `$${rest}`;
  if (operator === undefined || operand === undefined) return rest === '' ? undefined : { path };
  try {
    return { path, operator, operand: JSON.parse(operand.replace(/^'(.*)'$/s, '"$1"')) as unknown };
  } catch {
    return undefined;
  }
}

function take(value: unknown, step: Step): unknown[] {
  switch (step.kind) {
    case 'name':
      return (step.deep ? [...below(value)] : [value]).flatMap((item) => member(item, step.name));
    case 'names':
      return step.names.flatMap((name) => member(value, name));
    case 'all':
      return step.deep ? [...below(value)].flatMap(children) : children(value);
    case 'index':
      return Array.isArray(value) && value.at(step.index) !== undefined ? [value.at(step.index)] : [];
    case 'slice':
      return Array.isArray(value) ? value.slice(step.from, step.to) : [];
    case 'length':
      return Array.isArray(value) || typeof value === 'string' ? [value.length] : [];
    case 'indexes':
      return step.indexes.flatMap((index) => take(value, { kind: 'index', index }));
    case 'filter':
      return children(value).filter((item) =>
        step.anyOf.some((all) => all.every((one) => fits(jsonPath(item, one.path), one))),
      );
  }
}

function member(value: unknown, name: string): unknown[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name)) return [];
  return [(value as Record<string, unknown>)[name]];
}

function children(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

function* below(value: unknown): Generator<unknown> {
  yield value;
  for (const child of children(value)) yield* below(child);
}

function fits(actual: unknown, { operator, operand }: Condition): boolean {
  if (operator === undefined) return actual !== undefined;
  if (operator === '==') return actual === operand;
  if (operator === '!=') return actual !== operand;
  if (typeof actual !== typeof operand || (typeof actual !== 'number' && typeof actual !== 'string')) return false;
  const [left, right] = [actual, operand as typeof actual];
  if (operator === '<') return left < right;
  if (operator === '>') return left > right;
  return operator === '<=' ? left <= right : left >= right;
}
