// After deploys of code alone: gives the functions the code of the stack again, so that CloudFormation starts from what it knows.
import { functionIdsIn } from '../cfn/logical-ids.ts';
import { codeFunctions } from '../release/candidate.ts';
import { type Context, eachFunction } from './context.ts';
import { publishCode } from './deploy-code.ts';
import type { ChangeableState } from './state.ts';
import type { PublishedVersion } from './unreleased.ts';

/**
 * Publishes the stack's code as the newest version, behind no alias: traffic stays where it is. Without this, CloudFormation would find the code of
 * an update already published, where Lambda publishes nothing and the update fails. Returns the versions, which nothing needs after the change.
 */
export async function restoreStackCode(state: ChangeableState, context: Context): Promise<readonly PublishedVersion[]> {
  const { live, recorded, stores } = state;
  if (live === undefined || recorded === undefined) return [];
  return eachFunction(codeFunctions(recorded), async (name) => {
    const functionName = recorded.functions[name]?.physicalName ?? '';
    const { template } = live.stacks.root;
    const code = template.Resources[functionIdsIn(template, name).function]?.Properties?.['Code'];
    const key = (code as { readonly S3Key?: string } | undefined)?.S3Key ?? '';
    const version = await publishCode(functionName, { bucket: stores.bucket, key }, context);
    return { functionName, version };
  });
}
