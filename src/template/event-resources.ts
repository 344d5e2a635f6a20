// What the events of all functions add to the template, in the order of the table of sources.
import type { OwnedResource, Owner, Part, Statement } from '../cfn/part.ts';
import type { Output, Resource } from '../cfn/resource.ts';
import { sourceContextOf, usesOf } from '../project/event-uses.ts';
import type { Project } from '../project/project.ts';
import { mergedResources, type Placed } from './function-resources.ts';

export interface EventResources {
  readonly ownedResources: readonly (readonly [id: string, resource: OwnedResource])[];
  readonly outputs: readonly (readonly [id: string, output: Output, owner: Owner])[];
  /** The permissions that each function's role needs, by function name. */
  readonly statements: ReadonlyMap<string, readonly Statement[]>;
}

export function eventResources(project: Project): EventResources {
  const ownedResources: (readonly [string, OwnedResource])[] = [];
  const outputs: (readonly [string, Output, Owner])[] = [];
  const statements = new Map<string, Statement[]>();
  const add = (owner: Owner, resources: ReadonlyMap<string, Placed<Resource>>) => {
    for (const [id, { value, from }] of resources) ownedResources.push([id, { resource: value, owner, from }]);
  };
  const sources = Object.entries(project.plugins.sources).flatMap(([kind, source]) => {
    const placed = usesOf(kind, project.functions);
    const uses = placed.map(({ use }) => use);
    return uses.length === 0 ? [] : [{ kind, source, placed, uses, context: sourceContextOf(project, kind) }];
  });
  // sources may share a resource, such as the domain of two APIs
  const shared = sources.flatMap(({ kind, source, placed, uses, context }): Placed<Part>[] => {
    const part = source.shared?.(uses, context);
    const from = context.section === undefined ? (placed[0]?.from ?? []) : [kind];
    return part === undefined ? [] : [{ value: part, from }];
  });
  add({ kind: 'project' }, mergedResources(shared));
  for (const { value } of shared) {
    for (const [id, output] of Object.entries(value.outputs ?? {})) outputs.push([id, output, { kind: 'project' }]);
  }
  for (const { source, placed, uses, context } of sources) {
    for (const { name } of project.functions) {
      const parts = placed
        .filter(({ use }) => use.function.name === name)
        .map(({ use, from }) => ({ value: source.compile(use, context, uses), from }));
      const owner = { kind: 'function', name } as const;
      add(owner, mergedResources(parts));
      for (const { value } of parts) {
        for (const [id, output] of Object.entries(value.outputs ?? {})) outputs.push([id, output, owner]);
        statements.set(name, [...(statements.get(name) ?? []), ...(value.statements ?? [])]);
      }
    }
  }
  return { ownedResources, outputs, statements };
}
