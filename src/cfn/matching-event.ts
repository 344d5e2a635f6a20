// Makes up an event that matches an event pattern, for trying a rule out.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
import { compileEventPattern } from './event-pattern.ts';
import type { Dialect } from './event-pattern-language.ts';

type Pattern = Readonly<Record<string, unknown>>;

/** Undefined if the simplest value for each condition is not a match: conditions may need one another. */
export function matchingEvent(pattern: Pattern, dialect: Dialect): Readonly<Record<string, unknown>> | undefined {
  const event = eventFor(pattern);
  return compileEventPattern(pattern, dialect)(event) ? event : undefined;
}

function eventFor(pattern: Pattern): Readonly<Record<string, unknown>> {
  const event: Record<string, unknown> = {};
  for (const [key, condition] of Object.entries(pattern)) {
    if (key === '$or' && Array.isArray(condition)) Object.assign(event, eventFor(condition[0] as Pattern));
    else if (Array.isArray(condition)) {
      const value = valueFor(condition[0]);
      if (value !== undefined) event[key] = value;
    } else event[key] = eventFor(condition as Pattern);
  }
  return event;
}

const anyText = 'fx';

function valueFor(condition: unknown): unknown {
  if (typeof condition !== 'object' || condition === null) return condition;
  const [[operator, operand] = ['', undefined]] = Object.entries(condition);
  switch (operator) {
    case 'prefix':
    case 'suffix':
    case 'equals-ignore-case':
      return typeof operand === 'string' ? operand : (Object.values(operand as object)[0] as unknown);
    case 'wildcard':
      return String(operand)
        .replaceAll(/(?<!\\)\*/g, '')
        .replaceAll('\\', '');
    case 'exists':
      return operand === true ? anyText : undefined;
    case 'cidr':
      return String(operand).split('/')[0];
    case 'numeric':
      return numberFor(operand as readonly (string | number)[]);
    case 'anything-but':
      return [operand].flat().some((other) => typeof other === 'number') ? -1 : anyText;
    default:
      return anyText;
  }
}

/** `['>', 0, '<=', 5]`. */
function numberFor([operator, limit = 0, , upper]: readonly (string | number)[]): number {
  const least = Number(limit);
  if (operator === '<') return least - 1;
  if (operator !== '>') return least;
  return upper === undefined ? least + 1 : (least + Number(upper)) / 2;
}
