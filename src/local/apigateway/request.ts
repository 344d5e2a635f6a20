// A request to a REST API, as the steps that answer it see it.
import type { IncomingMessage } from 'node:http';
import type { Method } from '@aws-sdk/client-api-gateway';
import type { Cloud } from '../cloud.ts';
import { requestFacts } from '../http-servers.ts';
import { randomHex } from '../random.ts';
import type { Api, Resource, Served, Stage, Texts } from './state.ts';

export type Pair = readonly [name: string, value: string];

/** What identifies the caller; AWS prints absent values as null. */
export interface Identity {
  readonly accessKey?: string;
  readonly accountId?: string;
  readonly apiKey?: string;
  readonly apiKeyId?: string;
  readonly caller?: string;
  readonly user?: string;
  readonly userArn?: string;
}

/** The part of a request that is known before its stage. */
export interface Received {
  readonly cloud: Cloud;
  readonly api: Api;
  readonly requestId: string;
  readonly extendedRequestId: string;
  readonly traceId: string;
  readonly time: number;
  readonly httpMethod: string;
  readonly protocol: string;
  readonly sourceIp: string;
  readonly host: string;
  /** With the stage. */
  readonly fullPath: string;
  readonly query: readonly Pair[];
  /** In the client's spelling, without those that API Gateway drops, and with those that it adds. */
  readonly headers: readonly Pair[];
  readonly body: Buffer;
  /** Aborted when the client disconnects. */
  readonly signal: AbortSignal;
}

export interface RestRequest extends Received {
  readonly stage: Stage;
  readonly served: Served;
  readonly deploymentId: string;
  readonly isCanary: boolean;
  readonly variables: Texts;
  /** Without the stage. */
  readonly path: string;
  /** Whether the request came by a domain name. */
  readonly isMapped: boolean;
  readonly resource: Resource;
  readonly method: Method;
  readonly pathParameters: Texts;
  readonly identity: Identity;
  /** Writes a line about the execution, if anybody wants to know. */
  readonly log?: (text: string) => void;
  /** What the authorizer returned. */
  readonly authorizer?: Readonly<Record<string, unknown>>;
}

/** Headers of the connection, and those that API Gateway does not pass on.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html */
const dropped = new Set([
  'connection',
  'content-length',
  'content-md5',
  'expect',
  'keep-alive',
  'max-forwards',
  'proxy-authenticate',
  'proxy-connection',
  'server',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'www-authenticate',
]);
/** The headers that API Gateway sets itself. */
const set = new Set(['x-amzn-trace-id', 'x-forwarded-for', 'x-forwarded-port', 'x-forwarded-proto']);

interface Ids {
  readonly requestId: string;
  readonly extendedRequestId: string;
}

export function receive(
  cloud: Cloud,
  api: Api,
  incoming: IncomingMessage,
  { body, signal, requestId, extendedRequestId }: Ids & { readonly body: Buffer; readonly signal: AbortSignal },
): Received {
  const { method, protocol, sourceIp, rawPath: fullPath, rawQuery } = requestFacts(incoming);
  const time = cloud.now();
  const given = pairsOf(incoming.rawHeaders);
  const trace = headerValue(given, 'x-amzn-trace-id');
  const traceId = trace !== undefined && /Root=/.test(trace) ? trace : newTraceId(time);
  const forwarded = given.filter(([name]) => name.toLowerCase() === 'x-forwarded-for').map(([, value]) => value);
  const headers: Pair[] = [
    ...given.filter(([name]) => !dropped.has(name.toLowerCase()) && !set.has(name.toLowerCase())),
    ['X-Amzn-Trace-Id', traceId],
    ['X-Forwarded-For', [...forwarded, sourceIp].join(', ')],
    ['X-Forwarded-Port', String(incoming.socket.localPort ?? api.port)],
    ['X-Forwarded-Proto', 'http'],
  ];
  return {
    cloud,
    api,
    requestId,
    extendedRequestId,
    traceId,
    time,
    httpMethod: method,
    protocol,
    sourceIp,
    host: headerValue(given, 'host') ?? '',
    fullPath,
    query: [...new URLSearchParams(rawQuery)],
    headers,
    body,
    signal,
  };
}

function pairsOf(rawHeaders: readonly string[]): Pair[] {
  const pairs: Pair[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) pairs.push([rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '']);
  return pairs;
}

// https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
function newTraceId(time: number): string {
  return `Root=1-${Math.floor(time / 1000).toString(16)}-${randomHex(12)}`;
}

/** The last value of a header, whatever its spelling. */
export function headerValue(pairs: readonly Pair[], name: string): string | undefined {
  const lower = name.toLowerCase();
  return pairs.findLast(([key]) => key.toLowerCase() === lower)?.[1];
}

/** The last value of each name. */
export function lastValues(pairs: readonly Pair[]): Record<string, string> {
  return Object.fromEntries(pairs);
}

export function allValues(pairs: readonly Pair[]): Record<string, string[]> {
  const lists = new Map<string, string[]>();
  for (const [name, value] of pairs) lists.set(name, [...(lists.get(name) ?? []), value]);
  return Object.fromEntries(lists);
}

/** The media type of a header without its parameters. */
export function mediaType(header: string | undefined): string | undefined {
  return header?.split(';')[0]?.trim().toLowerCase();
}

/** The media type of the request's body, with AWS's default. */
export function requestType({ headers }: Received): string {
  return mediaType(headerValue(headers, 'content-type')) ?? 'application/json';
}

/** The ARN of the request's method, with the path of the request. */
export function methodArn(request: Received & Pick<RestRequest, 'stage' | 'path'>): string {
  const { cloud, api, stage, httpMethod, path } = request;
  return `arn:aws:execute-api:${cloud.region}:${cloud.accountId}:${api.id}/${stage.stageName}/${httpMethod}${path}`;
}

/** The ARN that a function's permission must allow, with the path of the resource. */
export function sourceArn({ cloud, api, stage, httpMethod, resource }: RestRequest): string {
  return `arn:aws:execute-api:${cloud.region}:${cloud.accountId}:${api.id}/${stage.stageName}/${httpMethod}${resource.path}`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** As in access logs: `12/Mar/2020:19:03:58 +0000`. */
export function logTime(time: number): string {
  const iso = new Date(time).toISOString();
  return `${iso.slice(8, 10)}/${months[Number(iso.slice(5, 7)) - 1]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}
