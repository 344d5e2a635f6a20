// Checks inputs against the constraints of AWS's service models, and words a violation as AWS does.
import { AwsError } from './cloud.ts';

export interface Rule {
  /** Matched against the whole value, as AWS does; kept as text because AWS quotes it. */
  readonly pattern?: string;
  /** Of a number its bounds, of a text or list the bounds of its length. */
  readonly min?: number;
  readonly max?: number;
  readonly oneOf?: readonly (string | number)[];
  /** Of the members of a list, which AWS names all at once. */
  readonly each?: {
    readonly min: number;
    readonly max: number;
    readonly pattern: string;
    /** Said last, where the service's model requires a member of the list not to be null. */
    readonly required?: true;
  };
}

export type Checked = readonly [member: string, value: string | number | readonly unknown[] | undefined, rule: Rule];

/** Throws `code` naming every violated constraint at once; an absent value violates none. */
export function checkConstraints(code: string, checks: readonly Checked[]): void {
  const problems = checks.flatMap(([member, value, rule]) =>
    value === undefined ? [] : [...violations(value, rule)].map((text) => problem(member, value, text)),
  );
  if (problems.length === 0) return;
  const count = problems.length === 1 ? '1 validation error' : `${problems.length} validation errors`;
  throw new AwsError(code, `${count} detected: ${problems.join('; ')}`);
}

/** What this local AWS can't do is refused, never ignored. */
export function notImplemented(what: string): AwsError {
  return new AwsError('NotImplemented', `${what} is not implemented by the fx local AWS`, 501);
}

function problem(member: string, value: string | number | readonly unknown[], text: string): string {
  const shown = typeof value === 'object' ? `[${value.join(', ')}]` : value;
  return `Value '${shown}' at '${member}' failed to satisfy constraint: Member must ${text}`;
}

function fits(text: string, { min, max, pattern }: NonNullable<Rule['each']>): boolean {
  return text.length >= min && text.length <= max && wholly(pattern).test(text);
}

const patterns = new Map<string, RegExp>();

/** Of a pattern that the code names, so that there are few. */
function wholly(pattern: string): RegExp {
  let compiled = patterns.get(pattern);
  if (compiled === undefined) {
    compiled = new RegExp(`^(?:${pattern})$`, 'u');
    patterns.set(pattern, compiled);
  }
  return compiled;
}

function* violations(value: string | number | readonly unknown[], rule: Rule): Generator<string> {
  const [measure, size] = typeof value === 'number' ? (['value', value] as const) : (['length', value.length] as const);
  if (rule.min !== undefined && size < rule.min) yield `have ${measure} greater than or equal to ${rule.min}`;
  if (rule.max !== undefined && size > rule.max) yield `have ${measure} less than or equal to ${rule.max}`;
  if (rule.pattern !== undefined && !wholly(rule.pattern).test(String(value))) {
    yield `satisfy regular expression pattern: ${rule.pattern}`;
  }
  const { each } = rule;
  if (each !== undefined && typeof value === 'object' && !value.every((member) => fits(String(member), each))) {
    const bounds = `Member must have length less than or equal to ${each.max}, Member must have length greater than or equal to ${each.min}`;
    const presence = each.required === true ? ', Member must not be null' : '';
    yield `satisfy constraint: [${bounds}, Member must satisfy regular expression pattern: ${each.pattern}${presence}]`;
  }
  if (rule.oneOf !== undefined && typeof value !== 'object' && !rule.oneOf.includes(value)) {
    yield `satisfy enum value set: [${rule.oneOf.join(', ')}]`;
  }
}
