// Runs a function's container image with Docker or Podman, on this machine's network: the container finds the Runtime API on loopback.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../base/hash.ts';
import { temporaryFolder } from '../../base/temporary-folder.ts';
import { type Engine, findEngine, isEngine, platformOf, runEngine } from '../../runtimes/container-engine.ts';
import { RegistrySession } from '../../runtimes/container-registry.ts';
import type { AwsError, Cloud } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';
import { randomHex } from '../random.ts';
import type { ProcessRequest, ProcessSpec } from './process.ts';
import type { FunctionVersion } from './state.ts';

const never = new AbortController().signal;
let search: Promise<Engine | AwsError> | undefined;

/** Looks again after a failure: the user may have started a daemon. */
async function findOnce(): Promise<Engine | AwsError> {
  search ??= find();
  const engine = await search;
  if (!('program' in engine)) search = undefined;
  return engine;
}

async function find(): Promise<Engine | AwsError> {
  if (process.platform !== 'linux') {
    return notImplemented('running container images elsewhere than on Linux, where containers share the network');
  }
  const engine = await findEngine(never);
  if (isEngine(engine)) return engine;
  return notImplemented(`running container images without Docker or Podman (${engine.message}; ${engine.hint})`);
}

const labelOf = ({ directory }: Cloud): string => `fx.local=${sha256(directory)}`;

const leftoversMs = 10_000;

/** Removes containers that a killed server left running; gives up on an engine that does not answer. */
export async function removeLeftovers(cloud: Cloud): Promise<void> {
  const signal = AbortSignal.timeout(leftoversMs);
  const engine = await findEngine(signal).catch(() => undefined);
  if (engine === undefined || !isEngine(engine)) return;
  const list = ['ps', '--all', '--quiet', '--filter', `label=${labelOf(cloud)}`];
  const call = (args: readonly string[]) => runEngine(engine, { args, folder: '.', signal }).catch(() => undefined);
  const ids = ((await call(list))?.stdout ?? '').split('\n').filter((id) => id !== '');
  if (ids.length > 0) await call(['rm', '--force', ...ids]);
}

/** Throws NotImplemented if there is no engine: the image is stored, but nothing here can run it. */
export async function checkContainers({ settings }: FunctionVersion): Promise<void> {
  if (settings.image === undefined) return;
  const engine = await findOnce();
  if (!('program' in engine)) throw engine;
}

/** The engine's command line for a function, and how to end its container; or why there is none. */
export async function containerFor(
  request: ProcessRequest,
  variables: NodeJS.ProcessEnv,
): Promise<ProcessSpec | { readonly failure: string }> {
  const { cloud, version } = request;
  const { settings, code } = version;
  const engine = await findOnce();
  if (!('program' in engine) || code.image === undefined) return { failure: (engine as AwsError).message };
  const name = `fx-${request.name}-${randomHex(4)}`.toLowerCase();
  const host = cloud.endpoint.replace('http://', '');
  const image = `${host}/${code.image.repository}@${code.image.digest}`;
  const failure = await fetchImage(engine, cloud, image, platformOf(settings.architecture));
  if (failure !== undefined) return { failure };
  const folder = temporaryFolder('fx-container-');
  const file = join(folder.path, 'variables');
  const { command = [], entryPoint = [], workingDirectory } = settings.image ?? {};
  const [program, ...first] = entryPoint;
  const args = [
    ...['run', '--rm', '--pull', 'never', '--name', name, '--network', 'host', '--label', labelOf(cloud)],
    ...['--platform', platformOf(settings.architecture)],
    // only /tmp can be written to: https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#images-reqs
    ...['--read-only', '--tmpfs', '/tmp:rw,exec,mode=1777'],
    ...environment(variables, file),
    ...(program === undefined ? [] : ['--entrypoint', program]),
    ...(workingDirectory === undefined ? [] : ['--workdir', workingDirectory]),
    image,
    ...first,
    ...command,
  ];
  return {
    program: engine.program,
    arguments: args,
    folder: cloud.directory,
    env: process.env,
    runtimeVersion: `image:${code.image.digest.slice('sha256:'.length, 19)}.local`,
    runtimeVersionArn: `arn:aws:lambda:${cloud.region}::runtime:${code.sha256}`,
    async end() {
      // killing the command line leaves the container running
      await runEngine(engine, { args: ['rm', '--force', name], folder: '.', signal: never }).catch(() => {});
      await folder.remove();
    },
  };
}

/** Passes variables in a file, since command lines are public. A file cannot contain line breaks. */
function environment(variables: NodeJS.ProcessEnv, file: string): readonly string[] {
  const all = Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const lines = all.filter(([, value]) => !/[\r\n]/.test(value)).map(([name, value]) => `${name}=${value}\n`);
  rmSync(file, { force: true });
  writeFileSync(file, lines.join(''), { mode: 0o600 });
  const others = all.filter(([, value]) => /[\r\n]/.test(value));
  return ['--env-file', file, ...others.flatMap(([name, value]) => ['--env', `${name}=${value}`])];
}

/** Pulls the image from the registry of the local AWS, unless the engine has it. Returns what went wrong, if anything. */
async function fetchImage(engine: Engine, cloud: Cloud, image: string, platform: string): Promise<string | undefined> {
  const has = await runEngine(engine, { args: ['image', 'inspect', image], folder: '.', signal: never });
  if (has.exitCode === 0) return undefined;
  const { authorizationData: [data] = [] } = await cloud.call('ecr', 'GetAuthorizationToken', {});
  const password = Buffer.from(data?.authorizationToken ?? '', 'base64')
    .toString()
    .slice('AWS:'.length);
  const session = new RegistrySession(engine, { registry: cloud.endpoint, username: 'AWS', password }, never);
  try {
    for (const step of [() => session.login(), () => session.pull(image, platform)]) {
      const { exitCode, output } = await step();
      if (exitCode !== 0) return `${engine.name} could not pull the image: ${output.trim().split('\n').at(-1)}`;
    }
    return undefined;
  } finally {
    await session.end();
  }
}
