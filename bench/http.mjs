// node bench/http.mjs [rounds] [--no-peer] [--no-queue]: a function behind an HTTP API, beside serverless-offline, Architect's sandbox and two
// bare loopback hops, in one run: from the start and from a save to the answer, warm requests, memory. Asserts nothing.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { drainQueue } from './http-queue.mjs';
import { architect, code, floor, fxDev, serverlessOffline } from './http-subjects.mjs';
import { median, roundTrip, tableOf } from './measure.mjs';
import { treeOf } from './usage.mjs';

const words = process.argv.slice(2);
const withPeers = !words.includes('--no-peer');
const rounds = Number(words.find((word) => !word.startsWith('--')) ?? 5);
if (!(rounds >= 1)) throw new Error(`the number of rounds is ${words.join(' ')}`);
const top = mkdtempSync(join(tmpdir(), 'fx-bench-http-'));
const say = (text) => process.stderr.write(`${text}\n`);

const levels = [1, 8, 64];
const starts = 3;
const editsPerRound = 4;
/** Of each level in a round: as many requests, unless they take longer. */
const requestsPerLevel = 1500;
const longestLevelMs = 3_000;
const manyRequests = 10_000;
const longestManyMs = 12_000;
/** Between two requests: a client without a pause would take the processor from what it measures. */
const pollMs = 3;
const patienceMs = 15_000;

/** Milliseconds from `began` until the address gives that answer; undefined if it does not. */
async function until(url, wanted, began) {
  for (;;) {
    const answer = await fetch(url).then(
      (found) => found.text(),
      () => undefined,
    );
    if (answer?.startsWith(`${wanted} `)) return performance.now() - began;
    if (performance.now() - began > patienceMs) {
      say(`${url} still answers ${answer}`);
      return undefined;
    }
    await pause(pollMs);
  }
}

/** The times of requests over several connections at once, how many there were a second, and how many failed. */
async function load(url, connections, count, longestMs) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const times = [];
  let left = count;
  let failures = 0;
  const began = performance.now();
  const client = async () => {
    while (left-- > 0 && performance.now() - began < longestMs) {
      await roundTrip(agent, url).then(
        (ms) => times.push(ms),
        () => failures++,
      );
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  const rate = times.length / ((performance.now() - began) / 1000);
  agent.destroy();
  return { times, rate, failures };
}

/** Until the subject is at rest: what it still does after its answers would slow the next one. */
async function calm({ roots }) {
  for (let before = -1, turn = 0; turn < 40; turn++) {
    const { cpuMs, count } = treeOf(roots);
    if (`${cpuMs} ${count}` === before) return;
    before = `${cpuMs} ${count}`;
    await pause(250);
  }
}

/** Milliseconds of processor time of the subject in three seconds without a request or a change. */
async function idleMs({ roots }) {
  await pause(1_000);
  const before = treeOf(roots).cpuMs;
  await pause(3_000);
  return treeOf(roots).cpuMs - before;
}

async function measure(kinds, subjects) {
  const results = {};
  for (const [name, start] of Object.entries(kinds)) {
    const result = { start: [], edits: [], lost: 0, levels: {}, memory: [], idle: undefined };
    for (const level of levels) result.levels[level] = { times: [], rates: [], failures: 0 };
    results[name] = result;
    for (let turn = 1; turn <= starts; turn++) {
      say(`${name}: start ${turn}`);
      const began = performance.now();
      subjects[name] = await start();
      if (subjects[name].file === undefined) break;
      const first = await until(subjects[name].url, 'first', began);
      if (first === undefined) throw new Error(`${name} does not answer`);
      result.start.push(first);
      if (turn < starts) await subjects[name].stop();
    }
  }
  const all = Object.entries(subjects);
  for (const [name, subject] of all) {
    say(`${name}: memory`);
    const { memory } = results[name];
    memory.push({ mb: treeOf(subject.roots).memory, count: 1 });
    for (let half = 0; half < 2; half++) {
      const { times } = await load(subject.url, 8, manyRequests, longestManyMs);
      memory.push({ mb: treeOf(subject.roots).memory, count: times.length });
    }
    results[name].idle = await idleMs(subject);
  }
  // round 0 warms up
  for (let round = 0; round <= rounds; round++) {
    for (const level of levels) {
      for (const [name, subject] of all) {
        say(`round ${round}, ${level} connections: ${name}`);
        const { times, rate, failures } = await load(subject.url, level, requestsPerLevel, longestLevelMs);
        await calm(subject);
        if (round === 0) continue;
        results[name].levels[level].times.push(...times);
        results[name].levels[level].rates.push(rate);
        results[name].levels[level].failures += failures;
      }
    }
    for (let edit = 0; edit < editsPerRound; edit++) {
      for (const [name, { url, file }] of all) {
        if (file === undefined) continue;
        // as a person would, after the last change is long done
        await pause(500);
        const text = `edit${round}x${edit}`;
        const saved = performance.now();
        writeFileSync(file, code(text));
        const took = await until(url, text, saved);
        if (took === undefined) results[name].lost += 1;
        else if (round > 0) results[name].edits.push(took);
      }
    }
  }
  return results;
}

const ms = (value) => (value === undefined ? '–' : value < 10 ? `${value.toFixed(2)} ms` : `${value.toFixed(0)} ms`);
const percentile = (numbers, share) => numbers.toSorted((a, b) => a - b)[Math.ceil(numbers.length * share) - 1];
const mb = (value) => `${(value / 1e6).toFixed(0)} MB`;

function print(results) {
  const names = Object.keys(results);
  const row = (what, cell) => [what, ...names.map((name) => cell(results[name]))];
  const spread = (numbers) =>
    numbers.length === 0
      ? '–'
      : `${ms(median(numbers))} (${Math.min(...numbers).toFixed(0)}–${Math.max(...numbers).toFixed(0)})`;
  const bare = results[names[0]];
  const rows = [
    row('start to first answer', ({ start }) => spread(start)),
    row('save to new answer', ({ edits, lost }) => `${spread(edits)}${lost === 0 ? '' : `, ${lost} never`}`),
    ...levels.flatMap((level) => {
      const at = (result) => result.levels[level];
      const ratio = (result) => (median(at(result).times) / median(at(bare).times)).toFixed(2);
      const many = `${level} connection${level === 1 ? '' : 's'}`;
      return [
        row(`p50, ${many}`, (result) => `${ms(median(at(result).times))} (${ratio(result)}×)`),
        row(`p99, ${many}`, (result) => ms(percentile(at(result).times, 0.99))),
        row(`requests/s, ${many}`, (result) => {
          const { rates, failures } = at(result);
          return `${median(rates).toFixed(0)}${failures === 0 ? '' : ` (${failures} failed)`}`;
        }),
      ];
    }),
    ...[0, 1, 2].map((index) =>
      row(index === 0 ? 'memory after the first answer' : `after ${index}0,000 requests`, ({ memory }) => {
        const { mb: bytes, count } = memory[index];
        return index === 0 || count === manyRequests ? mb(bytes) : `${mb(bytes)} (${count})`;
      }),
    ),
    row('processor time, idle for 3 s', ({ idle }) => `${idle} ms`),
  ];
  console.log(tableOf(['', ...names], rows));
}

const subjects = {};
try {
  const kinds = {
    'two loopback hops': floor,
    'fx dev': fxDev(top),
    ...(withPeers ? { 'serverless-offline': serverlessOffline(top), Architect: architect(top) } : {}),
  };
  const loads = [loadavg()[0]];
  print(await measure(kinds, subjects));
  loads.push(loadavg()[0]);
  const [{ model }] = cpus();
  console.log(
    `\n${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${cpus().length} cores (${model.trim()}), ${rounds} rounds, load ${loads.map((one) => one.toFixed(1)).join(' to ')}`,
  );
} finally {
  for (const { stop } of Object.values(subjects)) await stop();
  if (!words.includes('--no-queue')) await drainQueue(top);
  rmSync(top, { recursive: true, force: true });
}
