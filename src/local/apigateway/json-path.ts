// The JSONPath of `$input.path`, `$input.json` and parameter mappings.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html#input-variable-reference

type Step =
  | { readonly kind: 'name'; readonly name: string; readonly deep: boolean }
  | { readonly kind: 'all'; readonly deep: boolean }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'slice'; readonly from: number; readonly to: number | undefined }
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'filter'; readonly key: string; readonly operator?: string; readonly operand?: unknown }
  | { readonly kind: 'length' };

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
    /^(\.\.)?\[(\*|-?\d+|-?\d*:-?\d*|\?\(.*?\)|(?:'[^']*'|"[^"]*")(?:\s*,\s*(?:'[^']*'|"[^"]*"))*)\]/.exec(text);
  if (bracketed === null) return undefined;
  const [all, dots, inside = ''] = bracketed;
  const step = bracketStep(inside, dots !== undefined);
  return step && { step, length: all.length };
}

function bracketStep(inside: string, deep: boolean): Step | undefined {
  if (inside === '*') return { kind: 'all', deep };
  if (/^-?\d+$/.test(inside)) return { kind: 'index', index: Number(inside) };
  if (inside.startsWith('?(')) return filterStep(inside.slice(2, -1));
  if (inside.includes(':') && !/['"]/.test(inside)) {
    const [from = '', to = ''] = inside.split(':');
    return { kind: 'slice', from: Number(from || 0), to: to === '' ? undefined : Number(to) };
  }
  const names = [...inside.matchAll(/'([^']*)'|"([^"]*)"/g)].map(([, single, double]) => single ?? double ?? '');
  return names.length === 1 ? { kind: 'name', name: names[0] ?? '', deep } : { kind: 'names', names };
}

function filterStep(text: string): Step | undefined {
  const [, key = '', operator, operand] = /^\s*@\.([\w.-]+)\s*(?:(==|!=|<=|>=|<|>)\s*(.+?))?\s*$/.exec(text) ?? [];
  if (key === '') return undefined;
  if (operator === undefined || operand === undefined) return { kind: 'filter', key };
  try {
    return { kind: 'filter', key, operator, operand: JSON.parse(operand.replace(/^'(.*)'$/s, '"$1"')) as unknown };
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
    case 'filter':
      return children(value).filter((item) => fits(jsonPath(item, `$.${step.key}`), step));
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

function fits(actual: unknown, { operator, operand }: Step & { kind: 'filter' }): boolean {
  if (operator === undefined) return actual !== undefined;
  if (operator === '==') return actual === operand;
  if (operator === '!=') return actual !== operand;
  if (typeof actual !== typeof operand || (typeof actual !== 'number' && typeof actual !== 'string')) return false;
  const [left, right] = [actual, operand as typeof actual];
  if (operator === '<') return left < right;
  if (operator === '>') return left > right;
  return operator === '<=' ? left <= right : left >= right;
}
