// The policy templates of services that few functions use.
import { anything, arn, given, type PolicyTemplate } from './resources.ts';

/** `service:First,Second` of one service. */
const actions = (service: string, names: string): readonly string[] =>
  names.split(' ').map((name) => `${service}:${name}`);

const everywhere = (service: string, names: string): PolicyTemplate => ({
  actions: actions(service, names),
  resources: anything,
});

const within = (
  service: string,
  names: string,
  path: (name: string) => string,
  parameter: string | undefined,
): PolicyTemplate => ({
  actions: actions(service, names),
  resources: arn(service, 'region', path, parameter),
});

const collection = (names: string) => within('rekognition', names, (name) => `collection/${name}`, 'CollectionId');
const cluster = (names: string) => within('elasticmapreduce', names, (name) => `cluster/${name}`, 'ClusterId');
const table = (names: string, rest = '') => within('dynamodb', names, (name) => `table/${name}${rest}`, 'TableName');
const identity = (names: string) => within('ses', names, (name) => `identity/${name}`, 'IdentityName');
const repository = (names: string) => within('codecommit', names, (name) => name, 'RepositoryName');

const repositoryRead =
  'GitPull GetBranch ListBranches BatchDescribeMergeConflicts DescribeMergeConflicts GetMergeCommit GetMergeOptions BatchGetPullRequests DescribePullRequestEvents GetCommentsForPullRequest GetCommitsFromMergeBase GetMergeConflicts GetPullRequest ListPullRequests GetBlob GetFile GetFolder GetComment GetCommentsForComparedCommit BatchGetCommits GetCommit GetCommitHistory GetDifferences GetObjectIdentifier GetReferences GetTree GetRepository ListTagsForResource GetRepositoryTriggers TestRepositoryTriggers GetUploadArchiveStatus';
const repositoryWrite =
  'GitPush CreateBranch DeleteBranch MergeBranchesByFastForward MergeBranchesBySquash MergeBranchesByThreeWay UpdateDefaultBranch CreateUnreferencedMergeCommit CreatePullRequest MergePullRequestByFastForward MergePullRequestBySquash MergePullRequestByThreeWay PostCommentForPullRequest UpdatePullRequestDescription UpdatePullRequestStatus UpdatePullRequestTitle DeleteFile PutFile DeleteCommentContent PostCommentForComparedCommit PostCommentReply UpdateComment CreateCommit UpdateRepositoryDescription TagResource UntagResource PutRepositoryTriggers UploadArchive CancelUploadArchive';

/** Each is one statement, or several. */
export const rareTemplates: Readonly<Record<string, PolicyTemplate | readonly PolicyTemplate[]>> = {
  AcmGetCertificatePolicy: {
    actions: ['acm:GetCertificate'],
    resources: given('CertificateArn'),
  },
  AMIDescribePolicy: everywhere('ec2', 'DescribeImages'),
  AthenaQueryPolicy: [
    everywhere(
      'athena',
      'ListWorkGroups GetExecutionEngine GetExecutionEngines GetNamespace GetCatalogs GetNamespaces GetTables GetTable',
    ),
    within(
      'athena',
      'StartQueryExecution GetQueryResults DeleteNamedQuery GetNamedQuery ListQueryExecutions StopQueryExecution GetQueryResultsStream ListNamedQueries CreateNamedQuery GetQueryExecution BatchGetNamedQuery BatchGetQueryExecution GetWorkGroup',
      (name) => `workgroup/${name}`,
      'WorkGroupName',
    ),
  ],
  AWSSecretsManagerRotationPolicy: [
    {
      ...within(
        'secretsmanager',
        'DescribeSecret GetSecretValue PutSecretValue UpdateSecretVersionStage',
        () => 'secret:*',
        'FunctionName',
      ),
      condition: (parameters) => ({
        StringEquals: {
          'secretsmanager:resource/AllowRotationLambdaArn':
            arn('lambda', 'region', (name) => `function:${name}`, 'FunctionName')(parameters)[0] ?? '',
        },
      }),
    },
    everywhere('secretsmanager', 'GetRandomPassword'),
  ],
  CloudWatchDescribeAlarmHistoryPolicy: everywhere('cloudwatch', 'DescribeAlarmHistory'),
  CodeCommitCrudPolicy: repository(`${repositoryRead} ${repositoryWrite}`),
  CodeCommitReadPolicy: repository(repositoryRead),
  CodePipelineReadOnlyPolicy: within('codepipeline', 'ListPipelineExecutions', (name) => name, 'PipelineName'),
  CostExplorerReadOnlyPolicy: everywhere(
    'ce',
    'GetCostAndUsage GetDimensionValues GetReservationCoverage GetReservationPurchaseRecommendation GetReservationUtilization GetTags',
  ),
  DynamoDBBackupFullAccessPolicy: [
    table('CreateBackup DescribeContinuousBackups'),
    table('DeleteBackup DescribeBackup ListBackups', '/backup/*'),
  ],
  DynamoDBReconfigurePolicy: table('UpdateTable'),
  DynamoDBRestoreFromBackupPolicy: [
    table('RestoreTableFromBackup', '/backup/*'),
    table('PutItem UpdateItem DeleteItem GetItem Query Scan BatchWriteItem'),
  ],
  EC2CopyImagePolicy: within('ec2', 'CopyImage', (name) => `image/${name}`, 'ImageId'),
  EFSWriteAccessPolicy: within(
    'elasticfilesystem',
    'ClientMount ClientWrite',
    (name) => `file-system/${name}`,
    'FileSystem',
  ),
  EKSDescribePolicy: everywhere('eks', 'DescribeCluster ListClusters'),
  ElasticMapReduceAddJobFlowStepsPolicy: cluster('AddJobFlowSteps'),
  ElasticMapReduceCancelStepsPolicy: cluster('CancelSteps'),
  ElasticMapReduceModifyInstanceFleetPolicy: cluster('ModifyInstanceFleet ListInstanceFleets'),
  ElasticMapReduceModifyInstanceGroupsPolicy: cluster('ModifyInstanceGroups ListInstanceGroups'),
  ElasticMapReduceSetTerminationProtectionPolicy: cluster('SetTerminationProtection'),
  ElasticMapReduceTerminateJobFlowsPolicy: cluster('TerminateJobFlows'),
  FirehoseCrudPolicy: within(
    'firehose',
    'CreateDeliveryStream DeleteDeliveryStream DescribeDeliveryStream PutRecord PutRecordBatch UpdateDestination',
    (name) => `deliverystream/${name}`,
    'DeliveryStreamName',
  ),
  MobileAnalyticsWriteOnlyAccessPolicy: everywhere('mobileanalytics', 'PutEvents'),
  OrganizationsListAccountsPolicy: everywhere('organizations', 'ListAccounts'),
  PinpointEndpointAccessPolicy: within(
    'mobiletargeting',
    'GetEndpoint UpdateEndpoint UpdateEndpointsBatch',
    (name) => `apps/${name}/endpoints/*`,
    'PinpointApplicationId',
  ),
  PinpointValidatePhoneNumberPolicy: everywhere('mobiletargeting', 'PhoneNumberValidate'),
  RekognitionFacesManagementPolicy: collection('IndexFaces DeleteFaces SearchFaces SearchFacesByImage ListFaces'),
  RekognitionFacesPolicy: everywhere('rekognition', 'CompareFaces DetectFaces'),
  RekognitionNoDataAccessPolicy: collection('CompareFaces DetectFaces DetectLabels DetectModerationLabels'),
  RekognitionReadPolicy: collection('ListCollections ListFaces SearchFaces SearchFacesByImage'),
  RekognitionWriteOnlyAccessPolicy: collection('CreateCollection IndexFaces'),
  Route53ChangeResourceRecordSetsPolicy: {
    actions: ['route53:ChangeResourceRecordSets'],
    resources: arn('route53', 'global', (name) => `hostedzone/${name}`, 'HostedZoneId'),
  },
  ServerlessRepoReadWriteAccessPolicy: within(
    'serverlessrepo',
    'CreateApplication CreateApplicationVersion UpdateApplication GetApplication ListApplications ListApplicationVersions ListApplicationDependencies',
    () => 'applications/*',
    undefined,
  ),
  SESBulkTemplatedCrudPolicy: identity(
    'GetIdentityVerificationAttributes SendEmail SendRawEmail SendTemplatedEmail SendBulkTemplatedEmail VerifyEmailIdentity',
  ),
  SESBulkTemplatedCrudPolicy_v2: [
    {
      actions: actions('ses', 'SendEmail SendRawEmail SendTemplatedEmail SendBulkTemplatedEmail'),
      resources: (parameters) => [
        ...arn('ses', 'region', (name) => `identity/${name}`, 'IdentityName')(parameters),
        ...arn('ses', 'region', (name) => `template/${name}`, 'TemplateName')(parameters),
      ],
    },
    everywhere('ses', 'GetIdentityVerificationAttributes VerifyEmailIdentity'),
  ],
  SESEmailTemplateCrudPolicy: everywhere(
    'ses',
    'CreateTemplate GetTemplate ListTemplates UpdateTemplate DeleteTemplate TestRenderTemplate',
  ),
  SSMParameterWithSlashPrefixReadPolicy: [
    everywhere('ssm', 'DescribeParameters'),
    within('ssm', 'GetParameters GetParameter GetParametersByPath', (name) => `parameter${name}`, 'ParameterName'),
  ],
  StepFunctionsCallbackPolicy: within(
    'states',
    'SendTaskFailure SendTaskHeartbeat SendTaskSuccess',
    (name) => `stateMachine:${name}`,
    'StateMachineName',
  ),
  TextractDetectAnalyzePolicy: everywhere(
    'textract',
    'DetectDocumentText StartDocumentTextDetection StartDocumentAnalysis AnalyzeDocument',
  ),
  TextractGetResultPolicy: everywhere('textract', 'GetDocumentTextDetection GetDocumentAnalysis'),
};
