// fx invoke: calls a function through its live alias, once, for each of many events, or many times to measure it.
import type { InvokeInput, InvokeResult } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import { inPool } from '../base/pool.ts';
import { liveAlias } from '../cfn/names.ts';
import type { Environment } from '../project/environment.ts';
import { type Context, findFunction, identify, notDeployed } from './context.ts';
import { type InvocationReport, reportIn } from './invocation-report.ts';

export interface CallOptions extends Pick<InvokeInput, 'clientContext' | 'tenant' | 'durableName'> {
  /** The function's name in project.yml. */
  readonly name: string;
  readonly mode: InvokeInput['mode'];
  /** A version, or an alias other than live. */
  readonly qualifier?: string | undefined;
}

/** Bytes of an event. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const mostBytes = { wait: 6 * 1024 * 1024, 'dry-run': 6 * 1024 * 1024, async: 1024 * 1024 } as const;

/** Throws USAGE if Lambda would refuse the event for its size. */
export function checkSize(payload: string, mode: InvokeInput['mode']): void {
  const bytes = Buffer.byteLength(payload);
  const most = mostBytes[mode];
  if (bytes <= most) return;
  const count = (value: number) => value.toLocaleString('en');
  const kind = mode === 'async' ? 'in an asynchronous call' : 'in one call';
  throw new FxError('USAGE', `the event has ${count(bytes)} bytes; Lambda takes at most ${count(most)} ${kind}`, {
    hint: 'put the data into S3, and its key into the event',
  });
}

export async function invoke(
  environment: Environment,
  { payload, ...options }: CallOptions & { readonly payload: string },
  context: Context,
): Promise<InvokeResult> {
  checkSize(payload, options.mode);
  return (await openCall(environment, options, context))(payload);
}

/** Passes on what the function answers as it arrives. */
export async function invokeStreaming(
  environment: Environment,
  { payload, ...options }: Omit<CallOptions, 'mode' | 'durableName'> & { readonly payload: string },
  take: (chunk: Uint8Array) => void,
  context: Context,
) {
  checkSize(payload, 'wait');
  const { name: _, qualifier, ...others } = options;
  const functionName = await deployedName(environment, options.name, context);
  const input = { ...others, functionName, qualifier: qualifier ?? liveAlias, payload: Buffer.from(payload) };
  return context.aws.functions.invokeStreaming(input, take);
}

/** One call for each event, `parallel` at once; the answers in the order of the events. */
export async function* invokeEach(
  environment: Environment,
  { parallel, ...options }: CallOptions & { readonly parallel: number },
  events: AsyncIterable<string> | Iterable<string>,
  context: Context,
): AsyncGenerator<InvokeResult> {
  const call = await openCall(environment, options, context);
  const running: Promise<InvokeResult>[] = [];
  for await (const payload of events) {
    checkSize(payload, options.mode);
    const answered = call(payload);
    // awaited later, in its turn
    answered.catch(() => {});
    running.push(answered);
    if (running.length >= parallel) yield await (running.shift() as Promise<InvokeResult>);
  }
  for (const answered of running) yield await answered;
}

export interface MeasuredCall {
  /** Milliseconds, as the caller saw it. */
  readonly ms: number;
  readonly failed: boolean;
  /** What Lambda says of it; undefined if it said nothing. */
  readonly report: InvocationReport | undefined;
}

/** The same call `count` times, `parallel` at once. */
export async function invokeRepeatedly(
  environment: Environment,
  options: CallOptions & { readonly payload: string; readonly count: number; readonly parallel: number },
  context: Context,
): Promise<readonly MeasuredCall[]> {
  const { payload, count, parallel, ...call } = options;
  checkSize(payload, call.mode);
  const send = await openCall(environment, call, context);
  return inPool(Array.from({ length: count }), parallel, async () => {
    const from = performance.now();
    const { functionError, log } = await send(payload);
    return { ms: performance.now() - from, failed: functionError !== undefined, report: reportIn(log ?? '') };
  });
}

async function openCall(environment: Environment, { name, qualifier, ...others }: CallOptions, context: Context) {
  const functionName = await deployedName(environment, name, context);
  return (payload: string): Promise<InvokeResult> =>
    context.aws.functions.invoke({
      ...others,
      functionName,
      qualifier: qualifier ?? liveAlias,
      payload: Buffer.from(payload),
    });
}

/** The name in AWS. Throws NOT_DEPLOYED. */
async function deployedName(environment: Environment, name: string, context: Context): Promise<string> {
  const { physicalName } = findFunction(environment, name);
  await identify(environment, context);
  const state = await context.aws.functions.alias({ functionName: physicalName, alias: liveAlias });
  if (state === undefined) throw notDeployed(environment);
  return physicalName;
}
