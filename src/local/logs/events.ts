// Stores the events of log streams: one append-only file per stream, read into memory on first use.
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface LogEvent {
  /** 56 digits, as on AWS, that sort by timestamp and then by arrival. */
  readonly id: string;
  readonly timestamp: number;
  readonly ingestionTime: number;
  readonly message: string;
}

/** The events of all streams of one region, in files below `folder`. */
export class EventLog {
  readonly #folder: string;
  readonly #streams = new Map<string, LogEvent[]>();
  readonly #files = new Map<string, string>();
  #lastSequence = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Returns the events with their ids. */
  append(group: string, stream: string, ingestionTime: number, events: readonly NewEvent[]): readonly LogEvent[] {
    const stored = this.read(group, stream) as LogEvent[];
    const added = events.map(({ timestamp, message }) => {
      // microseconds, so that numbers keep increasing across restarts
      this.#lastSequence = Math.max(this.#lastSequence + 1, Date.now() * 1000);
      return { id: eventId(timestamp, this.#lastSequence), timestamp, ingestionTime, message };
    });
    const inOrder = (stored.at(-1)?.id ?? '') < (added[0]?.id ?? '');
    stored.push(...added);
    if (!inOrder) stored.sort(byId);
    const file = this.#file(group, stream);
    if (stored.length === added.length) mkdirSync(dirname(file), { recursive: true });
    appendFileSync(file, added.map((event) => `${JSON.stringify(event)}\n`).join(''));
    return added;
  }

  /** Sorted by id. The array belongs to the store: do not change it. */
  read(group: string, stream: string): readonly LogEvent[] {
    const file = this.#file(group, stream);
    let events = this.#streams.get(file);
    if (events === undefined) {
      events = readEvents(file).sort(byId);
      this.#streams.set(file, events);
    }
    return events;
  }

  delete(group: string, stream: string): void {
    const file = this.#file(group, stream);
    this.#files.delete(`${group}:${stream}`);
    this.#streams.delete(file);
    rmSync(file, { force: true });
  }

  #file(group: string, stream: string): string {
    const key = `${group}:${stream}`;
    let file = this.#files.get(key);
    if (file === undefined) {
      file = join(this.#folder, shortHash(group), `${shortHash(stream)}.jsonl`);
      this.#files.set(key, file);
    }
    return file;
  }
}

export interface NewEvent {
  readonly timestamp: number;
  readonly message: string;
}

/** Lower than the id of any event at that timestamp, higher than the ids of all earlier events. */
export function eventId(timestamp: number, sequence: number): string {
  return `${String(timestamp).padStart(20, '0')}${String(sequence).padStart(36, '0')}`;
}

function byId(left: LogEvent, right: LogEvent): number {
  return left.id < right.id ? -1 : left.id > right.id ? 1 : 0;
}

function readEvents(file: string): LogEvent[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  // a process that was killed while writing may leave half a line; the next append must not continue it
  if (whole.length < text.length) truncateSync(file, Buffer.byteLength(whole));
  const lines = whole.split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as LogEvent);
}

function shortHash(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 32);
}
