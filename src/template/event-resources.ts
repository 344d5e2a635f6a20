// What the events of all functions add to the template, in the order of the table of sources.
import type { Addition, OwnedResource, Owner, Part, SharedPart, Statement } from '../cfn/part.ts';
import type { Output, Resource, Value } from '../cfn/resource.ts';
import type { Path } from '../cfn/resource-schema.ts';
import { sourceContextOf, startsOf, usesOf } from '../project/event-uses.ts';
import type { Project } from '../project/project.ts';
import { mergedResources, type Placed } from './function-resources.ts';
import { startRole } from './start-role.ts';

/** What an event adds to the resource `id`. */
export interface PlacedAddition extends Addition {
  readonly id: string;
  readonly from: Path;
}

export interface EventResources {
  readonly ownedResources: readonly (readonly [id: string, resource: OwnedResource])[];
  readonly outputs: readonly (readonly [id: string, output: Output, owner: Owner])[];
  /** The permissions that each function's role needs, by function name. */
  readonly statements: ReadonlyMap<string, readonly Statement[]>;
  /** Environment variables, by function name. */
  readonly variables: ReadonlyMap<string, Readonly<Record<string, Value>>>;
  readonly additions: readonly PlacedAddition[];
  /** Ids that end with a hash of other resources (identities.ts). */
  readonly identities: ReadonlyMap<string, readonly string[]>;
}

export function eventResources(project: Project): EventResources {
  const ownedResources: (readonly [string, OwnedResource])[] = [];
  const outputs: (readonly [string, Output, Owner])[] = [];
  const additions: PlacedAddition[] = [];
  const addToResources = (part: Part, from: Path) => {
    for (const [id, addition] of Object.entries(part.additions ?? {})) additions.push({ ...addition, id, from });
  };
  const statements = new Map<string, Statement[]>();
  const variables = new Map<string, Readonly<Record<string, Value>>>();
  const addTo = (name: string, part: Pick<Part, 'statements' | 'variables'>) => {
    statements.set(name, [...(statements.get(name) ?? []), ...(part.statements ?? [])]);
    variables.set(name, { ...variables.get(name), ...part.variables });
  };
  const add = (owner: Owner, resources: ReadonlyMap<string, Placed<Resource>>) => {
    for (const [id, { value, from }] of resources) ownedResources.push([id, { resource: value, owner, from }]);
  };
  const sources = Object.entries(project.plugins.sources).flatMap(([kind, source]) => {
    const placed = [...usesOf(kind, project.functions), ...startsOf(kind, project.stateMachines)];
    const uses = placed.map(({ use }) => use);
    return uses.length === 0 ? [] : [{ kind, source, placed, uses, context: sourceContextOf(project, kind) }];
  });
  // sources may share a resource, such as the domain of two APIs
  const shared = sources.flatMap(({ kind, source, placed, uses, context }): Placed<SharedPart>[] => {
    const part = source.shared?.(uses, context);
    const from = context.section === undefined ? (placed[0]?.from ?? []) : [kind];
    return part === undefined ? [] : [{ value: part, from }];
  });
  add({ kind: 'project' }, mergedResources(shared));
  for (const { value, from } of shared) {
    addToResources(value, from);
    for (const [id, output] of Object.entries(value.outputs ?? {})) outputs.push([id, output, { kind: 'project' }]);
    for (const [name, part] of Object.entries(value.functions ?? {})) addTo(name, part);
  }
  for (const { source, placed, uses, context } of sources) {
    for (const { name } of project.functions) {
      const parts = placed
        .filter(({ use }) => use.function.name === name && use.function.startRole === undefined)
        .map(({ use, from }) => ({ value: source.compile(use, context, uses), from }));
      const owner = { kind: 'function', name } as const;
      add(owner, mergedResources(parts));
      for (const { value, from } of parts) {
        for (const [id, output] of Object.entries(value.outputs ?? {})) outputs.push([id, output, owner]);
        addToResources(value, from);
        addTo(name, value);
      }
    }
  }
  for (const machine of project.stateMachines) {
    const parts = sources.flatMap(({ source, placed, uses, context }) =>
      placed
        .filter(({ use }) => use.function.name === machine.name && use.function.startRole !== undefined)
        .map(({ use, from }) => ({ value: source.compile(use, context, uses), from })),
    );
    if (parts.length === 0) continue;
    const role = startRole(
      machine.name,
      parts.map(({ value }) => value),
    );
    const whole = { value: { resources: role }, from: ['stateMachines', machine.name, 'events'] };
    add({ kind: 'project' }, mergedResources([...parts, whole]));
    for (const { value, from } of parts) addToResources(value, from);
  }
  const identities = new Map(shared.flatMap(({ value }) => Object.entries(value.identities ?? {})));
  return { ownedResources, outputs, statements, variables, additions, identities };
}
