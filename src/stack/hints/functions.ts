// What to do about the commonest failures of functions, their code, versions and event sources.
import type { HintRow } from './row.ts';

export const functionHints = {
  // https://github.com/aws/serverless-application-model/issues/291
  'code-deploy-alias-moved': {
    type: /^AWS::Lambda::Alias$/,
    reason: /alias version does not match the current version|INVALID_LAMBDA_CONFIGURATION/,
    hint: 'the alias was moved outside CloudFormation, so CodeDeploy did not move it: fx deploy --all-at-once settles it',
  },
  // https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-create-alarms.html
  'code-deploy-alarm': {
    type: /^AWS::Lambda::Alias$/,
    reason: /ALARM_ACTIVE|alarms have been activated/,
    hint: 'CodeDeploy took the traffic back because of an alarm under deployment.codeDeploy.alarms: fx logs shows what failed',
  },
  // https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
  'code-deploy-hook': {
    type: /^AWS::Lambda::Alias$/,
    reason: /lifecycle event validation functions failed|HOOK_EXECUTION_FAILURE/,
    hint: 'a hook reported a failure, or nothing within an hour: fx logs of the function under beforeTraffic or afterTraffic',
  },
  // https://github.com/aws/serverless-application-model/issues/219
  'code-deploy-role': {
    type: /^AWS::Lambda::Alias$/,
    reason: /IAM role (\S+) does not give you permission to perform operations in the following AWS service/,
    hint: '$1 needs the policy AWSCodeDeployRoleForLambdaLimited, and lambda:InvokeFunction on the hooks (deployment.codeDeploy.role)',
  },
  // https://github.com/aws/aws-cdk/issues/5334
  'version-exists': {
    type: /^AWS::Lambda::Version$/,
    reason: /A version for this Lambda function exists \( ?(\d+) ?\)/,
    hint: 'version $1 has this very code and configuration already, from outside of the stack: delete it with aws lambda delete-function --qualifier $1, or change the function',
  },
  // https://github.com/aws-samples/sample-one-click-generative-ai-solutions/issues/3
  'reserved-concurrency': {
    reason: /decreases account's UnreservedConcurrentExecution below its minimum value/,
    hint: "lower reservedConcurrency: the account's other functions must keep a part unreserved; new accounts have a small quota, which Service Quotas raises (Lambda, concurrent executions)",
  },
  // recorded from Lambda's PutProvisionedConcurrencyConfig
  'provisioned-concurrency': {
    reason: /ConcurrentExecutions for function is greater than account's unreserved concurrency/,
    hint: 'lower provisionedConcurrency, or raise the quota of concurrent executions (Service Quotas, Lambda)',
  },
  // https://github.com/serverless/serverless/issues/5194
  'code-storage': {
    reason: /Code storage limit exceeded/,
    hint: 'the 75 GB of code storage of the region are full: fx prune deletes the versions that no kept release needs (a smaller keep lets go of more)',
  },
  // recorded from Lambda's CreateFunction
  'unzipped-size': {
    reason: /Unzipped size must be smaller than|combined with layers exceeds the maximum allowed size/,
    hint: 'function and layers may have 250 MB unzipped: fx build --why shows the largest files; exclude, a smaller layer, or a container image (image)',
  },
  // recorded from Lambda's CreateFunction
  'variables-size': {
    reason: /environment variables you have provided exceeded the 4KB limit/,
    hint: 'a function may have 4 KB of variables: move large values to secrets, or into a file of the bundle (include)',
  },
  // https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-deployment.html
  'memory-quota': {
    reason: /'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to (\d+)/,
    hint: 'this account may use at most $1 MB: lower memory, or ask AWS Support to raise the quota',
  },
  // recorded from Lambda's CreateFunction
  'runtime-ended': {
    reason: /runtime parameter of (\S+) is no longer supported/,
    hint: 'set runtime to a newer version than $1 (functions or defaults in project.yml)',
  },
  // https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-deployment.html
  'role-not-assumable': {
    reason: /role defined for the function cannot be assumed by Lambda/,
    hint: 'a new role needs some seconds to be known everywhere: deploy again; a role of your own must trust lambda.amazonaws.com',
  },
  // https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
  'vpc-permissions': {
    reason: /execution role does not have permissions to call \w+ on EC2/,
    hint: 'fx grants this to the roles that it makes: deploy again; a policy under extend or a boundary may take it away',
  },
  // https://github.com/lambci/lambci/issues/103, https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
  'execution-role': {
    reason: /execution role does not have permissions to call (\w+) on (\w+)/,
    hint: 'the function may not $1 on $2: grant it under permissions; a new role needs some seconds, so deploying again may be enough',
  },
  // https://github.com/aws-samples/cross-account-amazon-dynamodb-replication/issues/11
  'stream-access': {
    reason: /Cannot access stream (\S+?)\.? /,
    hint: "the function's role may not read $1: check that the ARN is of the kind that the event names, and grant it under permissions",
  },
  // https://github.com/aws/serverless-application-model/issues/3445
  'queue-timeout': {
    reason: /Queue visibility timeout: (\d+) seconds is less than Function timeout: (\d+) seconds/,
    hint: "raise the queue's VisibilityTimeout from $1 to $2 seconds or more (AWS advises six times the function's timeout), or lower timeout",
  },
  // https://github.com/aws/chalice/issues/2146, recorded from Lambda's CreateEventSourceMapping
  'mapping-exists': {
    reason: /update or delete the existing mapping with UUID ([\w-]+)/,
    hint: 'the function has this event source already, from outside of the stack: aws lambda delete-event-source-mapping --uuid $1, then deploy',
  },
  // https://github.com/aws/aws-cdk/issues/12119; DynamoDB gives no StreamArn then
  'no-stream': {
    type: /^AWS::(DynamoDB::Table|Lambda::EventSourceMapping)$/,
    reason: /StreamArn|[Ss]tream not found|'eventSourceArn' failed to satisfy constraint/,
    hint: 'the table has no stream: add StreamSpecification {StreamViewType: NEW_AND_OLD_IMAGES} to it under resources',
  },
  // https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
  'kms-grant': {
    reason: /Lambda was unable to (?:configure access to|decrypt) (?:your|the) environment variables because/,
    hint: 'Lambda may not use the key kmsKeyArn: its policy must let the deploying role create grants, and the key must be enabled',
  },
  // https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_lambda-readme.html#filesystem-access
  'mount-targets': {
    reason: /mount targets created in all availability zones|does not have mount targets/,
    hint: 'the file system of fileSystem is not ready: its mount targets take some minutes; deploy again, and add DependsOn under extend if the stack makes them',
  },
  // recorded from Lambda's CreateFunction
  'layer-missing': {
    reason: /Layer (?:version )?(arn:\S+) does not exist/,
    hint: '$1 does not exist, or not in this region: correct layers in project.yml',
  },
  // recorded from Lambda's CreateFunction
  'layer-twice': {
    reason: /Two different versions of the same layer are not allowed/,
    hint: 'leave one version of the layer under layers of the function and of defaults',
  },
  // https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#gettingstarted-images-permissions
  'image-access': {
    reason: /Lambda does not have permission to access the ECR image/,
    hint: 'the policy of the repository of image must allow lambda.amazonaws.com ecr:BatchGetImage and ecr:GetDownloadUrlForLayer',
  },
  // https://github.com/aws/aws-cdk/issues/24648
  'image-missing': {
    reason: /Source image (\S+) (?:does not exist|is not valid)/,
    hint: '$1 is not there: push it before the deploy, in the region of the function; Lambda takes no image of several platforms',
  },
  // https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-deployment.html
  'object-missing': {
    reason: /S3 Error Code: (?:NoSuchKey|NoSuchBucket)/,
    hint: 'the artifact is no longer in the bucket: deploy again, which uploads what the bucket lacks',
  },
  // https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html
  initialization: {
    reason: /error occurred during function initialization/i,
    hint: 'the code failed before the handler, so with snapStart or provisionedConcurrency nothing can start: fx logs shows the error',
  },
  // https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
  'function-busy': {
    reason: /An update is in progress for resource|currently in the following state: Pending/,
    hint: 'Lambda was still changing the function: deploy again; another tool may have changed it at the same time',
  },
} as const satisfies Readonly<Record<string, HintRow>>;
