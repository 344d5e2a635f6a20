// What must be right in every project before a command begins in the first: each has the environment, and a name of its own.
import { FxError, type Problem } from '../../base/error.ts';
import type { WorkspaceProject } from '../../project/workspace/workspace.ts';
import type { Invocation } from '../command.ts';
import { loadedEnvironment, openProject } from '../session.ts';
import { type Each, shownFolder } from './choose.ts';
import { failure } from './outcome.ts';

interface Checked {
  readonly project: WorkspaceProject;
  /** Undefined if the project cannot be read before another one is deployed. */
  readonly name: string | undefined;
  readonly unusedParams: readonly Problem[];
  readonly error: FxError | undefined;
}

/** `whole`: a mistake anywhere in a project file counts, as far as it can be read before another project is deployed. Throws ENVIRONMENT_UNKNOWN
 * with the projects that lack the environment, or PROJECT_INVALID with the problems of all. */
export async function checkProjects(
  projects: readonly WorkspaceProject[],
  invocationFor: (project: WorkspaceProject) => Each,
  { file, whole }: { readonly file: string; readonly whole: boolean },
): Promise<void> {
  const all = await Promise.all(projects.map((project) => check(project, invocationFor(project))));
  refuseFailures(all, invocationFor);
  const problems = [...sameNames(all), ...unusedByAll(all)];
  if (problems.length > 0) {
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    throw new FxError('PROJECT_INVALID', `${file} has ${count}`, { problems });
  }
  if (!whole) return;
  // before the first project is deployed rather than when its turn comes
  refuseFailures(await Promise.all(all.map((known) => checkWhole(known, invocationFor(known.project)))), invocationFor);
}

function check(project: WorkspaceProject, invocation: Each): Promise<Checked> {
  const nothing = { project, name: undefined, unusedParams: [], error: undefined };
  return checked(nothing, async () => {
    const { environment, unusedParams } = await loadedEnvironment(invocation);
    return { ...nothing, name: environment.project, unusedParams };
  });
}

function checkWhole(known: Checked, invocation: Each): Promise<Checked> {
  return checked(known, async () => {
    await openProject({ ...invocation, report: () => {} } as Invocation<'project'>);
    return known;
  });
}

/** `known` also if something that is read is the output of a project that is deployed first. */
async function checked(known: Checked, read: () => Promise<Checked>): Promise<Checked> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof FxError) || error.code === 'INTERRUPTED') throw error;
    return error.code === 'NOT_DEPLOYED' ? known : { ...known, error };
  }
}

function refuseFailures(checked: readonly Checked[], invocationFor: (project: WorkspaceProject) => Each): void {
  const failed = checked.flatMap(({ project, error }) => (error === undefined ? [] : [{ project, error }]));
  const [first] = failed;
  if (first === undefined) return;
  const unknown = failed.filter(({ error }) => error.code === 'ENVIRONMENT_UNKNOWN').map(({ project }) => project);
  const { env } = invocationFor(first.project).common;
  const [lacking] = unknown;
  if (lacking !== undefined && unknown.length === failed.length && unknown.length < checked.length) {
    const folder = shownFolder(lacking, invocationFor(lacking).io.workingFolder);
    throw new FxError(
      'ENVIRONMENT_UNKNOWN',
      `"${env}" is not an environment of ${unknown.map(({ name }) => name).join(', ')}`,
      {
        hint: `nothing was begun: add it under environments there (${env}: {} in ${folder}/project.yml), or choose projects with --project`,
        problems: failed.flatMap(({ error }) => error.problems),
        cause: first.error,
      },
    );
  }
  throw failure(
    failed.map(({ project, error }) => ({ project: project.name, code: 0, value: undefined, error })),
    [],
    { order: 'any' },
  );
}

function sameNames(checked: readonly Checked[]): readonly Problem[] {
  return checked.flatMap(({ project, name }): Problem[] => {
    const first = checked.find((other) => name !== undefined && other.name === name);
    if (first === undefined || first.project === project) return [];
    return [
      {
        at: project.at,
        message: `${project.name} and ${first.project.name} are both "name: ${name}" in their project files`,
        hint: 'give each its own name: projects of one name share their stacks and releases',
      },
    ];
  });
}

/** A value of --param that no project uses. */
function unusedByAll(checked: readonly Checked[]): readonly Problem[] {
  const [first, ...others] = checked;
  return (first?.unusedParams ?? []).filter(({ at }) =>
    others.every(({ unusedParams }) => unusedParams.some((other) => other.at.file === at.file)),
  );
}
