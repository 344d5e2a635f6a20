// fx invoke
import { FxError } from '../../base/error.ts';
import { command } from '../command.ts';
import { readText, type TextOptions } from '../input.ts';
import type { Io } from '../io.ts';
import { openSession } from '../session.ts';

export const invoke = command({
  needs: 'environment',
  args: { function: { about: 'its name in project.yml', kind: 'required' } },
  options: {
    data: {
      kind: 'text',
      short: 'd',
      value: 'json',
      about: 'the event (default: standard input unless it is a terminal, else {})',
    },
    file: { kind: 'text', short: 'f', value: 'path', about: 'read the event from a file' },
    logs: { kind: 'flag', short: 'l', about: 'show the end of the log, on standard error' },
    async: { kind: 'flag', about: 'do not wait for the response' },
    dryRun: { kind: 'flag', about: 'only check that the call would be allowed' },
    qualifier: { kind: 'text', short: 'q', value: 'version', about: 'a version or alias other than live' },
  },
  examples: [
    [`fx invoke orders --data '{"id": 1}'`, 'Call with an event'],
    ['fx invoke orders --file event.json --logs', 'Read the event from a file and show the log'],
    ['cat event.json | fx invoke orders --env staging', 'Pipe the event'],
  ],
  async run(invocation) {
    const { io, signal, args } = invocation;
    const { data, file, qualifier, logs, async: isAsync, dryRun } = invocation.options;
    const payload = await readPayload({ data, file }, io, signal);
    const mode = isAsync ? 'async' : dryRun ? 'dry-run' : 'wait';
    const { environment, context } = await openSession(invocation);
    const operate = await import('../../operate/invoke.ts');
    const options = { name: args.function, payload, mode } as const;
    const answer = await operate.invoke(
      environment,
      qualifier === undefined ? options : { ...options, qualifier },
      context,
    );
    if (logs && answer.log !== undefined) invocation.aside(answer.log);
    if (answer.functionError !== undefined) throw functionFailed(options.name, answer.payload, answer.functionError);
    if (mode === 'wait') invocation.print(pretty(answer.payload));
    else invocation.print(mode === 'async' ? 'Accepted.' : 'The call would be allowed.');
    invocation.result({ ...answer, payload: parsed(answer.payload) });
    return 0;
  },
});

async function readPayload(options: TextOptions, io: Io, signal: AbortSignal): Promise<string> {
  const text = await readText(options, io, signal);
  if (text.trim() === '') return '{}';
  try {
    JSON.parse(text);
  } catch (cause) {
    throw new FxError('USAGE', `the event is not valid JSON: ${(cause as Error).message}`, {
      hint: `such as --data '{"id": 1}'`,
      cause,
    });
  }
  return text;
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
    // a response need not be JSON: show it unchanged
    return payload;
  }
}

function pretty(payload: string): string {
  const value = parsed(payload);
  return typeof value === 'string' && value === payload ? payload : JSON.stringify(value, null, 2);
}
