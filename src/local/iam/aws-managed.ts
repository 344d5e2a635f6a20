// The policies that AWS itself keeps, as far as functions meet them here.
export function isAwsManaged(arn: string): boolean {
  return arn.startsWith('arn:aws:iam::aws:policy/');
}

/** AWS's own policies that local functions meet; what others would allow is not known here, so they allow nothing.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaSQSQueueExecutionRole.html */
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
  const allowed = actions[arn.replace('arn:aws:iam::aws:policy/', '')];
  if (allowed === undefined) return undefined;
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: allowed, Resource: '*' }] });
}
