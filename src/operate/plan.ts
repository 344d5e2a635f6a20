// fx plan: what a deploy would change, from the live template and the new one; nothing is written.

import { artifactBucketParameter } from '../cfn/names.ts';
import type { Project } from '../project/project.ts';
import { findBucket } from '../stack/bootstrap.ts';
import { type Change, difference } from '../stack/difference.ts';
import { type Move, moveFor } from '../stack/status.ts';
import { resourceCounts } from '../template/compile.ts';
import { build } from './build.ts';
import { type Context, identify } from './context.ts';
import { isUpToDate, type MovedAlias, movedAliases, readLive } from './live.ts';

export interface Plan {
  readonly stackName: string;
  /** Undefined where there is no stack. */
  readonly status: string | undefined;
  readonly move: Move;
  readonly changes: readonly Change[];
  /** Aliases that are not on the version that the stack made; a deploy puts them back. */
  readonly movedAliases: readonly MovedAlias[];
  readonly empty: boolean;
  /** Resources a function makes, and the whole stack's count. */
  readonly budget: { readonly total: number; readonly byFunction: Readonly<Record<string, number>> };
}

export async function plan(project: Project, context: Context): Promise<Plan> {
  await identify(project, context);
  const { compiled } = await build(project, context);
  const stack = await context.aws.stacks.describe(project.stackName);
  const [live, bucket] = await Promise.all([readLive(context.aws, stack), findBucket(context.aws)]);
  const parameters = { [artifactBucketParameter]: bucket ?? '' };
  const upToDate =
    live !== undefined &&
    (await isUpToDate(context.aws, project, live, { template: compiled.stacks.root.template, parameters }));
  return {
    stackName: project.stackName,
    status: stack?.status,
    move: moveFor(stack?.status),
    changes: difference(live?.template, compiled.stacks.root.template, context.schemas),
    movedAliases: live === undefined ? [] : await movedAliases(context.aws, project, live.stack),
    empty: upToDate,
    budget: {
      total: Object.keys(compiled.stacks.root.template.Resources).length,
      byFunction: Object.fromEntries(resourceCounts(project, compiled.made)),
    },
  };
}
