// Log lines on their way to the reader: attributed to functions and invocations, in order of time, with stack traces in one piece.
import type { LogEvent } from '../aws/aws.ts';
import { type LogRecord, readRecord } from './log-record.ts';
import type { LogSource } from './log-source.ts';

export interface LogLine extends LogEvent {
  readonly functionName: string;
  /** Undefined if Lambda did not write the stream. */
  readonly version: string | undefined;
  readonly record: LogRecord;
  /** The invocation that it belongs to, if that is known. */
  readonly requestId: string | undefined;
  /** Whether it goes on with the line before: a part of its stack trace. */
  readonly continues: boolean;
}

/** Lines of a stack trace come at once, each an event of its own if the function prints them. */
const traceMs = 100;

/** A line and the rest of its stack trace. */
interface Block {
  readonly stream: string;
  readonly time: number;
  readonly lines: LogLine[];
  /** A traceback of Python ends with the error, which is not indented. */
  isOpenTraceback: boolean;
}

const indented = /^(?:\s+\S|Caused by: |goroutine \d+ \[)/;

/** Puts lines into blocks: pushed in order of time, they come out so, except that a stack trace stays in one piece. */
export class LogOrder {
  #pending: Block[] = [];
  #latest = new Map<string, Block>();
  /** The invocation in progress in each stream of text. */
  readonly #invocations = new Map<string, string>();

  /** The blocks that nothing can continue any more. */
  push(event: LogEvent, source: LogSource): LogLine[][] {
    const owner = source.ownerOf(event.stream);
    if (owner === undefined) return [];
    const record = readRecord(event.message);
    const stream = `${event.group} ${event.stream}`;
    const time = event.time.getTime();
    const requestId = this.#invocationOf(stream, record);
    const latest = this.#latest.get(stream);
    const isNear = latest !== undefined && time - latest.time <= traceMs;
    const continues = isNear && continuesBlock(latest, record);
    const line = { ...event, ...owner, record, requestId, continues };
    if (continues) {
      latest.lines.push(line);
      if (!indented.test(record.text)) latest.isOpenTraceback = false;
    } else {
      const block = { stream, time, lines: [line], isOpenTraceback: record.text.startsWith('Traceback (') };
      this.#pending.push(block);
      this.#latest.set(stream, block);
    }
    return this.#take((block) => block.time < time - traceMs);
  }

  /** All that is left. */
  flush(): LogLine[][] {
    return this.#take(() => true);
  }

  #take(isOver: (block: Block) => boolean): LogLine[][] {
    const end = this.#pending.findIndex((block) => !isOver(block));
    const over = this.#pending.splice(0, end < 0 ? this.#pending.length : end);
    for (const block of over) if (this.#latest.get(block.stream) === block) this.#latest.delete(block.stream);
    return over.map(({ lines }) => lines);
  }

  /** A function handles one invocation at a time in each stream, so what is between its START and its REPORT belongs to it. */
  #invocationOf(stream: string, { requestId, platform }: LogRecord): string | undefined {
    const current = requestId ?? this.#invocations.get(stream);
    if (platform === 'report') this.#invocations.delete(stream);
    else if (platform === 'start' && requestId !== undefined) {
      this.#invocations.set(stream, requestId);
      // an invocation whose REPORT never came must not be kept for ever
      if (this.#invocations.size > mostStreams) this.#invocations.delete(this.#invocations.keys().next().value ?? '');
    }
    return current;
  }
}

/** The blocks of these events: nothing more comes. */
export function blocksOf(events: readonly LogEvent[], source: LogSource): LogLine[][] {
  const order = new LogOrder();
  return [...events.flatMap((event) => order.push(event, source)), ...order.flush()];
}

const mostStreams = 10_000;

function continuesBlock(block: Block, { text, members, platform }: LogRecord): boolean {
  if (members !== undefined || platform !== undefined) return false;
  return (
    indented.test(text) || (block.isOpenTraceback && block.lines.length > 1 && /^[A-Za-z_][\w.]*(?::|$)/.test(text))
  );
}

/** In order of time; of two at the same millisecond, the first read first. */
export function byTime(left: LogEvent, right: LogEvent): number {
  return left.time.getTime() - right.time.getTime();
}
