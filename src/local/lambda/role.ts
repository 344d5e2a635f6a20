// Checks that a function's role exists, that Lambda may assume it, and what it may do.
import { AwsError, type Cloud } from '../cloud.ts';
import { deniedAction } from '../role-permissions.ts';
import { trusts } from '../role-trust.ts';
import type { Settings } from './state.ts';

export async function checkRole(cloud: Cloud, arn: string): Promise<void> {
  if (await trusts(cloud, arn, 'lambda.amazonaws.com')) return;
  const message = 'The role defined for the function cannot be assumed by Lambda.';
  throw new AwsError('InvalidParameterValueException', message, 400, { Type: 'User' });
}

/** The permissions that settings require of the role; `service` is the name in Lambda's message. */
const needs: readonly { service: string; actions: readonly string[]; isFor(settings: Settings): boolean }[] = [
  {
    service: 'EC2',
    // https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
    actions: ['ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DeleteNetworkInterface'],
    isFor: ({ vpc }) => vpc !== undefined,
  },
  { service: 'XRAY', actions: ['xray:PutTraceSegments'], isFor: ({ tracing }) => tracing === 'Active' },
];

export async function checkRoleAllows(cloud: Cloud, settings: Settings): Promise<void> {
  for (const { service, actions, isFor } of needs) {
    const denied = isFor(settings) ? await deniedAction(cloud, settings.role, actions, '*') : undefined;
    if (denied === undefined) continue;
    const message = `The provided execution role does not have permissions to call ${denied.split(':')[1]} on ${service}`;
    throw new AwsError('InvalidParameterValueException', message, 400, { Type: 'User' });
  }
}
