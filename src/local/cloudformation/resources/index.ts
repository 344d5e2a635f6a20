// The table of resource types that this local AWS provisions. One row per service.
import { restApiProviders } from './api-gateway.ts';
import { apiAccountProviders } from './api-gateway-account.ts';
import { apiDomainProviders } from './api-gateway-domains.ts';
import { apiPartProviders } from './api-gateway-parts.ts';
import { restDomainProviders } from './api-gateway-rest-domains.ts';
import { stageProviders } from './api-gateway-stages.ts';
import { apiGatewayProviders } from './api-gateway-v2.ts';
import { cloudFormationProviders } from './cloudformation.ts';
import { cloudFrontProviders } from './cloudfront.ts';
import { cloudWatchProviders } from './cloudwatch.ts';
import { codeDeployProviders } from './code-deploy.ts';
import { cognitoProviders } from './cognito.ts';
import { dnsProviders } from './dns.ts';
import { dynamoDbProviders } from './dynamodb.ts';
import { ecrProviders } from './ecr.ts';
import { elasticLoadBalancingProviders } from './elastic-load-balancing.ts';
import { eventsProviders } from './events.ts';
import { iamProviders } from './iam.ts';
import { iotProviders } from './iot.ts';
import { kinesisProviders } from './kinesis.ts';
import { lambdaProviders } from './lambda.ts';
import { logsProviders } from './logs.ts';
import { pipesProviders } from './pipes.ts';
import type { Providers } from './provider.ts';
import { s3Providers } from './s3.ts';
import { schedulerProviders } from './scheduler.ts';
import { snsProviders } from './sns.ts';
import { sqsProviders } from './sqs.ts';
import { ssmProviders } from './ssm.ts';
import { stepFunctionsProviders } from './step-functions.ts';

export const providers: Providers = {
  ...apiAccountProviders,
  ...apiDomainProviders,
  ...apiGatewayProviders,
  ...apiPartProviders,
  ...cloudFormationProviders,
  ...cloudFrontProviders,
  ...cloudWatchProviders,
  ...codeDeployProviders,
  ...cognitoProviders,
  ...dnsProviders,
  ...dynamoDbProviders,
  ...ecrProviders,
  ...elasticLoadBalancingProviders,
  ...eventsProviders,
  ...iamProviders,
  ...iotProviders,
  ...kinesisProviders,
  ...lambdaProviders,
  ...logsProviders,
  ...pipesProviders,
  ...restApiProviders,
  ...restDomainProviders,
  ...s3Providers,
  ...schedulerProviders,
  ...snsProviders,
  ...sqsProviders,
  ...ssmProviders,
  ...stageProviders,
  ...stepFunctionsProviders,
};
