// Makes a stack match a template: creates it, updates it, or recreates it if it was never created successfully. Explains failures.
import type { Aws, StackDescription, StackEvent, StackInput, StackOperation, Stacks } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import type { Reporter } from '../base/report.ts';
import { type Cause, findCauses } from './cause.ts';
import { type Followed, follow, mark, newToken } from './follow.ts';
import { isClean, moveFor } from './status.ts';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
export const templateBodyLimit = 51_200;

export interface ApplyOptions {
  /** False: BUSY instead of waiting for another change. */
  readonly wait?: boolean;
  readonly report: Reporter;
  readonly signal: AbortSignal;
  readonly pollMs: number;
  readonly expected: number;
}

export interface Applied {
  readonly stack: StackDescription;
  readonly changed: boolean;
  /** Resources that were created or updated. */
  readonly done: readonly Pick<StackEvent, 'logicalId' | 'type' | 'physicalId' | 'status'>[];
  /** Resources that left the stack and still exist. */
  readonly left: readonly Pick<StackEvent, 'type' | 'physicalId'>[];
}

/** The change failed and the stack is idle again; `causes` are the first real failure, or what CloudFormation found wrong before it
 * began; `consequence` is what is live now. */
export class StackFailure extends FxError {
  readonly causes: readonly Cause[];
  readonly consequence: string;
  constructor(message: string, causes: readonly Cause[], consequence: string) {
    super('STACK_FAILED', message, { hint: hintOf(causes[0], consequence) });
    this.causes = causes;
    this.consequence = consequence;
  }
}

/** What to do about the cause, then what is live now. */
export function hintOf(cause: Cause | undefined, consequence: string): string {
  return cause?.hint === undefined ? consequence : `${cause.hint}\n${consequence}`;
}

/** `Child/Queue (AWS::SQS::Queue)`. */
export function causeText({ stackPath, logicalId, type }: Cause): string {
  return `${[...stackPath, logicalId].join('/')} (${type})`;
}

export interface Owner {
  readonly tags: Readonly<Record<string, string>>;
  /** Whether a stack that no project of fx has made is taken over. */
  readonly adopts: boolean;
}

/** The stack with these tags, idle: waits for a change in progress. Throws STACK_FOREIGN, or BUSY if it may not wait. */
export async function settled(
  aws: Aws,
  name: string,
  owner: Owner,
  options: ApplyOptions,
): Promise<StackDescription | undefined> {
  const stack = await aws.stacks.describe(name);
  if (stack !== undefined) checkOwner(stack, owner);
  if (stack === undefined || moveFor(stack.status) !== 'wait') return stack;
  if (options.wait === false) {
    throw new FxError('BUSY', `${name} is in ${stack.status}`, { hint: 'without --no-wait, fx waits until that ends' });
  }
  options.report({ kind: 'stage', stage: 'waiting-for-stack', stack: { name, status: stack.status } });
  const last = await mark(aws.stacks, stack.id);
  const { stack: rested } = await follow(stack.id, last, { ...options, stacks: aws.stacks, underWay: true });
  return rested?.status === 'DELETE_COMPLETE' ? undefined : rested;
}

/** Resolves when the stack matches the template. `before` is the stack that was compared. Throws StackFailure, or BUSY if
 * somebody else has changed the stack since. */
export async function apply(
  aws: Aws,
  input: Omit<StackInput, 'token'>,
  before: StackDescription | undefined,
  options: ApplyOptions,
): Promise<Applied> {
  const token = newToken();
  const following = { ...options, stacks: aws.stacks, token };
  if (before === undefined) return create(aws, { ...input, token }, options);
  const [now, last] = await Promise.all([aws.stacks.describe(before.id), mark(aws.stacks, before.id)]);
  checkUnchanged(before, now);
  if (moveFor(before.status) !== 'update') {
    options.report({ kind: 'recreating', stack: { name: input.name, status: before.status } });
    await aws.stacks.delete(before.name, token);
    const deleted = await follow(before.id, last, { ...following, report: () => {} });
    if (deleted.stack !== undefined && deleted.status !== 'DELETE_COMPLETE') {
      throw await failure(aws.stacks, input.name, { stackId: before.id }, deleted);
    }
    return create(aws, { ...input, token: newToken() }, options);
  }
  const begun = await aws.stacks.update({ ...input, token });
  if (begun === 'unchanged') return { stack: before, changed: false, done: [], left: [] };
  return finish(aws.stacks, input.name, begun, await follow(before.id, last, following));
}

async function create(aws: Aws, input: StackInput, options: ApplyOptions): Promise<Applied> {
  const begun = await aws.stacks.create(input);
  const followed = await follow(begun.stackId, undefined, { ...options, stacks: aws.stacks, token: input.token });
  return finish(aws.stacks, input.name, begun, followed);
}

async function finish(stacks: Stacks, name: string, begun: StackOperation, followed: Followed): Promise<Applied> {
  const { stack, status, events } = followed;
  if (stack === undefined || status === undefined || !isClean(status) || isInvalid(stack)) {
    throw await failure(stacks, name, begun, followed);
  }
  return {
    stack,
    changed: true,
    done: events.filter((event) => /^(CREATE|UPDATE)_COMPLETE$/.test(event.status)),
    left: events.filter((event) => event.status === 'DELETE_SKIPPED'),
  };
}

/** Whatever its status: CloudFormation's validation refused the change before it began. */
const isInvalid = ({ detailedStatus }: StackDescription): boolean => detailedStatus === 'VALIDATION_FAILED';

async function failure(
  stacks: Stacks,
  name: string,
  { stackId, operation }: Pick<StackOperation, 'stackId'> & Partial<StackOperation>,
  { stack, status, events }: Followed,
): Promise<StackFailure> {
  const known = operation ?? events.find((event) => event.operation !== undefined)?.operation;
  const causes = await findCauses(stacks, { stackId, operation: known, events });
  const ended = status ?? 'DELETE_COMPLETE';
  const what =
    causes.length === 0
      ? `${name} ended in ${ended}`
      : causes.map((cause) => `${causeText(cause)}: ${cause.reason}`).join('; ');
  const nothing = stack !== undefined && isInvalid(stack);
  return new StackFailure(
    what,
    causes,
    nothing ? 'CloudFormation refused it before it began: nothing has changed' : consequenceOf(ended),
  );
}

/** Two deploys that compared with the same stack must not both change it: the second would undo changes it never saw. */
function checkUnchanged(before: StackDescription, now: StackDescription | undefined): void {
  const isSame = now?.status === before.status && now.updated?.getTime() === before.updated?.getTime();
  if (isSame) return;
  throw new FxError('BUSY', `another change of ${before.name} has begun or ended since this one compared with it`, {
    hint: 'run the same command again: it waits for a change in progress, and compares again',
  });
}

function consequenceOf(status: string): string {
  switch (status) {
    case 'UPDATE_ROLLBACK_COMPLETE':
      return 'CloudFormation has rolled back: the previous release is still live';
    case 'ROLLBACK_COMPLETE':
    case 'ROLLBACK_FAILED':
      return 'nothing was live before; the next deploy recreates the stack';
    case 'UPDATE_ROLLBACK_FAILED':
      return 'the rollback failed too: fx recover shows what holds it, and continues it';
    default:
      return `the stack is in ${status}`;
  }
}

/** Whether a project of fx has made the stack, or taken it over. */
export const isOwned = ({ tags }: StackDescription): boolean => tags['fx:project'] !== undefined;

/** fx never changes a stack of another project or tool. Throws STACK_FOREIGN. */
export function checkOwner(stack: StackDescription, { tags, adopts }: Owner): void {
  if (adopts && !isOwned(stack)) return;
  for (const tag of ['fx:project', 'fx:environment']) {
    if (stack.tags[tag] !== tags[tag]) {
      const owner = !isOwned(stack)
        ? 'was not created by fx'
        : `belongs to the project "${stack.tags['fx:project']}", environment "${stack.tags['fx:environment']}"`;
      throw new FxError('STACK_FOREIGN', `the stack ${stack.name} ${owner}`, {
        hint: isOwned(stack)
          ? 'choose another name in project.yml'
          : 'choose another name in project.yml, or take it over: fx import --adopt',
      });
    }
  }
}

export interface Deletion extends ApplyOptions {
  /** Resources to keep, if they cannot be deleted. */
  readonly retain: readonly string[];
  /** Keep whatever cannot be deleted. */
  readonly force: boolean;
}

/** Deletes a stack and waits until it is gone. `retain` and `force` apply only to a deletion that has failed, as CloudFormation wants it:
 * the first try is always a plain one. Throws StackFailure. */
export async function removeStack(aws: Aws, stack: StackDescription, options: Deletion): Promise<void> {
  const { retain, force } = options;
  const isAsked = force || retain.length > 0;
  const ended = await deleteOnce(
    aws,
    stack,
    isAsked && stack.status === 'DELETE_FAILED' ? { retain, force } : {},
    options,
  );
  if (ended === undefined) return;
  const isFirst = stack.status !== 'DELETE_FAILED';
  if (!isFirst || !isAsked || ended.status !== 'DELETE_FAILED')
    throw await failure(aws.stacks, stack.name, { stackId: stack.id }, ended);
  const again = await deleteOnce(aws, stack, { retain, force }, options);
  if (again !== undefined) throw await failure(aws.stacks, stack.name, { stackId: stack.id }, again);
}

/** Undefined if the stack is gone. */
async function deleteOnce(
  aws: Aws,
  { id, name }: StackDescription,
  how: { readonly retain?: readonly string[]; readonly force?: boolean },
  options: ApplyOptions,
): Promise<Followed | undefined> {
  const last = await mark(aws.stacks, id);
  const token = newToken();
  await aws.stacks.delete(name, token, how);
  const followed = await follow(id, last, { ...options, stacks: aws.stacks, token });
  return followed.stack === undefined || followed.status === 'DELETE_COMPLETE' ? undefined : followed;
}

export type Recovery =
  /** Continue the rollback of UPDATE_ROLLBACK_FAILED; skip some resources, or all that cannot be rolled back. */
  | { readonly kind: 'continue'; readonly skip: readonly string[]; readonly force: boolean }
  /** Roll back UPDATE_FAILED. */
  | { readonly kind: 'roll-back' };

/** Brings a stack that stopped half way back to its last good template. Throws StackFailure. */
export async function recoverStack(
  aws: Aws,
  stack: StackDescription,
  how: Recovery,
  options: ApplyOptions,
): Promise<StackDescription> {
  const last = await mark(aws.stacks, stack.id);
  const token = newToken();
  if (how.kind === 'continue') await aws.stacks.continueRollback(stack.name, { ...how, token });
  else await aws.stacks.rollBack(stack.name, token);
  const followed = await follow(stack.id, last, { ...options, stacks: aws.stacks, token });
  if (followed.stack === undefined || moveFor(followed.status) !== 'update') {
    throw await failure(aws.stacks, stack.name, { stackId: stack.id }, followed);
  }
  return followed.stack;
}

/** Watches the operation in progress to its end. Undefined if the stack is gone. Throws StackFailure if it failed. */
export async function attachTo(
  aws: Aws,
  stack: StackDescription,
  options: ApplyOptions,
): Promise<StackDescription | undefined> {
  const [newest] = await aws.stacks.events(stack.id, undefined);
  const token = newest?.token;
  const { stack: rested, status } = await follow(stack.id, newest?.id, {
    ...options,
    stacks: aws.stacks,
    underWay: true,
    ...(token === undefined ? {} : { token }),
  });
  if (status === undefined || isClean(status) || status === 'DELETE_COMPLETE') {
    return status === 'DELETE_COMPLETE' ? undefined : rested;
  }
  // the failure may have come before fx began to watch
  const all = await aws.stacks.events(stack.id, undefined);
  const events = token === undefined ? all : all.filter((event) => event.token === token);
  throw await failure(aws.stacks, stack.name, { stackId: stack.id }, { stack: rested, status, events });
}
