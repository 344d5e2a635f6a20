// npm run libraries [-- handler …]: one function a Node.js library, built by fx without a key for it, deployed to the local AWS and
// invoked; the answers are compared. Prints and writes a table, beside osls with serverless-esbuild if --peer is given.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { tryArtifact } from './artifact.mjs';
import { fxIn, jsonLines } from './command.mjs';
import { packageByPeer } from './peer.mjs';

const here = join(import.meta.dirname, 'nodejs');
const words = process.argv.slice(2);
const withPeer = words.includes('--peer');
const only = words.filter((word) => !word.startsWith('--'));
const folder =
  process.env.FX_LIBRARIES ??
  join(import.meta.dirname, '../../.cache/libraries', only.length === 0 ? 'nodejs' : 'nodejs-some');
const architecture = process.arch === 'arm64' ? 'arm64' : 'x86_64';
const run = fxIn(folder);
/** A stack holds 500 resources, and a function takes five. */
const inBatch = 40;

const rows = JSON.parse(readFileSync(join(here, 'table.json'), 'utf8')).filter(
  ({ handler }) => only.length === 0 || only.includes(handler),
);
const failures = new Map();
const sizes = new Map();
const results = [];

/** onnxruntime-node would download what only GPUs need, from elsewhere than the registry. */
const installVariables = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' };

install();
for (let start = 0; start < rows.length; start += inBatch) {
  const batch = rows.slice(start, start + inBatch);
  deploy(batch);
  for (const row of batch) {
    const result = { ...row, ...resultOf(row), ...(withPeer ? { peer: peerResult(row) } : {}) };
    results.push(result);
    console.log(lineOf(result));
  }
  run('local', 'stop');
}
const wrong = results.filter(({ failure }) => failure !== undefined);
const byPeer = results.filter(({ peer }) => peer !== undefined && peer.failure === undefined);
console.log(
  `${results.length - wrong.length} of ${results.length} answer as expected${withPeer ? `; ${byPeer.length} of osls with serverless-esbuild` : ''}`,
);
if (words.includes('--write')) writeFileSync(join(import.meta.dirname, '../../docs/libraries-nodejs.md'), page());
process.exitCode = wrong.length === 0 ? 0 : 1;

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
  for (const args of [
    ['build', '--output', 'out'],
    ['deploy', '--json'],
  ]) {
    const { status, stdout, stderr } = run(...args);
    if (status !== 0) throw new Error(stdout + stderr);
  }
}

function resultOf({ handler, library, answer }) {
  const name = library.split(' with ')[0];
  const { version } = JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8'));
  if (failures.has(handler)) return { version, failure: failures.get(handler) };
  const size = sizes.get(handler);
  const how = size?.largest.some((group) => group.name === name) ? 'packed' : 'bundled';
  const { status, stdout, stderr } = run('invoke', handler);
  if (status !== 0) return { version, how, failure: stderr };
  if (!isDeepStrictEqual(JSON.parse(stdout), answer)) {
    return { version, how, failure: `answered ${stdout.trim()}, not ${JSON.stringify(answer)}` };
  }
  // alone, where no package of the project can help
  const { loadedAfter, failure, ...alone } = tryArtifact(join(folder, 'out', `${handler}.zip`), filesOf(handler));
  if (failure !== undefined) return { version, how, failure: `alone: ${failure}` };
  if (!isDeepStrictEqual(alone.answer, answer))
    return { version, how, failure: `alone: ${JSON.stringify(alone.answer)}` };
  return { version, how, zip: size?.zippedSize, loadedAfter };
}

function peerResult({ handler, answer }) {
  const source = readdirSync(join(folder, 'handlers')).find((name) => name.startsWith(`${handler}.`)) ?? '';
  const packaged = packageByPeer(folder, handler, source);
  if (packaged.failure !== undefined) return packaged;
  const result = tryArtifact(packaged.zip, filesOf(handler, 'peer'));
  if (result.failure !== undefined) return result;
  if (!isDeepStrictEqual(result.answer, answer)) return { failure: `answered ${JSON.stringify(result.answer)}` };
  return { zip: statSync(packaged.zip).size, loadedAfter: result.loadedAfter };
}

function filesOf(handler, top = 'handlers') {
  return ['mjs', 'js', 'cjs'].map((ending) => `${top}/${handler}.${ending}`);
}

/** All libraries by the lock file, which lacks optional packages that the registry does not have, so not `npm ci`; of chosen handlers only what they import. */
function install() {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(here)) cpSync(join(here, name), join(folder, name), { recursive: true, force: true });
  const lock = readFileSync(join(here, 'package-lock.json'), 'utf8');
  const mark = join(folder, 'node_modules/.installed');
  const installed = existsSync(mark) ? readFileSync(mark, 'utf8') : undefined;
  if (installed === lock) return;
  const options = ['--legacy-peer-deps', '--no-audit', '--no-fund', '--loglevel=error'];
  if (only.length === 0) {
    execFileSync('npm', ['install', ...options], { cwd: folder, stdio: 'inherit', env: installVariables });
    writeFileSync(mark, lock);
    return;
  }
  const chosen = JSON.stringify(rows.flatMap(importsOf).sort());
  if (installed === chosen) return;
  rmSync(join(folder, 'package-lock.json'));
  const { dependencies, ...manifest } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
  const wanted = rows.flatMap(importsOf).map((name) => [name, dependencies[name]]);
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ ...manifest, dependencies: Object.fromEntries(wanted) }),
  );
  execFileSync('npm', ['install', ...options], { cwd: folder, stdio: 'inherit', env: installVariables });
  writeFileSync(mark, chosen);
}

function importsOf({ handler, needs = [] }) {
  const file = readdirSync(join(here, 'handlers')).find((name) => name.startsWith(`${handler}.`)) ?? '';
  const text = readFileSync(join(here, 'handlers', file), 'utf8');
  const specifiers = [...text.matchAll(/(?:from |import |require\()'([^'.][^']*)'/g)].map(([, specifier]) => specifier);
  const names = specifiers
    .filter((specifier) => !specifier.startsWith('node:'))
    .map((specifier) =>
      specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/'),
    );
  return [...new Set([...names, ...needs])];
}

function writeProject(some) {
  rmSync(join(folder, '.fx/local'), { recursive: true, force: true });
  const lines = some.map(({ handler }) => `  ${handler}: {handler: handlers/${handler}.handler}`);
  const defaults = `defaults: {runtime: nodejs24.x, architecture: ${architecture}, timeout: 60, memory: 1024}`;
  writeFileSync(join(folder, 'project.yml'), ['name: libraries', defaults, 'functions:', ...lines, ''].join('\n'));
}

/** By the line of project.yml, by the handler's file, or by the package: an error in a package names no function. */
function brokenFunctions(text, some) {
  const problems = jsonLines(text).flatMap((line) => line.problems ?? []);
  const project = readFileSync(join(folder, 'project.yml'), 'utf8').split('\n');
  const broken = new Map();
  for (const { at, message } of problems) {
    const name = /^\s+([\w-]+):/.exec(at.file === 'project.yml' ? (project[at.line - 1] ?? '') : '')?.[1];
    const byFile = some.find(({ handler }) => at.file.startsWith(`handlers/${handler}.`))?.handler;
    const byPackage = some.find(({ library }) => at.file.includes(`node_modules/${library.split(' with ')[0]}/`));
    const handler = name ?? byFile ?? byPackage?.handler;
    if (handler !== undefined) broken.set(handler, message);
  }
  return broken;
}

function lineOf({ library, version, how, zip, loadedAfter, failure, peer }) {
  const own =
    failure === undefined ? `${how}, ${kilobytes(zip)}, loads in ${loadedAfter} ms` : `FAILED ${oneLine(failure)}`;
  return `${library} ${version}: ${own}${peer === undefined ? '' : ` | ${peerText(peer)}`}`;
}

function peerText({ failure, zip, loadedAfter }) {
  return failure === undefined ? `${kilobytes(zip)}, loads in ${loadedAfter} ms` : `fails: ${oneLine(failure)}`;
}

function oneLine(text) {
  return String(text).replaceAll(folder, '').replace(/\s+/g, ' ').slice(0, 160);
}

function kilobytes(bytes) {
  return `${Math.round(bytes / 1024)} KB`;
}

function page() {
  const cells = results.map(({ library, version, how, zip, loadedAfter, failure, peer }) => {
    const own = failure === undefined ? [how, kilobytes(zip), `${loadedAfter} ms`] : ['fails', '', ''];
    const other =
      peer === undefined
        ? ['', '']
        : peer.failure === undefined
          ? [kilobytes(peer.zip), `${peer.loadedAfter} ms`]
          : ['fails', ''];
    return `| ${[library, version, ...own, ...other].join(' | ')} |`;
  });
  return `# Node.js libraries

One function for each library, built without a key for it in project.yml, deployed to the local AWS and called; its answer is
compared. \`npm run libraries -- --peer --write\` writes this page. "Loads in" is the time from the start of a Node.js process until
the handler is loaded from the unpacked zip. The last two columns are osls with serverless-esbuild, without a key either.

${results.length - wrong.length} of ${results.length} answer as expected${withPeer ? `, and ${byPeer.length} with the peer` : ''}. Node.js ${process.versions.node}, ${architecture}, ${new Date().toISOString().slice(0, 10)}.

| library | version | | zip | loads in | peer's zip | loads in |
| --- | --- | --- | --- | --- | --- | --- |
${cells.join('\n')}
`;
}
