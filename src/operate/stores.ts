// The stores that a template needs, the parameters that name them, and whether the live stack has all of that.
import { artifactBucketParameter, imageRepositoryParameter } from '../cfn/names.ts';
import { canonicalJson } from '../cfn/resource.ts';
import type { Candidate } from '../release/candidate.ts';
import { ensureStores, type Stores } from '../stack/bootstrap.ts';
import { type StackTemplate, sameStacks } from '../template/stack-set.ts';
import type { Context } from './context.ts';
import type { Live } from './state.ts';

/** Whether fx built an image for the template. */
export function needsRepository({ template }: StackTemplate): boolean {
  return Object.hasOwn(template.Parameters ?? {}, imageRepositoryParameter);
}

/** Those of the state, unless the template needs more: without images, no call looks for a repository. */
export async function storesFor(root: StackTemplate, known: Stores | undefined, context: Context): Promise<Stores> {
  const images = needsRepository(root);
  if (known !== undefined && (known.repository !== undefined || !images)) return known;
  return ensureStores(context.aws, { ...context, images });
}

export function parametersFor(root: StackTemplate, { bucket, repository }: Stores): Readonly<Record<string, string>> {
  const hasArtifacts = Object.hasOwn(root.template.Parameters ?? {}, artifactBucketParameter);
  return {
    ...(hasArtifacts ? { [artifactBucketParameter]: bucket } : {}),
    ...(needsRepository(root) && repository !== undefined ? { [imageRepositoryParameter]: repository } : {}),
  };
}

/** Whether CloudFormation would have nothing to do for this template, with its parameters and tags. */
export function holds({ stack, stacks }: Live, candidate: Pick<Candidate, 'stacks' | 'tags'>, stores: Stores): boolean {
  return (
    sameStacks(stacks, candidate.stacks) &&
    canonicalJson(stack.parameters) === canonicalJson(parametersFor(stacks.root, stores)) &&
    canonicalJson(stack.tags) === canonicalJson(candidate.tags)
  );
}
