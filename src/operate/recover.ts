// fx recover: brings a stack whose update or rollback stopped half way back to its last good template.
import type { StackDescription } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import type { Environment } from '../project/environment.ts';
import { recoverStack, settled } from '../stack/apply.ts';
import { findStores } from '../stack/bootstrap.ts';
import { type FailedResource, failedResources } from '../stack/failed-resources.ts';
import { moveFor } from '../stack/status.ts';
import { type Context, commandLine, identify, notDeployed, ownerOf } from './context.ts';
import { exclusively } from './exclusive.ts';
import { readState, settleInterrupted } from './state.ts';

export interface RecoverOptions {
  /** Logical ids of resources to leave as they are; `Nested.Resource` in a nested stack. */
  readonly skip: readonly string[];
  /** Leaves whatever cannot be rolled back as it is. */
  readonly force: boolean;
  /** Called before anything is written. */
  readonly approve: (recovering: Recovering) => Promise<void>;
}

export interface Recovering {
  readonly stackName: string;
  readonly status: string;
  /** What stopped the rollback or update. */
  readonly failed: readonly FailedResource[];
  /** What will be left as it is, and no longer match the template. */
  readonly skipped: readonly string[];
}

export interface Recovered {
  /** False if there was nothing to recover. */
  readonly changed: boolean;
  readonly status: string;
  readonly skipped: readonly string[];
}

/** Resolves when the stack is idle and can be deployed to. Throws USAGE, STACK_FAILED, STACK_STUCK, NOT_DEPLOYED, DECLINED. */
export async function recover(environment: Environment, options: RecoverOptions, context: Context): Promise<Recovered> {
  const identity = await identify(environment, context);
  const stack = await settled(context.aws, environment.stackName, ownerOf(environment), { ...context, expected: 0 });
  if (stack === undefined) throw notDeployed(environment);
  checkRecoverable(environment, stack);
  const stores = await findStores(context.aws);
  if (moveFor(stack.status) === 'update' || stores === undefined) {
    return { changed: false, status: stack.status, skipped: [] };
  }
  const failed = await failedResources(context.aws.stacks, stack.id, 'UPDATE_FAILED');
  const skipped = skippedOf(options, failed);
  await options.approve({ stackName: stack.name, status: stack.status, failed, skipped });
  return exclusively(environment, { bucket: stores.bucket, identity, verb: 'recover' }, context, async (held) => {
    const how =
      stack.status === 'UPDATE_FAILED'
        ? ({ kind: 'roll-back' } as const)
        : ({ kind: 'continue', skip: options.force ? [] : options.skip, force: options.force } as const);
    held.context.report({ kind: 'stage', stage: 'recovering-stack' });
    const { status } = await recoverStack(held.context.aws, stack, how, { ...held.context, expected: 0 });
    const state = await readState(environment, held.context);
    if (state.place !== undefined) await settleInterrupted({ ...state, stores, place: state.place }, held.context);
    return { changed: true, status, skipped };
  });
}

function checkRecoverable(environment: Environment, { name, status }: StackDescription): void {
  const move = moveFor(status);
  if (move === 'update' || move === 'recover') return;
  const hints: Partial<Record<typeof move, string>> = {
    replace: `${commandLine('deploy', environment)} deletes it and creates it again`,
    remove: `${commandLine('remove', environment)} shows what holds it, and deletes the rest`,
  };
  throw new FxError('STACK_STUCK', `${name} is in ${status}, which fx recover cannot help`, {
    hint: hints[move] ?? 'resolve it in the CloudFormation console',
  });
}

/** Only what failed to roll back can be skipped.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ContinueUpdateRollback.html */
function skippedOf({ skip, force }: RecoverOptions, failed: readonly FailedResource[]): readonly string[] {
  const names = failed.map(({ name }) => name);
  for (const name of skip) {
    if (names.includes(name)) continue;
    throw new FxError('USAGE', `"${name}" did not fail to roll back, so it cannot be skipped`, {
      hint: names.length === 0 ? 'nothing failed' : `these did: ${names.join(', ')}`,
    });
  }
  return force ? names : skip;
}
