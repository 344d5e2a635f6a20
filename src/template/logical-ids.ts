// The last stage of a template: `stack.logicalIds` gives generated resources the ids that a stack has them under already.
import type { Problem } from '../base/error.ts';
import { nearest } from '../base/suggest.ts';
import type { OwnedResource } from '../cfn/part.ts';
import type { Template } from '../cfn/resource.ts';
import type { Project } from '../project/project.ts';
import { withIds } from './identities.ts';

type OwnedResources = ReadonlyMap<string, OwnedResource>;

/** The same resources under the ids of `stack.logicalIds`. */
export function withLogicalIds(project: Project, ownedResources: OwnedResources, problems: Problem[]): OwnedResources {
  const { logicalIds } = project.environment.stack;
  if (logicalIds.size === 0) return ownedResources;
  problems.push(...misnamed(project, ownedResources));
  return new Map(
    [...ownedResources].map(([id, entry]) => [
      logicalIds.get(id) ?? id,
      { ...entry, resource: withIds(entry.resource, logicalIds) },
    ]),
  );
}

/** What the template says of itself. */
export function metadataOf({ environment }: Project): Pick<Template, 'Metadata'> {
  const { logicalIds } = environment.stack;
  return logicalIds.size === 0 ? {} : { Metadata: { FxLogicalIds: Object.fromEntries(logicalIds) } };
}

/** The id that fx gives to a resource of the template. */
export function givenId({ environment }: Project, id: string): string {
  for (const [given, actual] of environment.stack.logicalIds) if (actual === id) return given;
  return id;
}

function misnamed(project: Project, ownedResources: OwnedResources): readonly Problem[] {
  const { logicalIds } = project.environment.stack;
  const taken = new Map([...ownedResources.keys()].filter((id) => !logicalIds.has(id)).map((id) => [id, id]));
  return [...logicalIds].flatMap(([id, actual]): Problem[] => {
    const at = project.origin(['stack', 'logicalIds', id]);
    const entry = ownedResources.get(id);
    const other = taken.get(actual);
    taken.set(actual, id);
    if (entry === undefined) {
      const suggestion = nearest(id, [...ownedResources.keys()]);
      const hint = suggestion === undefined ? 'remove it' : `did you mean "${suggestion}"?`;
      return [{ at, message: `there is no resource "${id}" to give another id`, hint }];
    }
    if (entry.owner.kind === 'user') {
      return [{ at, message: `"${id}" is under resources, where it has its id`, hint: 'rename it there' }];
    }
    if (other === undefined) return [];
    return [{ at, message: `"${actual}" is the logical id of ${other} already`, hint: 'give it another id' }];
  });
}
