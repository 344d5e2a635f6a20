// node bench/http.mjs [rounds] [--no-peer]: a warm HTTP request on the local AWS, beside serverless-offline and two bare loopback hops,
// all in one run; and how long a queue of 20,000 messages takes to drain. Asserts nothing.
import { execFileSync, fork, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { createServer } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { median, roundTrip } from './measure.mjs';

const words = process.argv.slice(2);
const withPeer = !words.includes('--no-peer');
const rounds = Number(words.find((word) => !word.startsWith('--')) ?? 5);
if (!(rounds >= 1)) throw new Error(`the number of rounds is ${words.join(' ')}`);
const here = import.meta.dirname;
const top = mkdtempSync(join(tmpdir(), 'fx-bench-http-'));
const { AWS_ENDPOINT_URL: _, FX_ENV: __, ...environment } = process.env;
const say = (text) => process.stderr.write(`${text}\n`);
const connections = 8;
const messages = 20_000;

const code = {
  'index.mjs':
    'export const handler = async (event) => ({ statusCode: 200, headers: { "content-type": "application/json" }, body: JSON.stringify({ path: event.rawPath }) });\n',
  'jobs.mjs': 'export const handler = async () => {};\n',
};

function writeSources(folder) {
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of Object.entries(code)) writeFileSync(join(folder, file), text);
  return folder;
}

// The subjects: each starts, answers at an address, and stops

async function startFloor() {
  const server = fork(join(here, 'loopback.mjs'), ['two']);
  const port = await new Promise((said) => server.once('message', said));
  return { url: `http://127.0.0.1:${port}/hello`, stop: () => server.disconnect() };
}

const fx = (folder, ...args) =>
  execFileSync(process.execPath, [resolve(here, '../dist/bin.js'), ...args, '--json'], {
    cwd: folder,
    env: environment,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
const resultOf = (output) => JSON.parse(output.trim().split('\n').at(-1)).value;

function startFx() {
  const folder = writeSources(join(top, 'fx'));
  writeFileSync(
    join(folder, 'project.yml'),
    `name: bench
defaults: {runtime: nodejs24.x}
functions:
  hello: {handler: index.handler, events: [{http: GET /hello}]}
  jobs: {handler: jobs.handler, timeout: 30s, events: [{sqs: {queue: Jobs}}]}
resources:
  Jobs: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs}}
`,
  );
  fx(folder, 'deploy');
  const { endpoint } = resultOf(fx(folder, 'local', 'status'));
  const { outputs } = resultOf(fx(folder, 'info'));
  return { url: `${outputs.HttpApiUrl}/hello`, endpoint, stop: () => fx(folder, 'local', 'stop') };
}

async function startPeer() {
  const folder = writeSources(join(top, 'peer'));
  writeFileSync(
    join(folder, 'serverless.yml'),
    `service: bench
provider: {name: aws, runtime: nodejs20.x}
plugins: [serverless-offline]
functions:
  hello: {handler: index.handler, events: [{httpApi: GET /hello}]}
`,
  );
  writeFileSync(join(folder, 'package.json'), '{"private": true}\n');
  say('installing serverless-offline');
  execFileSync(
    'npm',
    ['install', 'osls@4', 'serverless-offline@14', '--legacy-peer-deps', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: folder,
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  const port = await freePort();
  const child = spawn(
    process.execPath,
    [
      'node_modules/osls/bin/serverless.js',
      'offline',
      '--httpPort',
      String(port),
      '--lambdaPort',
      String(await freePort()),
      '--noPrependStageInUrl',
    ],
    // discard its request log: fx's goes to a file
    { cwd: folder, env: { ...environment, SLS_TELEMETRY_DISABLED: '1' }, stdio: 'ignore' },
  );
  const url = `http://127.0.0.1:${port}/hello`;
  while (!(await answers(url))) {
    if (child.exitCode !== null) throw new Error(`serverless-offline ended with ${child.exitCode}`);
    await new Promise((done) => setTimeout(done, 200));
  }
  return { url, stop: () => child.kill('SIGKILL') };
}

function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

const answers = (url) =>
  roundTrip(undefined, url).then(
    () => true,
    () => false,
  );

// Measuring

async function oneConnection(url, count = 1000) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const times = [];
  for (let i = 0; i < count; i++) times.push(await roundTrip(agent, url));
  agent.destroy();
  return median(times);
}

/** Requests per second over several connections at once. */
async function throughput(url, count = 4000) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  let left = count;
  const began = performance.now();
  const client = async () => {
    while (left-- > 0) await roundTrip(agent, url);
  };
  await Promise.all(Array.from({ length: connections }, client));
  const seconds = (performance.now() - began) / 1000;
  agent.destroy();
  return count / seconds;
}

async function requests(subjects) {
  const all = Object.fromEntries(Object.keys(subjects).map((name) => [name, { p50: [], rate: [] }]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, { url }] of Object.entries(subjects)) {
      say(`round ${round}: ${name}`);
      const p50 = await oneConnection(url);
      const rate = await throughput(url);
      // the first round warms everything up: code, connections, the functions' processes
      if (round === 0) continue;
      all[name].p50.push(p50);
      all[name].rate.push(rate);
    }
  }
  return all;
}

// The queue

const signature =
  'AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0';

async function sqs(endpoint, operation, input) {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {
      authorization: signature,
      'x-amz-target': `AmazonSQS.${operation}`,
      'content-type': 'application/x-amz-json-1.0',
    },
    body: JSON.stringify(input),
  });
  if (!answer.ok) throw new Error(`${operation}: ${await answer.text()}`);
  return answer.json();
}

/** Seconds until the function has received every message, and the longest response time of the server meanwhile. */
async function drain(endpoint) {
  say(`draining ${messages} messages`);
  const { QueueUrl } = await sqs(endpoint, 'GetQueueUrl', { QueueName: 'jobs' });
  const body = 'x'.repeat(1000);
  const began = performance.now();
  let longest = 0;
  const timed = async (work) => {
    const before = performance.now();
    const result = await work;
    longest = Math.max(longest, performance.now() - before);
    return result;
  };
  for (let i = 0; i < messages / 10; i++) {
    const Entries = Array.from({ length: 10 }, (_, j) => ({ Id: String(j), MessageBody: body }));
    await timed(sqs(endpoint, 'SendMessageBatch', { QueueUrl, Entries }));
  }
  const sent = performance.now();
  for (;;) {
    const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'];
    const { Attributes } = await timed(sqs(endpoint, 'GetQueueAttributes', { QueueUrl, AttributeNames: names }));
    if (names.every((name) => Attributes[name] === '0')) break;
    await new Promise((done) => setTimeout(done, 50));
  }
  const end = performance.now();
  return { sending: (sent - began) / 1000, draining: (end - began) / 1000, longest };
}

const best = (numbers, pick) => `${pick(...numbers).toFixed(2)}`;
const stops = [];
try {
  const subjects = {};
  for (const [name, start] of [
    ['two loopback hops', startFloor],
    ['fx local AWS', startFx],
    ...(withPeer ? [['serverless-offline', startPeer]] : []),
  ]) {
    subjects[name] = await start();
    stops.push(subjects[name].stop);
  }
  const measured = await requests(subjects);
  const floor = measured['two loopback hops'];
  console.log(`| warm HTTP request | p50, one connection | × floor | requests/s, ${connections} connections |`);
  console.log('| --- | --- | --- | --- |');
  for (const [name, { p50, rate }] of Object.entries(measured)) {
    const ratio = (median(p50) / median(floor.p50)).toFixed(2);
    console.log(
      `| ${name} | ${median(p50).toFixed(2)} ms (best ${best(p50, Math.min)}) | ${ratio}× | ${median(rate).toFixed(0)} (best ${Math.max(...rate).toFixed(0)}) |`,
    );
  }
  const { sending, draining, longest } = await drain(subjects['fx local AWS'].endpoint);
  console.log(
    `\n${messages} messages of 1 KB: sent in ${sending.toFixed(1)} s, handled by the function in batches of 10 after ${draining.toFixed(1)} s; longest answer of the server meanwhile ${longest.toFixed(0)} ms`,
  );
} finally {
  for (const stop of stops) stop();
  rmSync(top, { recursive: true, force: true });
}
const [{ model }] = cpus();
console.log(
  `\n${new Date().toISOString().slice(0, 10)}, Node ${process.version.slice(1)}, ${cpus().length} cores (${model.trim()}), ${rounds} rounds`,
);
