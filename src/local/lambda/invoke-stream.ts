// Lambda's InvokeWithResponseStream: runs the function and passes on what it writes, as it writes it.
// https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
import type { Input, Output, Request } from '../cloud.ts';
import type { LambdaContext } from './context.ts';
import { readCall } from './invoke.ts';
import { run } from './run.ts';
import type { ResponseSink } from './runtime-api.ts';

type Event = { readonly PayloadChunk: { readonly Payload: Uint8Array } } | { readonly InvokeComplete: Complete };
interface Complete {
  readonly ErrorCode?: string;
  readonly ErrorDetails?: string;
}

/** Resolves when the function begins to answer. */
export async function invokeWithResponseStream(
  context: LambdaContext,
  input: Input<'lambda', 'InvokeWithResponseStream'>,
  request: Request,
): Promise<Output<'lambda', 'InvokeWithResponseStream'>> {
  const { InvocationType, ...others } = input;
  const call = readCall(context, { ...others, ...(InvocationType === undefined ? {} : { InvocationType }) }, request);
  if (InvocationType === 'DryRun') return { StatusCode: 204 };
  const queue = new EventQueue();
  let started: ((contentType: string) => void) | undefined;
  const begun = new Promise<string>((done) => {
    started = done;
  });
  const sink: ResponseSink = {
    begin: (contentType) => started?.(contentType),
    write: (chunk) => queue.put({ PayloadChunk: { Payload: chunk } }),
  };
  const ran = run(context, { ...call, sink }).then(({ outcome, version }) => ({ outcome, version: version.version }));
  const first = await Promise.race([begun, ran.then(() => undefined)]);
  const ended = ran.then(
    ({ outcome }) => {
      // a handler that does not stream answers with everything at once
      if (first === undefined && !outcome.failed) void queue.put({ PayloadChunk: { Payload: outcome.payload } });
      queue.end({ InvokeComplete: outcome.failed ? failureOf(outcome.payload) : {} });
    },
    (error: unknown) => queue.end({ InvokeComplete: { ErrorCode: 'ServiceException', ErrorDetails: String(error) } }),
  );
  if (first === undefined) await ended;
  return {
    StatusCode: 200,
    ResponseStreamContentType: first ?? 'application/octet-stream',
    EventStream: queue.events() as never,
  };
}

function failureOf(payload: Buffer): Complete {
  const ErrorDetails = payload.toString('utf8');
  try {
    const { errorType } = JSON.parse(ErrorDetails) as { errorType?: string };
    return { ErrorCode: errorType ?? 'Unhandled', ErrorDetails };
  } catch {
    return { ErrorCode: 'Unhandled', ErrorDetails };
  }
}

/** Events between the function, which waits while nobody reads, and the reader. */
class EventQueue {
  readonly #events: Event[] = [];
  #isEnded = false;
  /** Nobody reads any more. */
  #isAbandoned = false;
  #wake: (() => void) | undefined;
  #drained: (() => void) | undefined;

  async put(event: Event): Promise<void> {
    if (this.#isAbandoned) return;
    this.#events.push(event);
    this.#wake?.();
    await new Promise<void>((done) => {
      this.#drained = done;
    });
  }

  end(event: Event): void {
    this.#events.push(event);
    this.#isEnded = true;
    this.#wake?.();
  }

  async *events(): AsyncGenerator<Event> {
    try {
      for (;;) {
        const event = this.#events.shift();
        if (event !== undefined) {
          yield event;
          continue;
        }
        this.#drained?.();
        if (this.#isEnded) return;
        await new Promise<void>((done) => {
          this.#wake = done;
        });
      }
    } finally {
      // a reader that leaves early must not hold the function up
      this.#isAbandoned = true;
      this.#drained?.();
    }
  }
}
