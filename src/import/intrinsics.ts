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

/** A resource that depends on others by their new logical ids. */
export function withDependencies(resource: Plain, idOf: (id: string) => string): Plain {
  if (!isMap(resource) || resource['DependsOn'] === undefined) return resource;
  const written = resource['DependsOn'] as Plain;
  const ours = ([written].flat() as readonly Plain[]).map((id) => (typeof id === 'string' ? idOf(id) : id));
  return { ...(resource as Record<string, Plain>), DependsOn: Array.isArray(written) ? ours : (ours[0] ?? []) };
}
