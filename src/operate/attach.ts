// fx attach: watches a change that CloudFormation is making, after a lost connection or from another machine, and records how it ended.
import type { StackDescription } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import type { Environment } from '../project/environment.ts';
import { attachTo, checkOwner } from '../stack/apply.ts';
import { findStores } from '../stack/bootstrap.ts';
import { isAtRest } from '../stack/status.ts';
import { type Context, identify, notDeployed, ownerOf } from './context.ts';
import { exclusively } from './exclusive.ts';
import { checkMovable, readState, settleInterrupted } from './state.ts';

export interface Attached {
  /** Whether a change was in progress. */
  readonly wasInProgress: boolean;
  /** Undefined if the stack is gone. */
  readonly stack: StackDescription | undefined;
  /** The live release; undefined if the ledger has none. */
  readonly release: number | undefined;
}

/** Resolves when the stack is idle and its last change succeeded. Throws STACK_FAILED with the cause; STACK_STUCK, NOT_DEPLOYED, STACK_FOREIGN. */
export async function attach(environment: Environment, context: Context): Promise<Attached> {
  const { arn } = await identify(environment, context);
  const before = await context.aws.stacks.describe(environment.stackName);
  if (before === undefined) throw notDeployed(environment);
  checkOwner(before, ownerOf(environment));
  const wasInProgress = !isAtRest(before.status);
  if (wasInProgress) {
    const { name, status } = before;
    context.report({ kind: 'stage', stage: 'attached', stack: { name, status } });
  }
  let failure: unknown;
  const stack = wasInProgress
    ? await attachTo(context.aws, before, { ...context, expected: 0 }).catch((error: unknown) => {
        failure = error;
        return undefined;
      })
    : before;
  if (context.signal.aborted) throw failure;
  const release = await record(environment, arn, context);
  if (stack !== undefined) checkMovable(environment, stack);
  if (failure !== undefined) throw failure;
  return { wasInProgress, stack, release };
}

/** Records changes whose fx has died. Another fx that still holds the lease records its own. */
async function record(environment: Environment, arn: string, context: Context): Promise<number | undefined> {
  const stores = await findStores(context.aws);
  const state = await readState(environment, context);
  if (stores === undefined || state.place === undefined) return undefined;
  if (state.unfinished.length === 0) return state.recorded?.number;
  const identity = { account: '', arn };
  try {
    return await exclusively(
      environment,
      { bucket: stores.bucket, identity, verb: 'attach' },
      { ...context, wait: false },
      async (held) => {
        const fresh = await readState(environment, held.context);
        if (fresh.place === undefined) return undefined;
        const { state: settled } = await settleInterrupted({ ...fresh, stores, place: fresh.place }, held.context);
        return settled.recorded?.number;
      },
    );
  } catch (error) {
    if (error instanceof FxError && error.code === 'BUSY') return state.recorded?.number;
    throw error;
  }
}
