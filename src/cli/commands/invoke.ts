// fx invoke
import type { InvokeResult } from '../../aws/aws.ts';
import { FxError } from '../../base/error.ts';
import { unlessInterrupted } from '../../base/interrupt.ts';
import { documentsIn, jsonDocuments } from '../../base/json-documents.ts';
import { answerOf, functionFailed } from '../../operate/function-answer.ts';
import type { CallOptions } from '../../operate/invoke.ts';
import { command, type Invocation } from '../command.ts';
import { readText } from '../input.ts';
import type { Outputs } from '../outputs.ts';
import { openSession } from '../session.ts';
import { wholeNumber } from '../values.ts';

const options = {
  data: {
    kind: 'text',
    short: 'd',
    value: 'json',
    about: 'the event (default: standard input unless it is a terminal, else {})',
  },
  file: {
    kind: 'text',
    short: 'f',
    value: 'path',
    about: 'read the event, or several one after the other, from a file',
  },
  event: { kind: 'text', value: 'source', about: 'a sample event, such as sqs; fx events lists them' },
  logs: { kind: 'flag', short: 'l', about: 'show the end of the log, on standard error' },
  async: { kind: 'flag', about: 'do not wait for the response' },
  stream: { kind: 'flag', about: 'show the response as it arrives' },
  dryRun: { kind: 'flag', about: 'only check that the call would be allowed' },
  parallel: {
    kind: 'text',
    short: 'p',
    value: 'number',
    about: 'so many calls at once, for events as they arrive, or with --repeat',
  },
  repeat: { kind: 'text', short: 'n', value: 'number', about: 'call so many times and show how long it takes' },
  qualifier: { kind: 'text', short: 'q', value: 'version', about: 'a version or alias other than live' },
  clientContext: { kind: 'text', value: 'json', about: 'what the function finds as clientContext' },
  tenant: { kind: 'text', value: 'id', about: 'for a function that isolates tenants' },
  durableName: {
    kind: 'text',
    value: 'name',
    about: 'of the execution of a durable function; the same name is the same execution',
  },
} as const;

type Called = Invocation<
  'environment',
  { readonly function: { readonly about: string; readonly kind: 'required' } },
  typeof options,
  Outputs['invoke']
>;

export const invoke = command({
  output: 'invoke',
  needs: 'environment',
  args: { function: { about: 'its name in project.yml', kind: 'required', names: 'function' } },
  options,
  examples: [
    [`fx invoke orders --data '{"id": 1}'`, 'Call with an event'],
    ['fx invoke orders --file event.json --logs', 'Read the event from a file and show the log'],
    ['cat event.json | fx invoke orders --env staging', 'Pipe the event'],
    ['fx invoke worker --event sqs', 'Call with a sample of what a queue sends'],
    [
      'cat events.ndjson | fx invoke orders --parallel 5',
      'A call for each event, five at once; a line for each response',
    ],
    ['fx invoke orders --repeat 100 --parallel 10', 'How long it takes: percentiles, cold starts apart'],
  ],
  async run(invocation) {
    const { args } = invocation;
    const {
      async: isAsync,
      dryRun,
      stream,
      repeat,
      parallel,
      qualifier,
      clientContext,
      tenant,
      durableName,
    } = invocation.options;
    checkOptions(invocation.options);
    const call: CallOptions = {
      name: args.function,
      mode: isAsync ? 'async' : dryRun ? 'dry-run' : 'wait',
      qualifier,
      clientContext,
      tenant,
      durableName,
    };
    const atOnce = parallel === undefined ? 1 : wholeNumber(parallel, '--parallel');
    if (parallel !== undefined && repeat === undefined)
      return callEach(invocation, { ...call, parallel: atOnce }, arriving(invocation));
    const events = await allEvents(invocation);
    const [payload = '{}'] = events;
    if (repeat !== undefined || stream) {
      if (events.length > 1)
        throw new FxError(
          'USAGE',
          `${repeat === undefined ? '--stream' : '--repeat'} takes one event, not ${events.length}`,
        );
      return repeat === undefined
        ? callStreaming(invocation, { ...call, payload })
        : callRepeatedly(invocation, { ...call, payload, parallel: atOnce, count: wholeNumber(repeat, '--repeat') });
    }
    if (events.length > 1) return callEach(invocation, { ...call, parallel: 1 }, events);
    return callOnce(invocation, { ...call, payload });
  },
});

async function callOnce(invocation: Called, options: CallOptions & { readonly payload: string }): Promise<0> {
  const { environment, context } = await openSession(invocation);
  const operate = await import('../../operate/invoke.ts');
  const answer = await operate.invoke(environment, options, context);
  if (invocation.options.logs && answer.log !== undefined) invocation.aside(answer.log);
  if (answer.functionError !== undefined) throw functionFailed(options.name, answer.payload, answer.functionError);
  if (options.mode === 'wait') invocation.print(responseText(answer.payload, 2));
  else invocation.print(options.mode === 'async' ? 'Accepted.' : 'The call would be allowed.');
  invocation.result({ ...answer, payload: answerOf(answer.payload) });
  return 0;
}

async function callStreaming(
  invocation: Called,
  { mode: _, durableName: __, ...options }: CallOptions & { readonly payload: string },
): Promise<0> {
  const { io, common } = invocation;
  const { environment, context } = await openSession(invocation);
  const operate = await import('../../operate/invoke.ts');
  const decoder = new TextDecoder();
  let whole = '';
  const take = (chunk: Uint8Array) => {
    const text = decoder.decode(chunk, { stream: true });
    whole += text;
    if (!common.json) io.out(text);
  };
  const { errorDetails, ...answer } = await operate.invokeStreaming(environment, options, take, context);
  if (io.stdoutIsTerminal && whole !== '' && !whole.endsWith('\n') && !common.json) io.out('\n');
  if (answer.functionError !== undefined) throw functionFailed(options.name, errorDetails, answer.functionError);
  invocation.result({ ...answer, payload: answerOf(whole) });
  return 0;
}

/** A line for each response, in the order of the events; failures on standard error. Exits with 3 if one failed. */
async function callEach(
  invocation: Called,
  options: CallOptions & { readonly parallel: number },
  events: AsyncIterable<string> | Iterable<string>,
): Promise<0> {
  const { environment, context } = await openSession(invocation);
  const operate = await import('../../operate/invoke.ts');
  let [count, failed] = [0, 0];
  for await (const answer of operate.invokeEach(environment, options, events, context)) {
    count++;
    if (invocation.options.logs && answer.log !== undefined) invocation.aside(answer.log);
    if (answer.functionError !== undefined) {
      failed++;
      invocation.aside(`event ${count}: ${functionFailed(options.name, answer.payload, answer.functionError).message}`);
    }
    invocation.item('answer', { number: count, ...answer, payload: answerOf(answer.payload) }, lineOf(options, answer));
  }
  if (failed > 0) throw new FxError('FUNCTION_FAILED', `"${options.name}" failed for ${failed} of ${count} events`);
  if (count === 0) invocation.aside('No events.');
  invocation.result({ events: count });
  return 0;
}

function lineOf({ mode }: CallOptions, { payload, functionError }: InvokeResult): string {
  if (mode !== 'wait') return mode === 'async' ? 'Accepted.' : 'The call would be allowed.';
  // a line for each event, so that lines and events can be matched
  return functionError === undefined ? responseText(payload) : 'null';
}

async function callRepeatedly(
  invocation: Called,
  options: CallOptions & { readonly payload: string; readonly count: number; readonly parallel: number },
): Promise<0> {
  const { io } = invocation;
  const { environment, context } = await openSession(invocation);
  const operate = await import('../../operate/invoke.ts');
  const { latencyOf, latencyText } = await import('../render/latency-text.ts');
  const calls = await operate.invokeRepeatedly(environment, options, context);
  invocation.print(latencyText(calls, io.stdoutIsTerminal ? io.columns() : 80));
  const latency = latencyOf(calls);
  if (latency.failed > 0) {
    throw new FxError('FUNCTION_FAILED', `"${options.name}" failed in ${latency.failed} of ${latency.calls} calls`, {
      hint: `fx logs ${options.name} --errors shows why`,
    });
  }
  invocation.result(latency);
  return 0;
}

function checkOptions({
  async: isAsync,
  dryRun,
  stream,
  repeat,
  parallel,
  data,
  file,
  event,
  durableName,
}: Called['options']): void {
  const exclusive = (given: Readonly<Record<string, unknown>>) => {
    const names = Object.entries(given).flatMap(([name, value]) =>
      value === undefined || value === false ? [] : [name],
    );
    if (names.length > 1) throw new FxError('USAGE', `${names.slice(0, 2).join(' and ')} exclude each other`);
  };
  exclusive({ '--async': isAsync, '--dry-run': dryRun, '--stream': stream, '--repeat': repeat });
  exclusive({ '--stream': stream, '--parallel': parallel });
  exclusive({ '--stream': stream, '--durable-name': durableName });
  exclusive({ '--data': data, '--file': file, '--event': event });
}

/** Every event at once, all of them JSON; none if nothing was given. */
async function allEvents({ options, io, signal }: Called): Promise<readonly string[]> {
  const { data, file, event } = options;
  if (event === undefined) return documentsIn(await readText({ data, file }, io, signal));
  const { sampleNamed } = await import('../../events/samples/index.ts');
  return [JSON.stringify(sampleNamed(event).event)];
}

/** Events as they arrive. */
async function* arriving(invocation: Called): AsyncGenerator<string> {
  const { io, signal, options } = invocation;
  const { data, file, event } = options;
  if (data !== undefined || file !== undefined || event !== undefined || io.stdinIsTerminal) {
    yield* await allEvents(invocation);
    return;
  }
  const documents = jsonDocuments(io.input());
  for (;;) {
    const next = await unlessInterrupted(documents.next(), signal);
    if (next.done === true) return;
    yield next.value;
  }
}

/** On one line, or with an indent on several. A response that is not JSON is shown as it is. */
function responseText(payload: string, indent?: number): string {
  const value = answerOf(payload);
  return typeof value === 'string' && value === payload ? payload : JSON.stringify(value, null, indent);
}
