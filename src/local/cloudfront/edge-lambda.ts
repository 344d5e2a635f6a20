// Lambda@Edge: calls the version that a behavior names, and checks what it returns.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html
import { randomBytes } from 'node:crypto';
import type { EventType, Origin } from '@aws-sdk/client-cloudfront';
import type { HttpResponse } from '../http-servers.ts';
import type { Behavior } from './edge-association.ts';
import { disallowed, readOnly } from './edge-headers.ts';
import type { CloudFrontContext, Distribution } from './state.ts';

/** By name in lower case, as events have them. */
export type Headers = Readonly<Record<string, readonly { readonly key?: string; readonly value: string }[]>>;

export interface EdgeRequest {
  readonly clientIp: string;
  readonly method: string;
  readonly uri: string;
  readonly querystring: string;
  readonly headers: Headers;
  readonly body: Buffer;
  /** At an origin event: where CloudFront would send the request. */
  readonly origin?: EdgeOrigin;
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html#lambda-event-structure-request-origin */
export interface EdgeOrigin {
  readonly custom?: { readonly domainName: string; readonly path: string; readonly [name: string]: unknown };
  readonly s3?: { readonly domainName: string; readonly path: string; readonly [name: string]: unknown };
}

export type EdgeResult = { readonly request: EdgeRequest } | { readonly response: HttpResponse };

/** A result that CloudFront refuses, or a function that failed: the visitor gets the status. */
export class EdgeFailure extends Error {
  readonly status: 502 | 503;
  /** As in the header x-cache. */
  readonly kind: 'LambdaValidationError' | 'LambdaExecutionError';

  constructor(kind: EdgeFailure['kind'], message: string) {
    super(message);
    this.kind = kind;
    // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-502-lambda-validation-error.html, http-503-lambda-execution-error.html
    this.status = kind === 'LambdaValidationError' ? 502 : 503;
  }
}

const refuse = (message: string): never => {
  throw new EdgeFailure('LambdaValidationError', message);
};

// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-lambda-at-edge
const largest = { viewer: 40 * 1024, origin: 1024 * 1024 } as const;
const sizeOf = (moment: EventType): number => largest[moment.startsWith('viewer') ? 'viewer' : 'origin'];

export function associationOf({ LambdaFunctionAssociations }: Behavior, moment: EventType) {
  return LambdaFunctionAssociations?.Items?.find(({ EventType }) => EventType === moment);
}

export function originOf({
  DomainName = '',
  OriginPath = '',
  S3OriginConfig,
  CustomHeaders,
  ...rest
}: Origin): EdgeOrigin {
  const customHeaders = Object.fromEntries(
    (CustomHeaders?.Items ?? []).map(({ HeaderName = '', HeaderValue = '' }) => [
      HeaderName.toLowerCase(),
      [{ key: HeaderName, value: HeaderValue }],
    ]),
  );
  const place = { customHeaders, domainName: DomainName, path: OriginPath };
  if (S3OriginConfig !== undefined) {
    const region = /\.s3[.-]([a-z0-9-]+)\.amazonaws\.com$/.exec(DomainName)?.[1] ?? 'us-east-1';
    const authMethod = (rest.OriginAccessControlId ?? '') === '' ? 'none' : 'origin-access-identity';
    return { s3: { authMethod, region, ...place } };
  }
  const { OriginProtocolPolicy, HTTPPort, HTTPSPort, OriginSslProtocols, OriginReadTimeout, OriginKeepaliveTimeout } =
    rest.CustomOriginConfig ?? {};
  const isPlain = OriginProtocolPolicy === 'http-only';
  return {
    custom: {
      ...place,
      keepaliveTimeout: OriginKeepaliveTimeout ?? 5,
      port: (isPlain ? HTTPPort : HTTPSPort) ?? (isPlain ? 80 : 443),
      protocol: isPlain ? 'http' : 'https',
      readTimeout: OriginReadTimeout ?? 30,
      sslProtocols: OriginSslProtocols?.Items ?? ['TLSv1.2'],
    },
  };
}

interface Called {
  readonly distribution: Distribution;
  readonly behavior: Behavior;
}

/** Calls the function of a request event, if there is one. Throws EdgeFailure. */
export async function callOnRequest(
  context: CloudFrontContext,
  { distribution, behavior }: Called,
  moment: 'viewer-request' | 'origin-request',
  request: EdgeRequest,
): Promise<EdgeResult> {
  const association = associationOf(behavior, moment);
  if (association === undefined) return { request };
  const most = sizeOf(moment);
  const body = association.IncludeBody === true ? exposedBody(request.body, most) : {};
  const returned = await invoke(context, association.LambdaFunctionARN, {
    config: configOf(distribution, moment),
    request: { ...eventRequest(request), ...body },
  });
  return 'status' in returned
    ? { response: generated(returned, most) }
    : { request: changedRequest(returned, request, moment) };
}

/** Calls the function of a response event, if there is one. Throws EdgeFailure. */
export async function callOnResponse(
  context: CloudFrontContext,
  { distribution, behavior }: Called,
  moment: 'origin-response' | 'viewer-response',
  { request, response }: { readonly request: EdgeRequest; readonly response: HttpResponse },
): Promise<HttpResponse> {
  const association = associationOf(behavior, moment);
  if (association === undefined) return response;
  const all = headerLists(response.headers);
  const headers = headersForEvent(all);
  const returned = await invoke(context, association.LambdaFunctionARN, {
    config: configOf(distribution, moment),
    request: eventRequest(request),
    response: { headers, status: String(response.status), statusDescription: response.reason ?? '' },
  });
  const status = statusIn(returned);
  if (moment === 'viewer-response' && status !== response.status) {
    return refuse('The function of a viewer response cannot change the status.');
  }
  const written = headersIn(returned['headers'] ?? {}, headers, readOnly[moment]);
  const body =
    moment === 'origin-response' && returned['body'] !== undefined ? bodyOf(returned, sizeOf(moment)) : response.body;
  const hidden = Object.fromEntries(Object.entries(all).filter(([name]) => disallowed(name)));
  return { ...reasonIn(returned), status, headers: plain({ ...hidden, ...written }), body };
}

function headerLists(headers: HttpResponse['headers']): Headers {
  const lists = Object.entries(headers).map(([key, values]) => [
    key.toLowerCase(),
    [values].flat().map((value) => ({ key, value })),
  ]);
  return Object.fromEntries(lists);
}

function configOf({ id, domainName }: Distribution, eventType: EventType) {
  return {
    distributionDomainName: domainName,
    distributionId: id,
    eventType,
    requestId: `${randomBytes(40).toString('base64url')}==`,
  };
}

function eventRequest({ body: _, origin, ...request }: EdgeRequest) {
  const headers = headersForEvent(request.headers);
  return { ...request, headers, ...(origin === undefined ? {} : { origin }) };
}

const headersForEvent = (headers: Headers): Headers =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !disallowed(name)));

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-include-body-access.html */
function exposedBody(body: Buffer, most: number) {
  const data = body.subarray(0, most).toString('base64');
  return { body: { inputTruncated: body.length > most, action: 'read-only', encoding: 'base64', data } };
}

type Returned = Readonly<Record<string, unknown>>;

async function invoke({ cloud }: CloudFrontContext, arn: string | undefined, cf: unknown): Promise<Returned> {
  const { FunctionError, Payload } = await cloud.call('lambda', 'Invoke', {
    FunctionName: arn,
    Payload: Buffer.from(JSON.stringify({ Records: [{ cf }] })),
  });
  const text = Buffer.from(Payload ?? []).toString();
  if (FunctionError !== undefined) throw new EdgeFailure('LambdaExecutionError', `The Lambda function failed: ${text}`);
  const value = JSON.parse(text === '' ? 'null' : text) as unknown;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse('The Lambda function returned neither a request nor a response.');
  }
  return value as Returned;
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-generating-http-responses.html */
function generated(returned: Returned, most: number): HttpResponse {
  const status = statusIn(returned);
  const headers = plain(headersIn(returned['headers'] ?? {}, {}, []));
  const body = returned['body'] === undefined ? '' : bodyOf(returned, most);
  const size = Buffer.byteLength(body) + Buffer.byteLength(JSON.stringify(returned['headers'] ?? {}));
  if (size > most) return refuse(`The Lambda function returned a response of more than ${most} bytes.`);
  return { ...reasonIn(returned), status, headers, body };
}

function statusIn({ status }: Returned): number {
  const number = Number(status);
  const isStatus = Number.isInteger(number) && number >= 200 && number <= 599;
  return isStatus ? number : refuse(`The Lambda function returned ${JSON.stringify(status)} as the status.`);
}

function reasonIn({ statusDescription }: Returned): { readonly reason?: string } {
  return typeof statusDescription === 'string' && statusDescription !== '' ? { reason: statusDescription } : {};
}

function bodyOf({ body, bodyEncoding = 'text' }: Returned, most: number): Buffer {
  if (typeof body !== 'string') return refuse('The Lambda function returned a body that is not a string.');
  if (bodyEncoding !== 'text' && bodyEncoding !== 'base64') {
    return refuse(`The Lambda function returned the bodyEncoding ${JSON.stringify(bodyEncoding)}.`);
  }
  const bytes = Buffer.from(body, bodyEncoding === 'base64' ? 'base64' : 'utf8');
  return bytes.length > most ? refuse(`The Lambda function returned a body of more than ${most} bytes.`) : bytes;
}

function changedRequest(
  returned: Returned,
  before: EdgeRequest,
  moment: 'viewer-request' | 'origin-request',
): EdgeRequest {
  const { uri, querystring = '', method, headers = {}, origin, body } = returned;
  if (typeof uri !== 'string' || !uri.startsWith('/')) {
    return refuse(`The Lambda function returned ${JSON.stringify(uri)} as the URI; it begins with a slash.`);
  }
  if (typeof querystring !== 'string') return refuse('The Lambda function returned a querystring that is no string.');
  if (method !== undefined && method !== before.method) return refuse('The Lambda function changed the method.');
  const kept = Object.fromEntries(Object.entries(before.headers).filter(([name]) => disallowed(name)));
  const seen = headersForEvent(before.headers);
  return {
    clientIp: before.clientIp,
    method: before.method,
    uri,
    querystring,
    headers: { ...kept, ...headersIn(headers, seen, readOnly[moment]) },
    body: replacedBody(body, before.body, sizeOf(moment)),
    ...(before.origin === undefined ? {} : { origin: originIn(origin, before.origin) }),
  };
}

function replacedBody(returned: unknown, before: Buffer, most: number): Buffer {
  const { action, encoding, data } = (returned ?? {}) as Returned;
  return action === 'replace' ? bodyOf({ body: data, bodyEncoding: encoding ?? 'base64' }, most) : before;
}

function originIn(returned: unknown, before: EdgeOrigin): EdgeOrigin {
  if (returned === undefined) return before;
  const { custom, s3 } = returned as EdgeOrigin;
  if ((custom === undefined) === (s3 === undefined)) {
    return refuse('The Lambda function returned an origin that is not either custom or s3.');
  }
  const { domainName, path = '' } = custom ?? s3 ?? {};
  if (typeof domainName !== 'string' || typeof path !== 'string') {
    return refuse('The Lambda function returned an origin without a domain name.');
  }
  return custom === undefined ? { s3: { ...s3, domainName, path } } : { custom: { ...custom, domainName, path } };
}

/** The headers that the function returned. Throws for those that it may not set, and for read-only ones that it changed. */
function headersIn(returned: unknown, before: Headers, fixed: readonly string[]): Headers {
  if (typeof returned !== 'object' || returned === null)
    return refuse('The Lambda function returned no headers object.');
  const read = Object.entries(returned).map(([name, values]) => {
    const entries = Array.isArray(values) ? (values as { key?: unknown; value?: unknown }[]) : [];
    if (entries.length === 0 || entries.some(({ value }) => typeof value !== 'string')) {
      return refuse(`The Lambda function returned an invalid entry in the headers object: ${name}`);
    }
    if (disallowed(name))
      return refuse(`The Lambda function added the header ${name}, which CloudFront does not allow.`);
    return [name.toLowerCase(), values as Headers[string]] as const;
  });
  const headers: Headers = Object.fromEntries(read);
  const valuesOf = (list: Headers, name: string) => (list[name] ?? []).map(({ value }) => value).join('\n');
  const changed = fixed.find((name) => valuesOf(headers, name) !== valuesOf(before, name));
  return changed === undefined
    ? headers
    : refuse(`The Lambda function changed the header ${changed}, which is read-only.`);
}

const plain = (headers: Headers): Record<string, string | readonly string[]> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, values]) => {
      const all = values.map(({ value }) => value);
      return [name, all.length === 1 ? (all[0] ?? '') : all];
    }),
  );
