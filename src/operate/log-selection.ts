// Which lines fx logs shows: what the user asked for beyond a time and a filter pattern.
import { FxError } from '../base/error.ts';
import { compileLogFilter, LogFilterError } from '../cfn/log-filter.ts';
import type { Release } from '../release/record.ts';
import type { ReleaseName } from '../release/target.ts';
import type { LogLine } from './log-lines.ts';
import { isError } from './log-record.ts';

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

type LogConditions = Pick<LogOptions, 'pattern' | 'grep' | 'errors' | 'requestId'>;

/** The part of a block to show, as a block, or nothing. */
export type Selects = (block: readonly LogLine[]) => readonly (readonly LogLine[])[];

/** A line and its stack trace are shown or left out together. */
export function selection(
  { pattern, grep, errors, requestId }: LogConditions,
  release: Pick<Release, 'functions'> | undefined,
): Selects {
  const matchesBlock: ((block: readonly LogLine[]) => boolean)[] = [];
  const matchesLine: ((line: LogLine) => boolean)[] = [];
  if (grep !== undefined) matchesBlock.push((block) => block.some(({ message }) => grep.test(message)));
  if (errors) matchesBlock.push((block) => block.some(({ record }) => isError(record)));
  if (requestId !== undefined) {
    matchesLine.push((line) => line.requestId === requestId);
    // the search by the id takes the place of the pattern
    if (pattern !== undefined) matchesLine.push(patternMatches(pattern));
  }
  if (release !== undefined) {
    const { functions } = release;
    matchesLine.push(({ functionName, version }) => {
      const released = functions[functionName]?.version;
      return released !== undefined && version === released;
    });
  }
  return (block) => {
    if (!matchesBlock.every((matches) => matches(block))) return [];
    const lines = matchesLine.length === 0 ? block : block.filter((line) => matchesLine.every((fits) => fits(line)));
    return lines.length === 0 ? [] : [lines];
  };
}

function patternMatches(pattern: string): (line: LogLine) => boolean {
  try {
    const matches = compileLogFilter(pattern);
    return ({ message }) => matches(message);
  } catch (error) {
    if (!(error instanceof LogFilterError)) throw error;
    throw new FxError('USAGE', `--filter ${JSON.stringify(pattern)} is not a filter pattern of CloudWatch Logs`);
  }
}
