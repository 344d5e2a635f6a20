// Calls the integration of a method, and makes its answer the method's response.
import type { HttpResponse } from '../http-servers.ts';
import { callService } from './aws-service.ts';
import { configurationError, timedOut } from './failure.ts';
import { callHttp, callHttpProxy } from './http-integration.ts';
import { callFunction, callFunctionProxy, streamFunction } from './lambda-integration.ts';
import { mapRequest, mapResponse } from './mapping.ts';
import type { RestRequest } from './request.ts';
import { lambdaUri, withVariables } from './uri.ts';

/** A response whose body arrives in pieces. */
export interface StreamedResponse extends Omit<HttpResponse, 'body'> {
  readonly chunks: AsyncIterable<Uint8Array>;
}
export type ApiResponse = HttpResponse | StreamedResponse;

/** Throws a GatewayFailure if there is no answer in time, or a wrong one. */
export async function integrate(request: RestRequest): Promise<ApiResponse> {
  const { methodIntegration: integration } = request.method;
  if (integration === undefined) throw configurationError('No integration defined for method');
  const answered = call(request, integration);
  const { cloud } = request;
  const answer = await cloud.pauses.within(integration.timeoutInMillis ?? 29_000, answered, cloud);
  if (answer !== 'timeout') return answer;
  // whatever is called keeps running, but its answer is discarded
  void answered.then(discard, () => undefined);
  throw timedOut();
}

/** Ends a stream that nobody will read. */
async function discard(response: ApiResponse): Promise<void> {
  if (!('chunks' in response)) return;
  try {
    for await (const _ of response.chunks) break;
  } catch {
    // it had ended already
  }
}

type Integration = NonNullable<RestRequest['method']['methodIntegration']>;

async function call(request: RestRequest, integration: Integration): Promise<ApiResponse> {
  const uri = withVariables(integration.uri ?? '', request.variables);
  const fn = lambdaUri(uri);
  switch (integration.type) {
    case 'MOCK':
      return mock(request, integration);
    case 'HTTP_PROXY':
      return callHttpProxy(request, integration, uri);
    case 'HTTP':
      return mapResponse(integration, await callHttp(request, integration, uri), request);
    case 'AWS_PROXY':
      if (fn === undefined || integration.httpMethod !== 'POST')
        throw configurationError('Invalid permissions or method');
      checkProxyParameters(request, integration);
      return fn.streams || integration.responseTransferMode === 'STREAM'
        ? streamFunction(request, integration, fn)
        : callFunctionProxy(request, integration, fn);
    case 'AWS': {
      const answer = fn === undefined ? callService(request, integration, uri) : callFunction(request, integration, fn);
      return mapResponse(integration, await answer, request);
    }
    default:
      throw configurationError(`Unknown integration type ${integration.type}`);
  }
}

/** A proxy integration ignores mappings, but not their mistakes. */
function checkProxyParameters(request: RestRequest, integration: Integration): void {
  const { requestParameters } = integration;
  if (requestParameters === undefined) return;
  mapRequest({ ...integration, requestTemplates: undefined, passthroughBehavior: 'WHEN_NO_MATCH' }, request);
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html
function mock(request: RestRequest, integration: Integration): HttpResponse {
  const { body } = mapRequest(integration, request);
  const text = body.toString('utf8');
  const status = /["']?\bstatusCode["']?\s*:\s*["']?(\d{3})\b/.exec(text)?.[1];
  if (status === undefined)
    throw configurationError('Unable to parse statusCode. It should be an integer defined in the mapping template');
  const answer = { selector: status, headers: {}, body: Buffer.alloc(0) };
  return mapResponse(integration, answer, request);
}
