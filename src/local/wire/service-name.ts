// The service that a signed request is for. The signing name tells it, but for the two APIs of API Gateway and those of DynamoDB, which
// share one.
import type { ServiceName } from '../cloud.ts';
import { isServiceName } from './model.ts';

/**
 * Undefined if the local AWS does not have the service. Every path of HTTP and WebSocket APIs begins with /v2, none of REST APIs does.
 * https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/resources.html
 */
export function serviceOf(
  signingName: string,
  path: string,
  target: string | readonly string[] | undefined,
): ServiceName | undefined {
  let name = signingName;
  if (signingName === 'apigateway' && path.startsWith('/v2/')) name = 'apigatewayv2';
  if (signingName === 'dynamodb' && String(target).startsWith('DynamoDBStreams')) name = 'dynamodbstreams';
  return isServiceName(name) ? name : undefined;
}
