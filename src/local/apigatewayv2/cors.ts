// Cross-origin requests to an HTTP API that has a CORS configuration: preflights are answered, responses get the headers.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
import type { Cors } from '@aws-sdk/client-apigatewayv2';
import type { HttpResponse } from '../http-servers.ts';

export interface CrossOrigin {
  readonly origin: string | undefined;
  readonly method: string;
  readonly requestedMethod: string | undefined;
}

/** The answer to a preflight, which no route sees; undefined for any other request. */
export function preflight(cors: Cors, request: CrossOrigin): HttpResponse | undefined {
  if (request.method !== 'OPTIONS' || request.origin === undefined || request.requestedMethod === undefined)
    return undefined;
  const allowed = allowedOrigin(cors, request.origin);
  if (allowed === undefined) return { status: 204, headers: {}, body: '' };
  return {
    status: 204,
    headers: {
      ...originHeaders(cors, allowed),
      ...list('access-control-allow-methods', cors.AllowMethods),
      ...list('access-control-allow-headers', cors.AllowHeaders),
      ...(cors.MaxAge === undefined ? {} : { 'access-control-max-age': String(cors.MaxAge) }),
    },
    body: '',
  };
}

/** The response with the configured headers; those the function set are ignored. */
export function withCors(cors: Cors, origin: string | undefined, response: HttpResponse): HttpResponse {
  const otherHeaders = Object.entries(response.headers).filter(([name]) => !name.startsWith('access-control-'));
  const allowed = origin === undefined ? undefined : allowedOrigin(cors, origin);
  const added =
    allowed === undefined
      ? {}
      : { ...originHeaders(cors, allowed), ...list('access-control-expose-headers', cors.ExposeHeaders) };
  return { ...response, headers: { ...Object.fromEntries(otherHeaders), ...added } };
}

function originHeaders(cors: Cors, allowed: string): Record<string, string> {
  return {
    'access-control-allow-origin': allowed,
    ...(cors.AllowCredentials ? { 'access-control-allow-credentials': 'true' } : {}),
  };
}

function list(name: string, values: readonly string[] | undefined): Record<string, string> {
  return values === undefined || values.length === 0 ? {} : { [name]: values.join(',') };
}

// `*` allows all; `https://*` and `http://*` all of that scheme, `https://*.example.com` all of those hosts.
function allowedOrigin({ AllowOrigins = [] }: Cors, origin: string): string | undefined {
  if (AllowOrigins.includes('*')) return '*';
  const fits = AllowOrigins.some((allowed) => {
    const parts = allowed
      .toLowerCase()
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\/-]/g, '\\$&'));
    return new RegExp(`^${parts.join('.+')}$`).test(origin.toLowerCase());
  });
  return fits ? origin : undefined;
}
