// fx plan: what a deploy would change, from the live and the new template; writes nothing.
import type { Project } from '../project/project.ts';
import type { Change } from '../release/record.ts';
import { isOutsideStack } from '../release/target.ts';
import { difference, type Change as ResourceChange } from '../stack/difference.ts';
import { type Move, moveFor } from '../stack/status.ts';
import { resourceCounts } from '../template/compile.ts';
import { hasDrifted, type LiveAlias, readAliases } from './aliases.ts';
import { build } from './build.ts';
import { type Context, identify } from './context.ts';
import { candidateOf } from './deploy-candidate.ts';
import { heldRelease, readState } from './state.ts';
import { holds } from './stores.ts';

export interface Plan {
  readonly stackName: string;
  /** Undefined if there is no stack. */
  readonly status: string | undefined;
  readonly move: Move;
  readonly changes: readonly ResourceChange[];
  /** Aliases that differ from the stack: on another version, or with split traffic. A deploy moves them back. */
  readonly movedAliases: readonly LiveAlias[];
  /** Changes that were interrupted or are in progress; a deploy settles them. */
  readonly unfinished: readonly Pick<Change, 'number' | 'origin' | 'time' | 'who'>[];
  readonly empty: boolean;
  /** The resources per function, and the stack's total. */
  readonly budget: { readonly total: number; readonly byFunction: Readonly<Record<string, number>> };
}

export async function plan(project: Project, context: Context): Promise<Plan> {
  const { environment } = project;
  await identify(environment, context);
  // the template names images by their inputs: no engine is needed to see what would change
  const built = await build(project, context, async () => []);
  const candidate = candidateOf(project, built);
  const state = await readState(environment, context);
  const { live, stack, stores } = state;
  const changes = difference(live?.stacks, candidate.stacks, context.schemas);
  // only functions that the stack already has
  const held = heldRelease(state);
  const functions = held === undefined || isOutsideStack(held) ? candidate.functions : held.functions;
  const aliases =
    live === undefined
      ? []
      : (await readAliases(context, { stack: live.stack, template: live.stacks.root.template, held }, functions))
          .aliases;
  const movedAliases = aliases.filter(hasDrifted);
  const isSame = live !== undefined && stores !== undefined && holds(live, candidate, stores);
  return {
    stackName: environment.stackName,
    status: stack?.status,
    move: moveFor(stack?.status),
    changes,
    movedAliases,
    unfinished: state.unfinished.map(({ number, origin, time, who }) => ({ number, origin, time, who })),
    empty: isSame && movedAliases.length === 0,
    budget: {
      total: Object.keys(candidate.stacks.root.template.Resources).length,
      byFunction: Object.fromEntries(resourceCounts(project, built.compiled.ownedResources)),
    },
  };
}
