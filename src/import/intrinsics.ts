// References in the values of another tool's template, replaced one by one.
import type { Plain } from '../base/located.ts';
import { isMap } from '../base/plain.ts';

/** What becomes of each reference. */
export interface Replacements {
  /** `{Ref: id}`. */
  reference(id: string): Plain;
  /** `{Fn::GetAtt: [id, …path]}`, or its form with a dot. */
  attribute(id: string, path: readonly Plain[]): Plain;
  /** The text of a `Fn::Sub`; `own`: the names that it has values for itself. */
  inSub(text: string, own: ReadonlySet<string>): string;
  /** An item of a list, where it becomes several or none; undefined for one that is replaced like any other value. */
  items?(item: Plain): readonly Plain[] | undefined;
}

export function replaceReferences(value: Plain, replacements: Replacements): Plain {
  const { reference, attribute, inSub, items } = replacements;
  const walk = (node: Plain): Plain => {
    if (Array.isArray(node)) return node.flatMap((item: Plain) => items?.(item) ?? [walk(item)]);
    if (!isMap(node)) return node;
    const entries = Object.entries(node) as [string, Plain][];
    const [first] = entries;
    if (entries.length === 1 && first !== undefined) {
      const [name, argument] = first;
      if (name === 'Ref' && typeof argument === 'string') return reference(argument);
      if (name === 'Fn::GetAtt') {
        const parts =
          typeof argument === 'string'
            ? [argument.split('.')[0] ?? '', argument.split('.').slice(1).join('.')]
            : (argument as readonly Plain[]);
        if (Array.isArray(parts) && typeof parts[0] === 'string') return attribute(parts[0], parts.slice(1));
      }
      if (name === 'Fn::Sub') {
        if (typeof argument === 'string') return { 'Fn::Sub': inSub(argument, new Set()) };
        if (Array.isArray(argument) && typeof argument[0] === 'string') {
          const variables = (argument[1] ?? {}) as Plain;
          const own = new Set(isMap(variables) ? Object.keys(variables) : []);
          return { 'Fn::Sub': [inSub(argument[0], own), walk(variables)] };
        }
      }
    }
    return Object.fromEntries(entries.map(([key, item]) => [key, walk(item)]));
  };
  return walk(value);
}

/** What is about calls of a function is about its alias, which fx has all others call. */
const ofCalls = /^AWS::Lambda::(Permission|EventSourceMapping)$/;

/** A resource whose references are replaced: what it depends on by its new logical ids, and the function that may be called.
 * @param aliasOf the alias of a function, by the function's new logical id */
export function withNames(
  resource: Plain,
  { idOf, aliasOf }: { idOf(id: string): string; aliasOf(id: string): string | undefined },
): Plain {
  if (!isMap(resource)) return resource;
  const made: Record<string, Plain> = { ...(resource as Record<string, Plain>) };
  const { DependsOn, Properties } = made;
  if (DependsOn !== undefined) {
    const ours = ([DependsOn].flat() as readonly Plain[]).map((id) => (typeof id === 'string' ? idOf(id) : id));
    made['DependsOn'] = Array.isArray(DependsOn) ? ours : (ours[0] ?? []);
  }
  const called = isMap(Properties) ? Properties['FunctionName'] : undefined;
  const id = isMap(called) && typeof called['Ref'] === 'string' ? called['Ref'] : undefined;
  const alias = id === undefined ? undefined : aliasOf(id);
  if (alias !== undefined && ofCalls.test(String(made['Type'])))
    made['Properties'] = { ...(Properties as Record<string, Plain>), FunctionName: { Ref: alias } };
  return made;
}
