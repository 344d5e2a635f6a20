// The data plane: which behavior a request has, and what its origin answers. Nothing is cached.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HowCloudFrontWorks.html
import type { IncomingMessage } from 'node:http';
import type {
  CacheBehavior,
  DefaultCacheBehavior,
  Origin,
  ResponseHeadersPolicyConfig,
} from '@aws-sdk/client-cloudfront';
import { AwsError } from '../cloud.ts';
import { type HttpResponse, readBody, requestFacts } from '../http-servers.ts';
import { type CloudFrontContext, type Distribution, functionArn } from './state.ts';
import { callViewerFunction, type ViewerRequest } from './viewer-function.ts';

// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html would allow 50 GB
const mostBodyBytes = 64 * 1024 * 1024;
const hopByHop = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'content-length', 'content-encoding'];

export function failure(status: number, message: string): HttpResponse {
  return {
    status,
    headers: { server: 'CloudFront', 'content-type': 'text/html', 'x-cache': 'Error from cloudfront' },
    body: message,
  };
}

export async function respond(
  context: CloudFrontContext,
  distribution: Distribution,
  incoming: IncomingMessage,
): Promise<HttpResponse> {
  const { config, domainName } = distribution;
  const { method, rawPath, rawQuery, headers, sourceIp } = requestFacts(incoming);
  const body = await readBody(incoming, mostBodyBytes);
  if (body === undefined) return failure(413, 'Request body is too large');
  const behavior = behaviorFor(distribution, rawPath);
  const methods = ('AllowedMethods' in behavior ? behavior.AllowedMethods?.Items : undefined) ?? ['GET', 'HEAD'];
  if (!methods.includes(method as 'GET'))
    return failure(403, 'This distribution is not configured to allow the HTTP request method.');
  let request: ViewerRequest = { method, uri: rawPath, querystring: rawQuery, headers };
  const code = viewerFunction(context, behavior);
  if (code !== undefined) {
    try {
      const called = await callViewerFunction(code, request, { domainName, ip: sourceIp });
      if ('answer' in called) return called.answer;
      request = called.request;
    } catch (error) {
      return failure(503, `The CloudFront function failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const root = config.DefaultRootObject ?? '';
  if (request.uri === '/' && root !== '') request = { ...request, uri: `/${root}` };
  const answered = await withErrorPage(
    context,
    distribution,
    await fromOrigin(context, distribution, behavior, { request, body }),
  );
  return withPolicy(context, behavior, answered);
}

type Behavior = DefaultCacheBehavior | CacheBehavior;

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

interface Sent {
  readonly request: ViewerRequest;
  readonly body: Buffer;
}

function fromOrigin(
  context: CloudFrontContext,
  { config }: Distribution,
  { TargetOriginId }: Behavior,
  sent: Sent,
): Promise<HttpResponse> {
  const origin = config.Origins?.Items?.find(({ Id }) => Id === TargetOriginId);
  if (origin === undefined) return Promise.resolve(failure(502, 'The origin does not exist.'));
  const uri = `${origin.OriginPath ?? ''}${sent.request.uri}`;
  const moved = { ...sent, request: { ...sent.request, uri } };
  return origin.S3OriginConfig === undefined ? fromServer(context, origin, moved) : fromBucket(context, origin, moved);
}

async function fromBucket(
  { cloud }: CloudFrontContext,
  { DomainName = '' }: Origin,
  { request }: Sent,
): Promise<HttpResponse> {
  const Bucket = DomainName.replace(/\.s3[.-].*$/, '');
  try {
    const { Body, ContentType, CacheControl, ETag, LastModified } = await cloud.call('s3', 'GetObject', {
      Bucket,
      Key: decodeURIComponent(request.uri.slice(1)),
    });
    const sent: Record<string, string> = {
      'x-cache': 'Miss from cloudfront',
      ...(ContentType === undefined ? {} : { 'content-type': ContentType }),
      ...(CacheControl === undefined ? {} : { 'cache-control': CacheControl }),
      ...(ETag === undefined ? {} : { etag: ETag }),
      ...(LastModified === undefined ? {} : { 'last-modified': LastModified.toUTCString() }),
    };
    const isSame = request.headers.some(([name, value]) => name === 'if-none-match' && value === ETag);
    // in process, a streamed blob is a Buffer
    return isSame
      ? { status: 304, headers: sent, body: '' }
      : { status: 200, headers: sent, body: Body as unknown as Buffer };
  } catch (error) {
    if (error instanceof AwsError) return failure(error.status, `${error.code}: ${error.message}`);
    throw error;
  }
}

/** An origin with a name of AWS that answers on this machine, such as an API. Others would lead away from it. */
async function fromServer(
  { cloud }: CloudFrontContext,
  { DomainName = '' }: Origin,
  { request, body }: Sent,
): Promise<HttpResponse> {
  const address = `https://${DomainName}`;
  const local = cloud.addresses.localized(address);
  if (local === address) return failure(502, `The fx local AWS has no origin ${DomainName}.`);
  const query = request.querystring === '' ? '' : `?${request.querystring}`;
  const headers = new Headers();
  for (const [name, value] of request.headers)
    if (name !== 'host' && !hopByHop.includes(name)) headers.append(name, value);
  const response = await fetch(`${local}${request.uri}${query}`, {
    method: request.method,
    headers,
    redirect: 'manual',
    ...(body.length === 0 || request.method === 'GET' || request.method === 'HEAD'
      ? {}
      : { body: new Uint8Array(body) }),
  });
  const answered: Record<string, string | string[]> = { 'x-cache': 'Miss from cloudfront' };
  for (const [name, value] of response.headers) if (!hopByHop.includes(name)) answered[name] = value;
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) answered['set-cookie'] = cookies;
  return { status: response.status, headers: answered, body: Buffer.from(await response.arrayBuffer()) };
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/GeneratingCustomErrorResponses.html */
async function withErrorPage(
  context: CloudFrontContext,
  distribution: Distribution,
  response: HttpResponse,
): Promise<HttpResponse> {
  const page = distribution.config.CustomErrorResponses?.Items?.find(({ ErrorCode }) => ErrorCode === response.status);
  if (page === undefined) return response;
  const status = Number(page.ResponseCode ?? response.status);
  const uri = page.ResponsePagePath;
  if (uri === undefined || uri === '') return { ...response, status };
  const request: ViewerRequest = { method: 'GET', uri, querystring: '', headers: [] };
  const found = await fromOrigin(context, distribution, behaviorFor(distribution, uri), {
    request,
    body: Buffer.alloc(0),
  });
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
