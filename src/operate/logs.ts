// fx logs: shows the functions' log events in order of time, and follows new ones.
import type { LogEvent } from '../aws/aws.ts';
import { pause } from '../base/interrupt.ts';
import type { Environment, EnvironmentFunction } from '../project/environment.ts';
import { type Context, eachFunction, findFunction, identify } from './context.ts';

export interface LogOptions {
  /** Empty: all functions. */
  readonly names: readonly string[];
  readonly since: Date;
  readonly pattern: string | undefined;
  readonly follow: boolean;
}

export interface LogLine extends LogEvent {
  readonly functionName: string;
}

/** CloudWatch may deliver events late and out of order: each poll looks back this far. */
const overlapMs = 10_000;

/** Yields each line once, in order within a poll. Ends after the last event or, with `follow`, at the signal. */
export async function* logs(environment: Environment, options: LogOptions, context: Context): AsyncGenerator<LogLine> {
  const functions =
    options.names.length > 0 ? options.names.map((name) => findFunction(environment, name)) : environment.functions;
  await identify(environment, context);
  const seen = new Map<string, number>();
  let since = options.since;
  for (;;) {
    const read = await untilInterrupted(
      eachFunction(functions, (settings) => readLog(settings, { since, options, context })),
      options,
      context,
    );
    if (read === undefined) return;
    const lines = read.flat().sort((a, b) => a.time.getTime() - b.time.getTime());
    for (const line of lines) {
      // some emulators repeat event ids
      const key = `${line.functionName} ${line.id} ${line.time.getTime()} ${line.message}`;
      if (seen.has(key)) continue;
      seen.set(key, line.time.getTime());
      yield line;
    }
    if (!options.follow) return;
    const newest = lines.at(-1)?.time.getTime() ?? since.getTime();
    since = new Date(Math.max(options.since.getTime(), newest - overlapMs));
    for (const [key, time] of seen) if (time < since.getTime()) seen.delete(key);
    await untilInterrupted(pause(context.pollMs, context.signal), options, context);
  }
}

/** Interrupting `--follow` is not an error. */
async function untilInterrupted<T>(
  promise: Promise<T>,
  { follow }: LogOptions,
  { signal }: Context,
): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (follow && signal.aborted) return undefined;
    throw error;
  }
}

interface Look {
  readonly since: Date;
  readonly options: LogOptions;
  readonly context: Context;
}

async function readLog(
  { name, logGroup }: EnvironmentFunction,
  { since, options, context }: Look,
): Promise<readonly LogLine[]> {
  if (logGroup === undefined) return [];
  const events = await context.aws.logs.filter({
    group: logGroup,
    since,
    ...(options.pattern === undefined ? {} : { pattern: options.pattern }),
  });
  return events.map((event) => ({ ...event, functionName: name }));
}
