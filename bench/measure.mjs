// Measures processes from start to exit, computes medians, and prints the table.
import { spawn } from 'node:child_process';
import { request } from 'node:http';

export const median = (numbers) => {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** Milliseconds from the start of a process to its end. Rejects with its output if it fails. */
export function run(program, args, options = {}) {
  return new Promise((done, fail) => {
    const began = performance.now();
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
      });
    }
    child.once('error', fail);
    child.once('close', (code) => {
      if (code === 0) done({ ms: performance.now() - began, output });
      else fail(new Error(`${program} ${args.join(' ')} ended with ${code}:\n${output}`));
    });
  });
}

export const minimum = (numbers) => Math.min(...numbers);

/** Medians, or another summary, of several subjects run in turn in each round: noise on the machine affects all of them alike. */
export async function inTurn(rounds, subjects, summary = median) {
  const times = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, subject] of Object.entries(subjects)) {
      const ms = await subject();
      // the first round only warms the disk caches
      if (round > 0) times[name].push(ms);
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, all]) => [name, summary(all)]));
}

const duration = (ms) =>
  ms < 10 ? `${ms.toFixed(2)} ms` : ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`;

/** One line: the subject, its median, the floor's name and median, and the ratio. */
export function row(what, ms, floorName, floorMs) {
  return [what, duration(ms), floorName, duration(floorMs), `${(ms / floorMs).toFixed(1)}×`];
}

export const table = (rows) => tableOf(['what', 'median', 'floor', 'median', 'ratio'], rows);

/** In Markdown. */
export function tableOf(head, rows) {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((cells) => cells[column].length)));
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)].join('\n');
}

/** Milliseconds for one request and its full response. */
export function roundTrip(agent, url, options = {}) {
  return new Promise((done, fail) => {
    const began = performance.now();
    const outgoing = request(url, { agent, ...options }, (answer) => {
      if (answer.statusCode !== 200) fail(new Error(`${url} answers ${answer.statusCode}`));
      answer.resume().once('end', () => done(performance.now() - began));
    });
    outgoing.once('error', fail);
    outgoing.end(options.body);
  });
}
