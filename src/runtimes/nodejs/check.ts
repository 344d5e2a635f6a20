// Loads built functions as Lambda does at a cold start, and checks that they export their handler. A function that loads in a
// shared process passes; any other is loaded again in a fresh process, which decides.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Problem } from '../../base/error.ts';
import { endGroup, runProcess } from '../../base/process.ts';
import type { BuiltFunction, Checker, FunctionSource } from '../runtime.ts';
import { nodeVersion, splitHandler } from './entry.ts';

// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib: 10 seconds to start
const loadTimeoutMs = 10_000;

interface LoadResult {
  readonly kind: 'function' | 'other' | 'missing' | 'threw';
  readonly exports?: readonly string[];
  readonly text?: string;
  readonly code?: string;
  readonly stack?: string;
}

/** In scope: `answer` and `[file, name]`. Handlers that stream need the global of Lambda's runtime when they load.
 * https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html */
const look = `
globalThis.awslambda = { streamifyResponse: (handler) => handler, HttpResponseStream: { from: (stream) => stream } };
try {
  const loaded = await import(pathToFileURL(file).href);
  const names = (value) => (value && (typeof value === 'object' || typeof value === 'function') ? Object.keys(value) : []);
  const find = (from) => name.split('.').reduce((value, key) => value?.[key], from);
  const found = find(loaded) ?? find(loaded.default);
  const exports = [...new Set([...names(loaded), ...names(loaded.default)])].filter((key) => key !== 'default' && key !== '__esModule' && key !== 'module.exports');
  if (typeof found === 'function') answer({ kind: 'function' });
  else answer({ kind: found === undefined ? 'missing' : 'other', exports, text: typeof found });
} catch (error) {
  answer({ kind: 'threw', text: error instanceof Error ? error.name + ': ' + error.message : String(error), code: error?.code, stack: error?.stack });
}
`;

const script = `
import { pathToFileURL } from 'node:url';
const [file, name] = process.argv.slice(1);
const answer = (message) => process.send(message, () => process.exit(0));
${look}`;

/** Loads functions one by one in a shared process: a process per function would double the cost. */
const laneScript = `
import { pathToFileURL } from 'node:url';
process.on('message', async ({ file, name, variables }) => {
for (const key of Object.keys(process.env)) delete process.env[key];
Object.assign(process.env, variables);
const answer = (message) => process.send(message.kind === 'function');
${look}
});
process.on('disconnect', () => process.exit(0));
`;

/** What functions leave behind in a process accumulates; the process is replaced after this many. */
const loadsInLane = 20;

type LaneRequest = Pick<Loading, 'file' | 'name' | 'variables'>;

/** A process that loads functions, one at a time. */
class Lane {
  readonly #child: ChildProcess;
  #settle: (passed: boolean) => void = () => {};
  #loads = 0;

  constructor() {
    this.#child = spawn(process.execPath, ['--input-type=module', '--eval', laneScript], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: plainVariables(),
      detached: process.platform !== 'win32',
    });
    this.#child.on('message', (passed: boolean) => this.#settle(passed));
    this.#child.once('error', () => this.#settle(false)).once('exit', () => this.#settle(false));
  }

  /** Whether it can load another function. */
  get isUsable(): boolean {
    return this.#child.connected && this.#loads < loadsInLane;
  }

  loads(request: LaneRequest): Promise<boolean> {
    this.#loads += 1;
    return new Promise((done) => {
      const timer = setTimeout(() => this.#settle(false), loadTimeoutMs);
      this.#settle = (passed) => {
        this.#settle = () => {};
        clearTimeout(timer);
        // do not load the next function in a process that this one broke
        if (!passed) this.#loads = loadsInLane;
        done(passed);
      };
      if (!this.#child.connected) this.#settle(false);
      else this.#child.send(request, (error) => error && this.#settle(false));
    });
  }

  end(): void {
    endGroup(this.#child.pid);
  }
}

/** As many lanes as processors: starting another costs as much as loading a function. */
class Lanes {
  readonly #idle: Lane[] = [];
  readonly #busy = new Set<Lane>();
  readonly #waiting: (() => void)[] = [];

  async loads(request: LaneRequest): Promise<boolean> {
    const lane = await this.#take();
    try {
      return await lane.loads(request);
    } finally {
      this.#giveBack(lane);
    }
  }

  async #take(): Promise<Lane> {
    while (this.#busy.size >= availableParallelism()) await new Promise<void>((free) => this.#waiting.push(free));
    const lane = this.#idle.pop() ?? new Lane();
    this.#busy.add(lane);
    return lane;
  }

  #giveBack(lane: Lane): void {
    this.#busy.delete(lane);
    if (lane.isUsable) this.#idle.push(lane);
    else lane.end();
    this.#waiting.shift()?.();
  }

  end(): void {
    for (const lane of [...this.#idle, ...this.#busy]) lane.end();
  }
}

export function nodejsChecker(project: string): Checker {
  const lanes = new Lanes();
  return {
    async check(source, built, unpacked) {
      const file = mainFile(built.handler, unpacked);
      const name = splitHandler(built.handler).export;
      const variables = variablesOf(source, built, unpacked);
      if (source.packaging.sdk === 'runtime') provideSdk(project, unpacked);
      // Node reads its options, and where layers are, only at process start
      if (source.variables['NODE_OPTIONS'] === undefined && source.variables['NODE_PATH'] === undefined) {
        const passed = await lanes.loads({ file, name, variables });
        if (passed) return undefined;
      }
      return checkInProcess(source, { file, name, variables, unpacked });
    },
    end: () => lanes.end(),
  };
}

/** Finds the handler as Lambda does. */
function mainFile(handler: string, unpacked: string): string {
  const stem = join(unpacked, dirname(handler), basename(handler).split('.')[0] ?? '');
  return ['.js', '.mjs', '.cjs'].map((ending) => stem + ending).find((file) => existsSync(file)) ?? `${stem}.js`;
}

/** The project's SDK replaces that of the runtime. */
function provideSdk(project: string, unpacked: string): void {
  const installed = join(project, 'node_modules', '@aws-sdk');
  const target = join(dirname(unpacked), 'node_modules');
  if (!existsSync(installed) || existsSync(join(target, '@aws-sdk'))) return;
  mkdirSync(target, { recursive: true });
  symlinkSync(installed, join(target, '@aws-sdk'), 'junction');
}

function plainVariables(): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', TZ: ':UTC' };
}

/** The child gets the function's environment and nothing of the developer's: no credentials, no other variables. */
function variablesOf(source: FunctionSource, built: Pick<BuiltFunction, 'handler'>, unpacked: string) {
  return {
    ...plainVariables(),
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_LAMBDA_FUNCTION_NAME: source.name,
    LAMBDA_TASK_ROOT: unpacked,
    _HANDLER: built.handler,
    ...source.variables,
  };
}

interface Loading {
  readonly file: string;
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly unpacked: string;
}

/** What a newer Node.js may support and this one does not: syntax, built-in modules, `require` of ES modules. */
function needsNewer({ runtime }: FunctionSource, answer: LoadResult): string | undefined {
  const { text = '', code } = answer;
  const target = nodeVersion(runtime);
  if (target <= Number(process.versions.node.split('.')[0])) return undefined;
  const mayBe =
    isUnknownSyntax(answer) ||
    newNames.test(text) ||
    code === 'ERR_UNKNOWN_BUILTIN_MODULE' ||
    code === 'ERR_REQUIRE_ESM';
  return mayBe ? `this machine has Node.js ${process.versions.node}, where it does not load (${text})` : undefined;
}

/** Built-ins of Node.js 22 and 24 that 20 does not have: https://node.green */
const newNames =
  /^(?:TypeError: .*\b(?:union|intersection|difference|symmetricDifference|isSubsetOf|isSupersetOf|isDisjointFrom|withResolvers|Promise\.try|groupBy|fromAsync|RegExp\.escape|Error\.isError|getBuiltinModule|enableCompileCache|registerHooks|findPackageJSON|matchesGlob|getCallSites|getOrInsert|f16round|Iterator) is not a (?:function|constructor)|ReferenceError: (?:WebSocket|CloseEvent|EventSource|URLPattern|Float16Array|Iterator|navigator|localStorage|SuppressedError|DisposableStack|AsyncDisposableStack|ErrorEvent) is not defined)/;

/** Thrown by Node's loader or a regular expression. JSON.parse and user code throw syntax errors too, on any Node.js. */
function isUnknownSyntax({ text = '', stack = '' }: LoadResult): boolean {
  const first = stack.split('\n').find((line) => /^\s+at /.test(line)) ?? '';
  return text.startsWith('SyntaxError: ') && /node:internal|RegExp/.test(first);
}

type CheckResult = Problem | { readonly unchecked: string } | undefined;

async function checkInProcess(source: FunctionSource, loading: Loading): Promise<CheckResult> {
  const { file, name, variables, unpacked } = loading;
  const result = await runProcess({
    program: process.execPath,
    args: ['--enable-source-maps', '--input-type=module', '--eval', script, file, name],
    folder: unpacked,
    variables,
    timeoutMs: loadTimeoutMs,
  });
  const answer = result.messages[0] as LoadResult | undefined;
  const about = `the function "${source.name}"`;
  const at = source.handlerAt;
  if (result.timedOut) return { at, message: `${about} did not finish loading in ${loadTimeoutMs / 1000} seconds` };
  if (answer === undefined) {
    const output = result.stderr.trim().split('\n').slice(0, 5).join('\n');
    return {
      at,
      message: `${about} ended its process while loading (exit code ${result.exitCode ?? result.signal})`,
      ...(output === '' ? {} : { hint: output }),
    };
  }
  if (answer.kind === 'function') return undefined;
  if (answer.kind === 'threw') {
    const newer = needsNewer(source, answer);
    if (newer !== undefined) return { unchecked: newer };
    const where = firstSourceLine(answer.stack ?? '', unpacked);
    return {
      at,
      message: `${about} throws while loading: ${answer.text}`,
      ...(where === undefined ? {} : { hint: where }),
    };
  }
  const list = answer.exports?.length ? `it exports ${answer.exports.join(', ')}` : 'it exports nothing';
  const message =
    answer.kind === 'missing'
      ? `${about} exports no "${name}"`
      : `${about} exports "${name}", which is a ${answer.text}, not a function`;
  return { at, message, hint: list };
}

/** The first frame in the user's code, as a path in the project. */
function firstSourceLine(stack: string, unpacked: string): string | undefined {
  const line = stack.split('\n').find((candidate) => /^\s+at /.test(candidate) && candidate.includes(unpacked));
  const place = line === undefined ? undefined : /(\S+:\d+:\d+)\)?$/.exec(line)?.[1];
  return place === undefined
    ? undefined
    : `at ${place.replace(/^\(/, '').replace('file://', '').replace(`${unpacked}/`, '')}`;
}
