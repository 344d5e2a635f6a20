// Watches a stack until it is at rest, and reports each resource as it goes.
import { randomUUID } from 'node:crypto';
import type { StackDescription, StackEvent, Stacks } from '../aws/aws.ts';
import { interruption, pause } from '../base/interrupt.ts';
import type { Reporter } from '../base/report.ts';
import { plainReason } from './cause.ts';
import { isAtRest } from './status.ts';

export interface FollowOptions {
  readonly stacks: Stacks;
  readonly report: Reporter;
  readonly signal: AbortSignal;
  /** Milliseconds between two looks. */
  readonly pollMs: number;
  /** How many resources are expected to move; 0 where it is not known. */
  readonly expected: number;
  /** The change was seen in progress: at rest means done, though no event came. */
  readonly underWay?: boolean;
  /** The token of the change that is followed. Its events end it, even where somebody else's change has begun by the next look. */
  readonly token?: string;
}

export interface Followed {
  /** Undefined once the stack is deleted. */
  readonly stack: StackDescription | undefined;
  /** The status in which the change ended; undefined where the stack is gone. */
  readonly status: string | undefined;
  /** What happened since the mark, oldest first. */
  readonly events: readonly StackEvent[];
}

/** A change that has not begun by then is taken to have had nothing to do. */
const beginsWithinMs = 30_000;

/** Marks the calls of one change, so that its events can be distinguished from others. */
export function newToken(): string {
  return `fx-${randomUUID()}`;
}

/** The newest event's id: later events belong to the change that starts next. */
export async function mark(stacks: Stacks, id: string | undefined): Promise<string | undefined> {
  if (id === undefined) return undefined;
  return (await stacks.newestEvent(id))?.id;
}

/** Resolves when the stack is at rest, however it ended. `id` is a stack id, so that a deleted stack is still found. */
export async function follow(id: string, since: string | undefined, options: FollowOptions): Promise<Followed> {
  try {
    return await watch(id, since, options);
  } catch (error) {
    if (!options.signal.aborted) throw error;
    throw interruption('CloudFormation continues what it has begun; the same command again waits for it');
  }
}

async function watch(id: string, since: string | undefined, options: FollowOptions): Promise<Followed> {
  const { stacks, report, signal, pollMs } = options;
  const seen: StackEvent[] = [];
  const done = new Set<string>();
  let last = since;
  const patience = Date.now() + beginsWithinMs;
  for (;;) {
    // the status is read before the events, so that at rest no event is missed
    const stack = await stacks.describe(id);
    const fresh = [...(await stacks.events(id, last))].reverse();
    for (const event of fresh) {
      last = event.id;
      seen.push(event);
      if (event.physicalId === id && event.type === 'AWS::CloudFormation::Stack') {
        if (/ROLLBACK_IN_PROGRESS$/.test(event.status)) report({ kind: 'rolling-back' });
        if (options.token !== undefined && event.token === options.token && isAtRest(event.status)) {
          // the stack was read before this event: its outputs may be those from before
          return { stack: await stacks.describe(id), status: event.status, events: seen };
        }
        continue;
      }
      if (/_COMPLETE$|_FAILED$|_SKIPPED$/.test(event.status)) done.add(event.logicalId);
      const total = Math.max(options.expected, done.size);
      report({
        kind: 'resource',
        logicalId: event.logicalId,
        type: event.type,
        status: event.status,
        reason: event.reason === undefined ? undefined : plainReason(event.reason),
        done: done.size,
        total,
      });
    }
    // a change that was just accepted may not show in the status yet: its events say that it has begun
    const begun = options.underWay === true || seen.length > 0 || since === undefined || Date.now() > patience;
    if (stack === undefined || (isAtRest(stack.status) && begun)) return { stack, status: stack?.status, events: seen };
    await pause(pollMs, signal);
  }
}
