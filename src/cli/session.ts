// What most commands begin with: the project, and the AWS it goes to, the local one being started where it is meant.
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { sdkAws } from '../aws/sdk.ts';
import { FxError } from '../base/error.ts';
import { unlessInterrupted } from '../base/interrupt.ts';
import { packagedFile } from '../base/packaged.ts';
import { type ResourceSchemas, resourceSchemas } from '../cfn/resource-schema.ts';
import type { Context } from '../operate/context.ts';
import { loadProject } from '../project/load.ts';
import { localEnvironment, type Project } from '../project/project.ts';
import type { Invocation } from './command.ts';

const pollMs = { local: 60, endpoint: 150, aws: 2_000 } as const;

export interface Session {
  readonly project: Project;
  readonly context: Context;
}

export function openProject({ io, common }: Invocation): Promise<Project> {
  return loadProject({
    folder: resolve(io.workingFolder, common.folder),
    environment: common.env,
    variables: io.variables,
    shownFrom: io.workingFolder,
    ...(common.region === undefined ? {} : { region: common.region }),
  });
}

export async function openSession(invocation: Invocation): Promise<Session> {
  const project = await openProject(invocation);
  const { report, signal } = invocation;
  const base = { report, signal, schemas: loadSchemas() };
  const { region } = project;
  if (project.environment === localEnvironment) {
    const { endpoint } = await ensureLocal(invocation, localFolder(project.folder));
    // the local AWS takes any credentials, and must never be shown real ones
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    return {
      project,
      context: { ...base, aws: sdkAws({ region, signal, endpoint, credentials }), pollMs: pollMs.local },
    };
  }
  const endpoint = invocation.io.variables['AWS_ENDPOINT_URL'];
  const { profile } = invocation.common;
  const options = { region, signal, ...(profile === undefined ? {} : { profile }), ...(endpoint ? { endpoint } : {}) };
  return { project, context: { ...base, aws: sdkAws(options), pollMs: endpoint ? pollMs.endpoint : pollMs.aws } };
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
export async function ensureLocal({ io, report, signal }: Invocation, folder: string) {
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
