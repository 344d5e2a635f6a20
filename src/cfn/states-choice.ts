// Checks the rules of a Choice state.
// https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html#amazon-states-language-choice-state-rules
import { comparisons, isTimestamp, type QueryLanguage } from './states-fields.ts';
import { isPath } from './states-intrinsic.ts';

type Path = readonly (string | number)[];
type Fields = Readonly<Record<string, unknown>>;

export class ChoiceChecks {
  readonly #language: QueryLanguage;
  readonly #report: (path: Path, message: string) => void;

  constructor(language: QueryLanguage, report: (path: Path, message: string) => void) {
    this.#language = language;
    this.#report = report;
  }

  /** A rule with its `Next`. */
  rule(rule: Fields, at: Path): void {
    if (rule['Next'] === undefined) this.#report(at, 'These fields are required: [Next]');
    const { Next, Assign, Comment, Output, ...condition } = rule;
    if (this.#language === 'JSONPath') {
      if (Output !== undefined) this.#report([...at, 'Output'], 'Field is not supported');
      this.#comparison(condition, at);
      return;
    }
    for (const name of Object.keys(condition)) {
      if (name !== 'Condition') this.#report([...at, name], 'Field is not supported');
    }
    const value = condition['Condition'];
    if (value === undefined) this.#report(at, 'These fields are required: [Condition]');
    else if (typeof value !== 'boolean' && typeof value !== 'string') {
      this.#report([...at, 'Condition'], 'Condition must be a JSONata expression');
    }
  }

  #comparison(fields: Fields, at: Path): void {
    const { Comment, Variable, ...rest } = fields;
    const [name, ...others] = Object.keys(rest);
    const value = rest[name ?? ''];
    if (name === undefined || others.length > 0) {
      this.#report(at, 'A rule must have exactly one comparison');
      return;
    }
    if (name === 'And' || name === 'Or') {
      if (!Array.isArray(value) || value.length === 0)
        this.#report([...at, name], `${name} must have at least one rule`);
      else for (const [index, inner] of value.entries()) this.#nested(inner, [...at, name, index]);
      return;
    }
    if (name === 'Not') {
      this.#nested(value, [...at, name]);
      return;
    }
    const kind = comparisons.get(name);
    if (kind === undefined) {
      this.#report([...at, name], 'Field is not supported');
      return;
    }
    if (typeof Variable !== 'string') this.#report(at, 'These fields are required: [Variable]');
    else if (!isPath(Variable)) this.#report([...at, 'Variable'], `Value is not a valid JSONPath: "${Variable}"`);
    if (!isOfKind(value, kind)) this.#report([...at, name], `${name} must be a ${kind}`);
  }

  #nested(value: unknown, at: Path): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.#report(at, 'A rule must be a JSON object');
      return;
    }
    if (Object.hasOwn(value, 'Next')) this.#report([...at, 'Next'], 'Field is not supported');
    const { Next, ...condition } = value as Fields;
    this.#comparison(condition, at);
  }
}

function isOfKind(value: unknown, kind: 'boolean' | 'number' | 'string' | 'timestamp' | 'path'): boolean {
  if (kind === 'path') return typeof value === 'string' && isPath(value);
  // AWS's console writes times as text, so `$.x` is not a time
  if (kind === 'timestamp') return isTimestamp(value);
  return typeof value === kind;
}
