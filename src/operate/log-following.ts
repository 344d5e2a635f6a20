// Follows log groups until interrupted: what was written before, in order of time, then new lines as they come.
import { FxError } from '../base/error.ts';
import { pause } from '../base/interrupt.ts';
import { LogFollower, mostGroupsAPoll, type NewEvent, sweepMs } from './log-follower.ts';
import { type LogLine, LogOrder } from './log-lines.ts';
import { liveEvents, ShownOnce } from './log-live.ts';
import { LogReader } from './log-reader.ts';
import { mergedLines, newestLines, type Search } from './log-search.ts';

/** More than this is read before the first poll, page by page. */
const longMs = 15 * 60_000;

/** Interrupting it is not an error. */
export async function* followLines(search: Search): AsyncGenerator<LogLine> {
  let newest = search.since;
  try {
    for await (const line of linesFrom(search)) {
      if (line.time > newest) newest = line.time;
      yield line;
    }
  } catch (error) {
    if (search.context.signal.aborted) return;
    if (!(error instanceof FxError) || error.code !== 'AWS_CREDENTIALS' || newest === search.since) throw error;
    const next = `then --since ${newest.toISOString()} continues where this ends`;
    throw new FxError(error.code, error.message, {
      hint: error.hint === undefined ? next : `${error.hint}; ${next}`,
      cause: error.cause,
    });
  }
}

async function* linesFrom(search: Search): AsyncGenerator<LogLine> {
  const { context, options, sources, since } = search;
  const { count } = options;
  const began = context.now();
  if (count !== undefined) {
    const shownLines: LogLine[] = [];
    for await (const line of newestLines(search, count)) {
      shownLines.push(line);
      yield line;
    }
    // all lines from the oldest shown one on were shown, as far as they had arrived
    const oldest = shownLines[0]?.time.getTime();
    return yield* newLines(search, { since: new Date(oldest === undefined ? began : oldest + 1), shownLines });
  }
  if (sources.length <= mostGroupsAPoll && began - since.getTime() <= longMs) {
    return yield* newLines(search, { since, shownLines: [] });
  }
  // in order over all groups, and without all of it in memory
  const from = Math.max(since.getTime(), began - sweepMs);
  const shownLines: LogLine[] = [];
  for await (const line of mergedLines(search, new Set())) {
    if (line.time.getTime() >= from) shownLines.push(line);
    yield line;
  }
  yield* newLines(search, { since: new Date(from), shownLines });
}

interface From {
  readonly since: Date;
  /** What was shown since then. */
  readonly shownLines: readonly LogLine[];
}

async function* newLines(search: Search, from: From): AsyncGenerator<LogLine> {
  const { context, selects } = search;
  const reader = new LogReader(context, { isPatient: true });
  const order = new LogOrder();
  for await (const events of followedEvents(search, { ...from, reader })) {
    const blocks = [...events.flatMap(({ event, source }) => order.push(event, source)), ...order.flush()];
    yield* blocks.flatMap((block) => selects(block)).flat();
  }
}

interface Following extends From {
  readonly reader: LogReader;
}

async function* followedEvents(search: Search, following: Following): AsyncGenerator<readonly NewEvent[]> {
  const { context, options, sources, environment, identity, pattern } = search;
  const { shownLines, reader } = following;
  const { now } = context;
  if (!options.live) return yield* polledEvents(search, following);
  const partition = identity.arn.split(':')[1] ?? 'aws';
  const arnOf = (group: string) => `arn:${partition}:logs:${environment.region}:${identity.account}:log-group:${group}`;
  const shown = new ShownOnce(shownLines);
  const since = yield* liveEvents({ sources, arnOf, since: following.since, pattern, shown, now }, context, reader);
  shown.beginPolls(now());
  for await (const events of polledEvents(search, { ...following, since })) {
    yield events.filter(({ event }) => shown.isNew(event, 'polled'));
  }
}

async function* polledEvents(
  { context, sources, pattern }: Search,
  { since, shownLines: shown, reader }: Following,
): AsyncGenerator<readonly NewEvent[]> {
  const follower = new LogFollower(sources, { since, pattern, shown, now: context.now }, reader);
  let isAwaiting = false;
  for (let poll = 0; ; poll++) {
    yield await follower.poll();
    if (!isAwaiting && poll + 1 >= follower.pollsARound && follower.missing.size > 0) {
      isAwaiting = true;
      const { missing } = follower;
      const functions = sources.filter(({ group }) => missing.has(group)).flatMap((source) => source.functions);
      context.report({ kind: 'logs-missing', functions, awaited: true });
    }
    await pause(context.pollMs / follower.pollsARound, context.signal);
  }
}
