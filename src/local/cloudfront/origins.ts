// What origins answer: buckets, and servers of this machine under a name of AWS.
import type { Origin } from '@aws-sdk/client-cloudfront';
import { AwsError, type Cloud } from '../cloud.ts';
import type { HttpResponse } from '../http-servers.ts';
import type { Behavior } from './edge-association.ts';
import { type EdgeRequest, originOf } from './edge-lambda.ts';
import type { CloudFrontContext } from './state.ts';

const hopByHop = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'content-length', 'content-encoding'];

export function failure(status: number, message: string, result = 'Error'): HttpResponse {
  return {
    status,
    headers: { server: 'CloudFront', 'content-type': 'text/html', 'x-cache': `${result} from cloudfront` },
    body: message,
  };
}

/** Managed cache policies that put no header and no query string into requests to the origin.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html */
const forwardingNothing = ['658327ea-f89d-4fab-a63d-7e88639e58f6', '4135ea2d-6df8-44a3-9df3-4b5a84be39ad'];
const conditional = ['if-modified-since', 'if-none-match', 'if-range', 'if-unmodified-since', 'range'];

/** The request as CloudFront sends it to an origin. Policies decide what of the visitor's goes along; all of them but those of the managed
 * cache policies count as everything. */
export function forOrigin(request: EdgeRequest, origin: Origin, behavior: Behavior): EdgeRequest {
  const { CachePolicyId = '', OriginRequestPolicyId = '' } = behavior;
  const isBucket = origin.S3OriginConfig !== undefined;
  const isBare = isBucket && OriginRequestPolicyId === '' && forwardingNothing.includes(CachePolicyId);
  const one = (key: string, value: string) => [key.toLowerCase(), [{ key, value }]] as const;
  const kept = Object.entries(request.headers).filter(([name]) => !isBare || conditional.includes(name));
  const headers = Object.fromEntries([
    ...kept,
    one('Host', origin.DomainName ?? ''),
    one('Via', '2.0 cloudfront.net (CloudFront)'),
    one('X-Forwarded-For', request.clientIp),
    ...(isBare ? [one('User-Agent', 'Amazon CloudFront')] : []),
  ]);
  return { ...request, querystring: isBare ? '' : request.querystring, headers, origin: originOf(origin) };
}

/** Sends the request to the origin that it names. */
export async function fetchFrom({ cloud }: CloudFrontContext, request: EdgeRequest): Promise<HttpResponse> {
  const { s3, custom } = request.origin ?? {};
  const { domainName = '', path = '' } = s3 ?? custom ?? {};
  const uri = `${path}${request.uri}`;
  return s3 === undefined
    ? fromServer(cloud, domainName, { ...request, uri })
    : fromBucket(cloud, domainName, { ...request, uri });
}

async function fromBucket(cloud: Cloud, domainName: string, request: EdgeRequest): Promise<HttpResponse> {
  const Bucket = domainName.replace(/\.s3[.-].*$/, '');
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
    const isSame = (request.headers['if-none-match'] ?? []).some(({ value }) => value === ETag);
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
async function fromServer(cloud: Cloud, domainName: string, request: EdgeRequest): Promise<HttpResponse> {
  const address = `https://${domainName}`;
  const local = cloud.addresses.localized(address);
  if (local === address) return failure(502, `The fx local AWS has no origin ${domainName}.`);
  const query = request.querystring === '' ? '' : `?${request.querystring}`;
  const headers = new Headers();
  for (const [name, values] of Object.entries(request.headers)) {
    if (name === 'host' || hopByHop.includes(name)) continue;
    for (const { value } of values) headers.append(name, value);
  }
  const hasBody = request.body.length > 0 && request.method !== 'GET' && request.method !== 'HEAD';
  const response = await fetch(`${local}${request.uri}${query}`, {
    method: request.method,
    headers,
    redirect: 'manual',
    ...(hasBody ? { body: new Uint8Array(request.body) } : {}),
  });
  const answered: Record<string, string | string[]> = { 'x-cache': 'Miss from cloudfront' };
  for (const [name, value] of response.headers) if (!hopByHop.includes(name)) answered[name] = value;
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) answered['set-cookie'] = cookies;
  return { status: response.status, headers: answered, body: Buffer.from(await response.arrayBuffer()) };
}
