// Follows log groups: each poll looks back over what was read, since CloudWatch Logs delivers events late and out of order, and knows
// by their ids which lines are new.
import { createHash } from 'node:crypto';
import type { LogEvent } from '../aws/aws.ts';
import { eachFunction } from './context.ts';
import { byTime } from './log-lines.ts';
import type { LogReader } from './log-reader.ts';
import type { LogSource } from './log-source.ts';

/** How far each poll looks back. */
const overlapMs = 10_000;
/** How far a poll of a group does every 20 seconds: some events come a minute late. */
export const sweepMs = 120_000;
const sweepEveryMs = 20_000;
/** Groups in a poll: more would delay the lines of the first until the last has answered. */
export const mostGroupsAPoll = 10;
/** Lines that a group is remembered to have shown. A busier group looks back less far. */
const mostSeen = 50_000;
/** Long before the first poll. */
const neverPolled = -1_000_000;
/** A quiet group is polled less often, down to this fraction of the pace. */
const slowest = 16;

interface Followed {
  readonly source: LogSource;
  /** By key, the time. */
  readonly seen: Map<string, number>;
  /** Nothing before this time is read again. */
  floor: number;
  newest: number;
  sweptAt: number;
  polledAt: number;
  /** 1 for a busy group. */
  slowness: number;
}

export interface FollowOptions {
  readonly since: Date;
  readonly pattern: string | undefined;
  /** In the AWS that the groups are in. */
  now(): number;
  /** Events that were shown before. */
  readonly shown?: readonly LogEvent[];
}

export interface NewEvent {
  readonly event: LogEvent;
  readonly source: LogSource;
}

export class LogFollower {
  readonly #reader: LogReader;
  readonly #options: FollowOptions;
  readonly #followed: readonly Followed[];
  readonly #missing: Set<string>;
  #polls = 0;

  constructor(sources: readonly LogSource[], options: FollowOptions, reader: LogReader) {
    const floor = options.since.getTime();
    this.#reader = reader;
    this.#options = options;
    this.#missing = new Set();
    this.#followed = sources.map((source) => ({
      source,
      seen: new Map(
        (options.shown ?? [])
          .filter(({ group }) => group === source.group)
          .map((event) => [keyOf(event), event.time.getTime()]),
      ),
      floor,
      newest: floor,
      sweptAt: 0,
      polledAt: neverPolled,
      slowness: 1,
    }));
  }

  /** The groups that did not exist at their last poll. */
  get missing(): ReadonlySet<string> {
    return this.#missing;
  }

  /** How many polls it takes to reach each group once. */
  get pollsARound(): number {
    return Math.max(1, Math.ceil(this.#followed.length / mostGroupsAPoll));
  }

  /** The new events of the groups that are due most, in order of time. */
  async poll(): Promise<readonly NewEvent[]> {
    const poll = this.#polls++;
    const urgency = ({ polledAt, slowness }: Followed) => (poll - polledAt) / slowness;
    const due = [...this.#followed].sort((a, b) => urgency(b) - urgency(a)).slice(0, mostGroupsAPoll);
    const found = await eachFunction(due, async (followed) => {
      followed.polledAt = poll;
      return this.#read(followed);
    });
    return found.flat().sort((left, right) => byTime(left.event, right.event));
  }

  async #read(followed: Followed): Promise<readonly NewEvent[]> {
    const { source, seen } = followed;
    const { pattern, now } = this.#options;
    // events may have a time in the future: the next ones may not
    const reached = () => Math.min(followed.newest, now());
    const isSweep = now() - followed.sweptAt >= sweepEveryMs;
    if (isSweep) followed.sweptAt = now();
    const since = Math.max(followed.floor, reached() - (isSweep ? sweepMs : overlapMs));
    const pages = this.#reader.pages({ group: source.group, since: new Date(since), pattern });
    const added: NewEvent[] = [];
    let page = await pages.next();
    for (; page.done !== true; page = await pages.next()) {
      for (const event of page.value) {
        const time = event.time.getTime();
        const key = keyOf(event);
        if (time < followed.floor || seen.has(key)) continue;
        seen.set(key, time);
        added.push({ event, source });
        followed.newest = Math.max(followed.newest, time);
      }
      if (seen.size > 2 * mostSeen) forget(followed, followed.floor);
    }
    if (page.value) this.#missing.delete(source.group);
    else this.#missing.add(source.group);
    followed.slowness = added.length > 0 ? 1 : Math.min(slowest, followed.slowness * 2);
    forget(followed, reached() - sweepMs);
    return added;
  }
}

/** Forgets lines before a time, or more if there are too many; what is forgotten is not read again. */
function forget(followed: Followed, before: number): void {
  const { seen } = followed;
  let floor = Math.max(followed.floor, before);
  if (seen.size > mostSeen) {
    const times = [...seen.values()].sort((a, b) => b - a);
    floor = Math.max(floor, (times[mostSeen - 1] ?? 0) + 1);
  }
  followed.floor = floor;
  for (const [key, time] of seen) if (time < floor) seen.delete(key);
}

/** Some emulators repeat event ids, so the key has all of the event. */
export function keyOf({ id, group, stream, time, message }: LogEvent): string {
  return createHash('sha1').update(`${id}\0${group}\0${stream}\0${time.getTime()}\0${message}`).digest('base64');
}
