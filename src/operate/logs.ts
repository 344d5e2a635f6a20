// fx logs: what functions have written, in the order of time, and what they go on to write.
import type { LogEvent } from '../aws/aws.ts';
import { pause } from '../base/interrupt.ts';
import { logGroupName } from '../cfn/names.ts';
import type { Project } from '../project/project.ts';
import { type Context, findFunction, identify } from './context.ts';

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

/** CloudWatch may take in events late and out of order: a look back this far catches them. */
const overlapMs = 10_000;

/** Gives each line once, in order within a look. Ends when all is read, or, following, when the signal says so. */
export async function* logs(project: Project, options: LogOptions, context: Context): AsyncGenerator<LogLine> {
  const names =
    options.names.length > 0
      ? options.names.map((name) => findFunction(project, name).name)
      : project.functions.map(({ name }) => name);
  await identify(project, context);
  const seen = new Map<string, number>();
  let since = options.since;
  for (;;) {
    const found = await untilInterrupted(
      Promise.all(names.map((name) => read(project, name, since, options, context))),
      options,
      context,
    );
    if (found === undefined) return;
    const lines = found.flat().sort((a, b) => a.time.getTime() - b.time.getTime());
    for (const line of lines) {
      // not every emulator gives each event an id of its own
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

/** Following ends by being interrupted: then there is nothing more. */
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

async function read(
  project: Project,
  name: string,
  since: Date,
  options: LogOptions,
  context: Context,
): Promise<LogLine[]> {
  const logging = project.functions.find((settings) => settings.name === name)?.logging;
  if (logging === false) return [];
  const events = await context.aws.logs.filter({
    group: logging?.logGroup ?? logGroupName(project.names, name),
    since,
    ...(options.pattern === undefined ? {} : { pattern: options.pattern }),
  });
  return events.map((event) => ({ ...event, functionName: name }));
}
