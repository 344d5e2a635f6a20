// Brings a stack to a template: creates, updates, or makes anew what never lived; and says why where it cannot.
import type { Aws, StackDescription, StackEvent, StackInput } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import type { Reporter } from '../base/report.ts';
import { type Cause, causeOf } from './cause.ts';
import { follow, mark, newToken } from './follow.ts';
import { isClean, moveFor } from './status.ts';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
export const templateBodyLimit = 51_200;

export interface ApplyOptions {
  readonly report: Reporter;
  readonly signal: AbortSignal;
  readonly pollMs: number;
  readonly expected: number;
}

export interface Applied {
  readonly stack: StackDescription;
  readonly changed: boolean;
}

/** The change failed and the stack is at rest again; `cause` is the first real failure. */
export class StackFailure extends FxError {
  readonly stackCause: Cause | undefined;
  readonly status: string;
  constructor(message: string, status: string, cause: Cause | undefined, hint: string) {
    super('STACK_FAILED', message, { hint });
    this.status = status;
    this.stackCause = cause;
  }
}

type Tags = Readonly<Record<string, string>>;

/** The stack of these tags at rest, waiting where a change is under way. Throws STACK_FOREIGN. */
export async function settled(
  aws: Aws,
  name: string,
  tags: Tags,
  options: ApplyOptions,
): Promise<StackDescription | undefined> {
  const stack = await aws.stacks.describe(name);
  if (stack !== undefined) checkOwner(stack, tags);
  if (stack === undefined || moveFor(stack.status) !== 'wait') return stack;
  options.report({ kind: 'stage', text: `${name} is in ${stack.status}: waiting for the change that is under way` });
  const last = await mark(aws.stacks, stack.id);
  const { stack: rested } = await follow(stack.id, last, { ...options, stacks: aws.stacks, underWay: true });
  return rested?.status === 'DELETE_COMPLETE' ? undefined : rested;
}

/** Resolves when the stack holds the template. Throws StackFailure, STACK_STUCK or STACK_FOREIGN. */
export async function apply(aws: Aws, input: Omit<StackInput, 'token'>, options: ApplyOptions): Promise<Applied> {
  const before = await settled(aws, input.name, input.tags, options);
  const move = moveFor(before?.status);
  const following = { ...options, stacks: aws.stacks };
  const token = newToken();
  if (before !== undefined) checkMovable(before);
  if (before !== undefined && move === 'replace') {
    options.report({ kind: 'note', text: `${input.name} is in ${before.status} and never lived: making it anew` });
    const last = await mark(aws.stacks, before.id);
    await aws.stacks.delete(before.name, token);
    const { stack: gone, events } = await follow(before.id, last, { ...following, report: () => {} });
    if (gone !== undefined && gone.status !== 'DELETE_COMPLETE') throw failure(input.name, gone.status, events);
  }
  if (before === undefined || move !== 'update') {
    const id = await aws.stacks.create({ ...input, token });
    return finish(input.name, await follow(id, undefined, following));
  }
  const last = await mark(aws.stacks, before.id);
  if ((await aws.stacks.update({ ...input, token })) === 'unchanged') return { stack: before, changed: false };
  return finish(input.name, await follow(before.id, last, following));
}

function finish(
  name: string,
  { stack, events }: { stack: StackDescription | undefined; events: readonly StackEvent[] },
): Applied {
  if (stack === undefined || !isClean(stack.status)) throw failure(name, stack?.status ?? 'DELETE_COMPLETE', events);
  return { stack, changed: true };
}

function failure(name: string, status: string, events: readonly StackEvent[]): StackFailure {
  const cause = causeOf(events);
  const what =
    cause === undefined ? `${name} ended in ${status}` : `${cause.logicalId} (${cause.type}): ${cause.reason}`;
  return new StackFailure(what, status, cause, consequenceOf(status));
}

function consequenceOf(status: string): string {
  switch (status) {
    case 'UPDATE_ROLLBACK_COMPLETE':
      return 'CloudFormation has rolled back: what was live before is live still';
    case 'ROLLBACK_COMPLETE':
    case 'ROLLBACK_FAILED':
      return 'nothing was live before; the next deploy makes the stack anew';
    case 'UPDATE_ROLLBACK_FAILED':
      return 'the roll back failed too: look at the stack in the CloudFormation console and continue its roll back there';
    default:
      return `the stack is in ${status}`;
  }
}

/** Throws STACK_STUCK where a person must decide. The stack is taken to be at rest. */
export function checkMovable(stack: StackDescription): void {
  const move = moveFor(stack.status);
  if (move !== 'stuck' && move !== 'wait') return;
  throw new FxError(
    'STACK_STUCK',
    `${stack.name} is in ${stack.status}${stack.statusReason ? `: ${stack.statusReason}` : ''}`,
    {
      hint:
        stack.status === 'UPDATE_ROLLBACK_FAILED'
          ? 'continue its roll back in the CloudFormation console, then deploy again'
          : 'resolve it in the CloudFormation console, then deploy again',
    },
  );
}

/** A stack that another project or tool made is left alone. */
function checkOwner(stack: StackDescription, tags: Tags): void {
  for (const tag of ['fx:project', 'fx:environment']) {
    if (stack.tags[tag] !== tags[tag]) {
      const owner =
        stack.tags['fx:project'] === undefined
          ? 'was not made by fx'
          : `belongs to the project "${stack.tags['fx:project']}", environment "${stack.tags['fx:environment']}"`;
      throw new FxError('STACK_FOREIGN', `the stack ${stack.name} ${owner}`, {
        hint: 'choose another name in project.yml',
      });
    }
  }
}

/** Deletes a stack and waits until it is gone. */
export async function removeStack(aws: Aws, stack: StackDescription, options: ApplyOptions): Promise<void> {
  const last = await mark(aws.stacks, stack.id);
  await aws.stacks.delete(stack.name, newToken());
  const { stack: gone, events } = await follow(stack.id, last, { ...options, stacks: aws.stacks });
  if (gone !== undefined && gone.status !== 'DELETE_COMPLETE') throw failure(stack.name, gone.status, events);
}
