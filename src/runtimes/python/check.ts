// Imports a built Python function as Lambda does at a cold start, if this machine has the same version of Python.
import type { Problem } from '../../base/error.ts';
import { runProcess } from '../../base/process.ts';
import type { ArtifactFile, Checker, FunctionSource, Tools } from '../runtime.ts';
import { findProgram, runTool } from '../tool.ts';

/** Lambda's limit: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
 * It counts processor time, because a busy machine gives a process only a part of its seconds. */
const loadSeconds = 10;
/** For a function that waits forever. */
const loadTimeoutMs = 60_000;
/** The runtime's packages: https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html#python-sdk-included */
const fromRuntime = ['boto3', 'botocore', 's3transfer', 'jmespath', 'dateutil', 'urllib3', 'six', 'awslambdaric'];

const script = `
import importlib, json, sys, time, traceback
folder, module, name = sys.argv[1:4]
sys.path.insert(0, folder)
def answer(**values):
    print("\\n" + json.dumps({"seconds": time.process_time(), **values}))
    sys.exit(0)
try:
    found = importlib.import_module(module)
except BaseException as error:
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith(folder)]
    place = frames[-1] if frames else None
    if isinstance(error, SyntaxError) and error.filename and error.filename.startswith(folder):
        where = [error.filename[len(folder) + 1:], error.lineno, error.offset]
    else:
        where = [place.filename[len(folder) + 1:], place.lineno, 1] if place else None
    answer(kind="threw", missing=getattr(error, "name", None) if isinstance(error, ModuleNotFoundError) else None,
           text=type(error).__name__ + ": " + str(error), where=where)
if not hasattr(found, name):
    answer(kind="missing", exports=[n for n in dir(found) if callable(getattr(found, n)) and not n.startswith("_")])
answer(kind="function" if callable(getattr(found, name)) else "other")
`;

interface LoadResult {
  readonly kind: 'function' | 'other' | 'missing' | 'threw';
  /** Of processor time. */
  readonly seconds: number;
  readonly exports?: readonly string[];
  readonly missing?: string | null;
  readonly text?: string;
  readonly where?: readonly [file: string, line: number, column: number] | null;
}

const versions = new Map<string, Promise<string>>();

/** The interpreter for exactly this version of Python. */
export async function pythonOf(runtime: string, tools: Pick<Tools, 'folder' | 'signal'>): Promise<string | undefined> {
  for (const name of [runtime, 'python3']) {
    const program = findProgram(name);
    if (program === undefined) continue;
    const asked = versions.get(program) ?? versionOf(program, tools);
    versions.set(program, asked);
    if (`python${await asked}` === runtime) return program;
  }
  return undefined;
}

async function versionOf(program: string, { folder, signal }: Pick<Tools, 'folder' | 'signal'>): Promise<string> {
  const args = ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'];
  return (await runTool({ program, args, folder, signal })).stdout.trim();
}

export async function whyUnchecked(
  source: FunctionSource,
  files: readonly ArtifactFile[],
  tools: Tools,
): Promise<string | undefined> {
  if ((await pythonOf(source.runtime, tools)) === undefined) return `this machine has no ${source.runtime}`;
  const isNative = files.some(({ path }) => /\.so(\.\d+)*$/.test(path));
  const here = process.platform === 'linux' && (process.arch === 'arm64' ? 'arm64' : 'x86_64') === source.architecture;
  return isNative && !here ? `it has native code for Linux ${source.architecture}` : undefined;
}

export function pythonChecker(): Checker {
  return { check, end: () => {} };
}

async function check(source: FunctionSource, { handler }: { readonly handler: string }, unpacked: string) {
  const program = await pythonOf(source.runtime, { folder: unpacked, signal: new AbortController().signal });
  if (program === undefined) return undefined;
  const dot = handler.lastIndexOf('.');
  const [module, name] = [handler.slice(0, dot).replaceAll('/', '.'), handler.slice(dot + 1)];
  const result = await runProcess({
    program,
    args: ['-B', '-c', script, unpacked, module, name],
    folder: unpacked,
    variables: {
      PATH: process.env['PATH'] ?? '',
      // launchers such as pyenv find versions through HOME; the function sees only this path
      HOME: process.env['HOME'] ?? '',
      TZ: ':UTC',
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_LAMBDA_FUNCTION_NAME: source.name,
      LAMBDA_TASK_ROOT: unpacked,
      _HANDLER: handler,
      ...source.variables,
    },
    timeoutMs: loadTimeoutMs,
  });
  return verdict(source, name, result);
}

/** The problem that a load shows, if any. */
export function verdict(
  source: FunctionSource,
  name: string,
  result: Pick<Awaited<ReturnType<typeof runProcess>>, 'timedOut' | 'stdout' | 'stderr' | 'exitCode' | 'signal'>,
): Problem | undefined {
  const about = `the function "${source.name}"`;
  const at = source.handlerAt;
  if (result.timedOut) return { at, message: `${about} did not finish loading in ${loadTimeoutMs / 1000} seconds` };
  const answer = parse(result.stdout.trim().split('\n').at(-1) ?? '');
  if (answer === undefined) {
    const message = `${about} ended its process while loading (exit code ${result.exitCode ?? result.signal})`;
    const hint = result.stderr.trim().split('\n').slice(-5).join('\n');
    return hint === '' ? { at, message } : { at, message, hint };
  }
  if (answer.kind === 'function') {
    if (answer.seconds <= loadSeconds) return undefined;
    const message = `${about} needs ${answer.seconds.toFixed(1)} seconds to load; Lambda takes at most ${loadSeconds}`;
    return { at, message, hint: 'import what is heavy inside the handler, where it is first used' };
  }
  if (answer.kind === 'threw') {
    const hasLayers = source.layerFolders.length > 0 || source.hasOtherLayers;
    // the module may be in the runtime or in a layer
    if (answer.missing && (hasLayers || fromRuntime.includes(answer.missing.split('.')[0] ?? ''))) return undefined;
    const where = answer.where ? { hint: `at ${answer.where.join(':')}` } : {};
    return { at, message: `${about} throws while loading: ${answer.text}`, ...where };
  }
  if (answer.kind === 'other') return { at, message: `${about} has "${name}", which is not a function` };
  const list = answer.exports?.length ? `it has ${answer.exports.join(', ')}` : 'it has no functions';
  return { at, message: `${about} has no "${name}"`, hint: list };
}

function parse(text: string): LoadResult | undefined {
  try {
    return JSON.parse(text) as LoadResult;
  } catch {
    return undefined;
  }
}
