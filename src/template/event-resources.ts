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
  const context = sourceContextOf(project);
  const ownedResources: (readonly [string, OwnedResource])[] = [];
  const outputs: (readonly [string, Output, Owner])[] = [];
  const statements = new Map<string, Statement[]>();
  const add = (owner: Owner, resources: ReadonlyMap<string, Placed<Resource>>) => {
    for (const [id, { value, from }] of resources) ownedResources.push([id, { resource: value, owner, from }]);
  };
  for (const [kind, source] of Object.entries(project.plugins.sources)) {
    const uses = usesOf(kind, project.functions);
    if (uses.length === 0) continue;
    const shared: Part =
      source.shared?.(
        uses.map(({ use }) => use),
        context,
      ) ?? {};
    const from = uses[0]?.from ?? [];
    add({ kind: 'project' }, mergedResources([{ value: shared, from }]));
    for (const [id, output] of Object.entries(shared.outputs ?? {})) outputs.push([id, output, { kind: 'project' }]);
    for (const { name } of project.functions) {
      const parts = uses
        .filter(({ use }) => use.function.name === name)
        .map(({ use, from: place }) => ({ value: source.compile(use, context), from: place }));
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
