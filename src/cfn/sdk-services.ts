// The services and actions of IAM behind the names that Step Functions' SDK integrations use: those of the SDK for Java.
// https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html

/** Where the prefix of IAM differs from the name in lower case. */
const prefixes: Readonly<Record<string, string>> = {
  acmpca: 'acm-pca',
  amp: 'aps',
  apigatewayv2: 'apigateway',
  appconfigdata: 'appconfig',
  applicationautoscaling: 'application-autoscaling',
  bedrockagent: 'bedrock',
  bedrockagentruntime: 'bedrock',
  bedrockruntime: 'bedrock',
  cloudwatchlogs: 'logs',
  cognitoidentity: 'cognito-identity',
  cognitoidentityprovider: 'cognito-idp',
  configservice: 'config',
  costexplorer: 'ce',
  databasemigrationservice: 'dms',
  docdb: 'rds',
  dynamodbstreams: 'dynamodb',
  ecrpublic: 'ecr-public',
  efs: 'elasticfilesystem',
  elasticloadbalancingv2: 'elasticloadbalancing',
  elasticsearchservice: 'es',
  emr: 'elasticmapreduce',
  emrcontainers: 'emr-containers',
  emrserverless: 'emr-serverless',
  eventbridge: 'events',
  iotdataplane: 'iot',
  keyspaces: 'cassandra',
  lexmodelsv2: 'lex',
  lexruntimev2: 'lex',
  location: 'geo',
  neptune: 'rds',
  opensearch: 'es',
  opensearchserverless: 'aoss',
  pinpoint: 'mobiletargeting',
  rdsdata: 'rds-data',
  redshiftdata: 'redshift-data',
  redshiftserverless: 'redshift-serverless',
  resourcegroupstaggingapi: 'tag',
  s3control: 's3',
  sagemakerruntime: 'sagemaker',
  sesv2: 'ses',
  sfn: 'states',
  ssoadmin: 'sso',
  timestreamquery: 'timestream',
  timestreamwrite: 'timestream',
};

/** Where an operation needs other actions than the one of its name. */
const actions: Readonly<Record<string, readonly string[]>> = {
  'dynamodb:ExecuteStatement': ['PartiQLSelect', 'PartiQLInsert', 'PartiQLUpdate', 'PartiQLDelete'],
  'dynamodb:TransactGetItems': ['GetItem'],
  'dynamodb:TransactWriteItems': ['PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'],
  'lambda:Invoke': ['InvokeFunction'],
  's3:CopyObject': ['GetObject', 'PutObject'],
  's3:DeleteObjects': ['DeleteObject'],
  's3:HeadBucket': ['ListBucket'],
  's3:HeadObject': ['GetObject'],
  's3:ListBuckets': ['ListAllMyBuckets'],
  's3:ListObjectVersions': ['ListBucketVersions'],
  's3:ListObjects': ['ListBucket'],
  's3:ListObjectsV2': ['ListBucket'],
  'sns:PublishBatch': ['Publish'],
  'sqs:ChangeMessageVisibilityBatch': ['ChangeMessageVisibility'],
  'sqs:DeleteMessageBatch': ['DeleteMessage'],
  'sqs:SendMessageBatch': ['SendMessage'],
};

/** The actions of IAM that an operation such as `s3`, `listObjectsV2` needs. */
export function actionsOf(service: string, operation: string): readonly string[] {
  const prefix = Object.hasOwn(prefixes, service) ? prefixes[service] : service;
  const name = `${operation.charAt(0).toUpperCase()}${operation.slice(1)}`;
  return (actions[`${prefix}:${name}`] ?? [name]).map((action) => `${prefix}:${action}`);
}
