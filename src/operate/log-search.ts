// Searches of log groups that end: all lines of a time, the newest, or those of one invocation; each line once, in order of time.
import type { Identity, LogEvent } from '../aws/aws.ts';
import type { Environment } from '../project/environment.ts';
import { type Context, eachFunction, notDeployed } from './context.ts';
import { blocksOf, byTime, type LogLine, LogOrder } from './log-lines.ts';
import { LogReader } from './log-reader.ts';
import type { LogOptions, Selects } from './log-selection.ts';
import type { LogSource } from './log-source.ts';

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html: startFromHead */
const firstOfNewestFirst = Date.UTC(2024, 0, 1);
const mostEventsAPage = 10_000;

export interface Search {
  readonly environment: Environment;
  readonly options: LogOptions;
  readonly context: Context;
  readonly sources: readonly LogSource[];
  readonly selects: Selects;
  readonly since: Date;
  /** What AWS filters by. */
  readonly pattern: string | undefined;
  readonly identity: Identity;
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
  { options: { until }, pattern, since, selects }: Search,
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

export async function* allLines(search: Search): AsyncGenerator<LogLine> {
  const missing = new Set<string>();
  yield* mergedLines(search, missing);
  await reportMissing(search, missing);
}

/** Merges the sources: one page of each is in memory. Adds the groups that do not exist to `missing`. */
export async function* mergedLines(search: Search, missing: Set<string>): AsyncGenerator<LogLine> {
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
}

function timeOfHead(block: readonly LogLine[]): number {
  return block[0]?.time.getTime() ?? 0;
}

/** Reads each source from its newest event back until it has enough. */
export async function* newestLines(search: Search, count: number): AsyncGenerator<LogLine> {
  const { context, options, selects, sources, pattern } = search;
  const { until, grep, errors, release } = options;
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
      const selected = blocksOf([...page.value].reverse().sort(byTime), source).flatMap((block) => selects(block));
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
export async function* linesOfRequest(search: Search, requestId: string): AsyncGenerator<LogLine> {
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
    const events = await eventsOf(reader.pages({ group, since: first.time, until: last.time, streams }));
    return blocksOf(events ?? [], source).flatMap((block) => selects(block));
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
