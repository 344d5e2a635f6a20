// API Gateway's operations on the integrations of HTTP and WebSocket APIs.
import type { Integration as IntegrationShape } from '@aws-sdk/client-apigatewayv2';
import { badRequest, conflict, newId, without } from '../api-gateway.ts';
import type { Input, Operations } from '../cloud.ts';
import { checkConstraints, notImplemented } from '../constraint.ts';
import { type Api, type ApiContext, existingApi, existingPart, type Integration, isWebSocket, page } from './state.ts';

const integrationMembers = [
  'ConnectionType',
  'CredentialsArn',
  'Description',
  'IntegrationMethod',
  'IntegrationSubtype',
  'IntegrationType',
  'IntegrationUri',
  'PayloadFormatVersion',
  'TimeoutInMillis',
] as const;

export function integrationOperations(context: ApiContext): Operations<'apigatewayv2'> {
  const keep = (api: Api, integration: Integration) => {
    context.apis.set(api.id, { ...api, integrations: { ...api.integrations, [integration.id]: integration } });
    return describeIntegration(integration);
  };
  return {
    CreateIntegration: {
      members: ['ApiId', ...integrationMembers],
      run(input) {
        const api = existingApi(context, input.ApiId);
        const timeoutMs = longestWaitMs(api);
        return keep(api, readIntegration(api, input, { id: newId(7), uri: '', payloadFormat: '2.0', timeoutMs }));
      },
    },
    GetIntegration: {
      members: ['ApiId', 'IntegrationId'],
      run({ ApiId, IntegrationId }) {
        return describeIntegration(
          existingPart(existingApi(context, ApiId).integrations, 'Integration', IntegrationId),
        );
      },
    },
    GetIntegrations: {
      members: ['ApiId', 'MaxResults', 'NextToken'],
      run: (input) =>
        page(Object.values(existingApi(context, input.ApiId).integrations).map(describeIntegration), input),
    },
    UpdateIntegration: {
      members: ['ApiId', 'IntegrationId', ...integrationMembers],
      run(input) {
        const api = existingApi(context, input.ApiId);
        const before = existingPart(api.integrations, 'Integration', input.IntegrationId);
        return keep(
          api,
          readIntegration(api, { PayloadFormatVersion: before.payloadFormat, ...defined(input) }, before),
        );
      },
    },
    DeleteIntegration: {
      members: ['ApiId', 'IntegrationId'],
      run({ ApiId, IntegrationId }) {
        const api = existingApi(context, ApiId);
        const { id } = existingPart(api.integrations, 'Integration', IntegrationId);
        const routes = Object.values(api.routes).filter(({ target }) => target === `integrations/${id}`);
        if (routes.length > 0) {
          // https://github.com/milliHQ/terraform-aws-next-js/issues/247
          throw conflict(
            `Cannot delete Integration because it is referenced by the following Routes with Ids: [${routes.map((route) => route.id).join(', ')}]`,
          );
        }
        context.apis.set(api.id, { ...api, integrations: without(api.integrations, id) });
        return {};
      },
    },
  };
}

function defined<T extends object>(input: T): Partial<T> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as Partial<T>;
}

type IntegrationInput = Partial<Input<'apigatewayv2', 'CreateIntegration'>>;

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
const longestWaitMs = (api: Api): number => (isWebSocket(api) ? 29_000 : 30_000);

function readIntegration(api: Api, input: IntegrationInput, before: Integration): Integration {
  refuseUnsupportedIntegration(input);
  const timeoutMs = input.TimeoutInMillis ?? before.timeoutMs;
  // https://github.com/aws/aws-cdk/issues/31063 has the same words for a REST API
  const longest = longestWaitMs(api);
  if (timeoutMs < 50 || timeoutMs > longest) throw badRequest(`Timeout should be between 50 ms and ${longest} ms`);
  checkConstraints('BadRequestException', [
    ['payloadFormatVersion', input.PayloadFormatVersion, { oneOf: ['1.0', '2.0'] }],
    ['description', input.Description, { max: 1024 }],
  ]);
  if (input.PayloadFormatVersion === undefined && !isWebSocket(api))
    throw badRequest('PayloadFormatVersion is a required parameter for integration');
  const uri = input.IntegrationUri ?? before.uri;
  const isInvocation = uri.startsWith('arn:aws:apigateway:') || !isWebSocket(api);
  if (functionOf(uri) === undefined || !isInvocation) throw badRequest('Invalid function ARN or invalid uri');
  const description = input.Description ?? before.description;
  const credentialsArn = input.CredentialsArn ?? before.credentialsArn;
  return {
    id: before.id,
    uri,
    ...(credentialsArn ? { credentialsArn } : {}),
    payloadFormat: input.PayloadFormatVersion === '1.0' || isWebSocket(api) ? '1.0' : '2.0',
    timeoutMs,
    ...(description === undefined ? {} : { description }),
  };
}

/** The function's ARN in an integration's URI, plain or as the path of Lambda's Invoke; it may hold stage variables. */
export function functionOf(uri: string): string | undefined {
  const arn = /^arn:aws:apigateway:[^:]+:lambda:path\/2015-03-31\/functions\/(.+)\/invocations$/.exec(uri)?.[1] ?? uri;
  return arn.startsWith('arn:aws:lambda:') && arn.includes(':function:') ? arn : undefined;
}

function refuseUnsupportedIntegration(input: IntegrationInput): void {
  const refused = Object.entries({
    [`IntegrationType ${input.IntegrationType}`]:
      input.IntegrationType !== undefined && input.IntegrationType !== 'AWS_PROXY',
    IntegrationSubtype: input.IntegrationSubtype,
    'ConnectionType VPC_LINK': input.ConnectionType === 'VPC_LINK',
  }).filter(([, value]) => value);
  if (refused.length > 0)
    throw notImplemented(`an HTTP API integration with ${refused.map(([key]) => key).join(', ')}`);
}

function describeIntegration(integration: Integration): IntegrationShape {
  const { id, uri, payloadFormat, timeoutMs, description, credentialsArn } = integration;
  return {
    ConnectionType: 'INTERNET',
    ...(credentialsArn === undefined ? {} : { CredentialsArn: credentialsArn }),
    ...(description === undefined ? {} : { Description: description }),
    IntegrationId: id,
    IntegrationMethod: 'POST',
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: uri,
    PayloadFormatVersion: payloadFormat,
    TimeoutInMillis: timeoutMs,
  };
}
