// What is known of services that call functions: which do so with a role, and what the ARNs of their resources begin with.

/** Services that call as a role, which needs the right instead: who must get it. */
export const callersByRole: Readonly<Record<string, string>> = {
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-invoke-lambda.html
  'batchoperations.s3.amazonaws.com': 'the role of the job',
  // https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html
  'firehose.amazonaws.com': 'the role of the stream',
  // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-permissions.html
  'pipes.amazonaws.com': 'the role of the pipe',
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/olap-policies.html
  's3-object-lambda.amazonaws.com': 'those who read from the access point',
  // https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html#setting-up-execution-role
  'scheduler.amazonaws.com': 'the role of the schedule',
  // https://docs.aws.amazon.com/step-functions/latest/dg/lambda-iam.html
  'states.amazonaws.com': 'the role of the state machine',
};

/** The service in the ARNs of a principal's resources, where it has another name or mistakes are common. */
export function serviceInArns(principal: string): string | undefined {
  return arnServices[principal];
}

const arnServices: Readonly<Record<string, string>> = {
  'apigateway.amazonaws.com': 'execute-api',
  'config.amazonaws.com': 'config',
  'connect.amazonaws.com': 'connect',
  'events.amazonaws.com': 'events',
  'iot.amazonaws.com': 'iot',
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
  'lambda.alarms.cloudwatch.amazonaws.com': 'cloudwatch',
  // https://docs.aws.amazon.com/lexv2/latest/dg/lambda-attach.html
  'lexv2.amazonaws.com': 'lex',
  's3.amazonaws.com': 's3',
  'secretsmanager.amazonaws.com': 'secretsmanager',
  'ses.amazonaws.com': 'ses',
  'sns.amazonaws.com': 'sns',
};
