// Opens an address in the browser of the system, without a shell.
import { spawn } from 'node:child_process';

const openers: Partial<Readonly<Record<NodeJS.Platform, readonly [program: string, ...args: string[]]>>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** Calls `failed` if there is no browser. */
export function openUrl(url: string, failed: () => void): void {
  const [program, ...args] = openers[process.platform] ?? ['xdg-open'];
  const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true });
  child.once('error', failed);
  child.unref();
}
