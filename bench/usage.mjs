// Runs a program and measures its process tree: wall time, processor time, and peak memory.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const sampleMs = 20;
const pageBytes = 4096;
const tickMs = 10;

/** For processes and all below them, from /proc: resident memory, and the processor time of each (in ticks of 10 ms). */
function sampleTree(roots, ticks) {
  const parents = new Map();
  const pages = new Map();
  const used = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      parents.set(Number(name), Number(fields[1]));
      pages.set(Number(name), Number(fields[21]));
      used.set(Number(name), Number(fields[11]) + Number(fields[12]));
    } catch {
      // it ended in the meantime
    }
  }
  let sum = 0;
  for (const pid of parents.keys()) {
    let at = pid;
    while (at !== undefined && !roots.includes(at) && at > 1) at = parents.get(at);
    if (!roots.includes(at)) continue;
    sum += (pages.get(pid) ?? 0) * pageBytes;
    ticks.set(pid, used.get(pid) ?? 0);
  }
  return sum;
}

/** For several processes and all below them, now: resident memory in bytes, processor time since each began, and how many they are. */
export function treeOf(roots) {
  const ticks = new Map();
  const memory = sampleTree(roots, ticks);
  const cpuMs = [...ticks.values()].reduce((sum, count) => sum + count * tickMs, 0);
  return { memory, cpuMs, count: ticks.size };
}

/** The shell's `times` counts processes that were waited for, including grandchildren. Nobody waits for esbuild: it is sampled. */
const timed = '"$@"; code=$?; times >&3; exit $code';

/** `accepts` matches a failure that counts as success. */
export function measured(program, args, { accepts, ...options } = {}) {
  return new Promise((done, fail) => {
    const began = performance.now();
    const child = spawn('sh', ['-c', timed, 'sh', program, ...args], {
      ...options,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    let output = '';
    let times = '';
    let memory = 0;
    const ticks = new Map();
    const timer = setInterval(() => {
      memory = Math.max(memory, sampleTree([child.pid], ticks));
    }, sampleMs);
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.stdio[3].on('data', (chunk) => (times += chunk));
    child.once('error', fail);
    child.once('close', (code) => {
      clearInterval(timer);
      const ms = performance.now() - began;
      if (code !== 0 && accepts?.test(output) !== true)
        return fail(new Error(`${program} ${args.join(' ')} ended with ${code}:\n${output}`));
      const [, children = ''] = times.trim().split('\n');
      const waitedMs = [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
        (sum, [, m, s]) => sum + Number(m) * 60_000 + Number(s) * 1000,
        0,
      );
      const sampledMs = [...ticks.values()].reduce((sum, count) => sum + count * tickMs, 0);
      return done({ ms, cpuMs: Math.max(waitedMs, sampledMs), memory });
    });
  });
}
