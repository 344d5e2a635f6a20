// Resource policies of CloudWatch Logs: which services may write to log groups.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutResourcePolicy.html
import { AwsError, type Cloud, type Operations, type Principal } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { allowsServiceCall, type ResourceStatement } from '../resource-policy.ts';
import type { Collection } from '../store.ts';

interface Policy {
  readonly name: string;
  readonly document: string;
  readonly updated: number;
}

const mostPolicies = 10;

const policiesOf = (cloud: Cloud): Collection<Policy> => cloud.collection('logs.resource-policies');

export function resourcePolicyOperations(cloud: Cloud): Operations<'logs'> {
  const policies = policiesOf(cloud);
  return {
    PutResourcePolicy: {
      members: ['policyName', 'policyDocument'],
      run({ policyName: name = '', policyDocument: document = '' }) {
        checkConstraints('InvalidParameterException', [['policyDocument', document, { min: 1, max: 5120 }]]);
        if (statementsIn(document) === undefined) {
          throw new AwsError('InvalidParameterException', 'The resource policy document is not valid JSON.');
        }
        if (!policies.has(name) && policies.size >= mostPolicies) {
          throw new AwsError('LimitExceededException', 'Resource limit exceeded.');
        }
        policies.set(name, { name, document, updated: cloud.now() });
        return { resourcePolicy: shown({ name, document, updated: cloud.now() }) };
      },
    },
    DescribeResourcePolicies: {
      members: ['nextToken', 'limit'],
      run: () => ({ resourcePolicies: [...policies.values()].map(shown) }),
    },
    DeleteResourcePolicy: {
      members: ['policyName'],
      run({ policyName: name = '' }) {
        if (policies.delete(name)) return {};
        throw new AwsError('ResourceNotFoundException', `Policy with name [${name}] does not exist.`);
      },
    },
  };
}

function shown({ name, document, updated }: Policy) {
  return { policyName: name, policyDocument: document, lastUpdatedTime: updated };
}

function statementsIn(document: string): readonly ResourceStatement[] | undefined {
  try {
    const { Statement = [] } = JSON.parse(document) as { Statement?: ResourceStatement | readonly ResourceStatement[] };
    return [Statement].flat() as readonly ResourceStatement[];
  } catch {
    return undefined;
  }
}

/** Whether the policies let a service make streams in a log group and write to them. */
export function mayWriteLogs(
  cloud: Cloud,
  groupArn: string,
  principal: Principal & { readonly kind: 'service' },
): boolean {
  const statements = [...policiesOf(cloud).values()].flatMap(({ document }) => statementsIn(document) ?? []);
  const { accountId } = cloud;
  return ['logs:CreateLogStream', 'logs:PutLogEvents'].every((action) =>
    allowsServiceCall(statements, { principal, action, resource: `${groupArn}:log-stream:events`, accountId }),
  );
}
