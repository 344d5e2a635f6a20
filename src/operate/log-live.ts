// Follows log groups by Live Tail, which sends lines as they are ingested. A poll at the start of each session finds what was written
// before it, and between two sessions; Live Tail's lines have no ids, so a line is known by all that it has.
import type { LiveUpdate, LogEvent } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import { unlessInterrupted } from '../base/interrupt.ts';
import { keyOf, LogFollower, type NewEvent } from './log-follower.ts';
import { byTime } from './log-lines.ts';
import type { LogReader, ReaderContext } from './log-reader.ts';
import type { LogSource } from './log-source.ts';

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartLiveTail.html */
export const mostLiveGroups = 10;
/** How far the poll at the start of a further session looks back before the last update: events come late. */
const overlapMs = 60_000;
/** A session that ends sooner was refused. */
const shortestMs = 10_000;
/** Lines are remembered for so long. */
const memoryMs = 300_000;
const mostKept = 100_000;

interface Counts {
  live: number;
  polled: number;
  shown: number;
  readonly time: number;
}

/** Lets each line through once, however it comes. A function may write the same line twice within a millisecond: both count. */
export class ShownOnce {
  readonly #counts = new Map<string, Counts>();

  constructor(shown: readonly LogEvent[] = []) {
    for (const event of shown) this.#countsOf(event).shown++;
  }

  /** `polled` events come once in each round of polls, `live` ones once. */
  isNew(event: LogEvent, how: 'live' | 'polled'): boolean {
    const counts = this.#countsOf(event);
    counts[how]++;
    if (counts[how] <= counts.shown) return false;
    counts.shown++;
    return true;
  }

  /** Polls begin again, and find what they have found before. */
  beginPolls(now: number): void {
    for (const [key, counts] of this.#counts) {
      counts.polled = 0;
      if (counts.time < now - memoryMs) this.#counts.delete(key);
    }
  }

  #countsOf(event: LogEvent): Counts {
    const key = keyOf({ ...event, id: '' });
    let counts = this.#counts.get(key);
    if (counts === undefined) {
      counts = { live: 0, polled: 0, shown: 0, time: event.time.getTime() };
      this.#counts.set(key, counts);
      if (this.#counts.size > mostKept) this.#counts.delete(this.#counts.keys().next().value ?? '');
    }
    return counts;
  }
}

export interface LiveOptions {
  readonly sources: readonly LogSource[];
  /** The ARN of a group by its name. */
  arnOf(group: string): string;
  readonly since: Date;
  readonly pattern: string | undefined;
  readonly shown: ShownOnce;
  now(): number;
}

/** Yields new events, in order of time within each update. Returns the time from which to poll when AWS offers no session any more. */
export async function* liveEvents(
  options: LiveOptions,
  context: ReaderContext,
  reader: LogReader,
): AsyncGenerator<readonly NewEvent[], Date> {
  const { sources, pattern, shown, now } = options;
  let { since } = options;
  let hasSaidSampled = false;
  const groups = new Map(sources.map(({ group }) => [options.arnOf(group), group]));
  const sourceOf = new Map(sources.map((source) => [source.group, source]));
  const fallBack = (reason: string) => {
    context.report({ kind: 'logs-polling', reason });
    return since;
  };
  if (groups.size > mostLiveGroups) {
    return fallBack(`it takes ${mostLiveGroups} log groups, not ${groups.size}`);
  }
  if (context.aws.endpoint === undefined) context.report({ kind: 'logs-live' });
  for (;;) {
    let updates: AsyncGenerator<LiveUpdate, void>;
    try {
      updates = await context.aws.logs.live({ groups, pattern });
    } catch (error) {
      if (!(error instanceof FxError) || !['AWS_REFUSED', 'AWS_UNREACHABLE'].includes(error.code)) throw error;
      return fallBack(error.message);
    }
    const began = now();
    shown.beginPolls(began);
    const before = await new LogFollower(sources, { since, pattern, now }, reader).poll();
    yield before.filter(({ event }) => shown.isNew(event, 'polled'));
    for (;;) {
      const update = await unlessInterrupted(updates.next(), context.signal);
      if (update.done === true) break;
      const { events, sampled } = update.value;
      since = new Date(Math.max(options.since.getTime(), now() - overlapMs));
      if (sampled && !hasSaidSampled) context.report({ kind: 'logs-sampled' });
      hasSaidSampled ||= sampled;
      yield [...events].sort(byTime).flatMap((event) => {
        const source = sourceOf.get(event.group);
        return source !== undefined && shown.isNew(event, 'live') ? [{ event, source }] : [];
      });
    }
    if (now() - began < shortestMs) return fallBack('its session ended at once');
  }
}
