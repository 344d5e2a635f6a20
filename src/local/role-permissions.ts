// What a role may do, for services that check it when something is created.
import { AwsError, type Cloud } from './cloud.ts';
import type { TargetKind } from './deliver.ts';

/** The first action that the role does not allow on the resource. A missing role allows nothing. */
export async function deniedAction(
  cloud: Cloud,
  role: string,
  actions: readonly string[],
  resource: string,
): Promise<string | undefined> {
  try {
    const { EvaluationResults = [] } = await cloud.call('iam', 'SimulatePrincipalPolicy', {
      PolicySourceArn: role,
      ActionNames: [...actions],
      ResourceArns: [resource],
    });
    return EvaluationResults.find(({ EvalDecision }) => EvalDecision !== 'allowed')?.EvalActionName;
  } catch (error) {
    if (error instanceof AwsError && error.code === 'NoSuchEntityException') return actions[0];
    throw error;
  }
}

/** The first action that the role does not allow, of those that sending to the target takes. */
export async function deniedDelivery(
  cloud: Cloud,
  role: string,
  kind: TargetKind,
  arn: string,
): Promise<string | undefined> {
  for (const [action, resource] of kind.needs?.(arn) ?? [[kind.action, arn] as const]) {
    const denied = await deniedAction(cloud, role, [action], resource);
    if (denied !== undefined) return denied;
  }
  return undefined;
}
