// Why a change failed: the first real failure among a stack's events, followed into nested stacks.
import type { OperationFailure, StackEvent, Stacks } from '../aws/aws.ts';
import type { Path } from '../cfn/resource-schema.ts';
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
  /** Where in the resource, such as `Properties.DelaySeconds`; empty if CloudFormation does not tell. */
  readonly path: Path;
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

/** A change that failed. */
export interface FailedChange {
  readonly stackId: string;
  /** Undefined if nothing tells it. */
  readonly operation: string | undefined;
  /** In any order; none of earlier changes. */
  readonly events: readonly StackEvent[];
}

/** The earliest failure that is not a consequence of another; or all that CloudFormation found wrong before it began. */
export async function findCauses(
  stacks: Pick<Stacks, 'events' | 'failures'>,
  { stackId, operation, events }: FailedChange,
): Promise<readonly Cause[]> {
  const found = operation === undefined ? undefined : await stacks.failures(operation);
  const failures = found?.filter((failure) => failure.stackId === stackId) ?? [];
  const invalid = failures.filter(({ status }) => status === 'VALIDATION_FAILED');
  if (invalid.length > 0) return invalid.map((failure) => causeOf(failure, { path: pathOf(failure) }));
  const all = [...failures, ...events];
  const cause =
    (await firstCause(stacks, { stackId, failures, all })) ??
    (await firstCause(stacks, { stackId, failures: all, all }));
  return cause === undefined ? [] : [cause];
}

interface Failed {
  readonly stackId: string;
  readonly failures: readonly StackEvent[];
  /** Every event of the change. */
  readonly all: readonly StackEvent[];
}

async function firstCause(stacks: Pick<Stacks, 'events'>, failed: Failed): Promise<Cause | undefined> {
  const { stackId } = failed;
  const stackPath: string[] = [];
  let first = firstFailure(failed.failures, stackId);
  let around = failed.all;
  const since = Math.min(...around.map(({ time }) => time.getTime()));
  while (first !== undefined && isNested(first, stackId) && stackPath.length < deepest) {
    const nestedId = first.physicalId ?? '';
    // events of earlier changes are included
    const nested = (await stacks.events(nestedId, undefined)).filter(({ time }) => time.getTime() >= since);
    const inside = firstFailure(nested, nestedId);
    if (inside === undefined || inside.physicalId === nestedId) break;
    stackPath.push(first.logicalId);
    first = inside;
    around = nested;
  }
  return first === undefined ? undefined : causeOf(withHookReason(first, around), { stackPath });
}

function causeOf(
  { logicalId, type, status, reason: written = '' }: StackEvent,
  { stackPath = [], path = [] }: Partial<Pick<Cause, 'stackPath' | 'path'>>,
): Cause {
  const reason = plainReason(written);
  return { logicalId, type, status, reason, hint: findHint({ type, reason })?.hint, stackPath, path };
}

/** A hook has an event of its own for what it says; the failure of the resource only names it. */
function withHookReason(failure: StackEvent, events: readonly StackEvent[]): StackEvent {
  if (!/The following hook\(s\) failed/.test(failure.reason ?? '')) return failure;
  const said = events.filter(
    ({ logicalId, hookReason }) => logicalId === failure.logicalId && hookReason !== undefined,
  );
  const reasons = [...new Set(said.map(({ hookReason }) => hookReason))];
  return reasons.length === 0 ? failure : { ...failure, reason: `${failure.reason}: ${reasons.join('; ')}` };
}

/** `/Resources/Jobs/Properties/Tags/0` → `Properties.Tags.0`. */
function pathOf({ path = '' }: OperationFailure): Path {
  const [, section, , ...rest] = path.split('/');
  return section === 'Resources' ? rest.map((step) => (/^\d+$/.test(step) ? Number(step) : step)) : [];
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
