// Calls the function of a route, within the time that its integration allows, and turns what it returns into a response.
import { AwsError, type Cloud, type Principal } from '../cloud.ts';
import type { HttpResponse } from '../http-servers.ts';
import { trusts } from '../role-trust.ts';
import type { Identity } from './decision.ts';
import { type ApiRequest, eventV1, eventV2 } from './event.ts';
import { functionOf } from './integrations.ts';
import { failure, internalServerError, toResponse } from './response.ts';
import type { Integration, Stage } from './state.ts';

interface Call {
  readonly request: ApiRequest;
  readonly integration: Integration;
  readonly identity: Identity;
}

/** `error` is for the access log: the client learns no more than the status. */
export async function callIntegration(
  cloud: Cloud,
  { request, integration, identity }: Call,
): Promise<{ readonly response: HttpResponse; readonly error?: string }> {
  const caller = await callerOf(cloud, request, integration);
  if (caller === undefined) return { response: internalServerError, error: 'the role does not trust API Gateway' };
  const event = integration.payloadFormat === '1.0' ? eventV1(request, identity) : eventV2(request, identity);
  const target = {
    FunctionName: withVariables(functionOf(integration.uri) ?? '', request.stage),
    Payload: Buffer.from(JSON.stringify(event)),
  };
  const invoked = cloud.call('lambda', 'Invoke', target, caller);
  try {
    const answer = await cloud.pauses.within(integration.timeoutMs, invoked, cloud);
    if (answer === 'timeout') {
      // the function keeps running, but its answer is discarded
      invoked.catch(() => undefined);
      return { response: failure(503, 'Service Unavailable'), error: 'the function did not answer in time' };
    }
    const payload = Buffer.from(answer.Payload ?? []);
    if (answer.FunctionError !== undefined) return { response: internalServerError, error: payload.toString() };
    const response = toResponse(payload, integration.payloadFormat);
    return response === internalServerError
      ? { response, error: 'the function answered in a form that is no response' }
      : { response };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { response: invokeFailure(error), error: error.message };
  }
}

/** The role of the integration, or API Gateway for the route. Undefined if the role does not trust API Gateway. */
async function callerOf(
  cloud: Cloud,
  { api, stage, route, method }: ApiRequest,
  { credentialsArn }: Integration,
): Promise<Principal | undefined> {
  const service = 'apigateway.amazonaws.com';
  if (credentialsArn !== undefined) {
    const isTrusted = await trusts(cloud, credentialsArn, service);
    return isTrusted ? { kind: 'role', arn: credentialsArn, session: 'BackplaneAssumeRoleSession' } : undefined;
  }
  const sourceArn = `arn:aws:execute-api:${cloud.region}:${cloud.accountId}:${api.id}/${stage.name}/${routeResource(route.key, method)}`;
  return { kind: 'service', service, sourceArn };
}

// A missing permission shows to the client only as an Internal Server Error, the same as on AWS.
function invokeFailure({ code }: AwsError): HttpResponse {
  if (code === 'RequestTooLargeException') return failure(413, 'Request Entity Too Large');
  if (code === 'TooManyRequestsException') return failure(503, 'Service Unavailable');
  return internalServerError;
}

/** The route's part of the ARN that permissions match: its template, not the path of the request. */
function routeResource(key: string, method: string): string {
  if (key === '$default') return '$default';
  const [routeMethod = '', path = ''] = key.split(' ');
  return `${routeMethod === 'ANY' ? method : routeMethod}${path}`;
}

function withVariables(text: string, { variables }: Pick<Stage, 'variables'>): string {
  if (!text.includes('$')) return text;
  return text.replace(/\$\{stageVariables\.(\w+)\}/g, (_, name: string) => variables[name] ?? '');
}
