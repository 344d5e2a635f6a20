// The local AWS as a process of its own, in the background: started once for a folder, found again, stopped.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { AdjustableClock, type Clock } from './clock.ts';
import { identityPath } from './identity.ts';
import { isAlive, lockHolder, takeLock } from './process-lock.ts';

export interface RunningServer {
  readonly pid: number;
  readonly port: number;
  readonly endpoint: string;
  /** Who started it; a server of another build is replaced. */
  readonly build: string;
  /** How far its clock is ahead of the machine's. */
  readonly skewMs: number;
}

/** Where the first local AWS of a machine listens, so that its address can be typed from memory. */
const firstPort = 4600;
const startTimeoutMs = 30_000;
const stopTimeoutMs = 10_000;
const watchMs = 3_000;
/** Starts the local AWS as if it were that time: to see what AWS will refuse then, and for tests that no day ends. */
const timeVariable = 'FX_LOCAL_TIME';

const serverFile = (folder: string) => join(folder, 'server.json');
const lockFile = (folder: string) => join(folder, 'server.lock');
const portFile = (folder: string) => join(folder, 'port');
export const logFile = (folder: string): string => join(folder, 'server.log');

/** The server of this folder, if it is there and answers. */
export async function findServer(folder: string): Promise<RunningServer | undefined> {
  const known = readServer(folder);
  if (known === undefined) return undefined;
  return (await askIdentity(known.endpoint)) === known.pid ? known : undefined;
}

/** The process that says it is a local AWS; undefined where nothing listens any more, or something else does. */
function askIdentity(endpoint: string): Promise<number | undefined> {
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

/** Finds or starts the server. `command` must run `serve` for the same folder. Rejects with what the server last said. */
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
    // what is started here outlives the terminal and must not carry its credentials
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      TMPDIR: process.env['TMPDIR'],
      TZ: process.env['TZ'],
      [timeVariable]: process.env[timeVariable],
      SystemRoot: process.env['SystemRoot'],
    },
  });
  closeSync(log);
  let ended: string | undefined;
  child.once('error', (error) => {
    ended = error.message;
  });
  child.once('exit', (code, signal) => {
    ended ??= `exit ${code ?? signal}`;
  });
  const deadline = Date.now() + startTimeoutMs;
  while (Date.now() < deadline) {
    const server = await findServer(folder);
    // another process may have won the race to start: its server serves as well
    if (server !== undefined) {
      child.unref();
      return { server, started: true };
    }
    // one that lost the race ends, while the winner is still on its way
    if (ended !== undefined && lockHolder(lockFile(folder)) === undefined) {
      throw new Error(`it ended (${ended})\n${lastLines(folder)}`);
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

/** Stops the server and everything it started; false where none was running. */
export async function stopServer(folder: string): Promise<boolean> {
  const server = await findServer(folder);
  if (server === undefined) {
    rmSync(serverFile(folder), { force: true });
    return false;
  }
  process.kill(server.pid, 'SIGTERM');
  const deadline = Date.now() + stopTimeoutMs;
  // its last act is to take its file away; a process that is gone may linger in the table until its parent looks
  while (readServer(folder)?.pid === server.pid && isAlive(server.pid)) {
    if (Date.now() > deadline) process.kill(server.pid, 'SIGKILL');
    await wait(20);
  }
  rmSync(serverFile(folder), { force: true });
  return true;
}

/** Serves until a signal comes or the folder is taken away. The process that calls this is the server. */
export async function serve(folder: string, build: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const lock = takeLock(lockFile(folder));
  if (lock === undefined) throw new Error(`the folder is served by process ${lockHolder(lockFile(folder))} already`);
  const { startLocalAws } = await import('./host.ts');
  const clock = new AdjustableClock(process.env[timeVariable]);
  const { port, endpoint, stop } = await startOnUsualPort(folder, startLocalAws, clock);
  const me: RunningServer = { pid: process.pid, port, endpoint, build, skewMs: clock.skew() };
  writeFileSync(portFile(folder), String(port));
  writeFileSync(serverFile(folder), JSON.stringify(me));
  await new Promise<void>((resolve) => {
    const end = () => {
      clearInterval(watch);
      resolve();
    };
    process.once('SIGTERM', end);
    process.once('SIGINT', end);
    process.once('SIGHUP', end);
    // a project folder that was deleted must not leave a server behind
    const watch = setInterval(() => {
      if (readServer(folder)?.pid !== process.pid) end();
    }, watchMs);
  });
  await stop();
  if (readServer(folder)?.pid === process.pid) rmSync(serverFile(folder), { force: true });
  lock.release();
}

/** The port of last time, so that addresses in templates and scripts stay good; else the first; else any. */
async function startOnUsualPort(folder: string, startLocalAws: typeof import('./host.ts').startLocalAws, clock: Clock) {
  const last = existsSync(portFile(folder)) ? Number(readFileSync(portFile(folder), 'utf8')) : firstPort;
  for (const port of [last, 0]) {
    try {
      return await startLocalAws({ folder, port, clock });
    } catch (error) {
      if (port === 0 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
  throw new Error('no port is free');
}
