// Lambda's Invoke: finds the version, checks who asks, runs it, and for Event invocations tries again after errors.
import { randomBytes } from 'node:crypto';
import { AwsError, type Input, type Output, type Request } from '../cloud.ts';
import { checkConstraints, notImplemented } from '../constraint.ts';
import { refusePending } from './changes.ts';
import type { LambdaContext } from './context.ts';
import type { Outcome } from './environment.ts';
import { existingFunction, existingVersion, type FunctionReference, functionArn, readReference } from './names.ts';
import { checkInvokePermission } from './permissions.ts';
import type { FunctionVersion } from './state.ts';
import { drawVersion } from './versions.ts';

// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const payloadBytes = 6_291_456;
const eventPayloadBytes = 1_048_576;
const clientContextBytes = 3583;
// AWS waits one minute and then two; nobody waits so long for a local retry. The attempts and their order are the same.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
const retryDelaysMs = [1000, 2000];
const eventAgeMs = 6 * 3_600_000;
const throttleDelaysMs = [1000, 300_000] as const;

/** The event invocations that wait for their next attempt. */
export class AsyncInvocations {
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #running = new Set<Promise<void>>();
  #isStopped = false;

  after(delayMs: number, run: () => Promise<void>): void {
    if (this.#isStopped) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      const running = run();
      this.#running.add(running);
      void running.finally(() => this.#running.delete(running));
    }, delayMs);
    this.#timers.add(timer);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    await Promise.all(this.#running);
  }
}

interface Call {
  readonly reference: FunctionReference;
  readonly payload: Uint8Array;
  readonly requestId: string;
  readonly clientContext?: string;
}

export async function invoke(
  context: LambdaContext,
  events: AsyncInvocations,
  input: Input<'lambda', 'Invoke'>,
  request: Request,
): Promise<Output<'lambda', 'Invoke'>> {
  const call = readCall(context, input, request);
  if (input.InvocationType === 'DryRun') return { StatusCode: 204 };
  if (input.InvocationType === 'Event') {
    events.after(0, () => attemptEvent(context, events, call, { attempt: 0, since: context.cloud.now() }));
    return { StatusCode: 202 };
  }
  const { outcome, version } = await run(context, call);
  return {
    StatusCode: 200,
    ExecutedVersion: version.version,
    // A streamed blob is a Buffer in process: see Output in cloud.ts.
    Payload: outcome.payload as never,
    ...(outcome.failed ? { FunctionError: 'Unhandled' } : {}),
    ...(input.LogType === 'Tail' ? { LogResult: outcome.tail.toString('base64') } : {}),
  };
}

/** Checks everything that AWS checks before it accepts an invocation. */
function readCall({ cloud, functions }: LambdaContext, input: Input<'lambda', 'Invoke'>, request: Request): Call {
  checkConstraints('ValidationException', [
    ['invocationType', input.InvocationType, { oneOf: ['Event', 'RequestResponse', 'DryRun'] }],
    ['logType', input.LogType, { oneOf: ['None', 'Tail'] }],
  ]);
  if (input.DurableExecutionName !== undefined) throw notImplemented('lambda:Invoke with DurableExecutionName');
  if (input.TenantId !== undefined) throw notImplemented('lambda:Invoke with TenantId');
  const reference = readReference(cloud, input.FunctionName, input.Qualifier);
  const fn = existingFunction(cloud, functions, reference);
  const version = existingVersion(cloud, functions, reference);
  checkInvokePermission(cloud, fn, reference, request.principal);
  refusePending(version);
  const payload = Buffer.from((input.Payload as Uint8Array | string | undefined) ?? '{}');
  const limit = input.InvocationType === 'Event' ? eventPayloadBytes : payloadBytes;
  if (payload.length > limit) {
    const message = `Request must be smaller than ${limit} bytes for the ${input.InvocationType === 'Event' ? 'InvokeAsync' : 'InvokeFunction'} operation`;
    throw new AwsError('RequestTooLargeException', message, 413, { Type: 'User' });
  }
  return {
    reference,
    payload: payload.length === 0 ? Buffer.from('{}') : checkJson(payload),
    requestId: request.requestId,
    ...(input.ClientContext === undefined ? {} : { clientContext: readClientContext(input.ClientContext) }),
  };
}

function checkJson(payload: Buffer): Buffer {
  try {
    JSON.parse(payload.toString('utf8'));
    return payload;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AwsError(
      'InvalidRequestContentException',
      `Could not parse request body into json: Could not parse payload into json: ${why}`,
      400,
      { Type: 'User' },
    );
  }
}

function readClientContext(text: string): string {
  if (text.length > clientContextBytes) {
    throw new AwsError(
      'InvalidRequestContentException',
      `Client context must be smaller than ${clientContextBytes} bytes`,
    );
  }
  return checkJson(Buffer.from(text, 'base64')).toString('utf8');
}

async function run(
  { cloud, functions, pool }: LambdaContext,
  { reference, payload, requestId, clientContext }: Call,
): Promise<{ outcome: Outcome; version: FunctionVersion }> {
  const fn = existingFunction(cloud, functions, reference);
  const alias = fn.aliases[reference.qualifier];
  const qualifier = alias === undefined ? reference.qualifier : drawVersion(alias);
  const version = existingVersion(cloud, functions, { name: fn.name, qualifier });
  const invocation = {
    requestId,
    payload,
    functionArn: functionArn(cloud, reference),
    traceId: traceId(cloud.now()),
    ...(clientContext === undefined ? {} : { clientContext }),
  };
  return { outcome: await pool.run(fn, version, invocation), version };
}

// https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
function traceId(now: number): string {
  const seconds = Math.floor(now / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')};Parent=${randomBytes(8).toString('hex')};Sampled=0`;
}

/** An error is tried twice more; a throttled event goes back to the queue, for up to six hours. */
async function attemptEvent(
  context: LambdaContext,
  events: AsyncInvocations,
  call: Call,
  { attempt, since, throttled = 0 }: { attempt: number; since: number; throttled?: number },
): Promise<void> {
  try {
    const { outcome } = await run(context, call);
    const delay = retryDelaysMs[attempt];
    if (!outcome.failed || delay === undefined) return;
    events.after(delay, () => attemptEvent(context, events, call, { attempt: attempt + 1, since }));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    // The function was deleted meanwhile: its events go with it.
    if (error.code !== 'TooManyRequestsException' || context.cloud.now() - since > eventAgeMs) return;
    const [first, longest] = throttleDelaysMs;
    const delay = Math.min(longest, first * 2 ** throttled);
    events.after(delay, () => attemptEvent(context, events, call, { attempt, since, throttled: throttled + 1 }));
  }
}
