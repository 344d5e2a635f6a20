// Whether the caller may do what fx does to this environment, as IAM simulates it.
import { roleName, stackName } from '../../cfn/names.ts';
import { type Check, type Finding, type Patient, partitionOf, roleArn } from './check.ts';

/** What of the environment an action is on. */
type Resource = 'any' | 'stack' | 'bucket' | 'object' | 'role' | 'function' | 'log group';

interface Use {
  readonly what: string;
  readonly needs: readonly (readonly [Resource, readonly string[]])[];
}

/** What a deploy, a rollback and the reading commands call; what the resources of the project need is CloudFormation's to say. */
const uses: readonly Use[] = [
  {
    what: 'a deploy needs',
    needs: [
      [
        'stack',
        [
          'cloudformation:CreateStack',
          'cloudformation:UpdateStack',
          'cloudformation:DescribeStacks',
          'cloudformation:DescribeStackEvents',
          'cloudformation:DescribeStackResources',
          'cloudformation:GetTemplate',
        ],
      ],
      ['bucket', ['s3:ListBucket']],
      ['object', ['s3:GetObject', 's3:PutObject']],
      ['role', ['iam:CreateRole', 'iam:PutRolePolicy', 'iam:PassRole']],
      [
        'function',
        [
          'lambda:CreateFunction',
          'lambda:UpdateFunctionCode',
          'lambda:UpdateFunctionConfiguration',
          'lambda:PublishVersion',
          'lambda:GetFunction',
          'lambda:GetAlias',
          'lambda:CreateAlias',
        ],
      ],
      ['log group', ['logs:CreateLogGroup', 'logs:PutRetentionPolicy']],
    ],
  },
  { what: 'a rollback needs', needs: [['function', ['lambda:UpdateAlias', 'lambda:ListVersionsByFunction']]] },
  {
    what: 'invoke, logs and metrics need',
    needs: [
      ['function', ['lambda:InvokeFunction']],
      ['log group', ['logs:FilterLogEvents']],
      ['any', ['cloudwatch:GetMetricData']],
    ],
  },
];

export const permissions: Check = {
  about: 'what you may do, as IAM simulates it',
  async run(patient) {
    const { arn, account } = patient.identity;
    // the user of the local AWS may do everything, and so may the root of an account
    if (/:user\/local$|:root$/.test(arn)) return [];
    const principal = principalOf(arn, account);
    const resources = resourcesOf(patient);
    const findings: Finding[] = [];
    for (const { what, needs } of uses) {
      const denied: string[] = [];
      for (const [kind, actions] of needs) {
        const resource = kind === 'any' ? '*' : resources[kind];
        if (resource === undefined) continue;
        denied.push(...(await deniedOn(patient, principal, actions, resource)));
      }
      if (denied.length === 0) continue;
      findings.push({
        level: 'problem',
        message: `${principal} may not ${denied.join(', ')}, which ${what}`,
        hint: "IAM's simulation does not see policies of the organization or of resources",
      });
    }
    return findings;
  },
};

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html: policies may ask for these keys. */
function deniedOn(
  { context, project }: Patient,
  principal: string,
  actions: readonly string[],
  resource: string,
): Promise<readonly string[]> {
  const { region } = project.environment;
  const conditions = { 'aws:RequestedRegion': region, 'iam:PassedToService': 'lambda.amazonaws.com' };
  return context.aws.account.denied(principal, { actions, resource, conditions });
}

/** ARNs as the environment has, or will have, them; none of the bucket before the first deploy to the account. */
function resourcesOf({
  project,
  identity,
  state,
}: Patient): Readonly<Record<Exclude<Resource, 'any'>, string | undefined>> {
  const { environment } = project;
  const partition = partitionOf({ identity });
  const arnOf = (service: string, rest: string) =>
    `arn:${partition}:${service}:${environment.region}:${identity.account}:${rest}`;
  const [first] = environment.functions;
  const bucket = state.stores?.bucket;
  const bucketArn = bucket === undefined ? undefined : `arn:${partition}:s3:::${bucket}`;
  return {
    stack: arnOf('cloudformation', `stack/${stackName(environment.names)}/00000000-0000-0000-0000-000000000000`),
    bucket: bucketArn,
    object: bucketArn === undefined ? undefined : `${bucketArn}/${environment.project}/${environment.name}/object`,
    role: first === undefined ? undefined : roleArn({ identity }, roleName(environment.names, first.name)),
    function: first === undefined ? undefined : arnOf('lambda', `function:${first.physicalName}`),
    'log group': first?.logGroup === undefined ? undefined : arnOf('logs', `log-group:${first.logGroup}:*`),
  };
}

/** The role behind a session: `arn:aws:sts::1:assumed-role/Deployer/session` → `arn:aws:iam::1:role/Deployer`. */
function principalOf(arn: string, account: string): string {
  const [, partition, role] = /^arn:([^:]+):sts::\d+:assumed-role\/([^/]+)\//.exec(arn) ?? [];
  return role === undefined ? arn : `arn:${partition}:iam::${account}:role/${role}`;
}
