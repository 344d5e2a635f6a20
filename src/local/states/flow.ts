// Runs states, one after another: a whole state machine, a branch, or an iteration.
// https://states-language.net/spec.html
import { randomInt } from 'node:crypto';
import type { HistoryEventType } from '@aws-sdk/client-sfn';
import type { Fields } from '../../cfn/states-definition.ts';
import { isTimestamp, type QueryLanguage } from '../../cfn/states-fields.ts';
import { runMap, runParallel } from './branches.ts';
import { holds } from './choice.ts';
import { dataOf } from './history.ts';
import { QueryError } from './jsonata.ts';
import type { Run, Scope } from './run.ts';
import type { Progress } from './state.ts';
import { type ErrorOutput, type Item, JsonataData, JsonPathData, numberField, type StateData } from './state-data.ts';
import { matches, runtimeError, StateError } from './state-error.ts';
import { runTask } from './task.ts';

export interface Flow {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, Fields>>;
  readonly QueryLanguage?: QueryLanguage;
}

/** A state while it runs. */
export interface Running {
  readonly run: Run;
  readonly scope: Scope;
  readonly name: string;
  readonly state: Fields;
  readonly data: StateData;
  /** Sets the token that the context object shows. */
  setToken(token: string): void;
}

// https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
const dataBytes = 262_144;

/** The output of the last state. Starts where an interrupted execution was. */
export async function runFlow(run: Run, flow: Flow, input: unknown, scope: Scope, from?: Progress): Promise<unknown> {
  let name = from?.state ?? flow.StartAt;
  let data = from === undefined ? input : from.input;
  for (let again = from; ; again = undefined) {
    await scope.turn();
    const state = flow.States[name] ?? {};
    const { output, next } = await runState(run, { name, state, raw: data }, scope, again);
    if (next === undefined) return output;
    name = next;
    data = output;
  }
}

interface Entered {
  readonly name: string;
  readonly state: Fields;
  readonly raw: unknown;
}

interface Exit {
  readonly output: unknown;
  readonly next: string | undefined;
}

async function runState(run: Run, { name, state, raw }: Entered, scope: Scope, again?: Progress): Promise<Exit> {
  const type = String(state['Type']);
  const time = again?.time ?? run.cloud.now();
  const entered =
    again?.entered ??
    scope.add(`${type}StateEntered` as HistoryEventType, {
      stateEnteredEventDetails: { name, ...dataOf('input', raw) },
    });
  if (scope.isOutermost) {
    run.parts.progressed?.({ state: name, input: raw, variables: scope.variables.own(), entered, time });
  }
  let retries = 0;
  let token: string | undefined;
  const parts = {
    state,
    raw,
    variables: scope.variables,
    inspect: (what: string, value: unknown) => run.parts.inspect?.(what, value),
    context: (item: Item | undefined = scope.item) => ({
      ...run.context(),
      State: {
        Name: name,
        EnteredTime: new Date(time).toISOString(),
        ...(['Task', 'Map', 'Parallel'].includes(type) ? { RetryCount: retries } : {}),
      },
      ...(token === undefined ? {} : { Task: { Token: token } }),
      ...(item === undefined ? {} : { Map: { Item: item } }),
    }),
  };
  const language = (state['QueryLanguage'] as QueryLanguage | undefined) ?? scope.language;
  const data = language === 'JSONata' ? new JsonataData(parts) : new JsonPathData(parts);
  const running: Running = {
    ...{ run, scope, name, state, data },
    setToken: (issued) => {
      token = issued;
    },
  };
  const attempts = new Map<Fields, number>();
  for (;;) {
    try {
      const exit = await work(running, time);
      return leave(running, type, exit);
    } catch (error) {
      const failure = located(error, running, entered);
      const retry = retryOf(state, failure, attempts);
      if (retry !== undefined) {
        run.parts.handled?.(failure, retry);
        retries += 1;
        await scope.sleep(run.cloud, retry.delayMs);
        continue;
      }
      const catchers = (state['Catch'] ?? []) as readonly Fields[];
      const index = handlerOf(catchers, failure);
      const catcher = catchers[index];
      if (catcher === undefined) throw failure;
      run.parts.handled?.(failure, { catcher: index });
      const output = await data.caught(catcher, errorOutput(failure));
      return leave(running, type, { output, next: String(catcher['Next']) });
    }
  }
}

function leave({ scope, name }: Running, type: string, exit: Exit): Exit {
  if (Buffer.byteLength(JSON.stringify(exit.output)) > dataBytes) {
    const cause = `The state/task '${name}' returned a result with a size exceeding the maximum number of bytes service limit.`;
    throw new StateError('States.DataLimitExceeded', cause);
  }
  scope.add(`${type}StateExited` as HistoryEventType, {
    stateExitedEventDetails: { name, ...dataOf('output', exit.output) },
  });
  return exit;
}

async function work(running: Running, enteredAt: number): Promise<Exit> {
  const { state, data, run, scope } = running;
  const next = state['Next'] as string | undefined;
  switch (state['Type']) {
    case 'Task':
      return { output: await data.output(await runTask(running)), next };
    case 'Parallel':
      return { output: await data.output(await runParallel(running, runFlow)), next };
    case 'Map':
      return { output: await data.output(await runMap(running, runFlow)), next };
    case 'Choice':
      return choose(running);
    case 'Wait': {
      const until = await waitsUntil(data, state, enteredAt);
      await scope.sleep(run.cloud, until - run.cloud.now());
      return { output: await data.passed(), next };
    }
    case 'Fail':
      // recorded: TestState shows it
      data.input();
      data.input();
      throw new StateError(await textField(data, 'Error'), await textField(data, 'Cause'));
    case 'Pass':
      return { output: await pass(running), next };
    default:
      return { output: await data.passed(), next: undefined };
  }
}

async function pass({ state, data, run }: Running): Promise<unknown> {
  // a Pass state of JSONata only passes its input on
  if (data instanceof JsonataData) return data.passed();
  if (state['Result'] === undefined) return data.output(await data.arguments());
  run.parts.inspect?.('result', state['Result']);
  return data.output(state['Result']);
}

async function choose({ state, data }: Running): Promise<Exit> {
  for (const rule of state['Choices'] as readonly Fields[]) {
    const isMet =
      data instanceof JsonPathData ? data.holds(rule, holds) : await data.fill(rule['Condition'], 'Condition');
    if (typeof isMet !== 'boolean') {
      throw new QueryError('Condition', `The condition of a rule must be a boolean, but is ${JSON.stringify(isMet)}`);
    }
    if (isMet) return { output: await data.passed(rule), next: String(rule['Next']) };
  }
  if (state['Default'] === undefined) {
    throw new StateError('States.NoChoiceMatched', "No choice rule matched and the state has no 'Default'", true);
  }
  return { output: await data.passed(), next: String(state['Default']) };
}

async function waitsUntil(data: StateData, state: Fields, enteredAt: number): Promise<number> {
  if (state['Seconds'] !== undefined || state['SecondsPath'] !== undefined) {
    return enteredAt + ((await numberField(data, 'Seconds')) ?? 0) * 1000;
  }
  const time = await data.field('Timestamp');
  if (isTimestamp(time)) return Date.parse(time);
  const text = typeof time === 'string' ? time : JSON.stringify(time);
  if (state['TimestampPath'] === undefined) throw runtimeError(`${text} is not a valid timestamp.`);
  const rule = 'does not reference a valid ISO-8601 extended offset date-time format string';
  throw runtimeError(`The TimestampPath parameter ${rule}: ${state['TimestampPath']} == ${text}`);
}

async function textField(data: StateData, name: string): Promise<string | undefined> {
  const value = await data.field(name);
  return value === undefined || typeof value === 'string' ? value : JSON.stringify(value);
}

/** The error with the state's name, and the event that JSONata's errors have. */
function located(error: unknown, { name, scope }: Running, entered: number): StateError {
  if (!(error instanceof StateError)) throw error;
  if (!error.isInState) return error;
  const place = `An error occurred while executing the state '${name}' (entered at the event id #${entered}).`;
  const cause = `${place} ${error.cause}`;
  if (error instanceof QueryError) {
    const details = { error: error.error, cause, location: error.field, state: name };
    scope.add('EvaluationFailed', { evaluationFailedEventDetails: details });
  }
  return new StateError(error.error, cause);
}

export function errorOutput({ error, cause }: StateError): ErrorOutput {
  return { ...(error === undefined ? {} : { Error: error }), ...(cause === undefined ? {} : { Cause: cause }) };
}

/** Undefined if no retrier takes the error, or its attempts are used up.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-retrying-after-an-error */
function retryOf(
  state: Fields,
  failure: StateError,
  attempts: Map<Fields, number>,
): { readonly retrier: number; readonly delayMs: number } | undefined {
  const retriers = (state['Retry'] ?? []) as readonly Fields[];
  const index = handlerOf(retriers, failure);
  const retrier = retriers[index];
  if (retrier === undefined) return undefined;
  const attempt = attempts.get(retrier) ?? 0;
  const { IntervalSeconds = 1, MaxAttempts = 3, BackoffRate = 2, MaxDelaySeconds, JitterStrategy } = retrier;
  if (attempt >= Number(MaxAttempts)) return undefined;
  attempts.set(retrier, attempt + 1);
  const seconds = Number(IntervalSeconds) * Number(BackoffRate) ** attempt;
  const limit = MaxDelaySeconds === undefined ? 99_999_999 : Number(MaxDelaySeconds);
  const delayMs = Math.min(seconds, limit) * 1000;
  const isJittered = JitterStrategy === 'FULL';
  return { retrier: index, delayMs: isJittered ? randomInt(Math.min(delayMs, 2 ** 47) + 1) : delayMs };
}

/** The index of the first retrier or catcher of the error. */
function handlerOf(handlers: readonly Fields[], { error }: StateError): number {
  return handlers.findIndex(({ ErrorEquals }) => matches(ErrorEquals as string[], error));
}
