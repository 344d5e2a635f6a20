// npm run bench [-- rounds]: what fx costs compared with the floor below it, both measured in the same run. Asserts nothing.
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loading } from './load.mjs';
import { inTurn, median, minimum, roundTrip, row, run, table } from './measure.mjs';
import { changeCode, writeProject } from './project.mjs';
import { startRecorder } from './recorder.mjs';

const rounds = Number(process.argv[2] ?? 5);
if (!(rounds >= 1)) throw new Error(`the number of rounds is ${process.argv[2]}`);
const here = import.meta.dirname;
const bin = resolve(here, '../dist/bin.js');
const top = mkdtempSync(join(tmpdir(), 'fx-bench-'));
const { AWS_ENDPOINT_URL: _, FX_ENV: __, ...environment } = process.env;
const rows = [];
const say = (text) => process.stderr.write(`${text}\n`);

const node = async (args, options) => (await run(process.execPath, args, options)).ms;
const fx = (folder, words, variables = {}) =>
  run(process.execPath, [bin, ...words], { cwd: folder, env: { ...environment, ...variables } });
const result = async (folder, words) =>
  JSON.parse((await fx(folder, [...words, '--json'])).output.trim().split('\n').at(-1)).value;

async function startUp() {
  say('start-up');
  const esbuild = resolve(here, '../node_modules/esbuild/bin/esbuild');
  const subjects = {
    node: () => node(['-e', '0']),
    esbuild: async () => (await run(esbuild, ['--version'])).ms,
    version: () => node([bin, '--version']),
    help: () => node([bin, '--help']),
    command: () => node([bin, 'deploy', '--help']),
  };
  // the minimum of many: noise exceeds the duration of such a short start
  const times = await inTurn(15, subjects, minimum);
  rows.push(row('fx --version, minimum of 15', times.version, 'node -e 0', times.node));
  rows.push(row('fx --version, minimum of 15', times.version, 'esbuild --version', times.esbuild));
  rows.push(row('fx --help, minimum of 15', times.help, 'node -e 0', times.node));
  rows.push(row('fx deploy --help, minimum of 15', times.command, 'node -e 0', times.node));
}

async function building(count) {
  say(`${count} functions: validate, build`);
  const folder = writeProject(join(top, `build-${count}`), count);
  const times = await inTurn(count > 50 ? Math.ceil(rounds / 2) : rounds, {
    floor: () => node([join(here, 'esbuild-pass.mjs'), String(count)], { cwd: folder }),
    first: async () => {
      // fx skips functions that loaded before: without that memory, it loads every function
      rmSync(join(folder, '.fx'), { recursive: true, force: true });
      return (await fx(folder, ['validate'])).ms;
    },
    validate: async () => (await fx(folder, ['validate'])).ms,
    build: async () => (await fx(folder, ['build', '--output', join(top, 'out')])).ms,
  });
  const floor = `one esbuild pass, ${count}`;
  const functions = `${count} function${count === 1 ? '' : 's'}`;
  rows.push(row(`fx validate, ${functions}, first`, times.first, floor, times.floor));
  rows.push(row(`fx validate, ${functions}, again`, times.validate, floor, times.floor));
  rows.push(row(`fx build --output, ${functions}, again`, times.build, floor, times.floor));
}

async function deploying(folder, endpoint, count) {
  say(`${count} functions: deploy`);
  const recorder = await startRecorder(endpoint);
  try {
    const credentials = { AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench' };
    const recorded = () =>
      fx(folder, ['deploy', '--env', 'bench'], { ...credentials, AWS_ENDPOINT_URL: recorder.endpoint });
    await recorded();
    const everyFunction = (round) => {
      for (let index = 0; index < count; index++) changeCode(folder, index, `all ${round}`);
    };
    for (const [what, prepare] of [
      ['nothing changed', () => {}],
      ['one function changed', (round) => changeCode(folder, 0, `one ${round}`)],
      ['every function changed', everyFunction],
    ]) {
      const deploys = [];
      const calls = [];
      for (let round = 0; round < rounds; round++) {
        prepare(round);
        deploys.push((await fx(folder, ['deploy'])).ms);
        recorder.take();
        await recorded();
        calls.push(recorder.take());
      }
      const floor = `its ${median(calls.map((taken) => taken.count))} API calls`;
      const floorMs = median(calls.map((taken) => taken.ms));
      rows.push(row(`fx deploy, ${count} functions, ${what}`, median(deploys), floor, floorMs));
    }
  } finally {
    recorder.stop();
  }
}

async function invoking(folder, endpoint) {
  say('invoke');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const server = fork(join(here, 'loopback.mjs'));
  try {
    const port = await new Promise((said) => server.once('message', said));
    const { outputs } = await result(folder, ['info']);
    const headers = { authorization: signature };
    const invoke = `${endpoint}/2015-03-31/functions/bench-local-f0/invocations?Qualifier=live`;
    const times = await inTurn(rounds * 100, {
      floor: () => roundTrip(agent, `http://127.0.0.1:${port}/`, { method: 'POST', body: '{}' }),
      invoke: () => roundTrip(agent, invoke, { method: 'POST', headers, body: '{}' }),
      http: () => roundTrip(agent, `${outputs.HttpApiUrl}/f0/1`),
    });
    const floor = 'a bare HTTP round trip';
    rows.push(row('warm invoke, Lambda API', times.invoke, floor, times.floor));
    rows.push(row('warm invoke, HTTP API', times.http, floor, times.floor));
  } finally {
    server.disconnect();
    agent.destroy();
  }
}

// contains service and region; the local AWS checks no signature
const signature =
  'AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0';

const began = performance.now();
try {
  await startUp();
  for (const count of [1, 20, 100]) await building(count);
  say('500 functions: load');
  rows.push(...(await loading(top, rounds)));
  const folder = writeProject(join(top, 'deploy'), 20);
  try {
    say('the first deploy, which starts the local AWS');
    const first = await fx(folder, ['deploy']);
    const floor = await fx(folder, ['validate']);
    rows.push(row('fx deploy, 20 functions, first, starts the local AWS', first.ms, 'fx validate', floor.ms));
    const { endpoint } = await result(folder, ['local', 'status']);
    await deploying(folder, endpoint, 20);
    await invoking(folder, endpoint);
  } finally {
    await fx(folder, ['local', 'stop']);
  }
} finally {
  rmSync(top, { recursive: true, force: true });
}
const [{ model }] = cpus();
console.log(table(rows));
console.log(
  `\n${new Date().toISOString().slice(0, 10)}, Node ${process.version.slice(1)}, ${cpus().length} cores (${model.trim()}), ${rounds} rounds, ${((performance.now() - began) / 1000).toFixed(0)} s`,
);
