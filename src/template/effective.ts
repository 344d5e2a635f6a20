// What of a template CloudFormation acts on: without declarations that nothing uses. A change of those alone is no update to it, and
// the stack keeps its template, so that a comparison of whole templates would never find the two equal.
import { canonicalJson, referencesIn, type Template, type Value } from '../cfn/resource.ts';

/** Equal for templates between which CloudFormation has nothing to update. */
export function effectiveJson({ Parameters, ...template }: Template): string {
  const { Mappings, Conditions, ...rest } = template as Omit<Template, 'Parameters'> & Declarations;
  const used = { Parameters: new Set<string>(), Mappings: new Set<string>(), Conditions: new Set<string>() };
  const visit = (value: unknown): void => {
    for (const { logicalId } of referencesIn(value)) used.Parameters.add(logicalId);
    for (const [word, argument] of namesIn(value)) {
      if (word === 'Fn::FindInMap') used.Mappings.add(argument);
      else used.Conditions.add(argument);
    }
  };
  visit(rest);
  // a condition may name others
  const pending = [...used.Conditions];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const before = new Set(used.Conditions);
    visit(Conditions?.[name]);
    pending.push(...[...used.Conditions].filter((other) => !before.has(other)));
  }
  return canonicalJson({
    ...rest,
    Parameters: only(Parameters, used.Parameters),
    Mappings: only(Mappings, used.Mappings),
    Conditions: only(Conditions, used.Conditions),
  });
}

/** By name; written by the user, unchanged. */
interface Declarations {
  readonly Mappings?: Readonly<Record<string, Value>>;
  readonly Conditions?: Readonly<Record<string, Value>>;
}

/** `Condition` of a resource, an output or a condition, `Fn::If`, and `Fn::FindInMap`, each with what it names. */
function namesIn(value: unknown): readonly (readonly [word: string, argument: string])[] {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([word, inner]) => {
    const named =
      word === 'Condition'
        ? inner
        : word === 'Fn::If' || word === 'Fn::FindInMap'
          ? (inner as unknown[])?.[0]
          : undefined;
    return [...(typeof named === 'string' ? [[word, named] as const] : []), ...namesIn(inner)];
  });
}

function only<T>(declared: Readonly<Record<string, T>> = {}, names: ReadonlySet<string>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(declared).filter(([name]) => names.has(name)));
}
