// fx logs: shows log lines of functions in order of time, and follows new ones.
import type { Identity, LogEvent } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import { pause } from '../base/interrupt.ts';
import type { Environment } from '../project/environment.ts';
import { readIndex } from '../release/ledger.ts';
import type { Release } from '../release/record.ts';
import { findRelease, type ReleaseName } from '../release/target.ts';
import { findStores } from '../stack/bootstrap.ts';
import { type Context, eachFunction, identify, ledgerPlace, namesMatching, notDeployed } from './context.ts';
import { LogFollower, type NewEvent } from './log-follower.ts';
import { byTime, type LogLine, LogOrder } from './log-lines.ts';
import { liveEvents, ShownOnce } from './log-live.ts';
import { LogReader } from './log-reader.ts';
import { type Selects, selection } from './log-selection.ts';
import { type LogSource, logSources } from './log-source.ts';

export type { LogLine } from './log-lines.ts';

/** What to show. `allLogs` is everything of the last ten minutes. */
export interface LogOptions {
  /** Names and patterns such as `auth*`. Empty: all functions. */
  readonly names: readonly string[];
  /** By default ten minutes ago; with a count or a request, a week; with a release, when that began. */
  readonly since: Date | undefined;
  readonly until: Date | undefined;
  readonly follow: boolean;
  /** Follow by Live Tail, which AWS charges by the minute. */
  readonly live: boolean;
  /** Only so many lines, the newest. */
  readonly count: number | undefined;
  /** A filter pattern of CloudWatch Logs. */
  readonly pattern: string | undefined;
  readonly grep: RegExp | undefined;
  readonly errors: boolean;
  /** Only the lines of one invocation. */
  readonly requestId: string | undefined;
  /** Only the lines of the versions of one release. */
  readonly release: ReleaseName | undefined;
}

export const allLogs: LogOptions = {
  names: [],
  since: undefined,
  until: undefined,
  follow: false,
  live: false,
  count: undefined,
  pattern: undefined,
  grep: undefined,
  errors: false,
  requestId: undefined,
  release: undefined,
};

const minuteMs = 60_000;
const weekMs = 7 * 24 * 60 * minuteMs;
/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html: startFromHead */
const firstOfNewestFirst = Date.UTC(2024, 0, 1);
const mostEventsAPage = 10_000;
/** From so many groups on, reading each once takes ten seconds or more. */
const manyGroups = 50;

interface Search {
  readonly environment: Environment;
  readonly options: LogOptions;
  readonly context: Context;
  readonly sources: readonly LogSource[];
  readonly selects: Selects;
  readonly since: Date;
  readonly identity: Identity;
}

/** Yields each line once. Ends after the last one or, with `follow`, at the signal. Throws NOT_DEPLOYED if there is no stack and no log. */
export async function* logs(environment: Environment, options: LogOptions, context: Context): AsyncGenerator<LogLine> {
  const names = environment.functions.map(({ name }) => name);
  const chosen = new Set(options.names.length > 0 ? namesMatching(options.names, names) : names);
  const functions = environment.functions.filter(({ name }) => chosen.has(name));
  const identity = await identify(environment, context);
  const release = await releaseOf(environment, options, context);
  const agoMs = options.count === undefined && options.requestId === undefined ? 10 * minuteMs : weekMs;
  const since = options.since ?? (release === undefined ? new Date(context.now() - agoMs) : new Date(release.time));
  const sources = logSources(functions, environment.functions);
  if (sources.length === 0 && functions.length > 0) {
    const few = functions.map(({ name }) => `"${name}"`).join(', ');
    throw new FxError('USAGE', `${few} ${functions.length === 1 ? 'writes' : 'write'} no logs: logging is false`);
  }
  const selects = selection(options, release);
  const search: Search = { environment, options, context, sources, selects, since, identity };
  if (sources.length >= manyGroups && context.aws.endpoint === undefined) {
    // busy groups are searched more often, which leaves four of the five searches a second
    const isFollowed = options.follow || options.live;
    const seconds = Math.ceil(sources.length / (isFollowed ? 4 : 4.5));
    context.report({ kind: 'logs-slow', groups: sources.length, seconds, follow: isFollowed });
  }
  if (options.follow || options.live) yield* follow(search);
  else if (options.requestId !== undefined) yield* linesOfRequest(search, options.requestId);
  else if (options.count !== undefined) yield* newestLines(search, options.count);
  else yield* allLines(search);
}

async function releaseOf(
  environment: Environment,
  { release: name }: LogOptions,
  { aws }: Context,
): Promise<Release | undefined> {
  if (name === undefined) return undefined;
  const stores = await findStores(aws);
  if (stores === undefined) throw notDeployed(environment);
  const place = ledgerPlace(environment, stores.bucket);
  const index = name.kind === 'number' ? { releases: [], unfinished: [] } : await readIndex(aws, place);
  return findRelease({ aws, place, index }, name);
}

/** Says which functions have no log; throws NOT_DEPLOYED if that is the reason. */
async function reportMissing({ environment, sources, context }: Search, missing: ReadonlySet<string>): Promise<void> {
  if (missing.size === 0) return;
  if (missing.size === sources.length) {
    const stack = await context.aws.stacks.describe(environment.stackName);
    if (stack === undefined) throw notDeployed(environment);
  }
  const functions = sources.filter(({ group }) => missing.has(group)).flatMap((source) => source.functions);
  context.report({ kind: 'logs-missing', functions, awaited: false });
}

/** The pages of a source as selected blocks, in order of time. Adds the group to `missing` if it does not exist. */
async function* selectedBlocks(
  { options: { pattern, until }, since, selects }: Search,
  source: LogSource,
  { reader, missing }: { readonly reader: LogReader; readonly missing: Set<string> },
): AsyncGenerator<readonly LogLine[]> {
  const order = new LogOrder();
  const pages = reader.pages({ group: source.group, since, until, pattern });
  for (;;) {
    const page = await pages.next();
    if (page.done === true) {
      if (!page.value) missing.add(source.group);
      break;
    }
    for (const event of page.value) yield* order.push(event, source).flatMap((block) => selects(block));
  }
  yield* order.flush().flatMap((block) => selects(block));
}

/** Merges the sources: one page of each is in memory. */
async function* allLines(search: Search): AsyncGenerator<LogLine> {
  const missing = new Set<string>();
  const reader = new LogReader(search.context);
  const heads = [
    ...(await eachFunction(search.sources, async (source) => {
      const blocks = selectedBlocks(search, source, { reader, missing });
      return { blocks, head: await blocks.next() };
    })),
  ];
  for (;;) {
    let first: (typeof heads)[number] | undefined;
    for (const candidate of heads) {
      if (candidate.head.done === true) continue;
      if (first === undefined || timeOfHead(candidate.head.value) < timeOfHead(first.head.value)) first = candidate;
    }
    if (first === undefined) break;
    yield* first.head.value as readonly LogLine[];
    first.head = await first.blocks.next();
  }
  await reportMissing(search, missing);
}

function timeOfHead(block: readonly LogLine[]): number {
  return block[0]?.time.getTime() ?? 0;
}

/** Reads each source from its newest event back until it has enough. */
async function* newestLines(search: Search, count: number): AsyncGenerator<LogLine> {
  const { context, options, selects, sources } = search;
  const { pattern, until, grep, errors, release } = options;
  const since = new Date(Math.max(search.since.getTime(), firstOfNewestFirst));
  const reader = new LogReader(context);
  const missing = new Set<string>();
  // what fx drops itself must be read in larger pages
  const drops = grep !== undefined || errors || release !== undefined;
  // some emulators have no order but the oldest first, which no limit may cut
  const isAws = context.aws.endpoint === undefined;
  const found = await eachFunction(sources, async (source) => {
    const ofOne = drops || source.functions.length > 1 || !isAws ? mostEventsAPage : Math.min(count, mostEventsAPage);
    const place = { group: source.group, since, until, pattern, newestFirst: true, limit: ofOne };
    const pages = reader.pages(place);
    const blocks: (readonly LogLine[])[] = [];
    for (let lines = 0; lines < count; ) {
      const page = await pages.next();
      if (page.done === true) {
        if (!page.value) missing.add(source.group);
        break;
      }
      const order = new LogOrder();
      const selected = [
        ...[...page.value]
          .reverse()
          .sort(byTime)
          .flatMap((event) => order.push(event, source)),
        ...order.flush(),
      ].flatMap((block) => selects(block));
      blocks.unshift(...selected);
      lines += selected.reduce((sum, { length }) => sum + length, 0);
    }
    return blocks;
  });
  const inOrder = found.flat().sort((left, right) => timeOfHead(left) - timeOfHead(right));
  yield* inOrder.flat().slice(-count);
  if (!options.follow && !options.live) await reportMissing(search, missing);
}

/** Finds the streams by the id, and reads there what is between the first and the last line that has it. */
async function* linesOfRequest(search: Search, requestId: string): AsyncGenerator<LogLine> {
  const { context, options, selects, sources, since } = search;
  const { until } = options;
  const reader = new LogReader(context);
  const missing = new Set<string>();
  const found = await eachFunction(sources, async (source) => {
    const { group } = source;
    const named = await eventsOf(reader.pages({ group, since, until, pattern: `"${requestId}"` }));
    if (named === undefined) missing.add(group);
    const first = named?.[0];
    const last = named?.at(-1);
    if (named === undefined || first === undefined || last === undefined) return [];
    const streams = [...new Set(named.map(({ stream }) => stream))].slice(0, mostStreams);
    const order = new LogOrder();
    const events = await eventsOf(reader.pages({ group, since: first.time, until: last.time, streams }));
    const blocks = [...(events ?? []).flatMap((event) => order.push(event, source)), ...order.flush()];
    return blocks.flatMap((block) => selects(block));
  });
  yield* found
    .flat()
    .sort((left, right) => timeOfHead(left) - timeOfHead(right))
    .flat();
  await reportMissing(search, missing);
}

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html */
const mostStreams = 100;

async function eventsOf(pages: AsyncGenerator<readonly LogEvent[], boolean>): Promise<LogEvent[] | undefined> {
  const events: LogEvent[] = [];
  for (;;) {
    const page = await pages.next();
    if (page.done === true) return page.value ? events : undefined;
    events.push(...page.value);
  }
}

/** Interrupting it is not an error. */
async function* follow(search: Search): AsyncGenerator<LogLine> {
  let newest = search.since;
  try {
    const { count } = search.options;
    const shown: LogLine[] = [];
    if (count !== undefined) {
      for await (const line of newestLines(search, count)) {
        shown.push(line);
        yield line;
      }
    }
    for await (const line of followingLines(search, shown)) {
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

async function* followingLines(search: Search, shownLines: readonly LogLine[]): AsyncGenerator<LogLine> {
  const { context, options, selects } = search;
  const reader = new LogReader(context, { isPatient: true });
  // all lines from the oldest shown one on were shown, as far as they had arrived
  const oldest = shownLines[0]?.time.getTime();
  const from = oldest === undefined ? context.now() : oldest + 1;
  const since = options.count === undefined ? search.since : new Date(from);
  // the lines of an invocation are told by those before them
  const pattern = options.requestId === undefined ? options.pattern : undefined;
  const order = new LogOrder();
  for await (const events of followedEvents(search, { since, pattern, shownLines, reader })) {
    const blocks = [...events.flatMap(({ event, source }) => order.push(event, source)), ...order.flush()];
    yield* blocks.flatMap((block) => selects(block)).flat();
  }
}

interface Following {
  readonly since: Date;
  readonly pattern: string | undefined;
  readonly shownLines: readonly LogLine[];
  readonly reader: LogReader;
}

async function* followedEvents(search: Search, following: Following): AsyncGenerator<readonly NewEvent[]> {
  const { context, options, sources, environment, identity } = search;
  const { pattern, shownLines, reader } = following;
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
  { context, sources }: Search,
  { since, pattern, shownLines: shown, reader }: Following,
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
