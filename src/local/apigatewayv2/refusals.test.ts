// What API Gateway refuses about HTTP APIs, in the words that users of AWS have reported.
import { expect, test } from 'vitest';
import type { Input, OperationName } from '../cloud.ts';
import { startTestLambda } from '../lambda/test-lambda.ts';

const { cloud } = await startTestLambda();
const call = <O extends OperationName<'apigatewayv2'>>(operation: O, input: Input<'apigatewayv2', O>) =>
  cloud.call('apigatewayv2', operation, input);

const { ApiId } = await call('CreateApi', { Name: 'refused', ProtocolType: 'HTTP' });
const integration = {
  ApiId,
  IntegrationType: 'AWS_PROXY',
  IntegrationUri: 'arn:aws:lambda:us-east-1:000000000000:function:any',
  PayloadFormatVersion: '2.0',
} as const;
const { IntegrationId } = await call('CreateIntegration', integration);
const { RouteId } = await call('CreateRoute', { ApiId, RouteKey: 'GET /a', Target: `integrations/${IntegrationId}` });

const badRequest = (message: string) => ({ code: 'BadRequestException', status: 400, message });
const timeout = badRequest('Timeout should be between 50 ms and 30000 ms');

test.each<[string, () => Promise<unknown>, object]>([
  [
    'an integration that a route uses',
    () => call('DeleteIntegration', { ApiId, IntegrationId }),
    {
      code: 'ConflictException',
      status: 409,
      message: `Cannot delete Integration because it is referenced by the following Routes with Ids: [${RouteId}]`,
    },
  ],
  ['a short timeout', () => call('CreateIntegration', { ...integration, TimeoutInMillis: 49 }), timeout],
  ['a long timeout', () => call('UpdateIntegration', { ApiId, IntegrationId, TimeoutInMillis: 30_001 }), timeout],
  [
    'credentials from any origin',
    () => {
      const CorsConfiguration = { AllowCredentials: true, AllowOrigins: ['*'] };
      return call('CreateApi', { Name: 'cors', ProtocolType: 'HTTP', CorsConfiguration });
    },
    badRequest("allow-credentials is not supported if 'allow-origin' is *"),
  ],
  ['a route without a key', () => call('CreateRoute', { ApiId, RouteKey: '' }), badRequest('Route key is required')],
  ['a route key without a slash', () => call('CreateRoute', { ApiId, RouteKey: 'GET b' }), { status: 400 }],
  [
    'a second route of a key',
    () => call('CreateRoute', { ApiId, RouteKey: 'GET /a' }),
    { code: 'ConflictException', status: 409 },
  ],
  [
    'an unknown API',
    () => call('GetApi', { ApiId: 'none' }),
    {
      code: 'NotFoundException',
      status: 404,
      message: 'Invalid API identifier specified 000000000000:none',
    },
  ],
  [
    'a route whose authorizer does not exist',
    () => call('CreateRoute', { ApiId, RouteKey: 'GET /b', AuthorizationType: 'JWT', AuthorizerId: 'none' }),
    badRequest('Invalid authorizer identifier specified: none'),
  ],
  [
    'a limit for a route that does not exist',
    () => call('CreateStage', { ApiId, StageName: 'limits', RouteSettings: { 'GET /none': {} } }),
    { code: 'NotFoundException', status: 404 },
  ],
  [
    'another protocol',
    () => call('CreateApi', { Name: 'w', ProtocolType: 'GRPC' as 'HTTP' }),
    badRequest('Invalid protocol specified. Must be one of [HTTP, WEBSOCKET]'),
  ],
])('%s is refused', async (_, request, refusal) => {
  await expect(request()).rejects.toMatchObject(refusal);
});
