// What a role may do, for services that check it when something is created.
import { AwsError, type Cloud } from './cloud.ts';

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
