// Turns what a function answered into an HTTP response, as an HTTP API does for payload formats 2.0 and 1.0.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html#http-api-develop-integrations-lambda.response
import type { HttpResponse } from '../http-servers.ts';
import type { Integration } from './state.ts';

export function failure(status: number, message: string): HttpResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ message }) };
}

export const internalServerError = failure(500, 'Internal Server Error');

interface ProxyResult {
  readonly statusCode?: unknown;
  readonly headers?: unknown;
  readonly multiValueHeaders?: unknown;
  readonly cookies?: unknown;
  readonly body?: unknown;
  readonly isBase64Encoded?: unknown;
}

/** A malformed answer is an Internal Server Error, as on AWS. */
export function toResponse(payload: Buffer, format: Integration['payloadFormat']): HttpResponse {
  let result: unknown;
  try {
    result = JSON.parse(payload.toString('utf8'));
  } catch {
    return internalServerError;
  }
  const proxy =
    typeof result === 'object' && result !== null && !Array.isArray(result) ? (result as ProxyResult) : undefined;
  if (proxy?.statusCode === undefined) {
    if (format === '1.0') return internalServerError;
    // Format 2.0 takes anything without a status as the body of a success.
    const body = typeof result === 'string' ? result : JSON.stringify(result);
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
  }
  return fromProxy(proxy, format) ?? internalServerError;
}

function fromProxy(proxy: ProxyResult, format: Integration['payloadFormat']): HttpResponse | undefined {
  const status = Number(proxy.statusCode);
  if (!Number.isInteger(status) || status < 200 || status > 599) return undefined;
  const { body = '' } = proxy;
  if (body !== null && typeof body !== 'string') return undefined;
  const headers = readHeaders(proxy, format);
  if (headers === undefined) return undefined;
  const content = proxy.isBase64Encoded === true ? Buffer.from(body ?? '', 'base64') : (body ?? '');
  if (headers['content-type'] === undefined && content.length > 0) headers['content-type'] = 'text/plain;charset=utf-8';
  return { status, headers, body: content };
}

// The server frames the response: a function's own framing headers would break the connection.
const framing = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding', 'upgrade']);

function readHeaders(
  proxy: ProxyResult,
  format: Integration['payloadFormat'],
): Record<string, string | string[]> | undefined {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(record(proxy.headers))) {
    if (typeof value === 'object' && value !== null) return undefined;
    if (value !== null) headers[name.toLowerCase()] = String(value);
  }
  if (format === '1.0') {
    for (const [name, values] of Object.entries(record(proxy.multiValueHeaders))) {
      if (!Array.isArray(values)) return undefined;
      headers[name.toLowerCase()] = values.map(String);
    }
  } else if (Array.isArray(proxy.cookies) && proxy.cookies.length > 0) {
    headers['set-cookie'] = proxy.cookies.map(String);
  }
  for (const name of framing) delete headers[name];
  return headers;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
