// fx logs: shows log lines of functions in order of time, and follows new ones.
import type { Environment } from '../project/environment.ts';
import { readIndex } from '../release/ledger.ts';
import type { Release } from '../release/record.ts';
import { findRelease } from '../release/target.ts';
import { findStores } from '../stack/bootstrap.ts';
import { type Context, identify, ledgerPlace, notDeployed } from './context.ts';
import { followLines } from './log-following.ts';
import type { LogLine } from './log-lines.ts';
import { allLines, linesOfRequest, newestLines, type Search } from './log-search.ts';
import { type LogOptions, selection } from './log-selection.ts';
import { chosenSources } from './log-source.ts';

export type { LogLine } from './log-lines.ts';
export { allLogs, type LogOptions } from './log-selection.ts';

const minuteMs = 60_000;
const weekMs = 7 * 24 * 60 * minuteMs;
/** From so many groups on, reading each once takes ten seconds or more. */
const manyGroups = 50;

/** Yields each line once. Ends after the last one or, with `follow`, at the signal. Throws NOT_DEPLOYED if there is no stack and no log. */
export async function* logs(environment: Environment, options: LogOptions, context: Context): AsyncGenerator<LogLine> {
  const sources = chosenSources(environment, options.names);
  const identity = await identify(environment, context);
  const release = await releaseOf(environment, options, context);
  const agoMs = options.count === undefined && options.requestId === undefined ? 10 * minuteMs : weekMs;
  const since = options.since ?? (release === undefined ? new Date(context.now() - agoMs) : new Date(release.time));
  const selects = selection(options, release);
  // the lines of an invocation are told by those before them, which a pattern would leave out
  const pattern = options.requestId === undefined ? options.pattern : undefined;
  const search: Search = { environment, options, context, sources, selects, since, identity, pattern };
  if (sources.length >= manyGroups && context.aws.endpoint === undefined) {
    // busy groups are searched more often, which leaves four of the five searches a second
    const isFollowed = options.follow || options.live;
    const seconds = Math.ceil(sources.length / (isFollowed ? 4 : 4.5));
    context.report({ kind: 'logs-slow', groups: sources.length, seconds, follow: isFollowed });
  }
  if (options.follow || options.live) yield* followLines(search);
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
