// The role with which API Gateway writes the logs of all REST and WebSocket APIs of an account and region.
import { type Resource, sub } from '../cfn/resource.ts';
import { policyDocument, trust } from '../cfn/role.ts';

/** The setting of the account outlives the stack: other APIs may rely on it. */
export function logRoleResources(prefix: string): Readonly<Record<string, Resource>> {
  const kept = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' } as const;
  return {
    [`${prefix}LogRole`]: {
      Type: 'AWS::IAM::Role',
      ...kept,
      Properties: {
        AssumeRolePolicyDocument: policyDocument([trust('apigateway.amazonaws.com')]),
        ManagedPolicyArns: [
          sub('arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs'),
        ],
      },
    },
    [`${prefix}Account`]: {
      Type: 'AWS::ApiGateway::Account',
      // the first one of an account needs an API: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-account.html
      DependsOn: prefix,
      ...kept,
      Properties: { CloudWatchRoleArn: { 'Fn::GetAtt': [`${prefix}LogRole`, 'Arn'] } },
    },
  };
}
