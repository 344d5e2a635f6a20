// The local AWS as a background process: starts, finds and stops the one server of a folder.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { replaceFile } from '../base/replace-file.ts';
import { AdjustableClock } from './clock.ts';
import type { LocalAwsOptions } from './host.ts';
import { identityPath } from './identity.ts';
import { isAlive, lockHolder, takeLock } from './process-lock.ts';

export interface RunningServer {
  readonly pid: number;
  readonly port: number;
  readonly endpoint: string;
  /** The build of fx that started it. Another build replaces the server. */
  readonly build: string;
  /** How far its clock is ahead of the machine's, in milliseconds. */
  readonly skewMs: number;
}

/** The port of the first local AWS on a machine: a fixed one is easy to remember. */
const firstPort = 4600;
const startTimeoutMs = 30_000;
const stopTimeoutMs = 10_000;
const endMs = 1_000;
const watchMs = 3_000;
/** By which Docker and Podman find their daemons, and what chooses between them. */
const engineVariable =
  /^(FX_CONTAINER_ENGINE|(DOCKER|CONTAINER|CONTAINERS|BUILDAH)_[A-Z_]+|XDG_(RUNTIME_DIR|CONFIG_HOME))$/;
const engineVariables = () =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => engineVariable.test(name)));

/** Starts the local AWS at that time: to see what AWS will reject then, and for tests that do not depend on the date. */
const timeVariable = 'FX_LOCAL_TIME';

const serverFile = (folder: string) => join(folder, 'server.json');
const lockFile = (folder: string) => join(folder, 'server.lock');
const portFile = (folder: string) => join(folder, 'port');
export const logFile = (folder: string): string => join(folder, 'server.log');

/** The server of this folder, if it is running and answers. */
export async function findServer(folder: string): Promise<RunningServer | undefined> {
  const server = readServer(folder);
  if (server === undefined) return undefined;
  return (await fetchIdentity(server.endpoint)) === server.pid ? server : undefined;
}

/** The pid that a local AWS at this endpoint reports; undefined if nothing listens there, or something else does. */
function fetchIdentity(endpoint: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const unknown = () => resolve(undefined);
    const request = get(`${endpoint}${identityPath}`, { agent: false, timeout: 5_000 }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.once('error', unknown);
      response.once('end', () => resolve(readPid(text)));
    });
    request.once('error', unknown);
    request.once('timeout', () => request.destroy());
  });
}

function readPid(text: string): number | undefined {
  try {
    return (JSON.parse(text) as { pid?: number }).pid;
  } catch {
    return undefined;
  }
}

function readServer(folder: string): RunningServer | undefined {
  try {
    return JSON.parse(readFileSync(serverFile(folder), 'utf8')) as RunningServer;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export interface StartCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly build: string;
}

/** Finds or starts the server. `command` must run `serve` for the same folder. Rejects with the end of the server's log. */
export async function ensureServer(
  folder: string,
  command: StartCommand,
): Promise<{ server: RunningServer; started: boolean }> {
  const running = await findServer(folder);
  if (running !== undefined && running.build === command.build) return { server: running, started: false };
  if (running !== undefined) await stopServer(folder);
  mkdirSync(folder, { recursive: true });
  const log = openSync(logFile(folder), 'a');
  const child = spawn(command.program, [...command.args], {
    detached: true,
    stdio: ['ignore', log, log],
    // the server outlives the terminal, so it must not inherit its credentials
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      TMPDIR: process.env['TMPDIR'],
      TZ: process.env['TZ'],
      [timeVariable]: process.env[timeVariable],
      SystemRoot: process.env['SystemRoot'],
      ...engineVariables(),
    },
  });
  closeSync(log);
  let ended: string | undefined;
  child.once('error', (error) => {
    ended = error.message;
  });
  child.once('exit', (code, signal) => {
    ended ??= code === null ? `signal ${signal}` : `exit code ${code}`;
  });
  const deadline = Date.now() + startTimeoutMs;
  while (Date.now() < deadline) {
    const server = await findServer(folder);
    // another process may have started the server first: use that one
    if (server !== undefined) {
      child.unref();
      return { server, started: true };
    }
    // if another process holds the lock, its server is still starting
    if (ended !== undefined && lockHolder(lockFile(folder)) === undefined) {
      throw new Error(`it exited too early (${ended})\n${lastLines(folder)}`);
    }
    await wait(25);
  }
  throw new Error(`it did not answer within ${startTimeoutMs / 1000} s\n${lastLines(folder)}`);
}

function lastLines(folder: string): string {
  return existsSync(logFile(folder))
    ? readFileSync(logFile(folder), 'utf8').trimEnd().split('\n').slice(-8).join('\n')
    : '';
}

/** Stops the server and everything it started. False if none was running. */
export async function stopServer(folder: string): Promise<boolean> {
  const server = await findServer(folder);
  if (server === undefined) {
    rmSync(serverFile(folder), { force: true });
    return false;
  }
  process.kill(server.pid, 'SIGTERM');
  const deadline = Date.now() + stopTimeoutMs;
  // the server deletes its file when all has stopped
  while (readServer(folder)?.pid === server.pid && isAlive(server.pid)) {
    if (Date.now() > deadline) process.kill(server.pid, 'SIGKILL');
    await wait(20);
  }
  // then only the process ends; elsewhere than on Linux it may look alive until its parent has seen that
  const end = Date.now() + endMs;
  while (isAlive(server.pid) && Date.now() < end) await wait(5);
  rmSync(serverFile(folder), { force: true });
  return true;
}

/** Runs the server in this process, until a signal arrives or the folder is deleted. */
export async function serve(folder: string, build: string, sdk?: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const lock = takeLock(lockFile(folder));
  if (lock === undefined) throw new Error(`process ${lockHolder(lockFile(folder))} already serves ${folder}`);
  const { startLocalAws } = await import('./host.ts');
  const clock = new AdjustableClock(process.env[timeVariable]);
  const { port, endpoint, stop } = await startOnUsualPort(
    { folder, clock, moved: () => announce(), ...(sdk === undefined ? {} : { sdk }) },
    startLocalAws,
  );
  const announce = () => {
    const me: RunningServer = { pid: process.pid, port, endpoint, build, skewMs: clock.skew() };
    replaceFile(serverFile(folder), JSON.stringify(me));
  };
  writeFileSync(portFile(folder), String(port));
  announce();
  await new Promise<void>((resolve) => {
    const end = () => {
      clearInterval(watch);
      resolve();
    };
    process.once('SIGTERM', end);
    process.once('SIGINT', end);
    process.once('SIGHUP', end);
    // stop when the project folder is deleted
    const watch = setInterval(() => {
      if (readServer(folder)?.pid !== process.pid) end();
    }, watchMs);
  });
  await stop();
  if (readServer(folder)?.pid === process.pid) rmSync(serverFile(folder), { force: true });
  lock.release();
}

/** Uses the previous port, so that addresses in templates and scripts stay valid; else the first port; else any free one. */
async function startOnUsualPort(
  options: LocalAwsOptions & { readonly folder: string },
  startLocalAws: typeof import('./host.ts').startLocalAws,
) {
  const { folder } = options;
  const last = existsSync(portFile(folder)) ? Number(readFileSync(portFile(folder), 'utf8')) : firstPort;
  for (const port of [last, 0]) {
    try {
      return await startLocalAws({ ...options, port });
    } catch (error) {
      if (port === 0 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
  throw new Error('there is no free port');
}
