// How most commands begin: they load the project or environment named on the command line, and connect to its AWS.
import { relative, resolve } from 'node:path';
import type { Problem } from '../base/error.ts';
import type { Context } from '../operate/context.ts';
import { type Environment, localEnvironment } from '../project/environment.ts';
import { findProject } from '../project/find.ts';
import { type LoadedEnvironment, type LoadOptions, loadEnvironment, loadProject } from '../project/load.ts';
import type { Project } from '../project/project.ts';
import { listEnvironments } from '../project/sources.ts';
import { readVariablesFile } from '../project/variables.ts';
import type { Caller } from '../session/caller.ts';
import { openContext, openLookups } from '../session/connect.ts';
import type { Invocation } from './command.ts';
import { chosenEnvironment } from './environment.ts';
import { assignments } from './values.ts';

/** Loads the project for an environment, by default the chosen one, and reports its warnings. */
export async function openProject(invocation: Invocation<'project'>, name?: string): Promise<Project> {
  const { common } = invocation;
  const set = { ...(await variablesOf(invocation)), ...assignments(common.set, '--set') };
  const today = new Date(invocation.io.now());
  const project = await loadProject({ ...(await loadOptions(invocation, name)), set, today });
  warn(invocation, project.warnings);
  return project;
}

/** Loads an environment, by default the chosen one, and reports its warnings. */
export async function openEnvironment(invocation: Invocation, name?: string): Promise<Environment> {
  const { environment, warnings } = await loadedEnvironment(invocation, name);
  warn(invocation, warnings);
  return environment;
}

/** The same, with what else is known; reports nothing. */
export async function loadedEnvironment(invocation: Invocation, name?: string): Promise<LoadedEnvironment> {
  return loadEnvironment(await loadOptions(invocation, name));
}

/** A project, and AWS. */
export async function openProjectSession(
  invocation: Invocation<'project'>,
): Promise<{ readonly project: Project; readonly context: Context }> {
  const project = await openProject(invocation);
  return { project, context: await contextOf(invocation, project.environment) };
}

/** An environment, and AWS. */
export async function openSession(
  invocation: Invocation,
): Promise<{ readonly environment: Environment; readonly context: Context }> {
  const environment = await openEnvironment(invocation);
  return { environment, context: await contextOf(invocation, environment) };
}

export async function contextOf(invocation: Invocation, environment: Environment): Promise<Context> {
  invocation.admit?.(environment);
  return openContext(callerOf(invocation), environment);
}

/** The names of all environments of the project, whatever else is wrong with it. */
export async function environmentNames({ io, common }: Invocation): Promise<readonly string[]> {
  const file = await findProject(resolve(io.workingFolder, common.folder), namedFile({ io, common }));
  const reading = { shownFrom: io.workingFolder, environment: localEnvironment, variables: io.variables };
  return listEnvironments(file, reading);
}

async function loadOptions(invocation: Invocation, name?: string): Promise<LoadOptions> {
  const { io, common, version } = invocation;
  const file = namedFile(invocation);
  return {
    folder: resolve(io.workingFolder, common.folder),
    ...(file === undefined ? {} : { file }),
    environment: name ?? (await chosenEnvironment(invocation)).name,
    variables: io.variables,
    shownFrom: io.workingFolder,
    params: assignments(common.params, '--param'),
    version,
    connect: (destination) => openLookups(callerOf(invocation), destination),
    ...(common.region === undefined ? {} : { region: common.region }),
    ...(common.shared === undefined ? {} : { shared: common.shared }),
  };
}

export function callerOf(invocation: Invocation): Caller {
  const { common } = invocation;
  return {
    ...callerAs(invocation, common.profile),
    shared: 'shared' in common ? common.shared?.clients : undefined,
  };
}

/** Who calls, with a profile that is no common option of the command. */
export function callerAs(
  { io, report, signal, version, ask }: Pick<Invocation, 'io' | 'report' | 'signal' | 'version' | 'ask'>,
  profile: string | undefined,
): Caller {
  return {
    variables: io.variables,
    program: io.program,
    report,
    signal,
    now: io.now,
    version,
    profile,
    ask: io.stdinIsTerminal ? ask : undefined,
    shared: undefined,
  };
}

function warn({ report }: Invocation, warnings: readonly Problem[]): void {
  for (const { at, message, hint } of warnings) {
    report({ kind: 'warning', at, message, ...(hint === undefined ? {} : { hint }) });
  }
}

/** The file that --config names. */
function namedFile({ io, common }: Pick<Invocation, 'io' | 'common'>): string | undefined {
  return common.config === undefined ? undefined : resolve(io.workingFolder, common.config);
}

async function variablesOf({ io, common }: Invocation<'project'>): Promise<Readonly<Record<string, string>>> {
  if (common.setFile === undefined) return {};
  const path = resolve(io.workingFolder, common.setFile);
  return readVariablesFile(path, relative(io.workingFolder, path));
}
