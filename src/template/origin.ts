// From a place in the template back to the line of project.yml that it comes from.
import type { Span } from '../base/error.ts';
import { pascalCase } from '../cfn/names.ts';
import type { Project } from '../project/project.ts';

type Path = readonly (string | number)[];

/** Under `resources`, or, for what fx made, `extend` or the function it was made for. */
export function sourcePlace(project: Project, path: Path): Span {
  const [section, id = '', ...rest] = path;
  if (section !== 'resources' || project.resources.has(String(id))) return project.origin(path);
  if (project.extend.has(String(id))) return project.origin(['extend', id, ...rest]);
  const owner = functionOwning(project, String(id));
  if (owner === undefined) return project.origin(path);
  const [properties, environment, variables, name] = rest;
  if (properties === 'Properties' && environment === 'Environment' && variables === 'Variables' && name !== undefined) {
    return project.origin(['functions', owner, 'variables', name]);
  }
  return project.origin(['functions', owner]);
}

/** The function whose name begins a logical id; the longest, where one name begins another. */
export function functionOwning(project: Project, id: string): string | undefined {
  return project.functions
    .map(({ name }) => name)
    .filter((name) => id.startsWith(pascalCase(name)))
    .sort((a, b) => b.length - a.length)[0];
}
