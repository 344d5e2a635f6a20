// Whether a role exists and its trust policy allows a service to assume it.
import { AwsError, type Cloud } from './cloud.ts';
import { allowsServiceCall, type ResourceStatement } from './resource-policy.ts';

type TrustStatement = Omit<ResourceStatement, 'Principal'> & {
  readonly Principal?: '*' | Readonly<Record<string, string | readonly string[]>>;
};

/** With the ARN on whose behalf the service acts, the policy's conditions count; without it, they count as met. */
export async function trusts(
  cloud: Cloud,
  roleArn: string,
  service: `${string}.amazonaws.com`,
  sourceArn?: string,
): Promise<boolean> {
  const statements = await trustPolicy(cloud, roleArn);
  if (sourceArn !== undefined) {
    const principal = { kind: 'service', service, sourceArn } as const;
    const call = { principal, action: 'sts:AssumeRole', resource: roleArn, accountId: cloud.accountId };
    return allowsServiceCall(statements, call);
  }
  return statements.some(({ Effect, Action, Principal }) => {
    const actions = [Action ?? []].flat();
    const services = typeof Principal === 'object' ? [Principal['Service'] ?? []].flat() : [];
    return (
      Effect === 'Allow' &&
      actions.some((action) => ['sts:assumerole', 'sts:*', '*'].includes(action.toLowerCase())) &&
      services.includes(service)
    );
  });
}

async function trustPolicy(cloud: Cloud, arn: string): Promise<TrustStatement[]> {
  try {
    const { Role } = await cloud.call('iam', 'GetRole', { RoleName: arn.slice(arn.lastIndexOf('/') + 1) });
    if (Role?.Arn !== arn) return [];
    const document = JSON.parse(decodeURIComponent(Role.AssumeRolePolicyDocument ?? '')) as {
      Statement?: TrustStatement | TrustStatement[];
    };
    return [document.Statement ?? []].flat();
  } catch (error) {
    if (error instanceof AwsError && error.code === 'NoSuchEntityException') return [];
    throw error;
  }
}
