// The projects of the workspace that a command line is for.
import { relative, resolve } from 'node:path';
import { FxError } from '../../base/error.ts';
import { nearest } from '../../base/suggest.ts';
import { findNearest } from '../../project/workspace/nearest.ts';
import { dependenciesOf } from '../../project/workspace/order.ts';
import {
  findWorkspace,
  readWholeWorkspace,
  type Workspace,
  type WorkspaceProject,
} from '../../project/workspace/workspace.ts';
import { type Arguments, type Command, type Invocation, longFlag, type Options } from '../command.ts';
import type { Output } from '../outputs.ts';

export type Each = Invocation<'environment' | 'project', Arguments, Options, Output>;

/** Whether a flag is given; the command may not have it. */
export const isOn = ({ options }: Each, name: string): boolean =>
  (options as Readonly<Record<string, unknown>>)[name] === true;

/** Several projects, or a single one by its folder; undefined for the one in the folder or above. */
export type Chosen =
  | { readonly kind: 'workspace'; readonly workspace: Workspace; readonly projects: readonly WorkspaceProject[] }
  | { readonly kind: 'project'; readonly folder: string };

export async function chosenProjects(name: string, command: Command, invocation: Each): Promise<Chosen | undefined> {
  const { io, common } = invocation;
  const names = [...new Set(common.projects.flatMap((text) => text.split(',')).map((text) => text.trim()))];
  const flag = names.length > 0 ? '--project' : isOn(invocation, 'workspace') ? '--workspace' : undefined;
  checkFlags(flag, names, invocation);
  const folder = resolve(io.workingFolder, common.folder);
  const root =
    flag === undefined ? await workspaceAt(folder, command, common.config) : await workspaceAbove(folder, flag);
  if (root === undefined) return undefined;
  const workspace = await readWholeWorkspace(root, io.workingFolder);
  const projects = choose(workspace, names, isOn(invocation, 'withDependencies'));
  const isForEach = command.inEachProject !== undefined;
  const limit = isForEach ? ofOne(command, invocation) : `fx ${name}`;
  const [only, second] = projects;
  if (limit !== undefined && second !== undefined) {
    throw new FxError('USAGE', `${limit} is for one project, not for ${projects.length}`, {
      hint: `choose it with --project: ${projects.map((project) => project.name).join(', ')}`,
    });
  }
  if (isForEach || only === undefined) return { kind: 'workspace', workspace, projects };
  return { kind: 'project', folder: only.folder };
}

function checkFlags(flag: string | undefined, names: readonly string[], invocation: Each): void {
  const excluding = (one: string, other: string) => new FxError('USAGE', `${one} and ${other} exclude each other`);
  if (flag !== undefined && invocation.common.config !== undefined) throw excluding(flag, '--config');
  if (names.length > 0 && isOn(invocation, 'workspace')) throw excluding('--project', '--workspace');
  if (names.length === 0 && isOn(invocation, 'withDependencies')) {
    throw new FxError('USAGE', '--with-dependencies needs --project', {
      hint: 'such as fx deploy --project orders --with-dependencies',
    });
  }
}

/** The workspace whose folder this is, or which is nearer than any project. Without either, the command says what it needs. */
async function workspaceAt(folder: string, command: Command, config: string | undefined): Promise<string | undefined> {
  if (command.inEachProject === undefined || config !== undefined) return undefined;
  const found = await findNearest(folder).catch((error: unknown) => {
    if (error instanceof FxError) return undefined;
    throw error;
  });
  return found?.kind === 'workspace' ? found.folder : undefined;
}

async function workspaceAbove(folder: string, flag: string): Promise<string> {
  const root = await findWorkspace(folder);
  if (root !== undefined) return root;
  throw new FxError('PROJECT_NOT_FOUND', `there is no fx.workspace.yml in ${folder} or above it`, {
    hint: `${flag} is for the projects of a workspace; without it, fx works on the project in this folder`,
  });
}

function choose(
  workspace: Workspace,
  names: readonly string[],
  withDependencies: boolean,
): readonly WorkspaceProject[] {
  const { projects, file } = workspace;
  if (names.length === 0) return projects;
  const known = projects.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const suggestion = nearest(unknown, known);
    throw new FxError('USAGE', `there is no project "${unknown}" in ${file}`, {
      hint: suggestion === undefined ? `its projects are ${known.join(', ')}` : `did you mean "${suggestion}"?`,
    });
  }
  const dependencies = dependenciesOf(projects);
  const all = new Set(names.flatMap((name) => [name, ...(withDependencies ? (dependencies.get(name) ?? []) : [])]));
  return projects.filter(({ name }) => all.has(name));
}

/** The first given option or argument that is for one project only, as typed. */
function ofOne({ inEachProject, args: declared }: Command, { options, args }: Each): string | undefined {
  const isGiven = (value: unknown) =>
    Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
  const given = inEachProject?.ofOne?.find((name) => isGiven(name in declared ? args[name] : options[name]));
  if (given === undefined) return undefined;
  return given in declared ? `"${[args[given]].flat()[0]}"` : longFlag(given);
}

/** As the user would type it after -C. */
export function shownFolder({ folder }: WorkspaceProject, workingFolder: string): string {
  return relative(workingFolder, folder) || '.';
}
