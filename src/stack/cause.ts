// Why a change failed: the first real failure among a stack's events, followed into nested stacks.
import type { StackEvent, Stacks } from '../aws/aws.ts';
import { findHint } from './hints/index.ts';

export interface Cause {
  readonly logicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  /** What to do about it; undefined for an uncommon reason. */
  readonly hint: string | undefined;
  /** The logical ids of the nested stacks that lead to the resource, from the root down. */
  readonly stackPath: readonly string[];
}

// CloudFormation's reason for resources that stopped because another failed.
const consequence = /^(Resource (creation|update|deletion) cancelled|The following resource\(s\) failed)/i;

/** Whether a resource only stopped because another failed. */
export function isConsequence(reason: string): boolean {
  return consequence.test(reason);
}

const stackType = 'AWS::CloudFormation::Stack';
/** CloudFormation nests no deeper than this. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const deepest = 5;

/** The earliest failure that is not a consequence of another. `events`, in any order, belong to the change; `stackId` to the stack. */
export async function findCause(
  stacks: Pick<Stacks, 'events'>,
  stackId: string,
  events: readonly StackEvent[],
): Promise<Cause | undefined> {
  const stackPath: string[] = [];
  let first = firstFailure(events, stackId);
  const since = Math.min(...events.map(({ time }) => time.getTime()));
  while (first !== undefined && isNested(first, stackId) && stackPath.length < deepest) {
    const nestedId = first.physicalId ?? '';
    // events of earlier changes are included
    const nested = (await stacks.events(nestedId, undefined)).filter(({ time }) => time.getTime() >= since);
    const inside = firstFailure(nested, nestedId);
    if (inside === undefined || inside.physicalId === nestedId) break;
    stackPath.push(first.logicalId);
    first = inside;
  }
  if (first === undefined) return undefined;
  const { logicalId, type, status } = first;
  const reason = plainReason(first.reason ?? '');
  return { logicalId, type, status, reason, hint: findHint({ type, reason })?.hint, stackPath };
}

function isNested({ type, physicalId }: StackEvent, stackId: string): boolean {
  return type === stackType && physicalId !== undefined && physicalId !== '' && physicalId !== stackId;
}

function firstFailure(events: readonly StackEvent[], stackId: string): StackEvent | undefined {
  const failures = events
    .filter(({ status, reason }) => status.endsWith('_FAILED') && reason !== undefined && !isConsequence(reason))
    .sort((a, b) => a.time.getTime() - b.time.getTime());
  // the stack's event only sums up; it counts if no resource says more
  return failures.find(({ type, physicalId }) => type !== stackType || physicalId !== stackId) ?? failures[0];
}

/** The handler's message, without request ids. */
export function plainReason(reason: string): string {
  const inner = /Resource handler returned message: "(.*)" \(RequestToken: [^)]*\)$/s.exec(reason)?.[1] ?? reason;
  return inner
    .replace(/\s*\((?:Service: [^()]*|(?:Status Code: \d+, )?Request ID: [^()]*)\)/, '')
    .replace(/\s*\(SDK Attempt Count: \d+\)/, '')
    .trim();
}
