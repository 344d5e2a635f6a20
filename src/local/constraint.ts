// Checks inputs against the constraints in AWS's service models, with AWS's error messages.
import { AwsError } from './cloud.ts';

export interface Rule {
  /** Must match the whole value, as on AWS. A string, because AWS quotes it in the message. */
  readonly pattern?: string;
  /** The bounds of a number, or of the length of a string or list. */
  readonly min?: number;
  readonly max?: number;
  readonly oneOf?: readonly (string | number)[];
  /** The rule for the members of a list. AWS reports all constraints together. */
  readonly each?: {
    readonly min: number;
    readonly max: number;
    readonly pattern: string;
    /** Whether the service's model forbids null members; AWS reports this last. */
    readonly required?: true;
  };
}

export type Checked = readonly [member: string, value: string | number | readonly unknown[] | undefined, rule: Rule];

/** Throws `code` with every violated constraint. An absent value violates none. */
export function checkConstraints(code: string, checks: readonly Checked[]): void {
  const problems = checks.flatMap(([member, value, rule]) =>
    value === undefined ? [] : [...violations(value, rule)].map((text) => problem(member, value, text)),
  );
  if (problems.length === 0) return;
  const count = problems.length === 1 ? '1 validation error' : `${problems.length} validation errors`;
  throw new AwsError(code, `${count} detected: ${problems.join('; ')}`);
}

/** The error for whatever the local AWS does not support: it rejects such requests instead of ignoring a part. */
export function notImplemented(what: string): AwsError {
  return new AwsError('NotImplemented', `${what} is not implemented by the fx local AWS`, 501);
}

function problem(member: string, value: string | number | readonly unknown[], text: string): string {
  const printed = typeof value === 'object' ? `[${value.join(', ')}]` : value;
  return `Value '${printed}' at '${member}' failed to satisfy constraint: Member must ${text}`;
}

function fits(text: string, { min, max, pattern }: NonNullable<Rule['each']>): boolean {
  return text.length >= min && text.length <= max && wholeMatch(pattern).test(text);
}

const patterns = new Map<string, RegExp>();

/** Caches the compiled pattern: patterns come from the code, so there are few. */
function wholeMatch(pattern: string): RegExp {
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
  if (rule.pattern !== undefined && !wholeMatch(rule.pattern).test(String(value))) {
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
