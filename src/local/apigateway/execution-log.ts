// The log of a request's execution: what test calls return, and what stages with a logging level write into their log group.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
import { AwsError, type Cloud } from '../cloud.ts';
import type { HttpResponse } from '../http-servers.ts';
import type { GatewayFailure } from './failure.ts';
import type { ApiResponse } from './integrate.ts';
import type { Pair, RestRequest } from './request.ts';
import { methodSetting } from './throttle.ts';

export type Log = (text: string) => void;

export function logRequest(request: RestRequest, log: Log): void {
  log(`Starting execution for request: ${request.requestId}`);
  log(`HTTP Method: ${request.httpMethod}, Resource Path: ${request.path}`);
  log(`Method request path: ${mapText(Object.entries(request.pathParameters))}`);
  log(`Method request query string: ${mapText(request.query)}`);
  log(`Method request headers: ${mapText(request.headers)}`);
  log(`Method request body before transformations: ${request.body.toString('utf8')}`);
}

export function logResponse(response: ApiResponse, log: Log): void {
  if (!('chunks' in response)) log(`Method response body after transformations: ${response.body.toString()}`);
  log(`Method response headers: ${mapText(headerPairs(response.headers))}`);
  log('Successfully completed execution');
}

export function logFailure(failure: GatewayFailure, log: Log): void {
  const why =
    failure.type === 'API_CONFIGURATION_ERROR' ? 'Execution failed due to configuration error' : 'Execution failed';
  log(`${why}: ${failure.detail ?? failure.text ?? failure.type}`);
}

interface EndpointCall {
  readonly uri: string;
  readonly headers: readonly Pair[];
  readonly body: string;
}

/** The request to an integration's endpoint. Returns what logs the answer. */
export function logCall({ log, cloud }: RestRequest, { uri, headers, body }: EndpointCall) {
  const started = cloud.now();
  log?.(`Endpoint request URI: ${uri}`);
  log?.(`Endpoint request headers: ${mapText(headers)}`);
  log?.(`Endpoint request body after transformations: ${body}`);
  log?.(`Sending request to ${uri}`);
  return (status: number, answered: HttpResponse['headers'], text: string): void => {
    log?.(`Received response. Status: ${status}, Integration latency: ${cloud.now() - started} ms`);
    log?.(`Endpoint response headers: ${mapText(headerPairs(answered))}`);
    log?.(`Endpoint response body before transformations: ${text}`);
  };
}

const headerPairs = (headers: HttpResponse['headers']): Pair[] =>
  Object.entries(headers).map(([name, value]) => [name, String(value)]);

const mapText = (pairs: readonly Pair[]) => `{${pairs.map(([name, value]) => `${name}=${value}`).join(', ')}}`;

/** What only full request and response logging writes. */
const data = /^(Method|Endpoint) (request|response) (headers|body|query string|path)/;

/** Collects the lines that the stage's level asks for. Undefined if it logs nothing. */
export function stageLog(request: RestRequest): { readonly log: Log; write(): Promise<void> } | undefined {
  const { stage, resource, method, cloud, api, requestId } = request;
  const { loggingLevel = 'OFF', dataTraceEnabled = false } =
    methodSetting(stage, resource.path, method.httpMethod ?? '') ?? {};
  if (loggingLevel === 'OFF') return undefined;
  const lines: string[] = [];
  return {
    log(text) {
      const isWanted =
        loggingLevel === 'ERROR' ? text.startsWith('Execution failed') : dataTraceEnabled || !data.test(text);
      if (isWanted) lines.push(`(${requestId}) ${text}`);
    },
    async write() {
      if (lines.length > 0) await append(cloud, `API-Gateway-Execution-Logs_${api.id}/${stage.stageName}`, lines);
    },
  };
}

/** Logging never fails a request. */
async function append(cloud: Cloud, logGroupName: string, lines: readonly string[]): Promise<void> {
  const logStreamName = 'execution-log';
  const timestamp = cloud.now();
  const events = { logGroupName, logStreamName, logEvents: lines.map((message) => ({ timestamp, message })) };
  const exists = (error: unknown) => {
    if (!(error instanceof AwsError) || error.code !== 'ResourceAlreadyExistsException') throw error;
  };
  try {
    await cloud.call('logs', 'PutLogEvents', events);
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'ResourceNotFoundException') throw error;
    await cloud.call('logs', 'CreateLogGroup', { logGroupName }).catch(exists);
    await cloud.call('logs', 'CreateLogStream', { logGroupName, logStreamName }).catch(exists);
    await cloud.call('logs', 'PutLogEvents', events);
  }
}
