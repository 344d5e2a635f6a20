// Integrations with AWS services other than Lambda: requests to the local AWS with the integration's role.
// https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html#apigw-Type-Integration-uri
import { randomUUID } from 'node:crypto';
import type { Integration } from '@aws-sdk/client-api-gateway';
import { AwsError, type Principal, type ServiceName } from '../cloud.ts';
import { isServiceName, serviceModel } from '../wire/model.ts';
import { readForm } from '../wire/query.ts';
import { integrationCaller } from './credentials.ts';
import { configurationError, GatewayFailure } from './failure.ts';
import { type Answer, type MappedRequest, mapRequest } from './mapping.ts';
import { headerValue, mediaType, type Pair, type RestRequest } from './request.ts';
import { type ServiceUri, serviceUri } from './uri.ts';

export async function callService(request: RestRequest, integration: Integration, uri: string): Promise<Answer> {
  const target = serviceUri(uri);
  const caller = await integrationCaller(request, integration.credentials);
  if (target === undefined) throw configurationError('Invalid endpoint address');
  if (caller === undefined) throw configurationError('An integration with an AWS service needs credentials');
  if (!isServiceName(target.service) || target.region !== request.cloud.region) {
    const message = `a REST API integration with ${target.service} in ${target.region} is not implemented by the fx local AWS`;
    throw new AwsError('NotImplemented', message, 501);
  }
  const mapped = mapRequest(integration, request);
  const form = formOf(target, mapped);
  if (form?.has('Action')) return callByForm(request, caller, { ...target, service: target.service }, form);
  return callByPath(request, integration, caller, target, mapped);
}

/** The parameters of the query protocol, in the URI, the query or the body. Undefined for other requests. */
function formOf({ kind, rest }: ServiceUri, { headers, query, body }: MappedRequest): URLSearchParams | undefined {
  const isForm = mediaType(headerValue(headers, 'content-type')) === 'application/x-www-form-urlencoded';
  const form = new URLSearchParams(isForm ? body.toString('utf8') : '');
  for (const [name, value] of query) form.append(name, value);
  // SQS takes the plural too
  for (const [name, value] of [...form]) {
    if (name.startsWith('MessageAttributes.')) form.append(name.replace('Attributes', 'Attribute'), value);
  }
  if (kind === 'action' && !rest.includes('{')) {
    // a JSON body goes to the action as it is
    if (!isForm && body.length > 0) return undefined;
    for (const [name, value] of new URLSearchParams(`Action=${rest}`)) form.append(name, value);
  }
  return form;
}

/** The query protocol, also of services whose SDKs have left it; the answer is JSON, as AWS returns it to `Accept: application/json`. */
async function callByForm(
  { cloud }: RestRequest,
  caller: Principal,
  { service, kind, rest }: ServiceUri & { readonly service: ServiceName },
  form: URLSearchParams,
): Promise<Answer> {
  const name = form.get('Action') ?? '';
  const operation = (await serviceModel(service)).operations.get(name);
  if (operation === undefined)
    return failed(400, 'InvalidAction', `The action ${name} is not valid for this endpoint.`);
  const input: Record<string, unknown> = readForm(operation.input, form);
  if (service === 'sqs' && kind === 'path' && input['QueueUrl'] === undefined) {
    input['QueueUrl'] = `${cloud.endpoint}/${rest.replace(/^\/+/, '')}`;
  }
  try {
    const call = cloud.call as (...called: unknown[]) => Promise<object>;
    const result = await call(service, name, input, caller);
    const body = { [`${name}Response`]: { [`${name}Result`]: result, ResponseMetadata: { RequestId: randomUUID() } } };
    return answerOf(200, body);
  } catch (error) {
    if (!(error instanceof AwsError) || error.code === 'NotImplemented') throw error;
    return failed(error.status, error.code, error.message);
  }
}

function answerOf(status: number, body: object): Answer {
  return {
    selector: String(status),
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(body)),
  };
}

function failed(status: number, Code: string, Message: string): Answer {
  const Type = status < 500 ? 'Sender' : 'Receiver';
  return answerOf(status, { Error: { Type, Code, Message }, RequestId: randomUUID() });
}

/** A REST service by its path, or a JSON service by its action. */
async function callByPath(
  request: RestRequest,
  integration: Integration,
  caller: Principal,
  { service, subdomain, kind, rest, region }: ServiceUri,
  mapped: MappedRequest,
): Promise<Answer> {
  const { cloud } = request;
  const filled = rest.replace(/\{([\w.-]+)\+?\}/g, (_, name: string) => mapped.path[name] ?? '');
  const path = kind === 'action' ? '' : [subdomain, filled].filter(Boolean).join('/');
  const url = new URL(`${cloud.endpoint}/${path.replace(/^\/+/, '')}`);
  for (const [name, value] of mapped.query) url.searchParams.append(name, value);
  const key = caller.kind === 'role' ? cloud.credentialsFor(caller.arn, caller.session).accessKeyId : 'local';
  const date = new Date(cloud.now()).toISOString().slice(0, 10).replaceAll('-', '');
  const isTyped = headerValue(mapped.headers, 'content-type') !== undefined;
  const headers: Pair[] = [
    ...mapped.headers,
    [
      'authorization',
      `AWS4-HMAC-SHA256 Credential=${key}/${date}/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
    ],
    ...(kind === 'action' ? [['x-amz-target', `local.${filled}`] as const] : []),
    ...(isTyped
      ? []
      : [['content-type', kind === 'action' ? 'application/x-amz-json-1.1' : 'application/json'] as const]),
  ];
  const method = integration.httpMethod === 'ANY' ? request.httpMethod : (integration.httpMethod ?? 'POST');
  const hasBody = method !== 'GET' && method !== 'HEAD';
  try {
    const init = { method, headers: headers.map(([name, value]): [string, string] => [name, value]) };
    const response = await fetch(url, {
      ...init,
      ...(hasBody ? { body: new Uint8Array(mapped.body) } : {}),
      signal: request.signal,
    });
    return {
      selector: String(response.status),
      headers: { ...Object.fromEntries(response.headers), 'X-Amzn-Trace-Id': request.traceId },
      body: Buffer.from(await response.arrayBuffer()),
    };
  } catch {
    throw new GatewayFailure('INTEGRATION_FAILURE', 'Network error communicating with endpoint');
  }
}
