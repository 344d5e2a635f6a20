// Pushes built images to a registry, with a login that only these calls know: not on a command line, and not in the user's own
// configuration of the engine.
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { FxError } from '../../base/error.ts';
import { temporaryFolder } from '../../base/temporary-folder.ts';
import { type Engine, runEngine } from '../../runtimes/container-engine.ts';
import { toolProblem } from '../../runtimes/tool.ts';
import { quoted, requireEngine } from './build.ts';
import type { BuiltImage } from './image.ts';

export interface Login {
  /** A URL; with `http:`, only the local AWS. */
  readonly registry: string;
  readonly username: string;
  readonly password: string;
}

export interface PushOptions {
  readonly login: Login;
  readonly repository: string;
  readonly signal: AbortSignal;
  /** Whether the repository has the tag by now: another deploy may have pushed the same inputs. */
  present(tag: string): Promise<boolean>;
  pushed(image: BuiltImage): void;
}

/** Throws AWS_REFUSED, with the end of the engine's output. */
export async function pushImages(images: readonly BuiltImage[], options: PushOptions): Promise<void> {
  const { login, repository, signal } = options;
  const engine = await requireEngine(
    images.map(({ image }) => image),
    signal,
  );
  const folder = temporaryFolder('fx-login-');
  try {
    const calls = new Calls(engine, folder.path, options);
    await calls.login();
    for (const built of images) {
      const remote = `${hostOf(login)}/${repository}:${built.image.tag}`;
      await calls.push(built, remote);
      options.pushed(built);
    }
  } finally {
    await folder.remove();
  }
}

const hostOf = ({ registry }: Login): string => registry.replace(/^https?:\/\//, '');

class Calls {
  readonly #engine: Engine;
  readonly #folder: string;
  readonly #options: PushOptions;
  /** Before the command, for Docker. */
  readonly #front: readonly string[];
  /** After the command, for Podman. */
  readonly #flags: readonly string[];

  constructor(engine: Engine, folder: string, options: PushOptions) {
    this.#engine = engine;
    this.#folder = folder;
    this.#options = options;
    const isDocker = engine.name === 'docker';
    if (isDocker) copyDockerConfiguration(folder);
    this.#front = isDocker ? ['--config', folder] : [];
    // Docker takes plain HTTP from a loopback address by itself
    const plainHttp = options.login.registry.startsWith('http:') ? ['--tls-verify=false'] : [];
    this.#flags = isDocker ? [] : ['--authfile', join(folder, 'auth.json'), ...plainHttp];
  }

  async login(): Promise<void> {
    const { login } = this.#options;
    const args = ['login', ...this.#flags, '--username', login.username, '--password-stdin', hostOf(login)];
    await this.#run('login to the registry', args, login.password);
  }

  async push({ image }: BuiltImage, remote: string): Promise<void> {
    const what = `push of the image of ${quoted(image.functions)}`;
    await this.#run(what, ['tag', image.localName, remote]);
    try {
      await this.#run(what, ['push', ...this.#flags, remote]);
    } catch (error) {
      if (!(await this.#options.present(image.tag))) throw error;
    } finally {
      // only the second name: the first one stays
      await this.#call(['image', 'rm', remote]).catch(() => {});
    }
  }

  async #run(what: string, args: readonly string[], input?: string): Promise<void> {
    const result = await this.#call(args, input);
    if (result.exitCode === 0) return;
    const nowhere = { file: '', line: 1, column: 1, length: 1 };
    const { message, hint } = toolProblem(`${this.#engine.name}'s ${what}`, result, nowhere);
    throw new FxError('AWS_REFUSED', message, hint === undefined ? {} : { hint });
  }

  #call(args: readonly string[], input?: string) {
    const { signal } = this.#options;
    const isDocker = this.#engine.name === 'docker';
    return runEngine(this.#engine, {
      args: isDocker ? [...this.#front, ...args] : args,
      folder: this.#folder,
      signal,
      ...(input === undefined ? {} : { input }),
    });
  }
}

/** The user's choice of a daemon, without their logins and the helpers that would store this one.
 * https://docs.docker.com/reference/cli/docker/#configuration-files */
function copyDockerConfiguration(folder: string): void {
  const own = process.env['DOCKER_CONFIG'] ?? join(homedir(), '.docker');
  const { auths: _, credsStore: __, credHelpers: ___, ...rest } = readJson(join(own, 'config.json'));
  writeFileSync(join(folder, 'config.json'), JSON.stringify(rest), { mode: 0o600 });
  for (const name of ['contexts', 'tls']) {
    if (existsSync(join(own, name))) symlinkSync(join(own, name), join(folder, name), 'junction');
  }
}

function readJson(file: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  } catch {
    // Docker warns of a broken file itself, and works without one
    return {};
  }
}
