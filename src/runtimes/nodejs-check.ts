// Loads a built function in a child process, as Lambda would at its first start, and sees whether it exports its handler.
import { join } from 'node:path';
import type { Problem } from '../base/error.ts';
import { runProcess } from '../base/process.ts';
import type { BuiltFunction, FunctionSource } from './runtime.ts';

// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib: ten seconds to start
const loadTimeoutMs = 10_000;

interface Answer {
  readonly kind: 'function' | 'other' | 'missing' | 'threw';
  readonly exports?: readonly string[];
  readonly text?: string;
  readonly stack?: string;
}

const script = `
import { pathToFileURL } from 'node:url';
const [file, name] = process.argv.slice(1);
const answer = (message) => process.send(message, () => process.exit(0));
try {
  const loaded = await import(pathToFileURL(file).href);
  const names = (value) => (value && (typeof value === 'object' || typeof value === 'function') ? Object.keys(value) : []);
  const find = (from) => name.split('.').reduce((value, key) => value?.[key], from);
  const found = find(loaded) ?? find(loaded.default);
  const exports = [...new Set([...names(loaded), ...names(loaded.default)])].filter((key) => key !== 'default' && key !== '__esModule' && key !== 'module.exports');
  if (typeof found === 'function') answer({ kind: 'function' });
  else answer({ kind: found === undefined ? 'missing' : 'other', exports, text: typeof found });
} catch (error) {
  answer({ kind: 'threw', text: error instanceof Error ? error.name + ': ' + error.message : String(error), stack: error?.stack });
}
`;

/** The child finds what the function will find, and nothing of the developer's: no credentials, no other variables. */
export async function checkNodejs(
  source: FunctionSource,
  built: BuiltFunction,
  unpacked: string,
): Promise<Problem | undefined> {
  const [main] = built.files;
  const exported = built.handler.slice(built.handler.lastIndexOf('/') + 1).replace(/^[^.]*\./, '');
  const result = await runProcess({
    program: process.execPath,
    args: ['--enable-source-maps', '--input-type=module', '--eval', script, join(unpacked, main?.path ?? ''), exported],
    folder: unpacked,
    variables: {
      PATH: process.env['PATH'] ?? '',
      TZ: ':UTC',
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_LAMBDA_FUNCTION_NAME: source.name,
      LAMBDA_TASK_ROOT: unpacked,
      _HANDLER: built.handler,
      ...source.variables,
    },
    timeoutMs: loadTimeoutMs,
  });
  const answer = result.messages[0] as Answer | undefined;
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
      ? `${about} exports no "${exported}"`
      : `${about} exports "${exported}", which is no function but a ${answer.text}`;
  return { at, message, hint: list };
}

/** The first place of the user's own code in a stack, as a path of the project. */
function firstSourceLine(stack: string, unpacked: string): string | undefined {
  const line = stack.split('\n').find((candidate) => /^\s+at /.test(candidate) && candidate.includes(unpacked));
  const place = line === undefined ? undefined : /(\S+:\d+:\d+)\)?$/.exec(line)?.[1];
  return place === undefined
    ? undefined
    : `at ${place.replace(/^\(/, '').replace('file://', '').replace(`${unpacked}/`, '')}`;
}
