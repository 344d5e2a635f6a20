// How errors of services appear in executions.
// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
import type { AwsError } from '../cloud.ts';
import { randomBase64 } from '../random.ts';
import { StateError } from './state-error.ts';

/** The names of services in the errors of optimized integrations: before the error, in the cause, and for any other error. */
const optimized: Readonly<Record<string, readonly [prefix: string, service: string, other: string]>> = {
  dynamodb: ['DynamoDB', 'AmazonDynamoDBv2', 'AmazonDynamoDBException'],
  events: ['EventBridge', 'AmazonEventBridge', 'AmazonEventBridgeException'],
  lambda: ['Lambda', 'AWSLambda', 'AWSLambdaException'],
  sns: ['SNS', 'AmazonSNS', 'AmazonSNSException'],
  sqs: ['SQS', 'AmazonSQS', 'AmazonSQSException'],
  states: ['StepFunctions', 'AWSStepFunctions', 'AWSStepFunctionsException'],
};

/** Names of SDK clients that are not the service's name with a capital. */
const clients: Readonly<Record<string, string>> = {
  apigateway: 'ApiGateway',
  apigatewayv2: 'ApiGatewayV2',
  cloudformation: 'CloudFormation',
  cloudfront: 'CloudFront',
  cloudwatch: 'CloudWatch',
  cloudwatchlogs: 'CloudWatchLogs',
  codedeploy: 'CodeDeploy',
  dynamodb: 'DynamoDb',
  dynamodbstreams: 'DynamoDbStreams',
  elasticloadbalancingv2: 'ElasticLoadBalancingV2',
  eventbridge: 'EventBridge',
  secretsmanager: 'SecretsManager',
};

/** An optimized integration writes errors as the first SDK for Java did. */
export function integrationError(service: string, error: AwsError, requestId: string, isModelled: boolean): StateError {
  const [prefix, name, other] = optimized[service] ?? [service, service, 'Exception'];
  const isKnown = isModelled && !/^(Validation|AccessDenied)/.test(error.code);
  const cause = `${error.message} (Service: ${name}; Status Code: ${error.status}; Error Code: ${error.code}; Request ID: ${requestId}; Proxy: null)`;
  return new StateError(`${prefix}.${isKnown ? exceptionName(error.code) : other}`, cause);
}

/** An SDK integration writes errors as the second SDK for Java does. */
export function sdkError(service: string, error: AwsError, requestId: string, isKnown: boolean): StateError {
  const prefix = clients[service] ?? `${service.charAt(0).toUpperCase()}${service.slice(1)}`;
  const isS3 = service === 's3';
  // S3's denials are no exception of their own in the SDK for Java
  const name = isKnown && !(isS3 && error.code === 'AccessDenied') ? exceptionName(error.code) : `${prefix}Exception`;
  const extended = isS3 ? `, Extended Request ID: ${randomBase64(56)}` : '';
  return new StateError(
    `${prefix}.${name}`,
    `${error.message} (Service: ${prefix}, Status Code: ${error.status}, Request ID: ${requestId}${extended})`,
  );
}

function exceptionName(code: string): string {
  return /Exception$/.test(code) ? code : `${code}Exception`;
}
