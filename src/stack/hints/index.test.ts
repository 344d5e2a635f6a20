import { describe, expect, test } from 'vitest';
import { plainReason } from '../cause.ts';
import { findHint, type HintName } from './index.ts';

/** A failure as CloudFormation reported it: the type of the resource, and the reason. Total, so that no row is without one. */
const seen: Readonly<Record<HintName, readonly [type: string, reason: string]>> = {
  hook: [
    'AWS::ECR::Repository',
    'The following hook(s) failed: [AWS::ControlTower::Hook] : Hook failed with message: [CT.ECR.PR.2]',
  ],
  'stack-policy': [
    'AWS::EC2::VPC',
    'Action denied by stack policy: Statement [#1] does not allow [Update:Replace] for resource [LogicalResourceId/VPC];',
  ],
  'service-control-policy': [
    'AWS::SecretsManager::Secret',
    'User: arn:aws:sts::111122223333:assumed-role/deployer/ci is not authorized to perform: secretsmanager:CreateSecret on resource: jobs with an explicit deny in a service control policy',
  ],
  'permissions-boundary': [
    'AWS::Events::Rule',
    'User: arn:aws:sts::111122223333:assumed-role/deployer/ci is not authorized to perform: events:DescribeRule on resource: arn:aws:events:us-east-1:111122223333:rule/mail because no permissions boundary allows the events:DescribeRule action',
  ],
  'pass-role': [
    'AWS::Lambda::Function',
    'Resource handler returned message: "User: arn:aws:iam::527623259369:user/ci is not authorized to perform: iam:PassRole on resource: arn:aws:iam::527623259369:role/BURoleForPositivoMercantil because no identity-based policy allows the iam:PassRole action (Service: Lambda, Status Code: 403, Request ID: 6c6c7a82-53e7-473b-80d9-65bcb93dd0ce) (SDK Attempt Count: 1)" (RequestToken: 856023d3-027b-0258-50db-c577b618fdf8, HandlerErrorCode: AccessDenied)',
  ],
  'not-authorized': [
    'AWS::IAM::Role',
    'API: iam:CreateRole User: arn:aws:sts::111122223333:assumed-role/CodeStarWorker-test-CloudFormation/AWSCloudFormation is not authorized to perform: iam:CreateRole on resource: arn:aws:iam::111122223333:role/hello',
  ],
  'access-denied': [
    'AWS::BedrockAgentCore::Runtime',
    'Resource handler returned message: "Access denied for operation \'AWS::BedrockAgentCore::Runtime\'." (RequestToken: 16eb7890-18d4-c67e-1784-af05f460584a, HandlerErrorCode: AccessDenied)',
  ],
  'listener-missing': [
    'AWS::ElasticLoadBalancingV2::ListenerRule',
    'Resource handler returned message: "One or more listeners not found (Service: ElasticLoadBalancingV2, Status Code: 400, Request ID: 0)" (RequestToken: 0, HandlerErrorCode: NotFound)',
  ],
  'rule-priority': [
    'AWS::ElasticLoadBalancingV2::ListenerRule',
    'Resource handler returned message: "Priority \'2\' is currently in use (Service: ElasticLoadBalancingV2, Status Code: 400, Request ID: 0)" (RequestToken: 0, HandlerErrorCode: AlreadyExists)',
  ],
  'target-group-shared': [
    'AWS::ElasticLoadBalancingV2::ListenerRule',
    'The following target groups cannot be associated with more than one load balancer: arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/a/0123456789abcdef',
  ],
  'security-token': ['AWS::SQS::Queue', 'The security token included in the request is expired'],
  'code-deploy-alias-moved': [
    'AWS::Lambda::Alias',
    'Resource handler returned message: "d-1A2B3C4D5 failed. The deployment failed because the AppSpec file that specifies the AWS Lambda deployment configuration is missing or has an invalid configuration. The Lambda function alias version does not match the current version in AppSpec file." (RequestToken: 0, HandlerErrorCode: InternalFailure)',
  ],
  'code-deploy-alarm': [
    'AWS::Lambda::Alias',
    'Resource handler returned message: "d-1A2B3C4D5 failed. One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected deployments have been stopped. Activated alarms: <OrdersErrors>" (RequestToken: 0, HandlerErrorCode: InternalFailure)',
  ],
  'code-deploy-hook': [
    'AWS::Lambda::Alias',
    'Resource handler returned message: "d-1A2B3C4D5 failed. The deployment failed because one or more of the lifecycle event validation functions failed." (RequestToken: 0, HandlerErrorCode: InternalFailure)',
  ],
  'code-deploy-role': [
    'AWS::Lambda::Alias',
    'Resource handler returned message: "d-1A2B3C4D5 failed. The IAM role arn:aws:iam::1:role/codedeploy does not give you permission to perform operations in the following AWS service: AWSLambda." (RequestToken: 0, HandlerErrorCode: InternalFailure)',
  ],
  'version-exists': [
    'AWS::Lambda::Version',
    'A version for this Lambda function exists ( 261 ). Modify the function to create a new version.',
  ],
  'reserved-concurrency': [
    'AWS::Lambda::Function',
    'Resource handler returned message: "Specified ReservedConcurrentExecutions for function decreases account\'s UnreservedConcurrentExecution below its minimum value of [50]. (Service: Lambda, Status Code: 400, Request ID: 4403f994-b295-4947-adda-ce07c91448a3, Extended Request ID: null)" (RequestToken: a77c68cf-1e56-3a44-ee48-e0927b0ae179, HandlerErrorCode: InvalidRequest)',
  ],
  'provisioned-concurrency': [
    'AWS::Lambda::Alias',
    "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [900].",
  ],
  'code-storage': [
    'AWS::Lambda::Function',
    'Code storage limit exceeded. (Service: null; Status Code: 400; Error Code: CodeStorageExceededException; Request ID: d49eb523-47ba-11e8-b52a-25f53c86282e)',
  ],
  'unzipped-size': [
    'AWS::Lambda::Function',
    'Resource handler returned message: "Function code combined with layers exceeds the maximum allowed size of 262144000 bytes. The actual size is 318068249 bytes. (Service: Lambda, Status Code: 400, Request ID: 11b6a168-ec75-45ab-8fd9-8592fc4be398)" (RequestToken: 085a0134-1bc9-0000-0000-000000000000, HandlerErrorCode: InvalidRequest)',
  ],
  'variables-size': [
    'AWS::Lambda::Function',
    'Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: {"A":"…"}',
  ],
  'memory-quota': [
    'AWS::Lambda::Function',
    'Resource handler returned message: "\'MemorySize\' value failed to satisfy constraint: Member must have value less than or equal to 3008 (Service: Lambda, Status Code: 400, Request ID: f23c4c31-8577-41ed-b402-c11a355cf8c1)" (RequestToken: x, HandlerErrorCode: InvalidRequest)',
  ],
  'runtime-ended': [
    'AWS::Lambda::Function',
    'The runtime parameter of ruby2.7 is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.',
  ],
  'role-not-assumable': [
    'AWS::Lambda::Function',
    'Resource handler returned message: "The role defined for the function cannot be assumed by Lambda. (Service: Lambda, Status Code: 400, Request ID: b3ca3772-7cf9-484d-aed6-34c758a5325e, Extended Request ID: null)"',
  ],
  'vpc-permissions': [
    'AWS::Lambda::Function',
    'The provided execution role does not have permissions to call CreateNetworkInterface on EC2',
  ],
  'execution-role': [
    'AWS::Lambda::EventSourceMapping',
    'The provided execution role does not have permissions to call ReceiveMessage on SQS',
  ],
  'stream-access': [
    'AWS::Lambda::EventSourceMapping',
    'Resource handler returned message: "Invalid request provided: Cannot access stream arn:aws:kinesis:eu-west-1:111122223333:stream/orders. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, ListShards, and ListStreams Actions on your stream in IAM. (Service: Lambda, Status Code: 400, Request ID: 1, Extended Request ID: null)" (RequestToken: 1, HandlerErrorCode: InvalidRequest)',
  ],
  'queue-timeout': [
    'AWS::Lambda::EventSourceMapping',
    'Resource handler returned message: "Invalid request provided: Queue visibility timeout: 30 seconds is less than Function timeout: 120 seconds (Service: Lambda, Status Code: 400, Request ID: 14ed7a5c-9f22-4c81-948a-35ae2e028b63)" (RequestToken: cabb6d1e-271d-ac18-479d-157538643662, HandlerErrorCode: InvalidRequest)',
  ],
  'mapping-exists': [
    'AWS::Lambda::EventSourceMapping',
    'The event source arn (" arn:aws:kinesis:us-west-2:123456789123:stream/orders ") and function (" orders ") provided mapping already exists. Please update or delete the existing mapping with UUID e4f3d3d3-d3d3-43d3-3d3d-f3d3d3d3d3d3',
  ],
  'no-stream': [
    'AWS::Lambda::EventSourceMapping',
    'Stream not found: arn:aws:dynamodb:eu-west-1:111122223333:table/orders/stream/2025-02-22T03:03:25.490',
  ],
  'kms-grant': [
    'AWS::Lambda::Function',
    'Lambda was unable to configure access to your environment variables because the KMS key is invalid for CreateGrant. Please check your KMS key settings. KMS Exception: InvalidArnException KMS Message: ARN does not refer to a valid principal',
  ],
  'mount-targets': [
    'AWS::Lambda::Function',
    'EFS file system arn:aws:elasticfilesystem:eu-west-1:111122223333:file-system/fs-1 referenced by access point arn:aws:elasticfilesystem:eu-west-1:111122223333:access-point/fsap-1 has mount targets created in all availability zones the function will execute in, but not all are in the available life cycle state yet. Please wait for them to become available and try the request again.',
  ],
  'layer-missing': [
    'AWS::Lambda::Function',
    'Layer version arn:aws:lambda:eu-west-1:111122223333:layer:fonts:9 does not exist.',
  ],
  'layer-twice': [
    'AWS::Lambda::Function',
    'Two different versions of the same layer are not allowed to be referenced in the same function. arn:aws:lambda:eu-west-1:111122223333:layer:fonts:1 and arn:aws:lambda:eu-west-1:111122223333:layer:fonts:2 are versions of the same layer.',
  ],
  'image-access': [
    'AWS::Lambda::Function',
    'Lambda does not have permission to access the ECR image. Check the ECR permissions.',
  ],
  'image-missing': [
    'AWS::Lambda::Function',
    'Resource handler returned message: "Source image 208744038881.dkr.ecr.us-east-2.amazonaws.com/string:c87c868 does not exist. Provide a valid source image. (Service: Lambda, Status Code: 400, Request ID: c716d61c-7f59-424c-8436-d6ac704f61b2)" (RequestToken: eb47c9b5, HandlerErrorCode: InvalidRequest)',
  ],
  'object-missing': [
    'AWS::Lambda::Function',
    'Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.',
  ],
  initialization: [
    'AWS::Lambda::Version',
    'Resource handler returned message: "An error occurred during function initialization" (RequestToken: 1, HandlerErrorCode: NotStabilized)',
  ],
  'function-busy': [
    'AWS::Lambda::Function',
    'The operation cannot be performed at this time. An update is in progress for resource: arn:aws:lambda:eu-west-2:123456789012:function:orders-api',
  ],
  throttled: [
    'AWS::Lambda::EventSourceMapping',
    "Rate exceeded for operation 'Rate exceeded (Service: Lambda, Status Code: 429, Request ID: 2d5768a1-1dcc-42eb-9d7d-e3290f10f4ed, Extended Request ID: null)'.",
  ],
  'concurrent-modification': [
    'AWS::ApiGatewayV2::Stage',
    'Unable to complete operation due to concurrent modification. Please try again later.',
  ],
  'api-log-role': [
    'AWS::ApiGateway::Stage',
    'Resource handler returned message: "CloudWatch Logs role ARN must be set in account settings to enable logging (Service: ApiGateway, Status Code: 400, Request ID: 7436c8a1-607d-494b-a9cb-e451aad6655f)" (RequestToken: bc1a0db7, HandlerErrorCode: InvalidRequest)',
  ],
  'sibling-parameter': [
    'AWS::ApiGateway::Resource',
    'A sibling ({id}) of this resource already has a variable path part -- only one is allowed',
  ],
  'api-without-methods': ['AWS::ApiGateway::Deployment', "The REST API doesn't contain any methods"],
  'certificate-region': [
    'AWS::CloudFront::Distribution',
    "Resource handler returned message: \"Invalid request provided: The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a valid certificate chain.\"",
  ],
  'certificate-validation': [
    'AWS::CertificateManager::Certificate',
    'DNS Record Set is not available. Certificate is in FAILED status.',
  ],
  'domain-taken': [
    'AWS::CloudFront::Distribution',
    'Resource handler returned message: "Invalid request provided: One or more of the CNAMEs you provided are already associated with a different resource. (Service: CloudFront, Status Code: 409, Request ID: 1)"',
  ],
  'record-exists': [
    'AWS::Route53::RecordSet',
    "[Tried to create resource record set [name='login.analytics.rehanvdm.com.', type='A'] but it already exists]",
  ],
  'secret-deleted': [
    'AWS::SecretsManager::Secret',
    "You can't create this secret because a secret with this name is already scheduled for deletion.",
  ],
  'secret-missing': ['AWS::RDS::DBInstance', "Secrets Manager can't find the specified secret."],
  'one-index': ['AWS::DynamoDB::Table', 'Cannot perform more than one GSI creation or deletion in a single update'],
  'tables-at-once': [
    'AWS::DynamoDB::Table',
    'Subscriber limit exceeded: Only 10 tables can be created, updated, or deleted simultaneously',
  ],
  'queue-deleted': [
    'AWS::SQS::Queue',
    'You must wait 60 seconds after deleting a queue before you can create another with the same name.',
  ],
  'fifo-name': [
    'AWS::SQS::Queue',
    'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.',
  ],
  'dead-letter-queue': [
    'AWS::SQS::Queue',
    'Value {"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111122223333:dead","maxReceiveCount":3} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.',
  ],
  'bucket-notification': [
    'AWS::S3::Bucket',
    'Unable to validate the following destination configurations (Service: Amazon S3; Status Code: 400; Error Code: InvalidArgument; Request ID: 1; S3 Extended Request ID: 2; Proxy: null)',
  ],
  'bucket-not-empty': [
    'AWS::S3::Bucket',
    'The bucket you tried to delete is not empty (Service: Amazon S3; Status Code: 409; Error Code: BucketNotEmpty; Request ID: 13B5WKE8TCT9VS8K; S3 Extended Request ID: /7/TL8ibQg7kBnNvHowx=; Proxy: null)',
  ],
  'repository-not-empty': [
    'AWS::ECR::Repository',
    "Resource handler returned message: \"The repository with name 'helloworld' in registry with id '309135946640' cannot be deleted because it still contains images (Service: Ecr, Status Code: 400, Request ID: 9bfb6818-3987-4d39-8253-f42b5a1caa9a, Extended Request ID: null)\" (RequestToken: d175f13b, HandlerErrorCode: GeneralServiceException)",
  ],
  'network-in-use': [
    'AWS::EC2::SecurityGroup',
    'resource sg-0b8b2fcf05a0509b6 has a dependent object (Service: AmazonEC2; Status Code: 400; Error Code: DependencyViolation; Request ID: b4bd0dec-0300-42c1-bccc-c7ea5093ba1a)',
  ],
  'export-in-use': [
    'AWS::CloudFormation::Stack',
    'Export my-stack-1:ExportsOutputRefMyResource6724B74E921810D3 cannot be deleted as it is in use by my-stack-2',
  ],
  replicated: [
    'AWS::Lambda::Version',
    'Resource handler returned message: "Lambda was unable to delete arn:aws:lambda:us-east-1:92330274019:function:edge:1 because it is a replicated function. Please see our documentation for Deleting Lambda@Edge Functions and Replicas. (Service: Lambda, Status Code: 400, Request ID: 83bd3112)"',
  ],
  'named-replacement': [
    'AWS::DynamoDB::Table',
    'CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename iot_device_health and update the stack again.',
  ],
  'log-group-exists': [
    'AWS::Logs::LogGroup',
    'Resource handler returned message: "Resource of type \'AWS::Logs::LogGroup\' with identifier \'{"/properties/LogGroupName":"/aws/lambda/vpc-ssm-cleanup-provider"}\' already exists." (RequestToken: 1, HandlerErrorCode: AlreadyExists)',
  ],
  'bucket-name': [
    'AWS::S3::Bucket',
    'Resource handler returned message: "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again. (Service: S3, Status Code: 409, Request ID: KG5436TPK0PYFQAZ, Extended Request ID: KtStja1AN+O2Xws4reNOEHtMLCGXh0tBCwx2d7/JK) (SDK Attempt Count: 1)" (RequestToken: 690975cb, HandlerErrorCode: AlreadyExists)',
  ],
  exists: [
    'AWS::Lambda::Function',
    "Resource of type 'AWS::Lambda::Function' with identifier 'my-lambda-function' already exists.",
  ],
  'role-policy-size': [
    'AWS::IAM::Policy',
    'Maximum policy size of 10240 bytes exceeded for role orders-123456789012-role (Service: AmazonIdentityManagement; Status Code: 409; Error Code: LimitExceeded)',
  ],
  'function-policy-size': [
    'AWS::Lambda::Permission',
    'The final policy size (20674) is bigger than the limit (20480).',
  ],
  'policy-principal': [
    'AWS::S3::BucketPolicy',
    'Invalid principal in policy (Service: Amazon S3; Status Code: 400; Error Code: MalformedPolicy; Request ID: 1)',
  ],
  'custom-resource': [
    'Custom::Users',
    'CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId [c718b62b-b361-4a4e-bbb8-6b4cbc41c08b]. If you are using the Python cfn-response module, you may need to update your Lambda function code so that CloudFormation can attach the updated version.',
  ],
  drifted: [
    'AWS::IAM::Policy',
    'Unable to retrieve Arn attribute for AWS::DynamoDB::Table, with error message Table: agent-versions does not exist',
  ],
  quota: [
    'AWS::CloudFront::CachePolicy',
    "Resource handler returned message: \"Limit exceeded for resource of type 'AWS::CloudFront::CachePolicy'. Reason: Account's Cache Policies limit reached.\"",
  ],
  'not-stabilized': [
    'AWS::CloudFront::Distribution',
    'Resource handler returned message: "Resource of type \'AWS::CloudFront::Distribution\' did not stabilize." (RequestToken: 3f1a2b, HandlerErrorCode: NotStabilized)',
  ],
};

describe('the hint of a failure', () => {
  test.each(Object.entries(seen))('%s', (name, [type, reason]) => {
    const found = findHint({ type, reason: plainReason(reason) });
    expect(found?.name).toBe(name);
    expect(found?.hint).not.toMatch(/\$\d|undefined/);
  });

  test('names what to use in its place', () => {
    const hintOf = (name: HintName) => {
      const [type, reason] = seen[name];
      return findHint({ type, reason: plainReason(reason) })?.hint;
    };
    expect(hintOf('queue-timeout')).toContain('from 30 to 120 seconds');
    expect(hintOf('pass-role')).toContain('iam:PassRole on arn:aws:iam::527623259369:role/BURoleForPositivoMercantil');
    expect(hintOf('export-in-use')).toContain('the stack my-stack-2 imports my-stack-1:');
    expect(hintOf('stream-access')).toContain('arn:aws:kinesis:eu-west-1:111122223333:stream/orders:');
    expect(hintOf('bucket-name')).toContain('${account}');
  });

  test('is absent for an unknown reason, and for the reason of another type', () => {
    expect(findHint({ type: 'AWS::SQS::Queue', reason: 'Invalid value for the parameter Policy.' })).toBeUndefined();
    expect(
      findHint({ type: 'AWS::SQS::Queue', reason: 'A version for this Lambda function exists ( 1 )' }),
    ).toBeUndefined();
  });
});
