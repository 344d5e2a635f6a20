// The local AWS of a project, or of all projects of a workspace: the folder of its state, and its start if it is not running.
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FxError } from '../base/error.ts';
import { unlessInterrupted } from '../base/interrupt.ts';
import { workspaceOf } from '../project/workspace/workspace.ts';
import type { Caller } from './caller.ts';

/** Projects of a workspace share one, so that they reach each other's outputs. */
export async function localFolder(projectFolder: string): Promise<string> {
  const workspace = await workspaceOf(projectFolder, process.cwd());
  return stateFolder(workspace?.folder ?? projectFolder);
}

export const stateFolder = (folder: string): string => join(folder, '.fx', 'local');

/** Where the project, or the workspace, has its SDK, or would: in place of that of Lambda's runtimes, which functions may leave out. */
export function installedSdk(state: string): string {
  const project = dirname(dirname(state));
  const sdkIn = (folder: string) => join(folder, 'node_modules', '@aws-sdk');
  for (let folder = project; ; folder = dirname(folder)) {
    if (existsSync(sdkIn(folder))) return sdkIn(folder);
    if (dirname(folder) === folder) return sdkIn(project);
  }
}

/** The server of a folder. Starts it if it is not running or belongs to another build of fx. Throws LOCAL_NOT_STARTED. */
export async function ensureLocal(
  { program: [node, bin], report, signal }: Pick<Caller, 'program' | 'report' | 'signal'>,
  folder: string,
) {
  const { ensureServer, findServer } = await import('../local/background.ts');
  const build = buildOf(bin);
  const running = await findServer(folder);
  if (running?.build === build) return running;
  report({ kind: 'stage', stage: 'starting-local-aws' });
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

/** Identifies a build of fx, so that a server of an older build is replaced. */
export function buildOf(bin: string): string {
  const { mtimeMs, size } = statSync(bin);
  return `${Math.round(mtimeMs)}-${size}`;
}

export interface TemporaryLocal {
  /** Call it once the local AWS runs: it then ends with this process, even if that ends at once. */
  started(): Promise<void>;
  end(): Promise<void>;
}

/** For a command that starts the local AWS of a folder only for itself. One that runs already is left alone. */
export async function temporaryLocal(folder: string): Promise<TemporaryLocal> {
  const { findServer, stopServer } = await import('../local/background.ts');
  if ((await findServer(folder)) !== undefined) return { started: async () => {}, end: async () => {} };
  let pid: number | undefined;
  const kill = () => {
    try {
      if (pid !== undefined) process.kill(pid, 'SIGTERM');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  return {
    async started() {
      pid = (await findServer(folder))?.pid;
      process.once('exit', kill);
    },
    async end() {
      await stopServer(folder);
      process.off('exit', kill);
    },
  };
}
