// fx invoke
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { FxError } from '../../base/error.ts';
import { unlessInterrupted } from '../../base/interrupt.ts';
import type { Command, Invocation } from '../command.ts';
import { openSession } from '../session.ts';

export const invoke: Command = {
  name: 'invoke',
  summary: 'Call a function through its live alias and print its answer',
  project: 'names',
  args: [{ name: 'function', about: 'the name in project.yml', kind: 'required' }],
  options: [
    { flags: '-d, --data <json>', about: 'the event; without it, standard input where it is no terminal, else {}' },
    { flags: '-f, --file <path>', about: 'read the event from a file' },
    { flags: '-l, --logs', about: 'show the end of the log, on standard error' },
    { flags: '--async', about: 'do not wait for an answer' },
    { flags: '--dry-run', about: 'only check that the call would be allowed' },
    { flags: '-q, --qualifier <version>', about: 'a version or alias other than the live one' },
  ],
  examples: [
    [`fx invoke orders --data '{"id": 1}'`, 'Call with an event'],
    ['fx invoke orders --file event.json --logs', 'Read the event from a file and show the log'],
    ['cat event.json | fx invoke orders --env staging', 'Pipe the event'],
  ],
  async run(invocation) {
    const { own, args } = invocation;
    const payload = await readPayload(invocation);
    const mode = own['async'] === true ? 'async' : own['dryRun'] === true ? 'dry-run' : 'wait';
    const { project, context } = await openSession(invocation);
    const operate = await import('../../operate/invoke.ts');
    const options = { name: args[0] ?? '', payload, mode } as const;
    const qualifier = own['qualifier'];
    const answer = await operate.invoke(
      project,
      typeof qualifier === 'string' ? { ...options, qualifier } : options,
      context,
    );
    if (own['logs'] === true && answer.log !== undefined) invocation.aside(answer.log);
    if (answer.functionError !== undefined) throw functionFailed(options.name, answer.payload, answer.functionError);
    if (mode === 'wait') invocation.print(pretty(answer.payload));
    else invocation.print(mode === 'async' ? 'Accepted.' : 'The call would be allowed.');
    invocation.result({ ...answer, payload: parsed(answer.payload) });
    return 0;
  },
};

async function readPayload({ io, own, signal }: Invocation): Promise<string> {
  const { data, file } = own;
  if (data !== undefined && file !== undefined) throw new FxError('USAGE', 'give --data or --file, not both');
  const text =
    typeof data === 'string'
      ? data
      : typeof file === 'string'
        ? await readEvent(resolve(io.workingFolder, file), file)
        : io.stdinIsTerminal
          ? ''
          : await unlessInterrupted(io.readInput(), signal);
  if (text.trim() === '') return '{}';
  try {
    JSON.parse(text);
  } catch (cause) {
    throw new FxError('USAGE', `the event is no JSON: ${(cause as Error).message}`, {
      hint: `such as --data '{"id": 1}'`,
      cause,
    });
  }
  return text;
}

async function readEvent(path: string, shown: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new FxError('USAGE', `the event file ${shown} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function functionFailed(name: string, payload: string, kind: string): FxError {
  const error = parsed(payload) as {
    errorType?: string;
    errorMessage?: string;
    trace?: string[];
    stackTrace?: string[];
  } | null;
  const trace = (error?.trace ?? error?.stackTrace ?? []).slice(1, 6).map((line) => line.trim());
  const what = error?.errorMessage === undefined ? payload : `${error.errorType ?? kind}: ${error.errorMessage}`;
  return new FxError('FUNCTION_FAILED', `"${name}" failed: ${what}`, {
    hint: trace.length > 0 ? trace.join('\n  ') : `fx logs ${name} shows what it wrote`,
  });
}

function parsed(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    // an answer need not be JSON: it is shown as it came
    return payload;
  }
}

function pretty(payload: string): string {
  const value = parsed(payload);
  return typeof value === 'string' && value === payload ? payload : JSON.stringify(value, null, 2);
}
