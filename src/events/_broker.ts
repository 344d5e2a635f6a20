// Shared by the brokers and databases that Lambda reads through a network: their secrets, and the rights that all need.
import type { Plain } from '../base/located.ts';
import { described, type Schema } from '../base/schema.ts';
import { allow, type Statement } from '../cfn/part.ts';
import type { Value } from '../cfn/resource.ts';
import { textOrIntrinsic } from '../cfn/value-schema.ts';

/** Lambda reads brokers in a VPC by network interfaces of its own, which the function's role makes.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-msk-permissions.html */
export const networkStatement: Statement = allow(
  [
    'ec2:CreateNetworkInterface',
    'ec2:DeleteNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSecurityGroups',
    'ec2:DescribeSubnets',
    'ec2:DescribeVpcs',
  ],
  '*',
);

export const secretArn: Schema<Plain> = textOrIntrinsic(
  /^arn:[a-z0-9-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:\S+$/,
  'the ARN of a secret, or an intrinsic',
);

const secretExample = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:broker-Ab12Cd';

export function secret(about: string): Schema<Plain> {
  return described(about, secretArn, { examples: [secretExample] });
}

/** One of `SourceAccessConfigurations`: https://docs.aws.amazon.com/lambda/latest/api/API_SourceAccessConfiguration.html */
export interface Access {
  readonly Type: string;
  readonly URI?: Value;
}

/** The role reads each secret. */
export function secretStatements(secrets: readonly Value[]): readonly Statement[] {
  return secrets.length === 0
    ? []
    : [{ Effect: 'Allow', Action: ['secretsmanager:GetSecretValue'], Resource: secrets }];
}
