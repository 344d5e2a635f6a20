// Stands in for Docker and Podman where a test is about how fx calls them: records arguments, input and the files that it sees. What
// it "builds" has no layers; it really pushes it, with the login that it was given.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderOf } from './project.ts';

export interface EngineCall {
  readonly program: string;
  readonly args: readonly string[];
  readonly input: string;
  /** The files of the build context. */
  readonly context?: readonly string[];
  /** What else the user's folder of the engine held. */
  readonly config?: string;
}

export interface FakeEngine {
  /** For PATH: nothing else is on it. */
  readonly folder: string;
  /** The calls since the last time, without those that look for the engine. */
  calls(): readonly EngineCall[];
  /** Makes the next builds fail with this output; '' to succeed again. */
  failWith(output: string): void;
}

export interface FakeOptions {
  readonly names?: readonly ('docker' | 'podman')[];
  /** What the daemon says instead of its version. */
  readonly silent?: string;
  readonly buildx?: boolean;
  /** What `docker --version` says. */
  readonly banner?: string;
  /** What images report as their processor. */
  readonly architecture?: string;
}

const source = (options: FakeOptions) => `#!${process.execPath}
const { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync, rmSync } = require('node:fs');
const { basename, dirname, join } = require('node:path');
const { createHash } = require('node:crypto');
const { request } = require('node:http');
const program = basename(process.argv[1]);
const here = dirname(process.argv[1]);
const args = process.argv.slice(2);
const after = (name) => args[args.indexOf(name) + 1];
const silent = ${JSON.stringify(options.silent ?? '')};
if (args[0] === 'version' || args[0] === 'info') {
  if (silent) { console.error(silent); process.exit(1); }
  console.log('28.0'); process.exit(0);
}
if (args[0] === '--version') { console.log(${JSON.stringify(options.banner ?? 'Docker version 28.2.2, build e6534b4')}); process.exit(0); }
if (args[0] === 'buildx' && args[1] === 'version') process.exit(${options.buildx === false ? 1 : 0});
const images = join(here, 'images.json');
const read = () => existsSync(images) ? JSON.parse(readFileSync(images, 'utf8')) : {};
const config = args[0] === '--config' ? args[1] : undefined;
const command = config === undefined ? args : args.slice(2);
const input = command[0] === 'login' ? readFileSync(0, 'utf8') : '';
const context = command.includes('build') ? readdirSync(args.at(-1), { recursive: true, withFileTypes: true }).filter((one) => !one.isDirectory()).map((one) => join(one.parentPath ?? one.path, one.name).slice(args.at(-1).length + 1)).sort() : undefined;
appendFileSync(join(here, 'calls.jsonl'), JSON.stringify({ program, args, input, context,
  config: config && readFileSync(join(config, 'config.json'), 'utf8') }) + '\\n');
const authFile = () => command.includes('--authfile') ? after('--authfile') : join(config, 'auth-of-fake.json');
const send = (method, host, path, headers, body = '') => new Promise((done, fail) => {
  const sent = request({ method, host: host.split(':')[0], port: host.split(':')[1], path, headers }, (answer) => {
    answer.resume().on('end', () => answer.statusCode < 300 ? done() : fail(new Error('HTTP ' + answer.statusCode)));
  });
  sent.on('error', fail); sent.end(body);
});
(async () => {
  if (command[0] === 'image' && command[1] === 'inspect') {
    const one = read()[command.at(-1)];
    if (one === undefined) process.exit(1);
    console.log(one.size + ' ' + one.architecture);
  } else if (command.includes('build')) {
    const fail = join(here, 'fail.txt');
    if (existsSync(fail) && readFileSync(fail, 'utf8') !== '') { console.error(readFileSync(fail, 'utf8')); process.exit(17); }
    const labels = args.filter((_, index) => args[index - 1] === '--label');
    const architecture = ${JSON.stringify(options.architecture ?? '')} || after('--platform').split('/')[1];
    writeFileSync(images, JSON.stringify({ ...read(), [after('--tag')]: { size: 2500000, architecture, labels } }));
  } else if (command[0] === 'login') {
    writeFileSync(authFile(), JSON.stringify({ login: 'AWS:' + input }));
  } else if (command[0] === 'tag') {
    writeFileSync(images, JSON.stringify({ ...read(), [command[2]]: read()[command[1]] }));
  } else if (command[0] === 'push') {
    const name = command.at(-1);
    const [, host, repository, tag] = /^([^/]+)\\/(.+):([^:]+)$/.exec(name);
    const { login } = JSON.parse(readFileSync(authFile(), 'utf8'));
    const authorization = 'Basic ' + Buffer.from(login).toString('base64');
    const blob = JSON.stringify(read()[name]);
    const digest = 'sha256:' + createHash('sha256').update(blob).digest('hex');
    await send('POST', host, '/v2/' + repository + '/blobs/uploads/?digest=' + digest, { authorization }, blob);
    const type = 'application/vnd.docker.distribution.manifest.v2+json';
    const manifest = JSON.stringify({ schemaVersion: 2, mediaType: type, config: { digest, size: blob.length }, layers: [] });
    await send('PUT', host, '/v2/' + repository + '/manifests/' + tag, { authorization, 'content-type': type }, manifest);
  }
})().catch((error) => { console.error(error.message); process.exit(1); });
`;

/** Deleted after the test. */
export async function fakeEngine(options: FakeOptions = {}): Promise<FakeEngine> {
  const folder = join(await folderOf({}), 'bin');
  mkdirSync(folder);
  for (const name of options.names ?? ['docker', 'podman']) {
    writeFileSync(join(folder, name), source(options));
    chmodSync(join(folder, name), 0o755);
  }
  let taken = 0;
  return {
    folder,
    calls() {
      const file = join(folder, 'calls.jsonl');
      const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
      const fresh = lines.slice(taken);
      taken = lines.length;
      return fresh.map((line) => JSON.parse(line) as EngineCall);
    },
    failWith: (output) => writeFileSync(join(folder, 'fail.txt'), output),
  };
}
