// npm run demo: the main workflow from scratch: init, deploy, call, logs, change, deploy, roll back, remove, on the local AWS.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const times = [];
const timed = async (what, run) => {
  console.log(`\n\u2500\u2500 ${what}`);
  const began = performance.now();
  const value = await run();
  times.push([what, performance.now() - began]);
  return value;
};
const expectEqual = (found, wanted) => {
  if (found !== wanted) throw new Error(`expected ${wanted}, found ${found}`);
};

await timed('install', () => import('./install.mjs'));
await timed('build fx', () => import('./build.mjs'));

const bin = resolve('dist/bin.js');
const folder = mkdtempSync(join(tmpdir(), 'fx-demo-'));
const project = join(folder, 'shop');
const environment = { ...process.env, FX_ENV: '', AWS_ENDPOINT_URL: '' };
const fx = (cwd, ...args) => {
  console.log(`$ fx ${args.join(' ')}`);
  const out = execFileSync(process.execPath, [bin, ...args], {
    cwd,
    encoding: 'utf8',
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.stdout.write(out);
  return out;
};
const call = async (url) => {
  const response = await fetch(url);
  const text = await response.text();
  console.log(`$ curl ${url}\n${response.status} ${text}`);
  return JSON.parse(text).message;
};

try {
  await timed('fx init', () => fx(folder, 'init', 'shop'));
  await timed('fx deploy (first)', () => fx(project, 'deploy'));
  const url = JSON.parse(
    execFileSync(process.execPath, [bin, 'info', '--json'], { cwd: project, encoding: 'utf8', env: environment })
      .trim()
      .split('\n')
      .at(-1),
  ).value.outputs.HttpApiUrl;
  await timed('call it over HTTP', async () => expectEqual(await call(`${url}/hello/fx`), 'Hello, fx!'));
  await timed('fx invoke', () => fx(project, 'invoke', 'hello', '--data', '{"pathParameters": {"name": "you"}}'));
  await timed('fx logs', () => {
    if (!fx(project, 'logs', 'hello').includes('greeting fx')) throw new Error('the log lacks what the function wrote');
  });
  const source = join(project, 'src/hello.ts');
  writeFileSync(source, readFileSync(source, 'utf8').replace('}, ${name}!', '} again, ${name}!'));
  await timed('fx plan', () => fx(project, 'plan'));
  await timed('fx deploy (changed code)', () => fx(project, 'deploy'));
  await timed('call it: the new answer', async () => expectEqual(await call(`${url}/hello/fx`), 'Hello again, fx!'));
  await timed('fx deploy (nothing changed)', () => fx(project, 'deploy'));
  await timed('fx rollback', () => fx(project, 'rollback'));
  await timed('call it: the old answer', async () => expectEqual(await call(`${url}/hello/fx`), 'Hello, fx!'));
  await timed('fx releases', () => fx(project, 'releases'));
  await timed('fx remove', () => fx(project, 'remove', '--yes'));
} finally {
  fx(project, 'local', 'stop');
  rmSync(folder, { recursive: true, force: true });
}

console.log('\nHow long each step took:');
for (const [what, ms] of times) console.log(`  ${what.padEnd(30)} ${(ms / 1000).toFixed(2).padStart(7)} s`);
