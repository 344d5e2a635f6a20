// Calls of an engine that need a login to a registry. Only these calls know it: it is not on a command line, and not in the user's own
// configuration of the engine.
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type TemporaryFolder, temporaryFolder } from '../base/temporary-folder.ts';
import { type Engine, runEngine } from './container-engine.ts';
import type { ToolResult } from './tool.ts';

export interface Login {
  /** A URL; with `http:`, only the local AWS. */
  readonly registry: string;
  readonly username: string;
  readonly password: string;
}

export class RegistrySession {
  readonly #engine: Engine;
  readonly #login: Login;
  readonly #folder: TemporaryFolder;
  readonly #signal: AbortSignal;

  constructor(engine: Engine, login: Login, signal: AbortSignal) {
    this.#engine = engine;
    this.#login = login;
    this.#signal = signal;
    this.#folder = temporaryFolder('fx-login-');
    if (engine.name === 'docker') copyDockerConfiguration(this.#folder.path, this.host);
  }

  /** What image names of the registry begin with. */
  get host(): string {
    return this.#login.registry.replace(/^https?:\/\//, '');
  }

  /** Stores the login in the session's folder. */
  login(): Promise<ToolResult> {
    const { username, password } = this.#login;
    return this.#run(['login', ...this.#flags, '--username', username, '--password-stdin', this.host], password);
  }

  push(image: string): Promise<ToolResult> {
    return this.#run(['push', ...this.#flags, image]);
  }

  pull(image: string, platform: string): Promise<ToolResult> {
    return this.#run(['pull', ...this.#flags, '--platform', platform, image]);
  }

  /** Removes the login. */
  end(): Promise<void> {
    return this.#folder.remove();
  }

  /** Docker takes plain HTTP from a loopback address by itself. */
  get #flags(): readonly string[] {
    if (this.#engine.name === 'docker') return [];
    const plainHttp = this.#login.registry.startsWith('http:') ? ['--tls-verify=false'] : [];
    return ['--authfile', join(this.#folder.path, 'auth.json'), ...plainHttp];
  }

  #run(args: readonly string[], input?: string): Promise<ToolResult> {
    const front = this.#engine.name === 'docker' ? ['--config', this.#folder.path] : [];
    return runEngine(this.#engine, {
      args: [...front, ...args],
      folder: this.#folder.path,
      signal: this.#signal,
      ...(input === undefined ? {} : { input }),
    });
  }
}

/** The user's choice of a daemon, without their logins and the helpers that would store this one. Without any login in the file, Docker
 * would look for a helper itself. https://github.com/docker/cli/blob/master/cli/config/config.go (LoadDefaultConfigFile) */
function copyDockerConfiguration(folder: string, host: string): void {
  const own = process.env['DOCKER_CONFIG'] ?? join(homedir(), '.docker');
  const { auths: _, credsStore: __, credHelpers: ___, ...rest } = readJson(join(own, 'config.json'));
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...rest, auths: { [host]: {} } }), { mode: 0o600 });
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
