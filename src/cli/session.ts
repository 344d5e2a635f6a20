// What most commands begin with: the project, and the AWS it goes to, the local one being started where it is meant.
import { readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Lookups } from '../aws/aws.ts';
import type { SdkOptions } from '../aws/sdk.ts';
import { FxError } from '../base/error.ts';
import { unlessInterrupted } from '../base/interrupt.ts';
import { packagedFile } from '../base/packaged.ts';
import { type ResourceSchemas, resourceSchemas } from '../cfn/resource-schema.ts';
import type { Context } from '../operate/context.ts';
import { findProject } from '../project/find.ts';
import { type Destination, loadProject } from '../project/load.ts';
import { localAccount, localEnvironment, type Project } from '../project/project.ts';
import { listEnvironments } from '../project/sources.ts';
import { readVariablesFile } from '../project/variables.ts';
import type { Invocation, Needs } from './command.ts';
import { chosenEnvironment } from './environment.ts';
import { assignments } from './values.ts';

const pollMs = { local: 60, endpoint: 150, aws: 2_000 } as const;

export interface Session {
  readonly project: Project;
  readonly context: Context;
}

export interface OpenOptions {
  /** In place of the one that is chosen on the command line. */
  readonly environment?: string;
}

/** Loads the project of the environment that was chosen, and tells what it warns of. */
export async function openProject(invocation: Invocation, options: OpenOptions = {}): Promise<Project> {
  const { io, common, report, version } = invocation;
  const file = namedFile(invocation);
  const project = await loadProject({
    folder: resolve(io.workingFolder, common.folder),
    ...(file === undefined ? {} : { file }),
    environment: options.environment ?? (await chosenEnvironment(invocation)).name,
    variables: io.variables,
    shownFrom: io.workingFolder,
    params: assignments(common.params, '--param'),
    set: { ...(await variablesOf(invocation)), ...assignments('set' in common ? common.set : [], '--set') },
    version,
    connect: (destination) => connect(invocation, destination),
    ...(common.region === undefined ? {} : { region: common.region }),
    ...(invocation.needs === 'environment' ? { only: 'names' } : {}),
  });
  for (const { at, message, hint } of project.warnings) {
    report({
      kind: 'warning',
      text: `${at.file}:${at.line}:${at.column} ${message}`,
      ...(hint === undefined ? {} : { hint }),
    });
  }
  return project;
}

/** Every environment that the project names, whatever else is wrong with it. */
export async function openEnvironments({ io, common }: Invocation): Promise<readonly string[]> {
  const found = await findProject(resolve(io.workingFolder, common.folder), namedFile({ io, common }));
  const reading = { shownFrom: io.workingFolder, environment: localEnvironment, variables: io.variables };
  return listEnvironments(found, reading);
}

/** What --config names. */
function namedFile({ io, common }: Pick<Invocation, 'io' | 'common'>): string | undefined {
  return common.config === undefined ? undefined : resolve(io.workingFolder, common.config);
}

async function variablesOf({ io, common }: Invocation): Promise<Readonly<Record<string, string>>> {
  if (!('setFile' in common) || common.setFile === undefined) return {};
  const path = resolve(io.workingFolder, common.setFile);
  return readVariablesFile(path, relative(io.workingFolder, path));
}

/** AWS as a project's lookups see it, with the account looked at first. */
async function connect(invocation: Invocation, destination: Destination): Promise<Lookups> {
  const [{ sdkLookupsOf }, { checkAccount }] = await Promise.all([
    import('../aws/sdk.ts'),
    import('../operate/context.ts'),
  ]);
  const pinned = destination.account === localAccount ? { ...destination, account: undefined } : destination;
  return sdkLookupsOf(await awsOptions(invocation, destination), (account) => checkAccount(pinned, account));
}

/** Where the calls of an environment go, and as whom. */
async function awsOptions(
  invocation: Invocation,
  { folder, environment, region, profile: written, assumeRole }: Destination,
): Promise<SdkOptions> {
  const { signal, io, common } = invocation;
  if (environment === localEnvironment) {
    const { endpoint } = await ensureLocal(invocation, localFolder(folder));
    // the local AWS takes any credentials, and must never be shown real ones
    return { region, signal, endpoint, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  }
  const endpoint = io.variables['AWS_ENDPOINT_URL'];
  const profile = common.profile ?? written;
  return {
    region,
    signal,
    ...(profile === undefined ? {} : { profile }),
    ...(assumeRole === undefined ? {} : { assumeRole }),
    ...(endpoint ? { endpoint } : {}),
  };
}

export async function openSession(invocation: Invocation, options: OpenOptions = {}): Promise<Session> {
  const project = await openProject(invocation, options);
  return { project, context: await openContext(invocation, project) };
}

export async function openContext(invocation: Invocation, project: Project): Promise<Context> {
  const { report, signal } = invocation;
  const aws = await awsOptions(invocation, project);
  const { sdkAws } = await import('../aws/sdk.ts');
  const isLocal = project.environment === localEnvironment;
  const poll = isLocal ? pollMs.local : aws.endpoint === undefined ? pollMs.aws : pollMs.endpoint;
  return { report, signal, schemas: loadSchemas(), aws: sdkAws(aws), pollMs: poll };
}

/** Reads the schemas that the build extracted; a service's file is read when a template first names it. */
export function loadSchemas(): ResourceSchemas {
  return resourceSchemas((file) => {
    try {
      return readFileSync(packagedFile(join('resource-schemas', file)), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  });
}

export const localFolder = (projectFolder: string): string => join(projectFolder, '.fx', 'local');

/** The local AWS of a folder, started where it does not run. */
export async function ensureLocal(
  { io, report, signal }: Pick<Invocation<Needs>, 'io' | 'report' | 'signal'>,
  folder: string,
) {
  const { ensureServer, findServer } = await import('../local/background.ts');
  const [node, bin] = io.program;
  const build = buildOf(bin);
  const running = await findServer(folder);
  if (running?.build === build) return running;
  report({ kind: 'stage', text: 'Starting the local AWS' });
  try {
    const starting = ensureServer(folder, { program: node, args: [bin, 'local', 'serve', folder], build });
    return (await unlessInterrupted(starting, signal)).server;
  } catch (cause) {
    if (cause instanceof FxError) throw cause;
    throw new FxError('LOCAL_NOT_STARTED', `the local AWS did not start: ${(cause as Error).message}`, {
      hint: `its log is ${join(folder, 'server.log')}`,
      cause,
    });
  }
}

/** Tells one build of fx from another, so that a server left by an older one is replaced. */
export function buildOf(bin: string): string {
  const { mtimeMs, size } = statSync(bin);
  return `${Math.round(mtimeMs)}-${size}`;
}
