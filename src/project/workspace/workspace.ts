// A workspace: the projects that fx.workspace.yml lists, in the order of their dependencies, with every mistake at its line.
import { access } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { Problem, Span } from '../../base/error.ts';
import { placeOf } from '../../base/located.ts';
import { readAll } from '../../base/schema.ts';
import { nearest } from '../../base/suggest.ts';
import { hasProject, workspaceFileName } from '../find.ts';
import { invalid, readProjectFile } from '../read-file.ts';
import { cyclesOf, inOrder } from './order.ts';
import { type WrittenProject, workspaceSchema } from './schema.ts';

export interface WorkspaceProject {
  readonly name: string;
  /** Absolute. */
  readonly folder: string;
  readonly folderAt: Span;
  readonly dependsOn: readonly { readonly name: string; readonly at: Span }[];
  readonly at: Span;
}

export interface Workspace {
  /** Absolute. */
  readonly folder: string;
  /** As messages show it. */
  readonly file: string;
  /** Dependencies first. */
  readonly projects: readonly WorkspaceProject[];
}

/** Whether the folder itself has an fx.workspace.yml. */
export function hasWorkspace(folder: string): Promise<boolean> {
  return access(join(folder, workspaceFileName)).then(
    () => true,
    () => false,
  );
}

/** The folder of the nearest fx.workspace.yml, in a folder or above it. */
export async function findWorkspace(start: string): Promise<string | undefined> {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    if (await hasWorkspace(folder)) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

/** Reads the file, without a look at the projects. Throws PROJECT_INVALID with every problem. */
export async function readWorkspace(folder: string, shownFrom: string): Promise<Workspace> {
  const path = join(folder, workspaceFileName);
  const file = relative(shownFrom, path);
  const located = await readProjectFile(path, { shownFrom, environment: '', variables: {} }, 'projects: {…}');
  const { value, problems } = readAll(workspaceSchema, located);
  if (value === undefined || problems.length > 0) throw invalid(problems, file);
  const projects = [...value.projects].map(([name, written]) =>
    projectOf(name, written, { folder, at: placeOf(located, ['projects', name]) }),
  );
  const wrong = [
    ...(projects.length === 0 ? [{ at: placeOf(located, ['projects']), message: 'a workspace has projects' }] : []),
    ...folderProblems(projects, folder),
    ...dependencyProblems(projects),
  ];
  if (wrong.length > 0) throw invalid(wrong, file);
  return { folder, file, projects: inOrder(projects) };
}

/** The same; each project must have its project file. */
export async function readWholeWorkspace(folder: string, shownFrom: string): Promise<Workspace> {
  const workspace = await readWorkspace(folder, shownFrom);
  const missing = await Promise.all(
    workspace.projects.map(async (project): Promise<readonly Problem[]> => {
      if (await hasProject(project.folder)) return [];
      const shown = relative(shownFrom, project.folder) || '.';
      const message = `there is no project.yml in ${shown}`;
      return [{ at: project.folderAt, message, hint: `create one with fx init ${shown}, or correct the folder` }];
    }),
  );
  const problems = missing.flat();
  if (problems.length > 0) throw invalid(problems, workspace.file);
  return workspace;
}

/** The workspace that lists the project of a folder; a file above that does not list it is none of its business. */
export async function workspaceOf(projectFolder: string, shownFrom: string): Promise<Workspace | undefined> {
  const folder = await findWorkspace(projectFolder);
  if (folder === undefined) return undefined;
  const workspace = await readWorkspace(folder, shownFrom);
  return workspace.projects.some((project) => project.folder === projectFolder) ? workspace : undefined;
}

function projectOf(
  name: string,
  { folder, dependsOn = [] }: WrittenProject,
  place: { readonly folder: string; readonly at: Span },
): WorkspaceProject {
  return {
    name,
    folder: resolve(place.folder, folder?.value ?? name),
    folderAt: folder?.at ?? place.at,
    dependsOn: dependsOn.map(({ value, at }) => ({ name: value, at })),
    at: place.at,
  };
}

function folderProblems(projects: readonly WorkspaceProject[], root: string): readonly Problem[] {
  return projects.flatMap(({ name, folder, folderAt }): Problem[] => {
    const below = relative(root, folder);
    if (below.startsWith('..') || isAbsolute(below)) {
      const hint = `a project finds its ${workspaceFileName} above it: move that file to a folder above both`;
      return [{ at: folderAt, message: 'the folder is not below this file', hint }];
    }
    const first = projects.find((other) => other.folder === folder);
    return first === undefined || first.name === name
      ? []
      : [{ at: folderAt, message: `${name} and ${first.name} have the same folder`, hint: 'list each project once' }];
  });
}

function dependencyProblems(projects: readonly WorkspaceProject[]): readonly Problem[] {
  const names = projects.map(({ name }) => name);
  const problems = projects.flatMap((project) =>
    project.dependsOn.flatMap(({ name, at }, index): Problem[] => {
      if (project.dependsOn.findIndex((other) => other.name === name) < index) {
        return [{ at, message: `${name} is listed twice` }];
      }
      if (names.includes(name)) return [];
      const suggestion = nearest(name, names);
      const list = `the projects here are ${names.join(', ')}`;
      return [
        {
          at,
          message: `there is no project "${name}" in this workspace`,
          hint: suggestion === undefined ? list : `did you mean "${suggestion}"? ${list}`,
        },
      ];
    }),
  );
  const cycles = cyclesOf(projects).map(({ path, at }) => ({
    at,
    message: `the projects depend on each other in a cycle: ${path.join(' → ')}`,
    hint: 'remove one of these dependencies: no order could deploy them',
  }));
  return [...problems, ...cycles];
}
