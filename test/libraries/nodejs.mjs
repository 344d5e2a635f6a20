// Builds, deploys to the local AWS and invokes one function a Node.js library, and compares its answer: `npm run libraries`.
// Prints the library, its version, whether it is bundled or packed, its size and its cold start.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

const here = join(import.meta.dirname, 'nodejs');
const fx = join(import.meta.dirname, '../../dist/bin.js');
const folder = process.env.FX_LIBRARIES ?? join(import.meta.dirname, '../../.cache/libraries/nodejs');
const only = process.argv.slice(2);

const rows = JSON.parse(readFileSync(join(here, 'table.json'), 'utf8')).filter(
  ({ handler }) => only.length === 0 || only.includes(handler),
);
/** A stack holds 500 resources, and a function takes five. */
const inBatch = 40;
const failures = new Map();
const sizes = new Map();
let wrong = 0;

install();
console.log('library,version,how,zip KB,cold start ms,result');
for (let start = 0; start < rows.length; start += inBatch) {
  const batch = rows.slice(start, start + inBatch);
  deploy(batch);
  for (const row of batch) console.log(resultOf(row).join(','));
  run('local', 'stop');
}
console.log(`${rows.length - wrong} of ${rows.length} answer as expected`);
process.exitCode = wrong === 0 ? 0 : 1;

/** Without the functions that do not build. */
function deploy(batch) {
  let left = batch;
  for (;;) {
    writeProject(left);
    const built = run('build', '--size', '--json');
    if (built.status === 0) {
      for (const line of jsonLines(built.stdout))
        for (const one of Array.isArray(line.value) ? line.value : []) sizes.set(one.functionName, one);
      break;
    }
    const broken = brokenFunctions(built.stdout + built.stderr, left);
    for (const [handler, message] of broken) failures.set(handler, message);
    left = left.filter(({ handler }) => !failures.has(handler));
    if (broken.size === 0 || left.length === 0) throw new Error(built.stdout + built.stderr);
  }
  const deployed = run('deploy', '--json');
  if (deployed.status !== 0) throw new Error(deployed.stdout + deployed.stderr);
}

function resultOf({ handler, library, answer }) {
  const name = library.split(' with ')[0];
  const { version } = JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8'));
  const failed = (text) => {
    wrong += 1;
    return [library, version, '', '', '', `FAILED ${String(text).replaceAll('\n', ' ').slice(0, 300)}`];
  };
  if (failures.has(handler)) return failed(failures.get(handler));
  const began = performance.now();
  const { status, stdout, stderr } = run('invoke', handler);
  const milliseconds = Math.round(performance.now() - began);
  const size = sizes.get(handler);
  const isPacked = size?.largest.some((group) => group.name === name);
  if (status !== 0) return failed(stderr);
  const actual = JSON.parse(stdout);
  if (!isDeepStrictEqual(actual, answer)) return failed(`answered ${stdout.trim()}, not ${JSON.stringify(answer)}`);
  return [
    library,
    version,
    isPacked ? 'packed' : 'bundled',
    Math.round((size?.zippedSize ?? 0) / 1024),
    milliseconds,
    'ok',
  ];
}

function install() {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(here)) cpSync(join(here, name), join(folder, name), { recursive: true, force: true });
  const lock = join(here, 'package-lock.json');
  const mark = join(folder, 'node_modules/.installed');
  const wanted = existsSync(lock) ? readFileSync(lock, 'utf8').length.toString() : 'any';
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return;
  execFileSync(
    'npm',
    [existsSync(lock) ? 'ci' : 'install', '--no-audit', '--no-fund', '--legacy-peer-deps', '--loglevel=error'],
    {
      cwd: folder,
      stdio: 'inherit',
    },
  );
  writeFileSync(mark, wanted);
}

function writeProject(some) {
  rmSync(join(folder, '.fx/local'), { recursive: true, force: true });
  const lines = some.map(({ handler }) => `  ${handler}: {handler: handlers/${handler}.handler}`);
  const defaults = `defaults: {runtime: nodejs20.x, architecture: ${process.arch === 'arm64' ? 'arm64' : 'x86_64'}, timeout: 60, memory: 1024}`;
  writeFileSync(join(folder, 'project.yml'), ['name: libraries', defaults, 'functions:', ...lines, ''].join('\n'));
}

function run(...args) {
  return spawnSync(process.execPath, [fx, ...args], { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 });
}

function jsonLines(text) {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}

function brokenFunctions(text, some) {
  const problems = jsonLines(text).flatMap((line) => line.problems ?? []);
  const project = readFileSync(join(folder, 'project.yml'), 'utf8').split('\n');
  const broken = new Map();
  for (const { at, message } of problems) {
    const name = /^\s+([\w-]+):/.exec(at.file === 'project.yml' ? (project[at.line - 1] ?? '') : '')?.[1];
    const byFile = some.find(({ handler }) => at.file.startsWith(`handlers/${handler}.`))?.handler;
    // an error in a package does not name the function: the one for the library
    const byPackage = some.find(({ library }) =>
      at.file.includes(`node_modules/${library.split(' with ')[0]}/`),
    )?.handler;
    const handler = name ?? byFile ?? byPackage;
    if (handler !== undefined) broken.set(handler, message);
  }
  return broken;
}
