// What to do about the commonest failures of other resources, and of quotas and names.
import type { HintRow } from './row.ts';

export const resourceHints = {
  // https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/835, https://github.com/aws/aws-cdk/issues/9882
  throttled: {
    reason: /Rate exceeded|[Tt]hrottl|TooManyRequests|RequestLimitExceeded/,
    hint: 'AWS limited the calls of the account; deploy again. If it stays so, other deploys of the account run at the same time',
  },
  // recorded from API Gateway
  'concurrent-modification': {
    reason: /due to concurrent modification|conflicting conditional operation is currently in progress/,
    hint: 'AWS was still making another change of it: deploy again in a minute',
  },
  // https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html
  'listener-missing': {
    type: /^AWS::ElasticLoadBalancingV2::ListenerRule$/,
    reason: /listeners? not found/i,
    hint: 'this account and region has no such listener. The local AWS has only load balancers that the project defines: name a listener under resources there (docs/guide/load-balancer.md)',
  },
  // https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html
  'rule-priority': {
    type: /^AWS::ElasticLoadBalancingV2::ListenerRule$/,
    reason: /Priority '?(\d+)'? is (?:currently|already) in use/,
    hint: 'the listener has another rule with the priority $1, from outside of the stack: give the event another priority',
  },
  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
  'target-group-shared': {
    type: /^AWS::ElasticLoadBalancingV2::ListenerRule$/,
    reason: /cannot be associated with more than one load balancer/,
    hint: 'a target group belongs to one load balancer: give this event a targetGroupName of its own',
  },
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
  'api-log-role': {
    reason: /CloudWatch Logs role ARN must be set in account settings/,
    hint: 'API Gateway may not write logs in this account and region: set rest.logRole: true in one of its projects, or an AWS::ApiGateway::Account under resources',
  },
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
  'sibling-parameter': {
    reason: /A sibling .* of this resource already has a variable path part/,
    hint: 'a REST API has one parameter below a path, and the old one is there until the deploy is done: deploy once without this path, then with it',
  },
  // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-deployment.html
  'api-without-methods': {
    reason: /REST API doesn't contain any methods/,
    hint: 'the deployment was made before its methods: add DependsOn with the methods to the AWS::ApiGateway::Deployment under resources',
  },
  // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
  'certificate-region': {
    reason: /specified SSL certificate doesn't exist, isn't in us-east-1/,
    hint: 'CloudFront takes certificates of us-east-1 only, once they are issued: aws acm list-certificates --region us-east-1',
  },
  // https://docs.aws.amazon.com/acm/latest/userguide/troubleshooting-DNS-validation.html
  'certificate-validation': {
    type: /^AWS::CertificateManager::Certificate$/,
    reason: /DNS Record Set is not available|did not stabilize|Exceeded attempts|FAILED status/,
    hint: 'the domain was not validated: its hosted zone must have the CNAME that aws acm describe-certificate shows, and a CAA record, if any, must allow amazon.com',
  },
  // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html
  'domain-taken': {
    reason: /CNAMEs you provided are already associated|domain name you provided already exists/,
    hint: 'another API or distribution has this domain: remove it there first, or choose another',
  },
  // https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
  'record-exists': {
    reason: /Tried to create resource record set .*but it already exists/,
    hint: 'the hosted zone has this record already: delete it there, then deploy',
  },
  // https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
  'secret-deleted': {
    reason: /secret with this name is already scheduled for deletion/,
    hint: 'restore it (aws secretsmanager restore-secret) or delete it at once (delete-secret --force-delete-without-recovery), then deploy',
  },
  // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
  'secret-missing': {
    reason: /Secrets Manager can't find the specified secret/,
    hint: 'create the secret in this account and region, or correct its name in project.yml',
  },
  // https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
  'one-index': {
    reason: /Cannot perform more than one GSI creation or deletion/,
    hint: 'DynamoDB adds or removes one index at a time: deploy once for each',
  },
  // https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
  'tables-at-once': {
    reason: /Only \d+ tables can be created, updated, or deleted simultaneously/,
    hint: 'DynamoDB changes few tables at once: deploy again, or order them with DependsOn under resources',
  },
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
  'queue-deleted': {
    reason: /wait 60 seconds after deleting a queue/,
    hint: 'deploy again in a minute',
  },
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
  'fifo-name': {
    type: /^AWS::SQS::Queue$/,
    reason: /name of a FIFO queue .*\.fifo/,
    hint: 'end QueueName with .fifo, or leave it out',
  },
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue.html
  'dead-letter-queue': {
    reason: /RedrivePolicy is invalid\. Reason: Dead letter target does not exist/,
    hint: "use !GetAtt of a queue under resources as deadLetterTargetArn; a FIFO queue's dead-letter queue is FIFO, too",
  },
  // https://github.com/serverless/serverless/issues/12361
  'bucket-notification': {
    reason: /Unable to validate the following destination configurations/,
    hint: 'the bucket may not call its target yet: it needs a permission (AWS::Lambda::Permission, or a queue or topic policy) that it depends on',
  },
  // https://github.com/serverless/serverless/issues/4893
  'bucket-not-empty': {
    reason: /bucket you tried to delete is not empty/,
    hint: 'empty it, with all versions, or keep it: DeletionPolicy: Retain under resources, or fx remove --retain',
  },
  // https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-delete.html
  'repository-not-empty': {
    reason: /cannot be deleted because it still contains images/,
    hint: 'delete its images first, or set EmptyOnDelete: true on the repository',
  },
  // https://github.com/aws/aws-cdk/issues/12827
  'network-in-use': {
    reason: /has a dependent object|has dependencies and cannot be deleted/,
    hint: 'Lambda gives network interfaces back only some time after the last function left the VPC: try again later, or retain it',
  },
  // https://github.com/aws/aws-cdk/issues/3414
  'export-in-use': {
    reason: /Export (\S+) cannot be (?:deleted|updated) as it is in use by (\S+)/,
    hint: 'the stack $2 imports $1: let it stop doing so and deploy it first',
  },
  // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-edge-delete-replicas.html
  replicated: {
    reason: /because it is a replicated function/,
    hint: 'CloudFront removes the replicas some time after the distribution let go of the version: then try again, or retain it',
  },
  // https://github.com/convox/rack/issues/2941
  'named-replacement': {
    reason: /custom-named resource requires replacing\. Rename (.+?) and update the stack again/,
    hint: 'CloudFormation makes the new one before it deletes the old one: give it another name than $1, or none, so that CloudFormation chooses',
  },
  // Left by a deleted stack, or made by Lambda at a first call. https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html
  'log-group-exists': {
    type: /^AWS::Logs::LogGroup$/,
    reason: /already exists/,
    hint: 'the group is there already, perhaps from an earlier stack: delete it (aws logs delete-log-group), or use it as it is: logging: {logGroup: <its name>}',
  },
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
  'bucket-name': {
    type: /^AWS::S3::Bucket$/,
    reason: /already exists|bucket name is not available/,
    hint: 'bucket names are unique in all of AWS: leave BucketName out, or put ${account} and ${region} into it',
  },
  // https://github.com/aws/aws-cdk-cli/issues/1000, recorded from Lambda's CreateFunction
  exists: {
    reason: /already exist(?:s|:)|FunctionUrlConfig exists/,
    hint: 'something with this name is there already, outside of this stack: delete or rename it, or choose another name in project.yml',
  },
  // https://github.com/aws-amplify/amplify-cli/issues/1699
  'role-policy-size': {
    reason: /Maximum policy size of \d+ bytes exceeded|Cannot exceed quota for PolicySize/,
    hint: 'join the entries of permissions: several actions on one resource, or a wildcard over resources with a common name',
  },
  // https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
  'function-policy-size': {
    reason: /final policy size \(\d+\) is bigger than the limit/,
    hint: "the function's own policy is full: let fewer sources call it, or one permission with a wildcard for all routes of an API",
  },
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
  'policy-principal': {
    reason: /Invalid principal in policy/,
    hint: 'a role or user that the policy names does not exist: correct its ARN; a role of this stack needs DependsOn',
  },
  // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources.html
  'custom-resource': {
    reason: /did not receive a response from your Custom Resource/,
    hint: 'the function of the custom resource never answered: its log has the reason; it must reach the internet, and answer also when it fails',
  },
  // Deleted outside of the stack. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html
  drifted: {
    reason: /was not found|Unable to retrieve \w+ attribute for|specified bucket does not exist/,
    hint: 'it was deleted outside of the stack: make it again with the same name, or take it out of project.yml, deploy, and put it back',
  },
  // https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html
  quota: {
    reason:
      /Limit ?[Ee]xceeded|[Cc]annot exceed quota|maximum number of .* has been reached|limit for .* has been reached/,
    hint: 'a quota of the account is used up: delete what is no longer needed, or raise it in Service Quotas',
  },
  // https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html (NotStabilized)
  'not-stabilized': {
    reason: /did not stabilize|Exceeded attempts to wait/,
    hint: 'AWS accepted it, and it never became ready: its own console or log has the reason',
  },
} as const satisfies Readonly<Record<string, HintRow>>;
