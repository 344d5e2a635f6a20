// fx as a library: the commands' functions, for scripts. A script names an environment; this file fills in the rest.
import process from 'node:process';
import { FxError } from './base/error.ts';
import { packagedFile, packageVersion } from './base/packaged.ts';
import type { Reporter } from './base/report.ts';
import type { Recipe } from './cfn/recipe.ts';
import { type Built, build as buildProject } from './operate/build.ts';
import type { Changed } from './operate/change.ts';
import { deploy as deployProject } from './operate/deploy.ts';
import { type RolledBack, rollback as rollbackEnvironment } from './operate/rollback.ts';
import type { Environment } from './project/environment.ts';
import { loadEnvironment as readEnvironment, loadProject as readProject } from './project/load.ts';
import type { Project } from './project/project.ts';
import type { Caller } from './session/caller.ts';
import { openContext } from './session/connect.ts';
import { loadSchemas } from './session/schemas.ts';
import { scriptLoadOptions } from './session/script.ts';
import type { Change } from './stack/difference.ts';
import { type Compiled, compile as compileProject } from './template/compile.ts';

export type { Problem } from './base/error.ts';
export type { Report } from './base/report.ts';
export type {
  Plugin,
  PluginEventSource,
  PluginFactory,
  PluginLookup,
  TransformContext,
  TransformTemplate,
} from './project/plugins/plugin.ts';
export type { PluginTools } from './project/plugins/tools.ts';
export type { Built, Change, Changed, Compiled, Environment, Project, Recipe, Reporter, RolledBack };
export { FxError };

/** How a call reaches AWS and reports. Everything is optional. */
export interface CallOptions {
  /** Receives the progress reports that a command would print. */
  readonly report?: Reporter;
  /** Aborts the work in progress: the call rejects with INTERRUPTED. */
  readonly signal?: AbortSignal;
  /** Environment variables; default: those of the process. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** An AWS profile, instead of the one in project.yml. */
  readonly profile?: string;
}

export interface LoadProjectOptions extends CallOptions {
  /** Any folder at or below that of project.yml; default: the working folder. */
  readonly folder?: string;
  /** The project file, if it is not project.yml. */
  readonly file?: string;
  /** Default: `local`. The choice of `fx use` applies to commands only. */
  readonly environment?: string;
  /** Overrides the region of the file. */
  readonly region?: string;
  /** Values for `${params.name}`. */
  readonly params?: Readonly<Record<string, string>>;
  /** Variables of every function. */
  readonly set?: Readonly<Record<string, string>>;
}

export interface ChangeOptions extends CallOptions {
  /** The logical ids of resources that may be replaced or deleted with their data. */
  readonly allowReplace?: readonly string[];
  /** The name of a protected environment, which loses data only with it. */
  readonly confirm?: string;
  /** For the list of releases. */
  readonly message?: string;
}

export interface RollbackOptions extends ChangeOptions {
  /** A release number; default: the release before the live one. */
  readonly release?: number;
  /** Only these functions; `*` stands for any characters. */
  readonly functions?: readonly string[];
  /** Only moves the live aliases; the stack keeps its template. */
  readonly trafficOnly?: boolean;
}

/** Loads project.yml for one environment. Rejects with PROJECT_INVALID and every problem. */
export function loadProject(options: LoadProjectOptions = {}): Promise<Project> {
  const { set } = options;
  return readProject({
    ...scriptLoadOptions(options, callerOf(options)),
    today: new Date(),
    ...(set === undefined ? {} : { set }),
  });
}

/** Loads only the names and the destination of an environment: enough for a rollback, even if the rest of the file is broken. */
export async function loadEnvironment(options: LoadProjectOptions = {}): Promise<Environment> {
  return (await readEnvironment(scriptLoadOptions(options, callerOf(options)))).environment;
}

/** Builds every function and layer and compiles the template, without a call to AWS. */
export function build(project: Project, options: CallOptions = {}): Promise<Built> {
  const { report, signal } = callerOf(options);
  return buildProject(project, { report, signal, schemas: loadSchemas() });
}

/** The template of a project with the code of its functions. Pure: the same input gives the same bytes. */
export function compile({ project, recipe }: { readonly project: Project; readonly recipe: Recipe }): Compiled {
  return compileProject({ project, recipe, schemas: loadSchemas() });
}

/** Builds the project and deploys it to its environment. */
export async function deploy(project: Project, { message, ...options }: ChangeOptions = {}): Promise<Changed> {
  const context = await openContext(callerOf(options), project.environment);
  return deployProject(
    project,
    { message, deployment: project.deployment, approve: approval(project.environment, options) },
    context,
  );
}

/** Restores an earlier release: traffic at once, then the stack. Needs no source. */
export async function rollback(
  of: Project | Environment,
  { release, functions, trafficOnly = false, message, ...options }: RollbackOptions = {},
): Promise<RolledBack> {
  const environment = 'stackName' in of ? of : of.environment;
  const context = await openContext(callerOf(options), environment);
  const to = release === undefined ? undefined : ({ kind: 'number', number: release } as const);
  const chosen = { to, functions, trafficOnly, message, approve: approval(environment, options) };
  return rollbackEnvironment(environment, chosen, context);
}

function callerOf({ report = () => {}, signal, variables = process.env, profile }: CallOptions): Caller {
  return {
    variables,
    // the local AWS is a separate process, started through fx's command line
    program: [process.execPath, packagedFile('bin.js')],
    report,
    signal: signal ?? new AbortController().signal,
    now: Date.now,
    version: packageVersion(),
    profile,
  };
}

/** A script has nobody to ask: it allows the loss of data in advance. */
function approval(
  environment: Environment,
  { allowReplace = [], confirm }: ChangeOptions,
): (losses: readonly Change[]) => Promise<void> {
  return async (losses) => {
    const text = (lost: readonly Change[]) => lost.map(({ logicalId, type }) => `${logicalId} (${type})`).join(', ');
    const refused = losses.filter(({ logicalId }) => !allowReplace.includes(logicalId));
    if (refused.length > 0) {
      const ids = refused.map(({ logicalId }) => `"${logicalId}"`).join(', ');
      throw new FxError('DECLINED', `this would delete the data in ${text(refused)}`, {
        hint: `to continue, pass allowReplace: [${ids}]`,
      });
    }
    const { name } = environment;
    if (!environment.protected || confirm === name) return;
    throw new FxError('DECLINED', `"${name}" is protected: this would delete the data in ${text(losses)}`, {
      hint: `to continue, pass confirm: "${name}"`,
    });
  };
}
