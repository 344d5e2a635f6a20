// Maps a position in the template to its line in project.yml.
import type { Span } from '../base/error.ts';
import type { OwnedResource } from '../cfn/part.ts';
import type { Path } from '../cfn/resource-schema.ts';
import type { Project } from '../project/project.ts';
import { givenId } from './logical-ids.ts';

/** The position in project.yml of `['resources', id, 'Properties', 'Timeout']` and the like: under `resources` for the user's resources, under
 * `extend` for the user's changes, otherwise at the setting or event that causes it. */
export function sourcePlace(project: Project, ownedResources: ReadonlyMap<string, OwnedResource>, path: Path): Span {
  const [section, id = '', ...rest] = path;
  const resource = section === 'resources' ? ownedResources.get(String(id)) : undefined;
  if (resource === undefined || resource.owner.kind === 'user') return project.origin(path);
  const given = givenId(project, String(id));
  const patch = project.extend.get(given);
  if (patch !== undefined && hasPath(patch, rest.slice(0, 2))) return project.origin(['extend', given, ...rest]);
  return project.origin(entryPath(resource, rest));
}

function hasPath(value: unknown, path: Path): boolean {
  const [key, ...rest] = path;
  if (key === undefined) return true;
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? hasPath((value as Record<string | number, unknown>)[key], rest)
    : false;
}

/** `Properties.VpcConfig.SubnetIds.0` → `functions.orders.vpc.subnetIds.0`: below a setting, keys are AWS's in camel case. */
function entryPath({ from, propertiesFrom = {} }: OwnedResource, path: Path): Path {
  const [name, ...below] = path[0] === 'Properties' ? path.slice(1) : path;
  const entry = Object.hasOwn(propertiesFrom, String(name)) ? propertiesFrom[String(name)] : undefined;
  if (entry === undefined) return from;
  // the user chooses the names of variables
  if (name === 'Environment') return [...entry, ...below.slice(1)];
  return [...entry, ...below.map(camelCase)];
}

function camelCase(step: string | number): string | number {
  return typeof step === 'number' ? step : step.charAt(0).toLowerCase() + step.slice(1);
}
