// Whether the caller may do what fx does, as IAM simulates it.
import type { Check } from './check.ts';

/** What a deploy, a rollback and the reading commands call; what the resources of the project need is CloudFormation's to say. */
const actions: Readonly<Record<string, readonly string[]>> = {
  deploy: [
    'cloudformation:CreateStack',
    'cloudformation:UpdateStack',
    'cloudformation:DescribeStacks',
    'cloudformation:DescribeStackEvents',
    'cloudformation:DescribeStackResources',
    'cloudformation:GetTemplate',
    's3:GetObject',
    's3:PutObject',
    's3:ListBucket',
    'iam:CreateRole',
    'iam:PutRolePolicy',
    'iam:PassRole',
    'lambda:CreateFunction',
    'lambda:UpdateFunctionCode',
    'lambda:UpdateFunctionConfiguration',
    'lambda:PublishVersion',
    'lambda:GetFunction',
    'lambda:GetAlias',
    'lambda:CreateAlias',
    'logs:CreateLogGroup',
    'logs:PutRetentionPolicy',
  ],
  rollback: ['lambda:UpdateAlias', 'lambda:ListVersionsByFunction'],
  'invoke, logs and metrics': ['lambda:InvokeFunction', 'logs:FilterLogEvents', 'cloudwatch:GetMetricData'],
};

export const permissions: Check = {
  about: 'what you may do, as IAM simulates it',
  async run({ context: { aws }, identity: { arn, account } }) {
    // the user of the local AWS may do everything
    if (/:user\/local$|:root$/.test(arn)) return [];
    const principal = principalOf(arn, account);
    const denied = new Set(await aws.account.denied(principal, Object.values(actions).flat()));
    return Object.entries(actions).flatMap(([use, needed]) => {
      const missing = needed.filter((action) => denied.has(action));
      return missing.length === 0
        ? []
        : [
            {
              level: 'problem' as const,
              message: `${principal} may not ${missing.join(', ')}, which ${use} need${use === 'invoke, logs and metrics' ? '' : 's'}`,
              hint: 'on some resources it may: a policy that names resources, or conditions, shows as denied here',
            },
          ];
    });
  },
};

/** The role behind a session: `arn:aws:sts::1:assumed-role/Deployer/session` → `arn:aws:iam::1:role/Deployer`. */
function principalOf(arn: string, account: string): string {
  const [, partition, role] = /^arn:([^:]+):sts::\d+:assumed-role\/([^/]+)\//.exec(arn) ?? [];
  return role === undefined ? arn : `arn:${partition}:iam::${account}:role/${role}`;
}
