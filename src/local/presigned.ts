// Checks URLs that are signed in their query, as far as that is possible without the secret of their signer.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html, https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html
import type { IncomingHttpHeaders } from 'node:http';
import { AwsError } from './cloud.ts';

const needed = ['Algorithm', 'Credential', 'Signature', 'Date', 'SignedHeaders', 'Expires'].map(
  (name) => `X-Amz-${name}`,
);
const formerNeeded = ['Signature', 'Expires', 'AWSAccessKeyId'];
/** A week. */
const longestSeconds = 604_800;

export interface SignedUrl {
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
}

/** The access key of the former signature of S3, which names no region and service; undefined if there is none. */
export function formerAccessKey({ searchParams: query }: URL): string | undefined {
  return formerNeeded.some((name) => query.has(name)) ? (query.get('AWSAccessKeyId') ?? '') : undefined;
}

/** Throws unless the URL is complete, is still valid, and signs all of AWS's headers that come with it. */
export function checkPresigned({ url, headers }: SignedUrl, now: number): void {
  const query = url.searchParams;
  if (formerAccessKey(url) !== undefined) {
    checkFormer(query, now);
    return;
  }
  if (!needed.some((name) => query.has(name))) return;
  if (needed.some((name) => !query.has(name))) {
    throw badQuery(
      `Query-string authentication version 4 requires the ${needed.slice(0, -1).join(', ')}, and ${needed.at(-1)} parameters.`,
    );
  }
  const seconds = Number(query.get('X-Amz-Expires'));
  if (!Number.isInteger(seconds)) throw badQuery('X-Amz-Expires should be a number');
  if (seconds < 0) throw badQuery('X-Amz-Expires must be non-negative');
  if (seconds > longestSeconds) {
    throw badQuery(
      'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
    );
  }
  const written = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(query.get('X-Amz-Date') ?? '');
  if (written === null) throw badQuery("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  const [, year, month, day, hour, minute, second] = written.map(Number);
  const signed = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
  if (signed + seconds * 1000 < now) {
    throw expired(signed + seconds * 1000, now, { 'X-Amz-Expires': String(seconds) });
  }
  const names = query.get('X-Amz-SignedHeaders')?.split(';') ?? [];
  const others = Object.keys(headers).filter(
    (name) => name.startsWith('x-amz-') && name !== 'x-amz-content-sha256' && !names.includes(name),
  );
  if (others.length > 0) {
    throw new AwsError('AccessDenied', 'There were headers present in the request which were not signed', 403, {
      HeadersNotSigned: others.sort().join(', '),
    });
  }
}

/** Throws if the credential of the query names no region and service. */
export function checkCredential({ searchParams: query }: URL): void {
  const credential = query.get('X-Amz-Credential');
  if (credential === null || credential.split('/').length === 5) return;
  throw badQuery(
    'Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
  );
}

/** A signer may put AWS's headers into the query: they count as headers. */
export function hoistedHeaders({ url, headers }: SignedUrl): IncomingHttpHeaders {
  if (!url.searchParams.has('X-Amz-Signature') && formerAccessKey(url) === undefined) return headers;
  const hoisted = [...url.searchParams].filter(([name]) => /^x-amz-/i.test(name) && !needed.includes(name));
  return { ...Object.fromEntries(hoisted.map(([name, value]) => [name.toLowerCase(), value])), ...headers };
}

function checkFormer(query: URLSearchParams, now: number): void {
  if (formerNeeded.some((name) => !query.has(name))) {
    throw new AwsError(
      'AccessDenied',
      'Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters',
      403,
    );
  }
  const end = Number(query.get('Expires')) * 1000;
  if (Number.isNaN(end)) throw new AwsError('AccessDenied', 'Invalid date (should be seconds since epoch)', 403);
  if (end < now) throw expired(end, now, {});
}

function expired(end: number, now: number, more: Readonly<Record<string, string>>): AwsError {
  const time = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
  return new AwsError('AccessDenied', 'Request has expired', 403, {
    ...more,
    Expires: time(end),
    ServerTime: time(now),
  });
}

const badQuery = (message: string) => new AwsError('AuthorizationQueryParametersError', message, 400);
