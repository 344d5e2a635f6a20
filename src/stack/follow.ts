// Watches a stack until it is idle, and reports the progress of each resource.
import { randomUUID } from 'node:crypto';
import type { StackDescription, StackEvent, Stacks } from '../aws/aws.ts';
import { interruption, pause } from '../base/interrupt.ts';
import type { Reporter } from '../base/report.ts';
import { type NestedEvent, NestedStacks } from './nested.ts';
import { pollDelay } from './polling.ts';
import { Progress } from './progress.ts';
import { isAtRest } from './status.ts';

export interface FollowOptions {
  readonly stacks: Stacks;
  readonly report: Reporter;
  readonly signal: AbortSignal;
  /** Milliseconds between polls. */
  readonly pollMs: number;
  /** How many resources should change; 0 if unknown. */
  readonly expected: number;
  /** The change was seen in progress: when the stack is idle, it is done, even without an event. */
  readonly underWay?: boolean;
  /** The token of the change. Its events end it, even if somebody else's change has begun by the next poll. */
  readonly token?: string;
}

export interface Followed {
  /** Undefined once the stack is deleted. */
  readonly stack: StackDescription | undefined;
  /** The final status of the change; undefined if the stack is gone. */
  readonly status: string | undefined;
  /** The events since the mark, oldest first. */
  readonly events: readonly StackEvent[];
}

/** If a change has not begun by then, it had nothing to do. */
const beginsWithinMs = 30_000;

/** Marks the calls of one change, to distinguish its events from others. */
export function newToken(): string {
  return `fx-${randomUUID()}`;
}

/** The newest event's id: later events belong to the change that starts next. */
export async function mark(stacks: Stacks, id: string | undefined): Promise<string | undefined> {
  if (id === undefined) return undefined;
  return (await stacks.newestEvent(id))?.id;
}

/** Resolves when the stack is idle, with any outcome. `id` is a stack id, so that a deleted stack is still found. */
export async function follow(id: string, since: string | undefined, options: FollowOptions): Promise<Followed> {
  try {
    return await watch(id, since, options);
  } catch (error) {
    if (!options.signal.aborted) throw error;
    throw interruption('CloudFormation continues the change; run the same command again to wait for it');
  }
}

const stackType = 'AWS::CloudFormation::Stack';

async function watch(id: string, since: string | undefined, options: FollowOptions): Promise<Followed> {
  const { stacks, report, signal, pollMs } = options;
  const seen: StackEvent[] = [];
  const progress = new Progress(options.expected);
  const nested = new NestedStacks(stacks);
  let last = since;
  let heard = Date.now();
  const patience = heard + beginsWithinMs;
  for (;;) {
    // read the status before the events, so that no event is missed when the stack is idle
    const stack = await stacks.describe(id);
    const fresh = [...(await stacks.events(id, last))].reverse();
    const isOwn = ({ physicalId, type }: StackEvent) => physicalId === id && type === stackType;
    const ended = fresh.find(
      (event) => isOwn(event) && options.token !== undefined && event.token === options.token && isAtRest(event.status),
    );
    // what follows belongs to somebody else's change
    const events = ended === undefined ? fresh : fresh.slice(0, fresh.indexOf(ended) + 1);
    for (const event of events) {
      last = event.id;
      seen.push(event);
      if (!isOwn(event)) nested.note(event, []);
    }
    const inside = await nested.fresh(seen[0]?.time);
    for (const { event, path } of inTheirOrder(events, inside)) {
      if (path.length > 0 || !isOwn(event)) report(progress.add(event, path, Date.now()));
      else if (/ROLLBACK_IN_PROGRESS$/.test(event.status)) report({ kind: 'rolling-back' });
    }
    if (fresh.length + inside.length > 0) heard = Date.now();
    // the stack was read before this event: its outputs may be outdated
    if (ended !== undefined) return { stack: await stacks.describe(id), status: ended.status, events: seen };
    // the status may lag behind an accepted change: its events show that it has begun
    const begun = options.underWay === true || seen.length > 0 || since === undefined || Date.now() > patience;
    if (stack === undefined || (isAtRest(stack.status) && begun)) return { stack, status: stack?.status, events: seen };
    await pause(pollDelay(pollMs, Date.now() - heard), signal);
  }
}

/** By time, and those of nested stacks first: what fails in one makes it fail in its parent. */
function inTheirOrder(events: readonly StackEvent[], inside: readonly NestedEvent[]): readonly NestedEvent[] {
  return [...inside, ...events.map((event) => ({ event, path: [] }))].sort(
    (a, b) => a.event.time.getTime() - b.event.time.getTime(),
  );
}
