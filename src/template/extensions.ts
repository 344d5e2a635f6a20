// `extend`: the user's changes to generated resources, by the same rule as environments (JSON Merge Patch, RFC 7396).
import type { Problem } from '../base/error.ts';
import { fromPlain, type Plain, toPlain } from '../base/located.ts';
import { isMap } from '../base/plain.ts';
import { nearest } from '../base/suggest.ts';
import type { OwnedResource } from '../cfn/part.ts';
import type { Resource } from '../cfn/resource.ts';
import { mergePatch } from '../project/overlay.ts';
import type { Project } from '../project/project.ts';

/** The resources with every extension of one of `ids` merged over them. */
export function extended(
  project: Project,
  ownedResources: ReadonlyMap<string, OwnedResource>,
  ids: (id: string) => boolean,
  problems: Problem[],
): Map<string, OwnedResource> {
  const result = new Map(ownedResources);
  for (const [id, patch] of project.extend) {
    const entry = ids(id) ? result.get(id) : undefined;
    if (entry === undefined) continue;
    if (isMap(patch)) result.set(id, { ...entry, resource: patched(entry.resource, patch) });
    else {
      problems.push({
        at: project.origin(['extend', id]),
        message: `expected a map of changes to "${id}"`,
        hint: 'such as {Properties: {…}}; a resource cannot be removed',
      });
    }
  }
  return result;
}

/** Extensions of resources that do not exist. */
export function unknownExtensions(project: Project, known: readonly string[]): readonly Problem[] {
  return [...project.extend.keys()]
    .filter((id) => !known.includes(id))
    .map((id) => {
      const suggestion = nearest(id, known);
      const hint = `${suggestion === undefined ? '' : `did you mean "${suggestion}"? `}resources are ${known.join(', ')}`;
      return { at: project.origin(['extend', id]), message: `there is no resource "${id}" to extend`, hint };
    });
}

const nowhere = { file: '', line: 1, column: 1, length: 1 };

function patched(resource: Resource, patch: Plain): Resource {
  const base = fromPlain(resource as unknown as Plain, nowhere);
  // a patch may turn a resource into anything: validation reports it
  return toPlain(mergePatch(base, fromPlain(patch, nowhere))) as unknown as Resource;
}
