// node bench/dev.mjs [edits] [--no-peer]: from a save of TypeScript to the first answer of the new code, and from the start to the first answer: fx dev
// beside serverless-offline with serverless-esbuild, all in one run. Asserts nothing.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { median } from './measure.mjs';

const words = process.argv.slice(2);
const withPeer = !words.includes('--no-peer');
const edits = Number(words.find((word) => !word.startsWith('--')) ?? 20);
if (!(edits >= 1)) throw new Error(`the number of edits is ${words.join(' ')}`);
const here = import.meta.dirname;
const top = mkdtempSync(join(tmpdir(), 'fx-bench-dev-'));
const { AWS_ENDPOINT_URL: _, FX_ENV: __, ...environment } = process.env;
const say = (text) => process.stderr.write(`${text}\n`);
/** Between two requests: a client without a pause would take the processor from what it measures. */
const pollMs = 3;
const patienceMs = 30_000;

const code = (text) => `interface Event { rawPath: string }
export const handler = async ({ rawPath }: Event) => ({
  statusCode: 200,
  headers: { 'content-type': 'text/plain' },
  body: \`${text} \${rawPath}\`,
});
`;

function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

const answerOf = (url) =>
  fetch(url).then(
    (answer) => answer.text(),
    () => undefined,
  );

/** Milliseconds from `began` until the address gives that answer. */
async function until(url, wanted, began) {
  for (;;) {
    const answer = await answerOf(url);
    if (answer?.startsWith(`${wanted} `)) return performance.now() - began;
    if (performance.now() - began > patienceMs) throw new Error(`${url} still answers ${answer}`);
    await wait(pollMs);
  }
}

// The subjects: each starts, answers at an address, and stops

async function startFx() {
  const folder = join(top, 'fx');
  mkdirSync(folder);
  writeFileSync(join(folder, 'index.ts'), code('first'));
  writeFileSync(
    join(folder, 'project.yml'),
    'name: bench\nfunctions:\n  hello: {handler: index.handler, events: [{http: GET /hello}]}\n',
  );
  const child = spawn(process.execPath, [resolve(here, '../dist/bin.js'), 'dev', '--json', '--no-logs'], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise((done, fail) => {
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += chunk;
      const live = /^\{"type":"live".*$/m.exec(said);
      if (live !== null) done(`${JSON.parse(live[0]).outputs.HttpApiUrl}/hello`);
    });
    child.once('exit', () => fail(new Error(`fx dev ended: ${said}`)));
  });
  const stop = () =>
    new Promise((done) => {
      child.removeAllListeners('exit');
      child.once('exit', done);
      child.kill('SIGINT');
    });
  return { url, file: join(folder, 'index.ts'), pid: child.pid, stop };
}

function installPeer() {
  const folder = join(top, 'peer');
  mkdirSync(folder);
  writeFileSync(join(folder, 'index.ts'), code('first'));
  writeFileSync(
    join(folder, 'serverless.yml'),
    `service: bench
provider: {name: aws, runtime: nodejs20.x}
plugins: [serverless-esbuild, serverless-offline]
functions:
  hello: {handler: index.handler, events: [{httpApi: GET /hello}]}
`,
  );
  writeFileSync(join(folder, 'package.json'), '{"private": true}\n');
  say('installing serverless-offline');
  const packages = ['osls@4', 'serverless-offline@14', 'serverless-esbuild@1', 'esbuild@0.25'];
  execFileSync('npm', ['install', ...packages, '--legacy-peer-deps', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return folder;
}

async function startPeer(folder) {
  writeFileSync(join(folder, 'index.ts'), code('first'));
  const port = await freePort();
  const ports = ['--httpPort', String(port), '--lambdaPort', String(await freePort())];
  const child = spawn(
    process.execPath,
    ['node_modules/osls/bin/serverless.js', 'offline', ...ports, '--noPrependStageInUrl'],
    { cwd: folder, env: { ...environment, SLS_TELEMETRY_DISABLED: '1' }, stdio: 'ignore' },
  );
  const url = `http://127.0.0.1:${port}/hello`;
  const stop = () =>
    new Promise((done) => {
      child.once('exit', done);
      child.kill('SIGKILL');
    });
  return { url, file: join(folder, 'index.ts'), pid: child.pid, stop };
}

async function measure(name, start) {
  const began = performance.now();
  const subject = await start();
  try {
    const first = await until(subject.url, 'first', began);
    const times = [];
    for (let edit = 0; edit < edits; edit++) {
      // as a person would, after the last change is long done
      await wait(500);
      const saved = performance.now();
      writeFileSync(subject.file, code(`edit${edit}`));
      times.push(await until(subject.url, `edit${edit}`, saved));
    }
    const idle = await idleCpu(subject.pid);
    return { name, first, median: median(times), least: Math.min(...times), most: Math.max(...times), idle };
  } finally {
    await subject.stop();
  }
}

/** Milliseconds of processor time in three seconds without a change; Linux only. */
async function idleCpu(pid) {
  const ticks = () => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return Number(fields[11]) + Number(fields[12]);
  };
  if (process.platform !== 'linux') return Number.NaN;
  await wait(1_000);
  const before = ticks();
  await wait(3_000);
  return (ticks() - before) * 10;
}

try {
  const rows = [await measure('fx dev', startFx)];
  if (withPeer) {
    const folder = installPeer();
    rows.push(await measure('serverless-offline', () => startPeer(folder)));
  }
  const ms = (value) => `${value.toFixed(0)} ms`;
  console.log(
    '| tool | start to first answer | save to new answer, median | minimum | maximum | processor time, idle for 3 s |',
  );
  console.log('| --- | --- | --- | --- | --- | --- |');
  for (const { name, first, median: middle, least, most, idle } of rows) {
    console.log(`| ${[name, ms(first), ms(middle), ms(least), ms(most), ms(idle)].join(' | ')} |`);
  }
  console.log(
    `\n${edits} edits, Node ${process.versions.node}, ${cpus().length} cores, load ${loadavg()[0].toFixed(1)}`,
  );
} finally {
  rmSync(top, { recursive: true, force: true });
}
