// Integrations with functions: proxies, whole or streamed, and those with mappings.
// https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html#services-apigateway-errors
import type { Integration } from '@aws-sdk/client-api-gateway';
import { AwsError, type Principal } from '../cloud.ts';
import type { HttpResponse } from '../http-servers.ts';
import { integrationCaller } from './credentials.ts';
import { proxyEvent, proxyHead, proxyResponse } from './event.ts';
import { logCall } from './execution-log.ts';
import { configurationError, GatewayFailure, malformedAnswer } from './failure.ts';
import type { StreamedResponse } from './integrate.ts';
import { type Answer, mapRequest } from './mapping.ts';
import { type RestRequest, sourceArn } from './request.ts';
import { responseHeaders } from './response-headers.ts';
import type { LambdaUri } from './uri.ts';

async function callerOf(request: RestRequest, integration: Integration): Promise<Principal> {
  return (
    (await integrationCaller(request, integration.credentials)) ?? {
      kind: 'service',
      service: 'apigateway.amazonaws.com',
      sourceArn: sourceArn(request),
    }
  );
}

export async function callFunctionProxy(
  request: RestRequest,
  integration: Integration,
  { functionArn }: LambdaUri,
): Promise<HttpResponse> {
  const Payload = Buffer.from(JSON.stringify(proxyEvent(request)));
  const invoked = request.cloud.call(
    'lambda',
    'Invoke',
    { FunctionName: functionArn, Payload },
    await callerOf(request, integration),
  );
  const answered = logInvocation(request, functionArn, Payload.toString('utf8'));
  const answer = await invoked.catch(rejected);
  answered(Buffer.from(answer.Payload ?? []));
  if (answer.FunctionError !== undefined) throw malformedAnswer('Lambda execution failed');
  const response = proxyResponse(Buffer.from(answer.Payload ?? []), request);
  const headers = { 'Content-Type': 'application/json', ...withoutDefault(response.headers) };
  return { ...response, headers: { ...traced(request), ...responseHeaders(headers, true) } };
}

function logInvocation(request: RestRequest, functionArn: string, body: string): (answer: Buffer) => void {
  const { api, cloud, requestId, traceId } = request;
  const uri = `https://lambda.${cloud.region}.amazonaws.com/2015-03-31/functions/${functionArn}/invocations`;
  const headers = [
    ['x-amzn-lambda-integration-tag', requestId],
    ['x-amzn-apigateway-api-id', api.id],
    ['Accept', 'application/json'],
    ['User-Agent', `AmazonAPIGateway_${api.id}`],
    ['X-Amzn-Trace-Id', traceId],
  ] as const;
  const answered = logCall(request, { uri, headers, body });
  return (answer) => {
    const received = { 'Content-Type': 'application/json', 'Content-Length': String(answer.length) };
    answered(200, { ...received, 'X-Amzn-Trace-Id': traceId }, answer.toString('utf8'));
  };
}

/** The answer's own content type, in whatever spelling, instead of the default. */
function withoutDefault(headers: HttpResponse['headers']): Record<string, string | readonly string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase() === 'content-type' ? 'Content-Type' : name,
      value,
    ]),
  );
}

const traced = ({ traceId }: RestRequest) => ({ 'X-Amzn-Trace-Id': traceId });

/** A rejected invocation is an Internal server error, whatever the reason. */
function rejected(error: unknown): never {
  if (!(error instanceof AwsError)) throw error;
  if (error.code === 'NotImplemented') throw error;
  if (error.code === 'RequestTooLargeException') throw new GatewayFailure('REQUEST_TOO_LARGE', 'Request Too Long');
  throw configurationError(`Execution failed: ${error.message}`);
}

const separator = Buffer.alloc(8);
// https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
const metadataBytes = 16_384;

/** Resolves when the metadata are there; the body follows as the function writes it. */
export async function streamFunction(
  request: RestRequest,
  integration: Integration,
  { functionArn }: LambdaUri,
): Promise<StreamedResponse> {
  const Payload = Buffer.from(JSON.stringify(proxyEvent(request)));
  const answer = await request.cloud
    .call(
      'lambda',
      'InvokeWithResponseStream',
      { FunctionName: functionArn, Payload },
      await callerOf(request, integration),
    )
    .catch(rejected);
  const stream = answer.EventStream as unknown as AsyncIterable<StreamEvent>;
  const iterator = stream[Symbol.asyncIterator]();
  try {
    const { head, first } = await readHead(iterator);
    return {
      status: head.status,
      headers: { ...traced(request), ...responseHeaders(head.headers, true) },
      chunks: rest(first, iterator),
    };
  } catch (error) {
    await iterator.return?.();
    throw error;
  }
}

interface StreamEvent {
  readonly PayloadChunk?: { readonly Payload?: Uint8Array };
  readonly InvokeComplete?: { readonly ErrorCode?: string };
}
type StreamIterator = AsyncIterator<StreamEvent>;

/** The metadata before the separator, and what has come after it. */
async function readHead(iterator: StreamIterator) {
  let received = Buffer.alloc(0);
  for (;;) {
    const { value, done } = await iterator.next();
    if (done || value.InvokeComplete !== undefined) throw malformedAnswer('Malformed Lambda proxy response');
    received = Buffer.concat([received, value.PayloadChunk?.Payload ?? Buffer.alloc(0)]);
    const end = received.indexOf(separator);
    if (end >= 0) {
      return { head: headOf(received.toString('utf8', 0, end)), first: received.subarray(end + separator.length) };
    }
    if (received.length > metadataBytes) throw malformedAnswer('Malformed Lambda proxy response');
  }
}

function headOf(text: string): Omit<HttpResponse, 'body'> {
  let metadata: Readonly<Record<string, unknown>>;
  try {
    metadata = JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw malformedAnswer('Malformed Lambda proxy response');
  }
  const { status, headers } = proxyHead(metadata);
  const cookies = metadata['cookies'];
  return {
    status,
    headers: {
      'Content-Type': 'application/json',
      ...withoutDefault(headers),
      ...(Array.isArray(cookies) && cookies.length > 0 ? { 'Set-Cookie': cookies.map(String) } : {}),
    },
  };
}

async function* rest(first: Uint8Array, iterator: StreamIterator): AsyncGenerator<Uint8Array> {
  try {
    if (first.length > 0) yield first;
    for (;;) {
      const { value, done } = await iterator.next();
      if (done) return;
      if (value.InvokeComplete?.ErrorCode !== undefined) throw new Error(value.InvokeComplete.ErrorCode);
      if (value.PayloadChunk?.Payload?.length) yield value.PayloadChunk.Payload;
    }
  } finally {
    // so that the function does not wait for a client that has left
    await iterator.return?.();
  }
}

/** An integration with mappings: the request's template makes the event. */
export async function callFunction(
  request: RestRequest,
  integration: Integration,
  { functionArn }: LambdaUri,
): Promise<Answer> {
  const mapped = mapRequest(integration, request);
  const text = mapped.body.toString('utf8') || '{}';
  const type = mapped.headers.find(([name]) => name.toLowerCase() === 'x-amz-invocation-type')?.[1];
  const headers = { 'content-type': 'application/json', 'X-Amzn-Trace-Id': request.traceId };
  if (!isJson(text)) {
    const message = 'Could not parse request body into json: Could not parse payload into json';
    return { selector: '', headers, body: Buffer.from(JSON.stringify({ Type: 'User', message })) };
  }
  const input = {
    FunctionName: functionArn,
    Payload: Buffer.from(text),
    ...(type === undefined ? {} : { InvocationType: type as 'Event' }),
  };
  const answered = logInvocation(request, functionArn, mapped.body.toString('utf8'));
  const answer = await request.cloud
    .call('lambda', 'Invoke', input, await callerOf(request, integration))
    .catch(rejected);
  const body = Buffer.from(answer.Payload ?? []);
  answered(body);
  const selector = answer.FunctionError === undefined ? '' : errorMessageOf(body);
  return { selector, headers, body };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function errorMessageOf(body: Buffer): string {
  try {
    const { errorMessage } = JSON.parse(body.toString('utf8')) as { errorMessage?: unknown };
    return String(errorMessage ?? '');
  } catch {
    return '';
  }
}
