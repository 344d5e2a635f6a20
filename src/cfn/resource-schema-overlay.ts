// Limits that AWS checks but the service spec omits, for the types that fx writes or provisions.
// Each row has its source. A path is dotted; `*` means the items of a list.

/** Limits on one value, by the names JSON Schema gives them. */
export interface Constraint {
  readonly enum?: readonly (string | number)[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}
export interface ConstraintRow extends Constraint {
  readonly path: string;
  readonly source: string;
}

const registry = (type: string) => `the CloudFormation registry's schema of ${type}`;
const lambdaFunction = registry('AWS::Lambda::Function');
const functionName = 'arn:(aws[a-zA-Z-]*)?:lambda:';
const lambdaReference = `^(${functionName})?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST(\\.PUBLISHED)?|[a-zA-Z0-9-_]+))?$`;
const eventSource = registry('AWS::Lambda::EventSourceMapping');
const role = registry('AWS::IAM::Role');
const queueAttributes =
  'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html';
const httpApi = 'https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html';
const httpIntegration = 'https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations.html';

export const constraintRows: Readonly<Record<string, readonly ConstraintRow[]>> = {
  'AWS::Lambda::Function': [
    { path: 'Architectures', minItems: 1, maxItems: 1, source: lambdaFunction },
    { path: 'Architectures.*', enum: ['x86_64', 'arm64'], source: lambdaFunction },
    { path: 'Code.S3Bucket', minLength: 3, maxLength: 63, source: lambdaFunction },
    { path: 'Code.S3Key', minLength: 1, maxLength: 1024, source: lambdaFunction },
    { path: 'Description', maxLength: 256, source: lambdaFunction },
    { path: 'EphemeralStorage.Size', minimum: 512, maximum: 32_768, source: lambdaFunction },
    {
      path: 'FunctionName',
      minLength: 1,
      pattern: '^([a-zA-Z0-9_-]{1,64}|arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\\d{12}:function:[a-zA-Z0-9_-]{1,64})$',
      source: lambdaFunction,
    },
    { path: 'Handler', pattern: '^[^\\s]+$', maxLength: 128, source: lambdaFunction },
    { path: 'Layers', maxItems: 5, source: lambdaFunction },
    {
      path: 'LoggingConfig.LogGroup',
      minLength: 1,
      maxLength: 512,
      pattern: '^[.\\-_/#A-Za-z0-9]+$',
      source: lambdaFunction,
    },
    { path: 'MemorySize', minimum: 128, maximum: 32_768, source: lambdaFunction },
    { path: 'ReservedConcurrentExecutions', minimum: 0, source: lambdaFunction },
    {
      path: 'Role',
      pattern: '^arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+$',
      source: lambdaFunction,
    },
    { path: 'Timeout', minimum: 1, maximum: 5400, source: lambdaFunction },
  ],
  'AWS::Lambda::Version': [
    { path: 'Description', maxLength: 256, source: registry('AWS::Lambda::Version') },
    {
      path: 'FunctionName',
      minLength: 1,
      maxLength: 140,
      pattern: lambdaReference,
      source: registry('AWS::Lambda::Version'),
    },
  ],
  'AWS::Lambda::Alias': [
    { path: 'Description', maxLength: 256, source: registry('AWS::Lambda::Alias') },
    {
      path: 'FunctionVersion',
      maxLength: 1024,
      pattern: '^(\\$LATEST(\\.PUBLISHED)?|[0-9]*)$',
      source: registry('AWS::Lambda::Alias'),
    },
    {
      path: 'Name',
      minLength: 1,
      maxLength: 128,
      pattern: '^(?!^[0-9]+$)([a-zA-Z0-9-_]+)$',
      source: registry('AWS::Lambda::Alias'),
    },
  ],
  'AWS::Lambda::Permission': [
    { path: 'Action', pattern: '^(lambda:[*]|lambda:[a-zA-Z]+|[*])$', source: registry('AWS::Lambda::Permission') },
    {
      path: 'FunctionName',
      minLength: 1,
      maxLength: 140,
      pattern: lambdaReference,
      source: registry('AWS::Lambda::Permission'),
    },
    { path: 'SourceAccount', pattern: '^\\d{12}$', source: registry('AWS::Lambda::Permission') },
    {
      path: 'SourceArn',
      minLength: 12,
      maxLength: 1024,
      pattern:
        '^arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1})?:(\\d{12})?:(.*)$',
      source: registry('AWS::Lambda::Permission'),
    },
  ],
  'AWS::Lambda::EventSourceMapping': [
    { path: 'BatchSize', minimum: 1, maximum: 10_000, source: eventSource },
    { path: 'EventSourceArn', minLength: 12, maxLength: 1024, source: eventSource },
    { path: 'FilterCriteria.Filters', minItems: 1, maxItems: 20, source: eventSource },
    { path: 'FunctionName', minLength: 1, maxLength: 140, source: eventSource },
    { path: 'FunctionResponseTypes', maxItems: 1, source: eventSource },
    { path: 'FunctionResponseTypes.*', enum: ['ReportBatchItemFailures'], source: eventSource },
    { path: 'MaximumBatchingWindowInSeconds', minimum: 0, maximum: 300, source: eventSource },
    { path: 'MaximumRecordAgeInSeconds', minimum: -1, maximum: 604_800, source: eventSource },
    { path: 'MaximumRetryAttempts', minimum: -1, maximum: 10_000, source: eventSource },
    { path: 'ParallelizationFactor', minimum: 1, maximum: 10, source: eventSource },
    { path: 'ScalingConfig.MaximumConcurrency', minimum: 2, maximum: 1000, source: eventSource },
    { path: 'StartingPosition', enum: ['LATEST', 'TRIM_HORIZON', 'AT_TIMESTAMP'], source: eventSource },
    { path: 'TumblingWindowInSeconds', minimum: 0, maximum: 900, source: eventSource },
  ],
  'AWS::IAM::Role': [
    { path: 'Description', maxLength: 1000, source: role },
    { path: 'MaxSessionDuration', minimum: 3600, maximum: 43_200, source: role },
    { path: 'Path', minLength: 1, maxLength: 512, pattern: '^(/)|(/[!-~]+/)$', source: role },
    { path: 'RoleName', minLength: 1, maxLength: 64, pattern: '^[\\w+=,.@-]+$', source: role },
  ],
  'AWS::IAM::Policy': [
    {
      path: 'PolicyName',
      minLength: 1,
      maxLength: 128,
      pattern: '^[\\w+=,.@-]+$',
      source: registry('AWS::IAM::Policy'),
    },
  ],
  'AWS::Logs::LogGroup': [
    {
      path: 'LogGroupName',
      minLength: 1,
      maxLength: 512,
      pattern: '^[.\\-_/#A-Za-z0-9]{1,512}$',
      source: registry('AWS::Logs::LogGroup'),
    },
  ],
  'AWS::SQS::Queue': [
    { path: 'DelaySeconds', minimum: 0, maximum: 900, source: queueAttributes },
    { path: 'KmsDataKeyReusePeriodSeconds', minimum: 60, maximum: 86_400, source: queueAttributes },
    { path: 'MaximumMessageSize', minimum: 1024, maximum: 1_048_576, source: queueAttributes },
    { path: 'MessageRetentionPeriod', minimum: 60, maximum: 1_209_600, source: queueAttributes },
    { path: 'ReceiveMessageWaitTimeSeconds', minimum: 0, maximum: 20, source: queueAttributes },
    { path: 'VisibilityTimeout', minimum: 0, maximum: 43_200, source: queueAttributes },
  ],
  'AWS::S3::Bucket': [
    {
      path: 'BucketName',
      maxLength: 63,
      pattern: '^([a-z0-9][a-z0-9.-]*[a-z0-9])?$',
      source: registry('AWS::S3::Bucket'),
    },
  ],
  'AWS::Events::Rule': [
    { path: 'Description', maxLength: 512, source: registry('AWS::Events::Rule') },
    {
      path: 'Name',
      minLength: 1,
      maxLength: 64,
      pattern: '^[.\\-_A-Za-z0-9]+$',
      source: registry('AWS::Events::Rule'),
    },
    {
      path: 'ScheduleExpression',
      maxLength: 256,
      pattern: '^(rate\\(.+\\)|cron\\(.+\\))?$',
      source: registry('AWS::Events::Rule'),
    },
  ],
  'AWS::ApiGatewayV2::Api': [{ path: 'ProtocolType', enum: ['HTTP', 'WEBSOCKET'], source: httpApi }],
  'AWS::ApiGatewayV2::Integration': [
    { path: 'IntegrationType', enum: ['AWS', 'AWS_PROXY', 'HTTP', 'HTTP_PROXY', 'MOCK'], source: httpIntegration },
    { path: 'PayloadFormatVersion', enum: ['1.0', '2.0'], source: httpIntegration },
    { path: 'TimeoutInMillis', minimum: 50, maximum: 30_000, source: httpIntegration },
  ],
};
