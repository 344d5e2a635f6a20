// Reads pages of log groups, and waits while AWS takes no more calls: CloudWatch Logs allows five searches a second for an account and
// region (aws/pace.ts), which others use, too.
import type { LogEvent, LogPage, LogSearch } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import { pause } from '../base/interrupt.ts';
import type { Context } from './context.ts';

/** Seconds to wait after each call that was throttled. */
const delays = [4, 8, 16, 20] as const;
/** How long a follower goes on without an answer from AWS, in seconds. */
const unreachableSeconds = 300;

export type ReaderContext = Pick<Context, 'aws' | 'report' | 'signal'>;

export class LogReader {
  readonly #context: ReaderContext;
  /** Whether a lost connection passes. */
  readonly #isPatient: boolean;
  readonly #wait: (ms: number) => Promise<void>;
  #hasSaid = false;
  /** Calls in a row that were throttled: all groups share one quota. */
  #throttled = 0;
  #delay: Promise<void> | undefined;

  constructor(
    context: ReaderContext,
    { isPatient = false, wait }: { readonly isPatient?: boolean; readonly wait?: (ms: number) => Promise<void> } = {},
  ) {
    this.#context = context;
    this.#isPatient = isPatient;
    this.#wait = wait ?? ((ms) => pause(ms, context.signal));
  }

  /** The events, page by page, in the order of AWS. Returns whether the group exists. */
  async *pages(search: LogSearch): AsyncGenerator<readonly LogEvent[], boolean> {
    let next = search.next;
    do {
      const page = await this.#page({ ...search, next });
      if (page === 'missing') return false;
      if (page.events.length > 0) yield page.events;
      next = page.next;
    } while (next !== undefined);
    return true;
  }

  async #page(search: LogSearch): Promise<LogPage | 'missing'> {
    let silentSeconds = 0;
    for (;;) {
      await this.#delay;
      try {
        const page = await this.#context.aws.logs.page(search);
        if (page !== 'throttled') {
          this.#throttled = 0;
          return page;
        }
        await this.#hold('throttled');
      } catch (error) {
        const isLost = error instanceof FxError && error.code === 'AWS_UNREACHABLE';
        // an emulator that does not answer has ended
        if (!isLost || !this.#isPatient || this.#context.aws.endpoint !== undefined) throw error;
        if (silentSeconds >= unreachableSeconds) throw error;
        silentSeconds += await this.#hold('unreachable');
      }
    }
  }

  /** Holds the calls of all groups. Returns for how many seconds. */
  async #hold(reason: 'throttled' | 'unreachable'): Promise<number> {
    const seconds = delays[Math.min(this.#throttled, delays.length - 1)] ?? 0;
    if (this.#delay === undefined) {
      this.#throttled++;
      if (!this.#hasSaid) this.#context.report({ kind: 'logs-delayed', reason, seconds });
      this.#hasSaid = true;
      this.#delay = this.#wait(seconds * 1000).finally(() => {
        this.#delay = undefined;
      });
    }
    await this.#delay;
    return seconds;
  }
}
