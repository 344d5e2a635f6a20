// The AWS managed policies that local functions and CodeDeploy use.
export function isAwsManaged(arn: string): boolean {
  return arn.startsWith('arn:aws:iam::aws:policy/');
}

/** Other AWS managed policies can be attached too, but their content is unknown here, so they allow nothing.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaSQSQueueExecutionRole.html and the pages of the other names */
export function awsManagedDocument(arn: string): string | undefined {
  const logs = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];
  const actions: Record<string, readonly string[]> = {
    'service-role/AWSLambdaBasicExecutionRole': logs,
    'service-role/AWSLambdaSQSQueueExecutionRole': [
      'sqs:ReceiveMessage',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      ...logs,
    ],
    'service-role/AWSLambdaDynamoDBExecutionRole': [
      'dynamodb:DescribeStream',
      'dynamodb:GetRecords',
      'dynamodb:GetShardIterator',
      'dynamodb:ListStreams',
      ...logs,
    ],
    'service-role/AWSLambdaKinesisExecutionRole': [
      'kinesis:DescribeStream',
      'kinesis:DescribeStreamSummary',
      'kinesis:GetRecords',
      'kinesis:GetShardIterator',
      'kinesis:ListShards',
      'kinesis:ListStreams',
      'kinesis:SubscribeToShard',
      ...logs,
    ],
    'service-role/AWSLambdaVPCAccessExecutionRole': [
      'ec2:CreateNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:DeleteNetworkInterface',
      'ec2:AssignPrivateIpAddresses',
      'ec2:UnassignPrivateIpAddresses',
      ...logs,
    ],
    AWSXRayDaemonWriteAccess: [
      'xray:PutTraceSegments',
      'xray:PutTelemetryRecords',
      'xray:GetSamplingRules',
      'xray:GetSamplingTargets',
      'xray:GetSamplingStatisticSummaries',
    ],
    AdministratorAccess: ['*'],
  };
  const codeDeploy = codeDeployDocuments[arn.replace('arn:aws:iam::aws:policy/service-role/', '')];
  if (codeDeploy !== undefined) return JSON.stringify({ Version: '2012-10-17', Statement: codeDeploy });
  const allowed = actions[arn.replace('arn:aws:iam::aws:policy/', '')];
  if (allowed === undefined) return undefined;
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: allowed, Resource: '*' }] });
}

/** CodeDeploy's, without the permissions for S3, which no deployment here needs.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCodeDeployRoleForLambdaLimited.html */
const moves = [
  'cloudwatch:DescribeAlarms',
  'lambda:UpdateAlias',
  'lambda:GetAlias',
  'lambda:GetProvisionedConcurrencyConfig',
];
const hooks = {
  Effect: 'Allow',
  Action: 'lambda:InvokeFunction',
  Resource: 'arn:aws:lambda:*:*:function:CodeDeployHook_*',
};
const codeDeployDocuments: Readonly<Record<string, readonly object[]>> = {
  AWSCodeDeployRoleForLambda: [{ Effect: 'Allow', Action: [...moves, 'sns:Publish'], Resource: '*' }, hooks],
  AWSCodeDeployRoleForLambdaLimited: [{ Effect: 'Allow', Action: moves, Resource: '*' }, hooks],
};
