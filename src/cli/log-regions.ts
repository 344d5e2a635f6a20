// The log of an environment in several regions as one: in order of time, or as lines come.
import { FxError } from '../base/error.ts';
import type { Context } from '../operate/context.ts';
import type { LogLine } from '../operate/logs.ts';
import type { Environment } from '../project/environment.ts';
import type { Arguments, Invocation, Options } from './command.ts';
import type { Output } from './outputs.ts';
import { ofRegion } from './regions.ts';
import type { RegionLine } from './render/log-text.ts';
import { openSession } from './session.ts';

export interface RegionSession {
  readonly environment: Environment;
  readonly context: Context;
}

/** One for each region of the environment, or for the one that --region names. */
export async function openRegions(
  invocation: Invocation<'environment', Arguments, Options, Output>,
): Promise<readonly [RegionSession, ...RegionSession[]]> {
  const first = await openSession(invocation);
  const { regions } = first.environment;
  if (regions === undefined || invocation.common.region !== undefined) return [first];
  const others = regions.names.filter((region) => region !== first.environment.region);
  const sessions = await Promise.all(
    // the first has said what there is to warn of
    others.map((region) =>
      openSession({ ...invocation, report: () => {}, common: { ...invocation.common, region } }).then((session) => ({
        ...session,
        context: { ...session.context, report: invocation.report },
      })),
    ),
  );
  return [first, ...sessions];
}

type Lines = AsyncGenerator<LogLine, void>;

/** The lines of all regions. `count`: at most so many, the newest. */
export async function* merged(
  sessions: readonly RegionSession[],
  read: (session: RegionSession) => Lines,
  { follow, count }: { readonly follow: boolean; readonly count: number | undefined },
): AsyncGenerator<RegionLine> {
  const [only] = sessions;
  if (only !== undefined && sessions.length === 1) return yield* read(only);
  const logs = new Map(
    sessions.map((session) => {
      const { region } = session.environment;
      return [region, naming(region, read(session))];
    }),
  );
  try {
    if (follow) yield* asTheyCome(logs);
    else if (count === undefined) yield* inOrder(logs);
    else {
      const newest: RegionLine[] = [];
      for await (const line of inOrder(logs)) {
        newest.push(line);
        if (newest.length > count) newest.shift();
      }
      yield* newest;
    }
  } finally {
    // one that failed, or a reader that has enough, ends the others
    await Promise.allSettled([...logs.values()].map((lines) => lines.return()));
  }
}

/** Each line with its region, in order of time. A stack trace stays in one piece. */
async function* inOrder(logs: ReadonlyMap<string, Lines>): AsyncGenerator<RegionLine> {
  const heads = await Promise.all(
    [...logs].map(async ([region, lines]) => ({ region, lines, next: await lines.next() })),
  );
  let last: (typeof heads)[number] | undefined;
  for (;;) {
    const open = heads.filter((head) => head.next.done !== true);
    if (open.length === 0) return;
    const goesOn = last?.next.done !== true && (last?.next.value as LogLine | undefined)?.continues === true;
    const earliest = goesOn
      ? (last as (typeof heads)[number])
      : open.reduce((before, head) => (timeOf(head.next) < timeOf(before.next) ? head : before));
    yield { ...(earliest.next.value as LogLine), region: earliest.region };
    earliest.next = await earliest.lines.next();
    last = earliest;
  }
}

const timeOf = (next: IteratorResult<LogLine, void>): number => (next.value as LogLine).time.getTime();

/** Each line with its region, as it comes. */
async function* asTheyCome(logs: ReadonlyMap<string, Lines>): AsyncGenerator<RegionLine> {
  const pending = new Map(
    [...logs].map(([region, lines]) => [region, lines.next().then((next) => ({ region, lines, next }))]),
  );
  while (pending.size > 0) {
    const { region, lines, next } = await Promise.race(pending.values());
    if (next.done === true) {
      pending.delete(region);
      continue;
    }
    pending.set(
      region,
      lines.next().then((following) => ({ region, lines, next: following })),
    );
    yield { ...next.value, region };
  }
}

/** Names the region in which reading failed. */
async function* naming(region: string, lines: Lines): Lines {
  try {
    yield* lines;
  } catch (error) {
    if (error instanceof FxError && error.code === 'INTERRUPTED') throw error;
    throw ofRegion(region, error, '--region reads one of them');
  }
}
