// Event invocations: retried after errors and throttling, up to the limits of the function's qualifier.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
import type { Cancel } from '../clock.ts';
import { AwsError } from '../cloud.ts';
import type { LambdaContext } from './context.ts';
import { deliverRecord, type EventEnd } from './destinations.ts';
import { recordEvent, recordEventAge } from './metrics.ts';
import { versionOf } from './names.ts';
import { type Call, type Ran, run } from './run.ts';
import type { EventInvokeConfig } from './state.ts';

// AWS waits one minute and then two; nobody waits so long for a local retry. The attempts and their order are the same.
const retryDelaysMs = [1000, 2000];
/** A retry adds AWS's waiting time to the event's age, so that an event expires here exactly when it would on AWS. */
const retryAgesMs = [60_000, 120_000];
const defaultEventAgeSeconds = 6 * 3600;
const throttleDelaysMs = [1000, 300_000] as const;

interface Attempt {
  /** Earlier attempts, not counting throttled ones. */
  readonly attempt: number;
  readonly since: number;
  /** How much shorter the wait was than on AWS. */
  readonly savedMs: number;
  readonly throttled: number;
}

/** The events that are being tried or wait for their next attempt. */
export class EventInvocations {
  readonly #context: LambdaContext;
  readonly #cancels = new Set<Cancel>();
  readonly #running = new Set<Promise<void>>();
  #isStopped = false;

  constructor(context: LambdaContext) {
    this.#context = context;
  }

  accept(call: Call): void {
    recordEvent(this.#context.cloud, call.reference, 'AsyncEventsReceived');
    this.#after(0, call, { attempt: 0, since: this.#context.cloud.now(), savedMs: 0, throttled: 0 });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
    await Promise.all(this.#running);
  }

  #after(delayMs: number, call: Call, attempt: Attempt): void {
    if (this.#isStopped) return;
    const cancel = this.#context.cloud.after(delayMs, () => {
      this.#cancels.delete(cancel);
      const running = this.#try(call, attempt);
      this.#running.add(running);
      void running.finally(() => this.#running.delete(running));
    });
    this.#cancels.add(cancel);
  }

  async #try(call: Call, attempt: Attempt): Promise<void> {
    const { cloud } = this.#context;
    recordEventAge(cloud, call.reference, cloud.now() - attempt.since + attempt.savedMs);
    let ran: Ran;
    try {
      ran = await run(this.#context, call);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      // Any other error means that the function was deleted meanwhile: its events are dropped.
      if (error.code === 'TooManyRequestsException') await this.#throttled(call, attempt);
      return;
    }
    // If the local AWS ended the environment, that was not a failure of the event.
    if (this.#isStopped) return;
    if (ran.outcome.failed) await this.#failed(call, attempt, ran);
    else await this.#end(call, { condition: 'Success', attempts: attempt.attempt + 1, ran });
  }

  async #failed(call: Call, attempt: Attempt, ran: Ran): Promise<void> {
    const attempts = attempt.attempt + 1;
    const [delayMs, ageMs] = [retryDelaysMs[attempt.attempt], retryAgesMs[attempt.attempt]];
    const limit = this.#config(call)?.maximumRetryAttempts ?? retryDelaysMs.length;
    if (delayMs === undefined || ageMs === undefined || attempt.attempt >= limit) {
      await this.#end(call, { condition: 'RetriesExhausted', attempts, ran });
    } else if (this.#isTooOld(call, attempt, ageMs)) {
      await this.#end(call, { condition: 'EventAgeExceeded', attempts, ran });
    } else {
      const savedMs = attempt.savedMs + ageMs - delayMs;
      this.#after(delayMs, call, { ...attempt, attempt: attempts, savedMs, throttled: 0 });
    }
  }

  // https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html: a reserved concurrency of zero
  // sends every event on at once.
  async #throttled(call: Call, attempt: Attempt): Promise<void> {
    const fn = this.#context.functions.get(call.reference.name);
    const [first, longest] = throttleDelaysMs;
    const delayMs = Math.min(longest, first * 2 ** attempt.throttled);
    if (fn?.reservedConcurrency === 0) {
      await this.#end(call, { condition: 'ZeroReservedConcurrency', attempts: attempt.attempt });
    } else if (this.#isTooOld(call, attempt, delayMs)) {
      await this.#end(call, { condition: 'EventAgeExceeded', attempts: attempt.attempt });
    } else this.#after(delayMs, call, { ...attempt, throttled: attempt.throttled + 1 });
  }

  #isTooOld(call: Call, { since, savedMs }: Attempt, delayMs: number): boolean {
    const limit = this.#config(call)?.maximumEventAgeSeconds ?? defaultEventAgeSeconds;
    return this.#context.cloud.now() - since + savedMs + delayMs > limit * 1000;
  }

  #config({ reference }: Call): EventInvokeConfig | undefined {
    return this.#context.functions.get(reference.name)?.eventInvokeConfigs?.[reference.qualifier || '$LATEST'];
  }

  async #end(call: Call, end: EventEnd): Promise<void> {
    const fn = this.#context.functions.get(call.reference.name);
    // For an event that never ran, the version that would have run.
    const version = end.ran?.version ?? (fn && versionOf(fn, call.reference.qualifier));
    if (version === undefined) return;
    if (end.condition !== 'Success') recordEvent(this.#context.cloud, call.reference, 'AsyncEventsDropped');
    const { destinations } = this.#config(call) ?? {};
    await deliverRecord(this.#context.cloud, {
      call,
      end,
      settings: version.settings,
      destinations: destinations ?? {},
    });
  }
}
