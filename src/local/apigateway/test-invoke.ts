// API Gateway's test call of a method: its current integration, without a stage, with the log of the execution.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-test-method.html
import { randomUUID } from 'node:crypto';
import type { Input, Operations } from '../cloud.ts';
import type { HttpResponse } from '../http-servers.ts';
import { randomHex } from '../random.ts';
import { type Log, logFailure, logRequest, logResponse } from './execution-log.ts';
import { failureResponse, GatewayFailure } from './failure.ts';
import { integrate } from './integrate.ts';
import type { Pair, RestRequest } from './request.ts';
import { type ApiContext, existingMethod, type Resource } from './state.ts';

export function testOperations(context: ApiContext): Operations<'apigateway'> {
  return {
    TestInvokeMethod: {
      members: [
        'restApiId',
        'resourceId',
        'httpMethod',
        'pathWithQueryString',
        'body',
        'headers',
        'multiValueHeaders',
        'stageVariables',
      ],
      async run(input) {
        const { cloud } = context;
        const started = cloud.now();
        const bare = requestOf(context, input);
        const lines = [`Execution log for request ${bare.requestId}`];
        const log: Log = (text) => void lines.push(`${dateText(cloud.now())} : ${text}`);
        const request = { ...bare, log };
        logRequest(request, log);
        const response = await responseTo(request, log);
        log(`Method completed with status: ${response.status}`);
        const many = Object.entries(response.headers).map(([name, value]) => [name, [value].flat()] as const);
        return {
          status: response.status,
          body: response.body.toString(),
          headers: Object.fromEntries(many.map(([name, values]) => [name, values.at(-1) ?? ''])),
          multiValueHeaders: Object.fromEntries(many.map(([name, values]) => [name, [...values]])),
          log: `${lines.join('\n')}\n`,
          latency: cloud.now() - started,
        };
      },
    },
  };
}

async function responseTo(request: RestRequest, log: Log): Promise<HttpResponse> {
  try {
    const answer = await integrate(request);
    const response = 'chunks' in answer ? await collected(answer) : answer;
    logResponse(response, log);
    return response;
  } catch (error) {
    if (!(error instanceof GatewayFailure)) throw error;
    logFailure(error, log);
    const response = failureResponse(error, request, request.served);
    const { 'Content-Type': _, ...headers } = response.headers as Record<string, string>;
    return { ...response, headers };
  }
}

async function collected({
  status,
  headers,
  chunks,
}: { chunks: AsyncIterable<Uint8Array> } & Omit<HttpResponse, 'body'>) {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return { status, headers, body: Buffer.concat(parts) };
}

function requestOf(context: ApiContext, input: Input<'apigateway', 'TestInvokeMethod'>): RestRequest {
  const { cloud } = context;
  const { api, resource, method } = existingMethod(context, input);
  const time = cloud.now();
  const [path = '', rawQuery = ''] = (input.pathWithQueryString || resource.path).split('?');
  const many = Object.entries(input.multiValueHeaders ?? {}).flatMap(([name, values]) =>
    values.map((value): Pair => [name, value]),
  );
  const verb = input.httpMethod === 'ANY' ? 'GET' : (input.httpMethod ?? 'GET');
  return {
    cloud,
    api,
    requestId: randomUUID(),
    extendedRequestId: `${randomHex(7)}=`,
    traceId: `Root=1-${Math.floor(time / 1000).toString(16)}-${randomHex(12)}`,
    time,
    httpMethod: verb,
    protocol: 'HTTP/1.1',
    sourceIp: 'test-invoke-source-ip',
    host: 'testPrefix.testDomainName',
    fullPath: path,
    query: [...new URLSearchParams(rawQuery)],
    headers: [...Object.entries(input.headers ?? {}), ...many],
    body: Buffer.from(input.body ?? ''),
    signal: new AbortController().signal,
    stage: {
      stageName: 'test-invoke-stage',
      deploymentId: '',
      cacheClusterEnabled: false,
      methodSettings: {},
      tracingEnabled: false,
      createdDate: time,
      lastUpdatedDate: time,
    },
    served: api,
    deploymentId: '',
    isCanary: false,
    variables: { ...input.stageVariables },
    path,
    resource,
    method,
    pathParameters: parametersOf(resource, path),
    isMapped: false,
    identity: {},
  };
}

/** Empty if the path is not one of the resource. */
function parametersOf({ path: template }: Resource, path: string): Record<string, string> {
  const names: string[] = [];
  const pattern = template
    .replace(/[.+]/g, '\\$&')
    .replace(/\{([^}]+?)(\\\+)?\}/g, (_, name: string, greedy?: string) => {
      names.push(name);
      return greedy === undefined ? '([^/]+)' : '(.+)';
    });
  const match = new RegExp(`^${pattern}/?$`).exec(path);
  return match === null ? {} : Object.fromEntries(names.map((name, i) => [name, match[i + 1] ?? '']));
}

/** As Java prints dates: `Thu Nov 26 08:00:00 UTC 2026`. */
function dateText(time: number): string {
  const [day = '', date = '', month = '', year = '', clock = ''] = new Date(time)
    .toUTCString()
    .replace(',', '')
    .split(' ');
  return `${day} ${month} ${date} ${clock} UTC ${year}`;
}
