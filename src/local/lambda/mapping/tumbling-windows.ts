// Tumbling windows: the function keeps a state from batch to batch of one window, and is called once more at its end.
// https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html
import type { Answer } from './source.ts';
import type { StreamItem } from './stream-poller.ts';

interface Window {
  readonly start: number;
  state: unknown;
}

export class TumblingWindows {
  readonly #lengthMs: number;
  readonly #place: { readonly shard: string; readonly arn: string };
  readonly #invoke: (event: object) => Promise<Answer>;
  #open: Window | undefined;

  constructor(
    seconds: number,
    place: { readonly shard: string; readonly arn: string },
    invoke: (event: object) => Promise<Answer>,
  ) {
    this.#lengthMs = seconds * 1000;
    this.#place = place;
    this.#invoke = invoke;
  }

  /** Sends a batch, window by window. */
  async send(batch: readonly StreamItem[]): Promise<Answer> {
    let answer: Answer = { error: undefined, version: '$LATEST', result: undefined };
    for (const [start, items] of this.#byWindow(batch)) {
      if (this.#open !== undefined && this.#open.start !== start) await this.#close(this.#open);
      this.#open ??= { start, state: {} };
      answer = await this.#invoke(this.#event(this.#open, items, false));
      if (answer.error !== undefined) return answer;
      this.#open.state = (answer.result as { readonly state?: unknown } | null)?.state ?? {};
    }
    return answer;
  }

  /** Calls the function a last time for a window that has ended. */
  async closeUntil(time: number): Promise<void> {
    if (this.#open !== undefined && this.#open.start + this.#lengthMs <= time) await this.#close(this.#open);
  }

  async #close(window: Window): Promise<void> {
    this.#open = undefined;
    await this.#invoke(this.#event(window, [], true));
  }

  #byWindow(batch: readonly StreamItem[]): ReadonlyMap<number, readonly StreamItem[]> {
    const windows = new Map<number, StreamItem[]>();
    for (const item of batch) {
      const start = Math.floor(item.arrivedAt / this.#lengthMs) * this.#lengthMs;
      windows.set(start, [...(windows.get(start) ?? []), item]);
    }
    return windows;
  }

  #event({ start, state }: Window, items: readonly StreamItem[], isFinal: boolean): object {
    const text = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z');
    return {
      Records: items.map(({ record }) => record),
      window: { start: text(start), end: text(start + this.#lengthMs) },
      state,
      shardId: this.#place.shard,
      eventSourceARN: this.#place.arn,
      isFinalInvokeForWindow: isFinal,
      isWindowTerminatedEarly: false,
    };
  }
}
