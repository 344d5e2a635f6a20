// The data plane: which behavior a request has, the functions at its edge, and what its origin answers. Nothing is cached.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HowCloudFrontWorks.html
import type { IncomingMessage } from 'node:http';
import type { ResponseHeadersPolicyConfig } from '@aws-sdk/client-cloudfront';
import { type HttpResponse, readBody, requestFacts } from '../http-servers.ts';
import type { Behavior } from './edge-association.ts';
import {
  callOnRequest,
  callOnResponse,
  EdgeFailure,
  type EdgeRequest,
  type EdgeResult,
  type Headers,
} from './edge-lambda.ts';
import { failure, fetchFrom, forOrigin } from './origins.ts';
import { type CloudFrontContext, type Distribution, functionArn } from './state.ts';
import { callViewerFunction } from './viewer-function.ts';

// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html would allow 50 GB
const mostBodyBytes = 64 * 1024 * 1024;

export async function respond(
  context: CloudFrontContext,
  distribution: Distribution,
  incoming: IncomingMessage,
): Promise<HttpResponse> {
  const { method, rawPath, rawQuery, sourceIp } = requestFacts(incoming);
  const body = await readBody(incoming, mostBodyBytes);
  if (body === undefined) return failure(413, 'Request body is too large');
  const behavior = behaviorFor(distribution, rawPath);
  const methods = ('AllowedMethods' in behavior ? behavior.AllowedMethods?.Items : undefined) ?? ['GET', 'HEAD'];
  if (!methods.includes(method as 'GET'))
    return failure(403, 'This distribution is not configured to allow the HTTP request method.');
  const headers = { ...headersOf(incoming), host: [{ key: 'Host', value: distribution.domainName }] };
  const request = { clientIp: sourceIp, method, uri: rawPath, querystring: rawQuery, headers, body };
  try {
    return await answer(context, { distribution, behavior }, request);
  } catch (error) {
    if (error instanceof EdgeFailure) return failure(error.status, error.message, error.kind);
    throw error;
  }
}

/** What serves a request. */
interface Place {
  readonly distribution: Distribution;
  readonly behavior: Behavior;
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-cloudfront-trigger-events.html says which functions run after an
 * error, and after a response of another function. */
async function answer(context: CloudFrontContext, place: Place, request: EdgeRequest): Promise<HttpResponse> {
  const ofViewer = await onViewerRequest(context, place, request);
  if ('response' in ofViewer) return ofViewer.response;
  const fetched = await throughOrigin(context, place, ofViewer.request);
  const response = withPolicy(context, place.behavior, await withErrorPage(context, place.distribution, fetched));
  if (fetched.status >= 400) return response;
  return callOnResponse(context, place, 'viewer-response', { request: ofViewer.request, response });
}

/** By a CloudFront function or Lambda@Edge, which exclude each other here. */
async function onViewerRequest(context: CloudFrontContext, place: Place, request: EdgeRequest): Promise<EdgeResult> {
  const code = viewerFunction(context, place.behavior);
  if (code === undefined) return callOnRequest(context, place, 'viewer-request', request);
  const pairs = Object.entries(request.headers).flatMap(([name, values]) =>
    values.map(({ value }) => [name, value] as const),
  );
  try {
    const viewer = { domainName: place.distribution.domainName, ip: request.clientIp };
    const called = await callViewerFunction(code, { ...request, headers: pairs }, viewer);
    return 'answer' in called
      ? { response: called.answer }
      : { request: { ...request, ...called.request, headers: listed(called.request.headers) } };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { response: failure(503, `The CloudFront function failed: ${reason}`) };
  }
}

async function throughOrigin(context: CloudFrontContext, place: Place, request: EdgeRequest): Promise<HttpResponse> {
  const { config } = place.distribution;
  const origin = config.Origins?.Items?.find(({ Id }) => Id === place.behavior.TargetOriginId);
  if (origin === undefined) return failure(502, 'The origin does not exist.');
  const root = config.DefaultRootObject ?? '';
  const uri = request.uri === '/' && root !== '' ? `/${root}` : request.uri;
  const result = await callOnRequest(
    context,
    place,
    'origin-request',
    forOrigin({ ...request, uri }, origin, place.behavior),
  );
  if ('response' in result) return result.response;
  const response = await fetchFrom(context, result.request);
  return callOnResponse(context, place, 'origin-response', { request: result.request, response });
}

/** By name in lower case, with the name as the visitor wrote it. */
function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const pairs: (readonly [string, string])[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) pairs.push([rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '']);
  return listed(pairs);
}

function listed(pairs: readonly (readonly [string, string])[]): Headers {
  const headers: Record<string, { key: string; value: string }[]> = {};
  for (const [key, value] of pairs) {
    const name = key.toLowerCase();
    headers[name] = [...(headers[name] ?? []), { key, value }];
  }
  return headers;
}

/** The first pattern that matches. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html#DownloadDistValuesPathPattern */
function behaviorFor({ config }: Distribution, path: string): Behavior {
  const found = config.CacheBehaviors?.Items?.find(({ PathPattern = '' }) => {
    const pattern = PathPattern.startsWith('/') ? PathPattern : `/${PathPattern}`;
    const source = pattern.replaceAll(/[*?]|[.+^${}()|[\]\\]/g, (one) =>
      one === '*' ? '.*' : one === '?' ? '.' : `\\${one}`,
    );
    return new RegExp(`^${source}$`, 's').test(path);
  });
  const behavior = found ?? config.DefaultCacheBehavior;
  if (behavior === undefined) throw new Error('a distribution has a default behavior');
  return behavior;
}

function viewerFunction(
  { cloud, functions }: CloudFrontContext,
  { FunctionAssociations }: Behavior,
): string | undefined {
  const arn = FunctionAssociations?.Items?.find(({ EventType }) => EventType === 'viewer-request')?.FunctionARN;
  return arn === undefined ? undefined : functions.find(({ id }) => functionArn(cloud, id) === arn)?.live;
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/GeneratingCustomErrorResponses.html */
async function withErrorPage(
  context: CloudFrontContext,
  distribution: Distribution,
  response: HttpResponse,
): Promise<HttpResponse> {
  const { config } = distribution;
  const page = config.CustomErrorResponses?.Items?.find(({ ErrorCode }) => ErrorCode === response.status);
  if (page === undefined) return response;
  const status = Number(page.ResponseCode ?? response.status);
  const uri = page.ResponsePagePath;
  if (uri === undefined || uri === '') return { ...response, status };
  const behavior = behaviorFor(distribution, uri);
  const origin = config.Origins?.Items?.find(({ Id }) => Id === behavior.TargetOriginId);
  if (origin === undefined) return response;
  const request = { clientIp: '', method: 'GET', uri, querystring: '', headers: {}, body: Buffer.alloc(0) };
  const found = await fetchFrom(context, forOrigin(request, origin, behavior));
  return found.status === 200 ? { ...found, status } : response;
}

function withPolicy(
  { headersPolicies }: CloudFrontContext,
  { ResponseHeadersPolicyId }: Behavior,
  response: HttpResponse,
): HttpResponse {
  const config = headersPolicies.get(ResponseHeadersPolicyId ?? '')?.config;
  return config === undefined ? response : { ...response, headers: { ...response.headers, ...policyHeaders(config) } };
}

function policyHeaders({ SecurityHeadersConfig: security, CustomHeadersConfig: custom }: ResponseHeadersPolicyConfig) {
  const transport = security?.StrictTransportSecurity;
  const headers: Record<string, string | undefined> = {
    'content-security-policy': security?.ContentSecurityPolicy?.ContentSecurityPolicy,
    'x-content-type-options': security?.ContentTypeOptions === undefined ? undefined : 'nosniff',
    'x-frame-options': security?.FrameOptions?.FrameOption,
    'referrer-policy': security?.ReferrerPolicy?.ReferrerPolicy,
    'strict-transport-security':
      transport === undefined
        ? undefined
        : `max-age=${transport.AccessControlMaxAgeSec}${transport.IncludeSubdomains === true ? '; includeSubDomains' : ''}${transport.Preload === true ? '; preload' : ''}`,
    ...Object.fromEntries((custom?.Items ?? []).map(({ Header = '', Value }) => [Header.toLowerCase(), Value])),
  };
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
