// What is live, for verbs that need to know what its resources are called in AWS.
import type { StackResource } from '../aws/aws.ts';
import type { Template } from '../cfn/resource.ts';
import type { Environment } from '../project/environment.ts';
import { type Context, identify, notDeployed } from './context.ts';
import { type Live, readState } from './state.ts';

export interface LiveStack {
  readonly template: Template;
  readonly resources: readonly StackResource[];
}

/** Throws NOT_DEPLOYED. */
export async function readLive(environment: Environment, context: Context): Promise<Live> {
  await identify(environment, context);
  const { live } = await readState(environment, context);
  if (live === undefined) throw notDeployed(environment);
  return live;
}

export async function liveStackOf({ stack, stacks }: Live, { aws }: Context): Promise<LiveStack> {
  return { template: stacks.root.template, resources: await aws.stacks.resources(stack.name) };
}
