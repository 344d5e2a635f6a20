// For tests: a local API Gateway for the tests of one file, with APIs that call a function.
import type { Input, OperationName } from '../cloud.ts';
import { createFunction } from '../lambda/fixture.ts';
import { startTestLambda } from '../lambda/test-lambda.ts';

export const functionArn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;

interface ApiOptions {
  readonly fn?: string;
  readonly uri?: string;
  readonly stage?: string;
  readonly format?: string;
  readonly permission?: string | undefined;
  readonly api?: Partial<Input<'apigatewayv2', 'CreateApi'>>;
  readonly variables?: Record<string, string>;
  readonly timeout?: number;
}

/** Ends after the last test of the file. */
export async function startTestApi() {
  const { aws, cloud, clock, Role } = await startTestLambda();
  /** Returns what the header `x` says, or else its event. */
  const echo = await createFunction(
    cloud,
    `export const handler = async (event) => {
       const said = JSON.parse(event.headers.x ?? '{}');
       if ('answer' in said) return said.answer;
       return event.version === '1.0' ? { statusCode: 200, body: JSON.stringify({ event }) } : { event };
     }`,
    { Role },
  );
  const call = <O extends OperationName<'apigatewayv2'>>(operation: O, input: Input<'apigatewayv2', O>) =>
    cloud.call('apigatewayv2', operation, input);

  /** An API with those routes to a function, by default to `echo`, and permission for it. */
  async function createApi(keys: readonly string[], options: ApiOptions = {}) {
    const fn = options.fn ?? echo;
    const { ApiId = '', ApiEndpoint = '' } = await call('CreateApi', {
      Name: 'api',
      ProtocolType: 'HTTP',
      ...options.api,
    });
    const { IntegrationId } = await call('CreateIntegration', {
      ApiId,
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: options.uri ?? functionArn(fn),
      PayloadFormatVersion: options.format ?? '2.0',
      TimeoutInMillis: options.timeout,
    });
    for (const RouteKey of keys)
      await call('CreateRoute', { ApiId, RouteKey, Target: `integrations/${IntegrationId}` });
    await call('CreateStage', {
      ApiId,
      StageName: options.stage ?? '$default',
      AutoDeploy: true,
      StageVariables: options.variables,
    });
    const [name, Qualifier] = fn.split(':');
    if (!('permission' in options) || options.permission !== undefined) {
      await cloud.call('lambda', 'AddPermission', {
        FunctionName: name,
        Qualifier,
        StatementId: ApiId,
        Action: 'lambda:InvokeFunction',
        Principal: 'apigateway.amazonaws.com',
        SourceArn: `arn:aws:execute-api:us-east-1:000000000000:${ApiId}/${options.permission ?? '*'}`,
      });
    }
    return { ApiId, ApiEndpoint, IntegrationId };
  }

  return { aws, cloud, clock, Role, echo, call, createApi };
}

export async function get(url: string, init: RequestInit = {}) {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text };
}
// biome-ignore lint/suspicious/noExplicitAny: tests look into events of several shapes
export const eventOf = async (url: string, init?: RequestInit): Promise<any> =>
  JSON.parse((await get(url, init)).text).event;
/** The response if the function returns that value. */
export const answered = (url: string, answer: unknown) => get(url, { headers: { x: JSON.stringify({ answer }) } });
