// Policies of a SAM function → permissions: statements, managed policies, and SAM's policy templates.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html
import type { Plain } from '../../base/located.ts';
import { isMap } from '../../base/plain.ts';
import { functionIds } from '../../cfn/names.ts';
import type { Cursor } from '../cursor.ts';
import { type Path, placeOf } from '../draft.ts';
import { permissionOf } from '../serverless/permissions.ts';
import { type SamTemplate, withOurIds } from './template.ts';

type Parameters = Readonly<Record<string, Plain>>;
interface PolicyTemplate {
  readonly actions: readonly string[];
  resources(parameters: Parameters): readonly Plain[];
}

/** An ARN with a parameter in it. */
const arn =
  (service: string, place: 'region' | 'global' | 'account', path: (name: string) => string, parameter: string) =>
  (parameters: Parameters): readonly Plain[] => {
    const value = parameters[parameter] ?? '*';
    const where =
      place === 'region' ? '${AWS::Region}:${AWS::AccountId}' : place === 'account' ? ':${AWS::AccountId}' : ':';
    const text = `arn:\${AWS::Partition}:${service}:${where}:${path('${Name}')}`;
    return [{ 'Fn::Sub': [text, { Name: value }] }];
  };
const both =
  (...makers: readonly ((parameters: Parameters) => readonly Plain[])[]) =>
  (parameters: Parameters): readonly Plain[] =>
    makers.flatMap((make) => make(parameters));
const anything = (): readonly Plain[] => ['*'];

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
const own = (name: string) => (parameters: Parameters) => [parameters[name] ?? '*'];

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

export const policyTemplates: Readonly<Record<string, PolicyTemplate>> = {
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
  AWSSecretsManagerGetSecretValuePolicy: { actions: ['secretsmanager:GetSecretValue'], resources: own('SecretArn') },
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

/** What every function of fx may do anyway, by its role. */
const needless =
  /(AWSLambdaBasicExecutionRole|AWSLambdaVPCAccessExecutionRole|AWSXrayWriteOnlyAccess|AWSXRayDaemonWriteAccess)$/;

export function policiesOf(
  sam: SamTemplate,
  policies: Cursor,
  { name, path }: { readonly name: string; readonly path: Path },
): void {
  const { draft } = sam;
  const managed: Plain[] = [];
  const isTemplateMap = policies.isMap && policies.keys().every((key) => Object.hasOwn(policyTemplates, key));
  for (const item of isTemplateMap || !policies.isList ? [policies] : policies.items()) {
    const text = item.text();
    if (text !== undefined) {
      if (needless.test(text)) {
        draft.carried(placeOf(item), `${text}: fx grants what logs, VPC and tracing need`);
        continue;
      }
      managed.push(text.startsWith('arn:') ? text : `arn:aws:iam::aws:policy/${text}`);
      continue;
    }
    const plain = item.isMap ? item.plain() : null;
    if (!isMap(plain)) continue;
    const statement = plain['Statement'];
    if (statement !== undefined) {
      for (const each of [statement].flat() as readonly Plain[]) {
        const permission = permissionOf(withOurIds(sam, each));
        draft.push([...path, 'permissions'], permission, placeOf(item));
      }
      continue;
    }
    const keys = Object.keys(plain);
    if (keys.length === 1 && (keys[0] === 'Ref' || keys[0]?.startsWith('Fn::'))) {
      managed.push(withOurIds(sam, plain));
      continue;
    }
    for (const [template, parameters] of Object.entries(plain as Record<string, Plain>)) {
      const row = Object.hasOwn(policyTemplates, template) ? policyTemplates[template] : undefined;
      if (row === undefined) {
        draft.dropped(placeOf(item), `fx does not know the policy ${template}`, {
          remedy: 'write what it allows under permissions',
          beside: path,
        });
        continue;
      }
      const values = isMap(parameters) ? (withOurIds(sam, parameters) as Parameters) : {};
      const resources = row.resources(values).map(simplified);
      const permission = permissionOf({
        Action: [...row.actions],
        Resource: resources.length === 1 ? (resources[0] ?? '*') : resources,
      });
      draft.push([...path, 'permissions'], permission, placeOf(item));
      draft.carried(placeOf(item), `the policy ${template}`);
    }
  }
  if (managed.length > 0) {
    draft.merge(['extend', functionIds(name).role, 'Properties', 'ManagedPolicyArns'], managed, placeOf(policies));
    draft.changed(placeOf(policies), `the role of "${name}" keeps its managed policies`, {
      remedy: 'write what the function needs under permissions instead',
      beside: ['extend', functionIds(name).role],
    });
  }
}

/** A Sub whose name is a text needs no variable. */
function simplified(value: Plain): Plain {
  if (!isMap(value)) return value;
  const sub = value['Fn::Sub'];
  if (!Array.isArray(sub)) return value;
  const name = (sub[1] as Record<string, Plain>)['Name'];
  const text = String(sub[0]);
  if (typeof name === 'string') return { 'Fn::Sub': text.replace('${Name}', () => name) };
  const inner = isMap(name ?? null) ? (name as Record<string, Plain>) : {};
  if (typeof inner['Ref'] === 'string')
    return { 'Fn::Sub': text.replace('${Name}', () => `\${${String(inner['Ref'])}}`) };
  const attribute = inner['Fn::GetAtt'];
  if (Array.isArray(attribute)) return { 'Fn::Sub': text.replace('${Name}', () => `\${${attribute.join('.')}}`) };
  return value;
}
