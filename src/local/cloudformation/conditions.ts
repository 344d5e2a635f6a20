// The Conditions section: named booleans over parameters, mappings and one another.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html
import { resolve, type Scope } from './intrinsics.ts';
import { invalid } from './problem.ts';
import { isMap, type JsonMap } from './template-text.ts';

/** Returns the value of a condition by name; evaluates each condition once. */
export function conditionEvaluator(conditions: JsonMap, scope: Omit<Scope, 'condition'>): (name: string) => boolean {
  const decided = new Map<string, boolean>();
  const underway = new Set<string>();
  const decide = (name: string): boolean => {
    const decision = decided.get(name);
    if (decision !== undefined) return decision;
    if (!Object.hasOwn(conditions, name)) {
      throw invalid(
        `Template format error: Unresolved condition dependency ${name} in the Conditions block of the template`,
      );
    }
    if (underway.has(name)) {
      throw invalid(`Template error: Circular dependency between conditions: [${[...underway].join(', ')}]`);
    }
    underway.add(name);
    const value = evaluate(conditions[name]);
    underway.delete(name);
    decided.set(name, value);
    return value;
  };
  const inner: Scope = { ...scope, condition: decide };

  const evaluate = (value: unknown): boolean => {
    const entries = isMap(value) ? Object.entries(value) : [];
    const [name, argument] = entries[0] ?? [];
    const list = Array.isArray(argument) ? argument : [];
    switch (entries.length === 1 ? name : undefined) {
      case 'Condition':
        return decide(String(argument));
      case 'Fn::Not':
        if (list.length !== 1) throw invalid('Template error: every Fn::Not object requires one boolean parameter.');
        return !evaluate(list[0]);
      case 'Fn::And':
      case 'Fn::Or': {
        if (list.length < 2 || list.length > 10) {
          throw invalid(
            `Template error: every ${name} object requires a list of at least 2 and at most 10 boolean parameters.`,
          );
        }
        const values = list.map(evaluate);
        return name === 'Fn::And' ? values.every(Boolean) : values.some(Boolean);
      }
      case 'Fn::Equals': {
        if (list.length !== 2) {
          throw invalid('Template error: every Fn::Equals object requires a list of 2 string parameters.');
        }
        const [left, right] = list.map((item) => comparable(resolve(item, inner)));
        return left === right;
      }
      default:
        throw invalid(
          `Template format error: Every Condition member must be a condition function, not ${JSON.stringify(value)}.`,
        );
    }
  };
  return decide;
}

function comparable(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
