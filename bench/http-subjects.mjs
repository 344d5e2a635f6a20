// What bench/http.mjs compares: each starts in a folder with one TypeScript function, answers at an address, takes edits, and stops.
import { execFileSync, fork, spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const here = import.meta.dirname;
const { AWS_ENDPOINT_URL: _, FX_ENV: __, ...inherited } = process.env;
// Architect asks the network for credentials if there are none
const environment = { ...inherited, AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench' };
const say = (text) => process.stderr.write(`${text}\n`);
const bin = resolve(here, '../dist/bin.js');

export const code = (text) => `interface Event { rawPath: string }
export const handler = async ({ rawPath }: Event) => ({
  statusCode: 200,
  headers: { 'content-type': 'text/plain' },
  body: \`${text} \${rawPath}\`,
});
`;

export function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

function ended(child, signal) {
  return new Promise((done) => {
    if (child.exitCode !== null || child.signalCode !== null) return done();
    child.once('exit', done);
    child.kill(signal);
  });
}

/** All write what they say to a file, beside the folder that they watch. */
function started(program, args, folder) {
  const log = `${folder}.log`;
  const file = openSync(log, 'w');
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...environment, SLS_TELEMETRY_DISABLED: '1', ARC_DISABLE_UPDATE: '1' },
    stdio: ['ignore', file, file],
  });
  return { child, said: () => readFileSync(log, 'utf8') };
}

function installed(top, name, files, packages) {
  const folder = join(top, name);
  for (const [path, text] of Object.entries({ 'package.json': '{"private": true}\n', ...files })) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  say(`installing ${packages.join(' ')}`);
  const quiet = ['--legacy-peer-deps', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', ['install', ...packages, ...quiet], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
  return folder;
}

/** Two hops without any work: a server that asks a second one. Nothing to edit. */
export async function floor() {
  const server = fork(join(here, 'loopback.mjs'), ['two']);
  const port = await new Promise((said) => server.once('message', said));
  return { url: `http://127.0.0.1:${port}/hello`, roots: [server.pid], stop: () => server.disconnect() };
}

/** With --no-logs, since the peers' loggers are told to be quiet too. */
export function fxDev(top) {
  const folder = join(top, 'fx');
  const file = join(folder, 'index.ts');
  mkdirSync(folder);
  writeFileSync(
    join(folder, 'project.yml'),
    'name: bench\nfunctions:\n  hello: {handler: index.handler, events: [{http: GET /hello}]}\n',
  );
  return async () => {
    // each start is the first, with a deploy
    rmSync(join(folder, '.fx'), { recursive: true, force: true });
    writeFileSync(file, code('first'));
    const { child, said } = started(process.execPath, [bin, 'dev', '--json', '--no-logs'], folder);
    const live = () => /^\{"type":"live".*\n/m.exec(said());
    while (live() === null) {
      if (child.exitCode !== null) throw new Error(`fx dev ended: ${said()}`);
      await pause(3);
    }
    const url = `${JSON.parse(live()[0]).outputs.HttpApiUrl}/hello`;
    const { pid } = JSON.parse(readFileSync(join(folder, '.fx/local/server.json'), 'utf8'));
    return { url, file, roots: [child.pid, pid], stop: () => ended(child, 'SIGINT') };
  };
}

export function serverlessOffline(top) {
  const files = {
    'serverless.yml': `service: bench
provider: {name: aws, runtime: nodejs20.x}
plugins: [serverless-esbuild, serverless-offline]
functions:
  hello: {handler: index.handler, events: [{httpApi: GET /hello}]}
`,
  };
  const packages = ['osls@4', 'serverless-offline@14', 'serverless-esbuild@1', 'esbuild@0.25'];
  const folder = installed(top, 'serverless-offline', files, packages);
  const file = join(folder, 'index.ts');
  return async () => {
    writeFileSync(file, code('first'));
    const port = await freePort();
    const ports = ['--httpPort', String(port), '--lambdaPort', String(await freePort())];
    const args = ['node_modules/osls/bin/serverless.js', 'offline', ...ports, '--noPrependStageInUrl'];
    const { child } = started(process.execPath, args, folder);
    return { url: `http://127.0.0.1:${port}/hello`, file, roots: [child.pid], stop: () => ended(child, 'SIGKILL') };
  };
}

export function architect(top) {
  const files = {
    'app.arc':
      '@app\nbench\n\n@http\nget /hello\n\n@plugins\narchitect/plugin-typescript\n\n@aws\nruntime typescript\n',
    'src/http/get-hello/index.ts': code('first'),
  };
  const folder = installed(top, 'architect', files, ['@architect/sandbox@9', '@architect/plugin-typescript@2']);
  const file = join(folder, 'src/http/get-hello/index.ts');
  return async () => {
    writeFileSync(file, code('first'));
    const port = await freePort();
    const args = ['node_modules/.bin/arc-sandbox', '--port', String(port), '--quiet'];
    const { child } = started(process.execPath, args, folder);
    // it listens on the name localhost only
    return { url: `http://localhost:${port}/hello`, file, roots: [child.pid], stop: () => ended(child, 'SIGINT') };
  };
}
