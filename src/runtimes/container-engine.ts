// Docker or Podman: which one there is, and how to call it.
import { findProgram, runTool, type ToolResult } from './tool.ts';

export interface Engine {
  readonly name: 'docker' | 'podman';
  /** Absolute. */
  readonly program: string;
  /** Docker's BuildKit adds attestations unless it is told not to; the legacy builder and Podman know none. */
  readonly hasBuildx: boolean;
}

/** Why there is no engine, and what to do. */
export interface NoEngine {
  readonly message: string;
  readonly hint: string;
}

const engineVariable = 'FX_CONTAINER_ENGINE';
const names = ['docker', 'podman'] as const;

/** The one that FX_CONTAINER_ENGINE names, else the first that answers: Docker, then Podman. */
export async function findEngine(
  signal: AbortSignal,
  variables: NodeJS.ProcessEnv = process.env,
): Promise<Engine | NoEngine> {
  const chosen = variables[engineVariable];
  if (chosen !== undefined && chosen !== '' && !names.includes(chosen as 'docker')) {
    return { message: `there is no container engine "${chosen}"`, hint: `${engineVariable} can be docker or podman` };
  }
  const silent: string[] = [];
  for (const name of chosen ? [chosen as Engine['name']] : names) {
    const program = findProgram(name, variables['PATH']);
    if (program === undefined) continue;
    const answer = await answerOf(name, program, signal);
    if (answer === undefined) return identify(name, program, signal);
    silent.push(answer);
  }
  const [first] = silent;
  if (first !== undefined) return { message: first, hint: startHint(chosen) };
  const wanted = chosen ? `${chosen} is not installed` : 'neither Docker nor Podman is installed';
  return { message: wanted, hint: 'install one, or let another tool build the image and write `image: {uri: …}`' };
}

function startHint(chosen: string | undefined): string {
  const other = chosen ? '' : ', or install Podman, which needs no daemon';
  return `start it${other}, or let another tool build the image and write \`image: {uri: …}\``;
}

export function isEngine(found: Engine | NoEngine): found is Engine {
  return 'program' in found;
}

/** Undefined if the engine works. A command line without its daemon, or virtual machine, builds nothing. */
async function answerOf(name: Engine['name'], program: string, signal: AbortSignal): Promise<string | undefined> {
  const format = name === 'docker' ? '{{.Server.Version}}' : '{{.Version.Version}}';
  const args = [name === 'docker' ? 'version' : 'info', '--format', format];
  const { exitCode, output } = await runTool({ program, args, folder: '.', signal });
  if (exitCode === 0) return undefined;
  const last = output.trim().split('\n').at(-1) ?? '';
  return name === 'docker' ? `the Docker daemon does not answer (${last})` : `Podman does not answer (${last})`;
}

/** Podman installs itself as `docker` too, but does not take Docker's options. */
async function identify(name: Engine['name'], program: string, signal: AbortSignal): Promise<Engine> {
  const call = (...args: readonly string[]) => runTool({ program, args, folder: '.', signal });
  if (name === 'podman' || !/^Docker version .*, build /.test((await call('--version')).stdout)) {
    return { name: 'podman', program, hasBuildx: false };
  }
  return { name, program, hasBuildx: (await call('buildx', 'version')).exitCode === 0 };
}

export interface EngineCall {
  readonly args: readonly string[];
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly input?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly onLine?: (line: string) => void;
}

export function runEngine({ program }: Engine, call: EngineCall): Promise<ToolResult> {
  return runTool({ program, ...call });
}

/** In the words of image platforms. */
export const platformOf = (architecture: 'arm64' | 'x86_64'): string =>
  architecture === 'arm64' ? 'linux/arm64' : 'linux/amd64';
