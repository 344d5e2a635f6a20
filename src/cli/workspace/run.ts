// Runs a command in the projects of a workspace, in the order of their dependencies, with one summary.
import { sharedClients } from '../../aws/shared.ts';
import { type ExitCode, FxError } from '../../base/error.ts';
import { localEnvironment } from '../../project/environment.ts';
import { dependenciesOf } from '../../project/workspace/order.ts';
import type { Workspace, WorkspaceProject } from '../../project/workspace/workspace.ts';
import { ensureLocal, stateFolder } from '../../session/local.ts';
import type { Command, InEachProject } from '../command.ts';
import type { RegionOutput } from '../regions.ts';
import { callerOf } from '../session.ts';
import { wholeNumber } from '../values.ts';
import { checkProjects } from './check.ts';
import { type Each, isOn } from './choose.ts';
import { failure, notDeployedText, type Outcome } from './outcome.ts';
import { jsonView, pagedView, prefixedView, Screen, type View } from './output.ts';
import { runScheduled } from './schedule.ts';

export interface WorkspaceRun {
  readonly workspace: Workspace;
  /** Those chosen, dependencies first. */
  readonly projects: readonly WorkspaceProject[];
  readonly command: Command;
  readonly how: InEachProject;
  /** Runs the command in one project, in each of its regions. */
  runIn(invocation: Each, output: RegionOutput): Promise<ExitCode>;
}

/** The highest exit code. Throws what failed first, with what became of the other projects; not before all have ended. */
export async function runInWorkspace(run: WorkspaceRun, invocation: Each, output: RegionOutput): Promise<ExitCode> {
  const { how } = run;
  const projects = how.order === 'dependents first' ? [...run.projects].reverse() : run.projects;
  const limit = limitOf(invocation, how);
  const env = environmentOf(projects, invocation);
  const shared = { region: invocation.common.region, clients: sharedClients() };
  const invocationFor = (project: WorkspaceProject, from = invocation): Each => ({
    ...from,
    common: { ...from.common, env, folder: project.folder, projects: [], shared },
  });
  const whole = how.order === 'dependencies first';
  await checkProjects(projects, invocationFor, { file: run.workspace.file, whole });
  // once, not for each
  if (env === localEnvironment && how.order !== 'any') {
    await ensureLocal(callerOf(invocation), stateFolder(run.workspace.folder));
  }
  const left = dependentsText(run);
  if (left !== undefined) invocation.aside(left);
  const approved = await how.approve?.(projects.map((project) => [project.name, invocationFor(project)] as const));
  const all = approved === undefined ? invocation : { ...invocation, options: { ...invocation.options, ...approved } };
  const outcomes: Outcome[] = [];
  const screen = new Screen();
  const pages = pagesOf(projects, all, how);
  const notBegun = await runScheduled(
    {
      names: projects.map(({ name }) => name),
      waitsFor: waits(run),
      limit,
      stopOnFailure: how.order !== 'any',
    },
    async (name) => {
      const project = projects.find((one) => one.name === name) as WorkspaceProject;
      const own = invocationFor(project, all);
      const view = viewFor(project, own, { screen, output, count: projects.length, limit, pages });
      const outcome = await runOne(run, project, view);
      view.end();
      outcomes.push(outcome);
      pages?.ended(name);
      return outcome.error === undefined;
    },
  );
  const failed = failure(outcomes, notBegun, how);
  if (failed !== undefined) throw failed;
  const inTheirOrder = projects.flatMap(({ name }) => outcomes.filter((outcome) => outcome.project === name));
  if (how.order !== 'any' && projects.length > 1) {
    invocation.print(`Done: ${inTheirOrder.map(({ project }) => project).join(', ')}.`);
  }
  invocation.result({ projects: inTheirOrder.map(resultOf) });
  return Math.max(...outcomes.map(({ code }) => code)) as ExitCode;
}

function limitOf({ options }: Each, how: InEachProject): number {
  const given = options['concurrency'];
  if (typeof given === 'string') return wholeNumber(given, '--concurrency');
  // what only reads needs no bound by the user
  return how.order === 'any' ? 4 : 1;
}

/** `fx use` is a choice for one project; a single one makes its own. */
function environmentOf(projects: readonly WorkspaceProject[], { common, io }: Each): string | undefined {
  return common.env ?? (projects.length === 1 ? undefined : io.variables['FX_ENV'] || localEnvironment);
}

/** What is left behind without what it needs. */
function dependentsText({ workspace, projects, how }: WorkspaceRun): string | undefined {
  if (how.order !== 'dependents first') return undefined;
  const dependencies = dependenciesOf(workspace.projects);
  const names = workspace.projects.flatMap(({ name }) => {
    const needs = projects.filter((project) => dependencies.get(name)?.has(project.name) === true);
    return projects.some((project) => project.name === name) || needs.length === 0 ? [] : [name];
  });
  if (names.length === 0) return undefined;
  return `${names.join(', ')} ${names.length === 1 ? 'depends' : 'depend'} on what is removed here, and ${names.length === 1 ? 'stays' : 'stay'}.`;
}

/** A project waits for the chosen ones among its dependencies, or dependents. */
function waits({ workspace, how, projects }: WorkspaceRun): (name: string) => ReadonlySet<string> {
  const dependencies = dependenciesOf(workspace.projects);
  const none: ReadonlySet<string> = new Set();
  if (how.order === 'any') return () => none;
  if (how.order === 'dependencies first') return (name) => dependencies.get(name) ?? none;
  return (name) =>
    new Set(projects.flatMap((other) => (dependencies.get(other.name)?.has(name) === true ? [other.name] : [])));
}

async function runOne({ runIn, how }: WorkspaceRun, { name }: WorkspaceProject, view: View): Promise<Outcome> {
  let value: unknown;
  const { invocation } = view;
  const result = (given: unknown) => {
    value = given;
  };
  try {
    const code = await runIn({ ...invocation, result }, view.output);
    return { project: name, code, value, error: undefined };
  } catch (error) {
    const code =
      error instanceof FxError && error.code === 'NOT_DEPLOYED' ? how.notDeployed?.(invocation.options) : undefined;
    if (!(error instanceof FxError) || code === undefined) return { project: name, code: 0, value, error };
    invocation.print(notDeployedText(error));
    const { message, problems } = error;
    return { project: name, code, value: { notDeployed: true, message, problems }, error: undefined };
  }
}

interface Viewing {
  readonly screen: Screen;
  readonly output: RegionOutput;
  /** Of the projects. */
  readonly count: number;
  readonly limit: number;
  readonly pages: Pages | undefined;
}

function viewFor({ name }: WorkspaceProject, invocation: Each, viewing: Viewing): View {
  const { screen, output, count, limit, pages } = viewing;
  if (invocation.common.json) return jsonView(name, invocation, output);
  const unchanged: View = { invocation, output, end: () => {} };
  if (count === 1) return unchanged;
  if (pages !== undefined) {
    const view = pagedView(name, invocation, screen, output);
    pages.begun(name, view.page);
    return view;
  }
  if (limit > 1) return prefixedView(name, invocation, screen, output);
  invocation.print(heading(name, invocation));
  return unchanged;
}

interface Pages {
  begun(name: string, page: () => string): void;
  ended(name: string): void;
}

/** Pages in the order of the projects, each as soon as those before it are shown. */
function pagesOf(projects: readonly WorkspaceProject[], invocation: Each, how: InEachProject): Pages | undefined {
  if (how.order !== 'any' || invocation.common.json || projects.length === 1) return undefined;
  const waiting = projects.map(({ name }) => name);
  const pages = new Map<string, () => string>();
  const ended = new Set<string>();
  return {
    begun: (name, page) => void pages.set(name, page),
    ended(name) {
      ended.add(name);
      for (let next = waiting[0]; next !== undefined && ended.has(next); next = waiting[0]) {
        waiting.shift();
        const text = pages.get(next)?.() ?? '';
        const gap = waiting.length + 1 === projects.length ? '' : '\n';
        if (text !== '') invocation.print(`${gap}${heading(next, invocation)}\n${text}`);
      }
    },
  };
}

function heading(name: string, invocation: Each): string {
  return isOn(invocation, 'markdown') ? `## ${name}\n` : `== ${name}`;
}

/** The name in the workspace, and the members of the project's own result. */
function resultOf({ project, value }: Outcome): object {
  const members = Array.isArray(value) ? { list: value } : ((value as object | undefined) ?? {});
  return Object.assign({ project }, members, { project });
}
