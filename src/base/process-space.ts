// Which processes this one can see: two fx with the same space and host can tell whether the other is alive.
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';

/** A hash of what distinguishes this machine, and on Linux this container, from others: containers share a host name or a boot id, but
 * not both with a namespace of process ids. */
export function processSpace(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ mac }) => mac));
  const parts = [hostname(), ...[...new Set(addresses)].sort(), ...linuxNamespace()];
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 24);
}

// https://man7.org/linux/man-pages/man7/pid_namespaces.7.html
function linuxNamespace(): readonly string[] {
  if (process.platform !== 'linux') return [];
  try {
    return [readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(), readlinkSync('/proc/self/ns/pid')];
  } catch {
    // without /proc, process ids say nothing about other containers: equal to no other space
    return [String(process.pid), String(Date.now())];
  }
}

/** Whether a process of this space runs. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as another user
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
