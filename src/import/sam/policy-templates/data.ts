// The policy templates that most functions use: tables, buckets, queues, streams, secrets and calls.
import { anything, arn, both, given, type PolicyTemplate } from './resources.ts';

const bucket = both(
  arn('s3', 'global', (name) => name, 'BucketName'),
  arn('s3', 'global', (name) => `${name}/*`, 'BucketName'),
);
const objects = arn('s3', 'global', (name) => `${name}/*`, 'BucketName');
const table = both(
  arn('dynamodb', 'region', (name) => `table/${name}`, 'TableName'),
  arn('dynamodb', 'region', (name) => `table/${name}/index/*`, 'TableName'),
);
const queue = arn('sqs', 'region', (name) => name, 'QueueName');
const topic = arn('sns', 'region', (name) => name, 'TopicName');
const stream = arn('kinesis', 'region', (name) => `stream/${name}`, 'StreamName');

const s3Read = [
  's3:GetObject',
  's3:ListBucket',
  's3:GetBucketLocation',
  's3:GetObjectVersion',
  's3:GetLifecycleConfiguration',
];
const tableRead = [
  'dynamodb:GetItem',
  'dynamodb:Scan',
  'dynamodb:Query',
  'dynamodb:BatchGetItem',
  'dynamodb:DescribeTable',
];
const tableWrite = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:BatchWriteItem'];

export const dataTemplates: Readonly<Record<string, PolicyTemplate>> = {
  S3ReadPolicy: { actions: s3Read, resources: bucket },
  S3WritePolicy: { actions: ['s3:PutObject', 's3:PutObjectAcl', 's3:PutLifecycleConfiguration'], resources: bucket },
  S3CrudPolicy: {
    actions: [...s3Read, 's3:PutObject', 's3:PutObjectAcl', 's3:PutLifecycleConfiguration', 's3:DeleteObject'],
    resources: bucket,
  },
  S3FullAccessPolicy: {
    actions: [
      's3:GetObject',
      's3:GetObjectAcl',
      's3:GetObjectVersion',
      's3:PutObject',
      's3:PutObjectAcl',
      's3:DeleteObject',
      's3:DeleteObjectTagging',
      's3:GetObjectTagging',
      's3:PutObjectTagging',
      's3:ListBucket',
      's3:GetBucketLocation',
      's3:GetLifecycleConfiguration',
      's3:PutLifecycleConfiguration',
    ],
    resources: bucket,
  },
  DynamoDBReadPolicy: { actions: tableRead, resources: table },
  DynamoDBWritePolicy: { actions: tableWrite, resources: table },
  DynamoDBCrudPolicy: {
    actions: [...tableRead, ...tableWrite, 'dynamodb:DeleteItem', 'dynamodb:ConditionCheckItem'],
    resources: table,
  },
  DynamoDBStreamReadPolicy: {
    actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
    resources: arn('dynamodb', 'region', (name) => `table/${name}/stream/*`, 'TableName'),
  },
  SQSPollerPolicy: {
    actions: ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
    resources: queue,
  },
  SQSSendMessagePolicy: { actions: ['sqs:SendMessage'], resources: queue },
  SNSPublishMessagePolicy: { actions: ['sns:Publish'], resources: topic },
  SNSCrudPolicy: {
    actions: [
      'sns:ListSubscriptionsByTopic',
      'sns:CreateTopic',
      'sns:SetTopicAttributes',
      'sns:Subscribe',
      'sns:Publish',
    ],
    resources: topic,
  },
  KinesisStreamReadPolicy: {
    actions: [
      'kinesis:ListStreams',
      'kinesis:DescribeLimits',
      'kinesis:DescribeStream',
      'kinesis:DescribeStreamSummary',
      'kinesis:GetRecords',
      'kinesis:GetShardIterator',
    ],
    resources: stream,
  },
  KinesisCrudPolicy: {
    actions: [
      'kinesis:AddTagsToStream',
      'kinesis:CreateStream',
      'kinesis:DeleteStream',
      'kinesis:DescribeStream',
      'kinesis:GetRecords',
      'kinesis:GetShardIterator',
      'kinesis:ListTagsForStream',
      'kinesis:MergeShards',
      'kinesis:PutRecord',
      'kinesis:PutRecords',
      'kinesis:SplitShard',
    ],
    resources: stream,
  },
  FirehoseWritePolicy: {
    actions: ['firehose:PutRecord', 'firehose:PutRecordBatch'],
    resources: arn('firehose', 'region', (name) => `deliverystream/${name}`, 'DeliveryStreamName'),
  },
  LambdaInvokePolicy: {
    actions: ['lambda:InvokeFunction'],
    resources: arn('lambda', 'region', (name) => `function:${name}*`, 'FunctionName'),
  },
  StepFunctionsExecutionPolicy: {
    actions: ['states:StartExecution'],
    resources: arn('states', 'region', (name) => `stateMachine:${name}`, 'StateMachineName'),
  },
  EventBridgePutEventsPolicy: {
    actions: ['events:PutEvents'],
    resources: arn('events', 'region', (name) => `event-bus/${name}`, 'EventBusName'),
  },
  SSMParameterReadPolicy: {
    actions: ['ssm:GetParameters', 'ssm:GetParameter', 'ssm:GetParametersByPath'],
    resources: arn('ssm', 'region', (name) => `parameter/${name}`, 'ParameterName'),
  },
  AWSSecretsManagerGetSecretValuePolicy: { actions: ['secretsmanager:GetSecretValue'], resources: given('SecretArn') },
  KMSDecryptPolicy: { actions: ['kms:Decrypt'], resources: arn('kms', 'region', (name) => `key/${name}`, 'KeyId') },
  KMSEncryptPolicy: { actions: ['kms:Encrypt'], resources: arn('kms', 'region', (name) => `key/${name}`, 'KeyId') },
  SESCrudPolicy: {
    actions: ['ses:GetIdentityVerificationAttributes', 'ses:SendEmail', 'ses:SendRawEmail', 'ses:VerifyEmailIdentity'],
    resources: arn('ses', 'region', (name) => `identity/${name}`, 'IdentityName'),
  },
  SESSendBouncePolicy: {
    actions: ['ses:SendBounce'],
    resources: arn('ses', 'region', (name) => `identity/${name}`, 'IdentityName'),
  },
  RekognitionDetectOnlyPolicy: {
    actions: [
      'rekognition:DetectFaces',
      'rekognition:DetectLabels',
      'rekognition:DetectModerationLabels',
      'rekognition:DetectText',
    ],
    resources: anything,
  },
  RekognitionLabelsPolicy: {
    actions: ['rekognition:DetectLabels', 'rekognition:DetectModerationLabels'],
    resources: anything,
  },
  PollyFullAccessPolicy: {
    actions: [
      'polly:SynthesizeSpeech',
      'polly:DescribeVoices',
      'polly:GetLexicon',
      'polly:PutLexicon',
      'polly:DeleteLexicon',
      'polly:ListLexicons',
    ],
    resources: anything,
  },
  ComprehendBasicAccessPolicy: {
    actions: [
      'comprehend:BatchDetectKeyPhrases',
      'comprehend:DetectDominantLanguage',
      'comprehend:DetectEntities',
      'comprehend:BatchDetectEntities',
      'comprehend:DetectKeyPhrases',
      'comprehend:DetectSentiment',
      'comprehend:BatchDetectDominantLanguage',
      'comprehend:BatchDetectSentiment',
    ],
    resources: anything,
  },
  CloudWatchPutMetricPolicy: { actions: ['cloudwatch:PutMetricData'], resources: anything },
  CloudWatchDashboardPolicy: {
    actions: [
      'cloudwatch:GetDashboard',
      'cloudwatch:ListDashboards',
      'cloudwatch:PutDashboard',
      'cloudwatch:ListMetrics',
    ],
    resources: anything,
  },
  EC2DescribePolicy: { actions: ['ec2:DescribeRegions', 'ec2:DescribeInstances'], resources: anything },
  VPCAccessPolicy: {
    actions: [
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DetachNetworkInterface',
    ],
    resources: anything,
  },
  FilterLogEventsPolicy: {
    actions: ['logs:FilterLogEvents'],
    resources: arn('logs', 'region', (name) => `log-group:${name}:log-stream:*`, 'LogGroupName'),
  },
  ElasticsearchHttpPostPolicy: {
    actions: ['es:ESHttpPost', 'es:ESHttpPut'],
    resources: arn('es', 'region', (name) => `domain/${name}/*`, 'DomainName'),
  },
  CloudFormationDescribeStacksPolicy: { actions: ['cloudformation:DescribeStacks'], resources: anything },
  TextractPolicy: { actions: ['textract:*'], resources: anything },
  CodePipelineLambdaExecutionPolicy: {
    actions: ['codepipeline:PutJobSuccessResult', 'codepipeline:PutJobFailureResult'],
    resources: anything,
  },
  S3PutObjectPolicy: { actions: ['s3:PutObject'], resources: objects },
};
