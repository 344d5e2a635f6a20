// The log groups of an environment's functions, and whose lines their streams have.
import { FxError } from '../base/error.ts';
import type { Environment, EnvironmentFunction } from '../project/environment.ts';
import { namesMatching } from './context.ts';

export interface StreamOwner {
  /** As in project.yml. */
  readonly functionName: string;
  /** The version that wrote the stream; undefined if Lambda did not write it. */
  readonly version: string | undefined;
}

/** A log group, which several functions may share: it is read once. */
export interface LogSource {
  readonly group: string;
  /** The chosen functions that write to it. */
  readonly functions: readonly string[];
  /** Undefined for the streams of others. */
  ownerOf(stream: string): StreamOwner | undefined;
}

/**
 * `2026/11/26/name[version]id`; in the group that Lambda makes by itself, without the name.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html
 */
const streamName = /^\d{4}\/\d\d\/\d\d\/([^[\]]*)\[([^\]]+)\]/;

export function logSources(
  chosen: readonly EnvironmentFunction[],
  all: readonly EnvironmentFunction[],
): readonly LogSource[] {
  const groups = new Set(chosen.flatMap(({ logGroup }) => (logGroup === undefined ? [] : [logGroup])));
  return [...groups].map((group) => {
    const writers = chosen.filter(({ logGroup }) => logGroup === group);
    const isShared = all.filter(({ logGroup }) => logGroup === group).length > 1;
    const named = new Map(writers.map(({ physicalName, name }) => [physicalName, name]));
    const only = isShared ? undefined : writers[0]?.name;
    return {
      group,
      functions: writers.map(({ name }) => name),
      ownerOf(stream) {
        const [, written = '', version] = streamName.exec(stream) ?? [];
        const functionName = written === '' ? only : named.get(written);
        return functionName === undefined ? undefined : { functionName, version };
      },
    };
  });
}

/** Those of the functions that the patterns choose, by default of all. Throws USAGE if a pattern has no match, or none of them writes logs. */
export function chosenSources({ functions }: Environment, patterns: readonly string[]): readonly LogSource[] {
  const names = functions.map(({ name }) => name);
  const matching = new Set(patterns.length > 0 ? namesMatching(patterns, names) : names);
  const chosen = functions.filter(({ name }) => matching.has(name));
  const sources = logSources(chosen, functions);
  if (sources.length > 0 || chosen.length === 0) return sources;
  const few = chosen.map(({ name }) => `"${name}"`).join(', ');
  throw new FxError('USAGE', `${few} ${chosen.length === 1 ? 'writes' : 'write'} no logs: logging is false`);
}
