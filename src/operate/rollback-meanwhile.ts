// A deploy that was under way when a rollback began: if it ended without going live, what was live before it is live, and there is nothing to
// go back to. Without this, the rollback would take away the release before the bad one too.
import type { Environment } from '../project/environment.ts';
import type { Context } from './context.ts';
import type { RolledBack } from './rollback.ts';
import { type ChangeableState, isHeld, readStateToChange, type State } from './state.ts';

interface Waited {
  /** Whether it waited for a change of the stack, such as one in which CodeDeploy moves the traffic. */
  readonly waited: boolean;
}

export async function stateAfterWaiting(
  environment: Environment,
  context: Context,
): Promise<Waited & { readonly state: State }> {
  let waited = false;
  const state = await readStateToChange(environment, {
    ...context,
    report(event) {
      waited ||= event.kind === 'stage' && event.stage === 'waiting-for-stack';
      context.report(event);
    },
  });
  return { state, waited };
}

/** `before` was read before the lease was held, `confirmed` under it. `didAsk`: whether it asked a gradual deploy to end. */
export function endedMeanwhile(
  before: State,
  { live, recorded, index }: ChangeableState,
  { didAsk, waited }: Waited & { readonly didAsk: boolean },
): RolledBack | undefined {
  if (live === undefined || recorded === undefined || recorded.number !== before.recorded?.number) return undefined;
  const newest = index.releases.at(-1) ?? 0;
  const isAborted = didAsk && newest > (before.index.releases.at(-1) ?? 0);
  const hasFailed = waited && newest > recorded.number && isHeld(live, recorded);
  if (!isAborted && !hasFailed) return undefined;
  return {
    changed: false,
    finished: true,
    target: recorded.number,
    release: recorded,
    outputs: live.stack.outputs,
  };
}
