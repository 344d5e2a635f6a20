// Logical ids in place of those that fx gives, as a stack has them that another tool made. The template itself says which, so that a release
// can be read without the project that it came from.
import { type FunctionIds, functionIds } from './names.ts';
import type { Template } from './resource.ts';

/** By the ids that fx gives; empty for most templates. */
export function logicalIdsIn(template: Pick<Template, 'Metadata'> | undefined): ReadonlyMap<string, string> {
  return new Map(Object.entries(template?.Metadata?.FxLogicalIds ?? {}));
}

/** The logical ids that the resources of a function have in a template. */
export function functionIdsIn(template: Pick<Template, 'Metadata'> | undefined, name: string): FunctionIds {
  return functionIdsOf(logicalIdsIn(template), name);
}

/** The same, by the ids themselves. */
export function functionIdsOf(logicalIds: ReadonlyMap<string, string>, name: string): FunctionIds {
  const ids = functionIds(name);
  if (logicalIds.size === 0) return ids;
  const actual = (id: string) => logicalIds.get(id) ?? id;
  return {
    function: actual(ids.function),
    role: actual(ids.role),
    logGroup: actual(ids.logGroup),
    alias: actual(ids.alias),
    version: ids.version,
  };
}
