// The stores that a template needs, and the parameters that name them.
import { artifactBucketParameter, imageRepositoryParameter } from '../cfn/names.ts';
import { ensureStores, type Stores } from '../stack/bootstrap.ts';
import type { StackTemplate } from '../template/stack-set.ts';
import type { Context } from './context.ts';

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
  return {
    [artifactBucketParameter]: bucket,
    ...(needsRepository(root) && repository !== undefined ? { [imageRepositoryParameter]: repository } : {}),
  };
}
