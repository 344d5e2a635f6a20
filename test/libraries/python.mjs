// Builds, deploys to the local AWS and invokes one function a Python library, and compares its answer.
// Each file of python/ names what it requires and answers. Prints the library, its version, its size and its cold start.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { fxIn, jsonLines } from './command.mjs';
import { packagePythonByPeer } from './peer.mjs';

const here = join(import.meta.dirname, 'python');
const folder = process.env.FX_LIBRARIES ?? join(import.meta.dirname, '../../.cache/libraries/python');
const words = process.argv.slice(2);
const withPeer = words.includes('--peer');
const only = words.filter((word) => !word.startsWith('--'));
const run = fxIn(folder);
/** A stack holds 500 resources, and a function takes five. */
const inBatch = 40;

/** The newest Python that this machine has. */
const version = ['python3.13', 'python3.12', 'python3']
  .map((name) => spawnSync(name, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], { encoding: 'utf8' }))
  .find(({ status }) => status === 0)
  ?.stdout.trim();
/** Packages that are built for the glibc of Amazon Linux 2023 only. */
const canRun = ({ needs }) => needs === '' || Number(version?.split('.')[1]) >= Number(needs.split('.')[1]);

const all = readdirSync(here)
  .filter((file) => file.endsWith('.py'))
  .map(rowOf)
  .filter(({ name }) => only.length === 0 || only.includes(name));
const rows = all.filter(canRun);
const failures = new Map();
const sizes = new Map();
let wrong = 0;

console.log(`library,version,zip KB,unzipped KB,cold start ms,result${withPeer ? ',peer' : ''}`);
const results = [];
for (let start = 0; start < rows.length; start += inBatch) {
  const batch = rows.slice(start, start + inBatch);
  deploy(batch);
  for (const row of batch) {
    const result = [...resultOf(row), ...(withPeer ? [peerResult(row)] : [])];
    results.push(result);
    console.log(result.join(','));
  }
  run('local', 'stop');
}
for (const { requires, needs } of all.filter((row) => !canRun(row)))
  console.log(`${requires[0]} needs Python ${needs}`);
const byPeer = results.filter((result) => /KB$/.test(result[6] ?? '')).length;
console.log(
  `${rows.length - wrong} of ${rows.length} answer as expected${withPeer ? `; ${byPeer} of osls with serverless-python-requirements` : ''}`,
);
if (words.includes('--write')) writeFileSync(join(import.meta.dirname, '../../docs/libraries-python.md'), page());
process.exitCode = wrong === 0 ? 0 : 1;

function rowOf(file) {
  const text = readFileSync(join(here, file), 'utf8');
  const head = (key) => new RegExp(`^# ${key}: (.*)$`, 'm').exec(text)?.[1] ?? '';
  return {
    name: file.replace('.py', ''),
    text,
    requires: head('requires').split(' '),
    needs: head('needs'),
    answer: JSON.parse(head('answers')),
  };
}

/** Without the functions that do not build. */
function deploy(batch) {
  let left = batch;
  for (;;) {
    writeProject(left);
    const built = run('build', '--size', '--json');
    if (built.status === 0) {
      for (const { value } of jsonLines(built.stdout)) for (const one of value ?? []) sizes.set(one.functionName, one);
      break;
    }
    const broken = brokenFunctions(built.stdout + built.stderr);
    for (const [name, message] of broken) failures.set(name, message);
    left = left.filter(({ name }) => !failures.has(name));
    if (broken.size === 0) throw new Error(built.stdout + built.stderr);
    if (left.length === 0) return;
  }
  const deployed = run('deploy', '--json');
  if (deployed.status !== 0) throw new Error(deployed.stdout + deployed.stderr);
}

function resultOf({ name, requires, answer }) {
  const [library, number] = requires[0].split('==');
  const failed = (text) => {
    wrong += 1;
    return [library, number, '', '', '', `FAILED ${String(text).replaceAll('\n', ' ').slice(0, 300)}`];
  };
  if (failures.has(name)) return failed(failures.get(name));
  const { status, stdout, stderr } = run('invoke', name, '--logs', '--json');
  const result = jsonLines(stdout).find(({ type }) => type === 'result')?.value;
  if (status !== 0 || result === undefined) return failed(stdout + stderr);
  if (!isDeepStrictEqual(result.payload, answer)) {
    return failed(`answered ${JSON.stringify(result.payload)}, not ${JSON.stringify(answer)}`);
  }
  const { zippedSize = 0, unzippedSize = 0 } = sizes.get(name) ?? {};
  const coldStart = Math.round(Number(/Init Duration: ([\d.]+)/.exec(result.log)?.[1] ?? 0));
  return [library, number, Math.round(zippedSize / 1024), Math.round(unzippedSize / 1024), coldStart, 'ok'];
}

/** The size of the peer's zip, if its function answers as expected. */
function peerResult({ name, answer }) {
  const packaged = packagePythonByPeer(folder, name, version);
  if (packaged.failure !== undefined) return `fails: ${packaged.failure.slice(0, 100)}`;
  const place = mkdtempSync(join(tmpdir(), 'fx-peer-'));
  try {
    const program = [
      'import json, sys, zipfile',
      'zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])',
      'sys.path.insert(0, sys.argv[2])',
      'import main',
      'print(json.dumps(main.handler({}, None)))',
    ].join('\n');
    const environment = {
      PATH: process.env.PATH,
      HOME: place,
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
    };
    // none of the machine's packages
    const ran = spawnSync(`python${version}`, ['-I', '-S', '-c', program, packaged.zip, place], {
      cwd: place,
      encoding: 'utf8',
      env: environment,
      timeout: 60_000,
    });
    if (ran.status !== 0) return `fails: ${ran.stderr.trim().split('\n').at(-1)?.slice(0, 100)}`;
    const given = JSON.parse(ran.stdout.trim().split('\n').at(-1) ?? 'null');
    return isDeepStrictEqual(given, answer)
      ? `${Math.round(statSync(packaged.zip).size / 1024)} KB`
      : 'fails: another answer';
  } catch (error) {
    return `fails: ${error.message.slice(0, 100)}`;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

function page() {
  const cells = results.map(([library, number, zip, unzipped, coldStart, result, peer]) => {
    const own = result === 'ok' ? [`${zip} KB`, `${unzipped} KB`, `${coldStart} ms`] : ['fails', '', ''];
    const others = withPeer ? [peer.replaceAll('|', '/')] : [];
    return `| ${[library, number, ...own, ...others].join(' | ')} |`;
  });
  return `# Python libraries

One function for each library, with a requirements.txt and no key for it in project.yml, deployed to the local AWS and called; its
answer is compared. \`npm run libraries -- python --write\` writes this page. The cold start is that of the local AWS.
${withPeer ? '\nThe last column is the zip of osls with serverless-python-requirements, without Docker, run by the same Python, or why it fails.\n' : ''}
${rows.length - wrong} of ${rows.length} answer as expected${withPeer ? `, ${byPeer} by the peer` : ''}. Python ${version}, ${new Date().toISOString().slice(0, 10)}.

| library | version | zip | unzipped | cold start |${withPeer ? ' peer |' : ''}
| --- | --- | --- | --- | --- |${withPeer ? ' --- |' : ''}
${cells.join('\n')}
`;
}

function writeProject(some) {
  rmSync(join(folder, '.fx/local'), { recursive: true, force: true });
  for (const { name, text, requires } of some) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'main.py'), text);
    writeFileSync(join(folder, name, 'requirements.txt'), `${requires.join('\n')}\n`);
  }
  const lines = some.map(({ name }) => `  ${name}: {source: ${name}, handler: main.handler}`);
  const architecture = process.arch === 'arm64' ? 'arm64' : 'x86_64';
  const defaults = `defaults: {runtime: python${version}, architecture: ${architecture}, timeout: 60, memory: 1024}`;
  writeFileSync(join(folder, 'project.yml'), ['name: libraries', defaults, 'functions:', ...lines, ''].join('\n'));
}

/** A problem is at the function in project.yml, or at a file of its folder. */
function brokenFunctions(text) {
  const project = readFileSync(join(folder, 'project.yml'), 'utf8').split('\n');
  const problems = jsonLines(text).flatMap((line) => line.problems ?? []);
  return new Map(
    problems.flatMap(({ at, message, hint = '' }) => {
      const line = at.file === 'project.yml' ? (project[at.line - 1] ?? '') : '';
      const name = /^\s+([\w-]+):/.exec(line)?.[1] ?? at.file.split('/')[0];
      return name === undefined ? [] : [[name, `${message} ${hint}`]];
    }),
  );
}
