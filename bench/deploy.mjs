// node bench/deploy.mjs [counts…] [--no-peer] [--rounds=N]: calls and seconds of deploys and rollbacks, beside osls and SAM CLI on the same
// local AWS. Asserts nothing.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { awaitAnswer, markerOf } from './await-answer.mjs';
import { fxAsOnAws, fxTool } from './deploy-fx.mjs';
import { oslsTool } from './deploy-osls.mjs';
import { samTool } from './deploy-sam.mjs';
import { median, run, tableOf } from './measure.mjs';
import { startRecorder } from './recorder.mjs';

const counts = process.argv
  .slice(2)
  .filter((word) => /^\d+$/.test(word))
  .map(Number);
const withPeers = !process.argv.includes('--no-peer');
const rounds = Number(/--rounds=(\d+)/.exec(process.argv.join(' '))?.[1] ?? 3);
/** Peers take minutes for more. */
const mostInRounds = 50;
const bin = resolve(import.meta.dirname, '../dist/bin.js');
const top = mkdtempSync(join(tmpdir(), 'fx-bench-'));
const say = (text) => process.stderr.write(`${text}\n`);
const { AWS_ENDPOINT_URL: _, AWS_PROFILE: __, FX_ENV: ___, ...environment } = process.env;
const local = (...words) => run(process.execPath, [bin, 'local', ...words], { cwd: host, env: environment });

const host = join(top, 'host');
mkdirSync(host);
writeFileSync(join(host, 'project.yml'), 'name: host\nfunctions: {a: {handler: a.handler}}\n');
writeFileSync(join(host, 'a.js'), 'exports.handler = async () => 1;\n');

const missing = [];
const lastLine = ({ message }) => message.trim().split('\n').at(-1);
/** The tools that can be installed, each behind a recorder of its own. */
async function install(endpoint) {
  const tools = [];
  for (const [name, make] of [
    ['fx', (variables) => fxTool(variables)],
    ['fx as on AWS', fxAsOnAws],
    ['osls', (variables) => oslsTool(join(top, 'osls'), variables)],
    ['SAM CLI', (variables) => samTool(join(top, 'sam'), variables)],
  ].slice(0, withPeers ? 4 : 2)) {
    say(`installing ${name}`);
    const recorder = await startRecorder(endpoint);
    const variables = {
      ...environment,
      AWS_ENDPOINT_URL: recorder.endpoint,
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
    };
    try {
      tools.push({ ...(await make(variables)), recorder });
    } catch (error) {
      recorder.stop();
      missing.push(`${name} is missing: it cannot be installed here (${lastLine(error)}).`);
      say(missing.at(-1));
    }
  }
  return tools;
}

const initials = ({ name }) => name.replace(' as on ', '').split(' ')[0].toLowerCase();

/** What each tool does in a round, in this order. `work` is measured. */
const phases = [
  { what: 'first', work: ({ project }) => project.deploy() },
  { what: 'none changed', work: ({ project }) => project.deploy() },
  { what: 'one changed', prepare: ({ project }) => project.change('second'), work: ({ project }) => project.deploy() },
  {
    what: 'rollback',
    prepare: ({ project }) => project.beforeRollback?.(),
    async work({ project, endpoint }) {
      const { function: name, qualifier } = project;
      const before = await markerOf(endpoint, name, qualifier);
      if (before !== 'second') throw new Error(`${name} answers "${before}" before the rollback`);
      const ended = new AbortController();
      const done = project.rollback().finally(() => ended.abort());
      const [{ ms }, backMs] = await Promise.all([
        done,
        awaitAnswer({ endpoint, name, qualifier, marker: 'first' }, ended.signal),
      ]);
      return { ms, backMs };
    },
  },
];

/** Adds to `results`, by phase and tool: a tool that fails in a phase ends there, with the reason. */
async function oneRound({ tools, count, service, endpoint, results }) {
  const subjects = tools.map((tool) => ({
    tool,
    endpoint,
    project: tool.write(join(top, service, tool.name.replaceAll(' ', '-')), `${service}-${initials(tool)}`, count),
  }));
  const failed = new Set();
  for (const { what, prepare, work } of phases) {
    for (const subject of subjects.filter((each) => !failed.has(each))) {
      const { tool } = subject;
      say(`${service}, ${what}: ${tool.name}`);
      try {
        await prepare?.(subject);
        tool.recorder.take();
        const measured = await work(subject);
        const found = { ...measured, calls: tool.recorder.take().count };
        say(`  ${JSON.stringify({ ms: found.ms, backMs: found.backMs, calls: found.calls })}`);
        results[what] ??= {};
        results[what][tool.name] ??= [];
        results[what][tool.name].push(found);
      } catch (error) {
        failed.add(subject);
        missing.push(`${tool.name}, ${count} functions, ${what}: it fails, ${lastLine(error)}`);
        say(missing.at(-1));
      }
    }
  }
}

const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;

/** A row for each tool: medians, the minimum, and the time divided by that of the best peer. */
function rowsOf(count, label, byTool, field) {
  const medianOf = (all) => median(all.map((found) => found[field]));
  const peers = Object.keys(byTool).filter((name) => !name.startsWith('fx'));
  const best = Math.min(...peers.map((name) => medianOf(byTool[name])));
  return Object.entries(byTool).map(([name, all]) => {
    const ms = medianOf(all);
    const ratio = peers.length === 0 ? '' : `${(ms / best).toFixed(2)}×`;
    const calls = field === 'ms' ? String(median(all.map((found) => found.calls))) : '';
    const fastest = Math.min(...all.map((found) => found[field]));
    return [String(count), label, name, seconds(ms), seconds(fastest), calls, ratio];
  });
}

const rows = [['functions', 'what', 'tool', 'median', 'minimum', 'calls', '÷ best peer']];
const began = performance.now();
try {
  await local('start');
  try {
    const { value } = JSON.parse((await local('status', '--json')).output.trim().split('\n').at(-1));
    const { endpoint } = value;
    const tools = await install(endpoint);
    // not measured: creates fx's bucket, and warms the disk
    await oneRound({ tools, count: 1, service: 'warm', endpoint, results: {} });
    for (const count of counts.length > 0 ? counts : [1, 20, 200]) {
      const results = {};
      for (let round = 0; round < (count > mostInRounds ? 1 : rounds); round++) {
        await oneRound({ tools, count, service: `bench-${count}-${round}`, endpoint, results });
      }
      for (const [what, byTool] of Object.entries(results)) {
        if (what === 'rollback') rows.push(...rowsOf(count, 'rollback, traffic is back', byTool, 'backMs'));
        rows.push(...rowsOf(count, what === 'rollback' ? 'rollback, command' : `deploy, ${what}`, byTool, 'ms'));
      }
    }
    for (const { recorder } of tools) recorder.stop();
  } finally {
    await local('stop');
  }
} finally {
  rmSync(top, { recursive: true, force: true });
}
const [head, ...cells] = rows;
console.log(tableOf(head, cells));
console.log(
  `\n${new Date().toISOString().slice(0, 10)}, Node ${process.version.slice(1)}, ${cpus().length} cores (${cpus()[0].model.trim()}), ${rounds} rounds (one above ${mostInRounds} functions), ${((performance.now() - began) / 1000).toFixed(0)} s.
More than 98 functions: fx deploys a workspace of projects of 50 and rolls back the project of the changed function; osls publishes no
versions; a stack can have 500 resources. SAM CLI has no rollback: it deploys the earlier source again.`,
);
for (const text of missing) console.log(text);
