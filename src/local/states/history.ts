// The events of an execution: stored for standard state machines, written to the log group of its logging configuration.
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { ExecutionLog } from './execution-log.ts';
import type { StatesState, StoredEvent } from './state.ts';
import { runtimeError } from './state-error.ts';

export type EventDetails = Omit<HistoryEvent, 'timestamp' | 'type' | 'id' | 'previousEventId'>;

// https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html#service-limits-state-machine-executions
const mostEvents = 25_000;

export class History {
  readonly #state: StatesState;
  readonly #arn: string;
  readonly #isStored: boolean;
  readonly #log: ExecutionLog | undefined;
  #last: number;

  constructor(
    state: StatesState,
    { arn, last, isStored, log }: { arn: string; last: number; isStored: boolean; log: ExecutionLog | undefined },
  ) {
    this.#state = state;
    this.#arn = arn;
    this.#last = last;
    this.#isStored = isStored;
    this.#log = log;
  }

  get last(): number {
    return this.#last;
  }

  /** Returns the event's id. */
  add(type: NonNullable<HistoryEvent['type']>, previousEventId: number, details: EventDetails = {}): number {
    if (this.#isStored && this.#last >= mostEvents && !type.startsWith('Execution')) {
      throw runtimeError(`The execution has reached the maximum number of history events (${mostEvents}).`);
    }
    this.#last += 1;
    const id = this.#last;
    const event: StoredEvent = { timestamp: this.#state.cloud.now(), type, id, previousEventId, ...details };
    if (this.#isStored) this.#state.events.set(`${this.#arn}#${id}`, event);
    this.#log?.write(event);
    return id;
  }
}

export function eventsOf(
  { events }: StatesState,
  { arn, events: count }: { arn: string; events: number },
): StoredEvent[] {
  return Array.from({ length: count }, (_, index) => events.get(`${arn}#${index + 1}`)).filter(
    (event) => event !== undefined,
  );
}

/** The members of an event that carry data. */
export function dataOf(name: 'input' | 'output', value: unknown): Record<string, unknown> {
  return { [name]: JSON.stringify(value), [`${name}Details`]: { truncated: false } };
}
