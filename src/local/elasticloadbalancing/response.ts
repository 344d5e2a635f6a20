// What a load balancer sends to the client: what a function returned, a redirect, a fixed response, or an error page of its own.
import { STATUS_CODES } from 'node:http';
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { HttpResponse } from '../http-servers.ts';
import type { AlbRequest } from './event.ts';

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html, "Limits"
const mostResponseBytes = 1_048_576;
/** A load balancer ignores these: https://www.rfc-editor.org/rfc/rfc9110.html#section-7.6.1 */
const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

export function failure(status: number): HttpResponse {
  const title = `${status} ${STATUS_CODES[status] ?? ''}`;
  return {
    status,
    headers: { server: 'awselb/2.0', 'content-type': 'text/html' },
    body: `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`,
  };
}

/** 502 for what is no response. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-502-issues */
export const badGateway = failure(502);

/** What the function returned; undefined if a load balancer would not accept it. */
export function responseOf(payload: Buffer, isMultiValue: boolean): HttpResponse | undefined {
  if (payload.length > mostResponseBytes) return undefined;
  const answer = parsed(payload);
  if (answer === undefined) return undefined;
  const { statusCode, statusDescription, headers = {}, multiValueHeaders = {}, body = '', isBase64Encoded } = answer;
  if (typeof statusCode !== 'number' || !Number.isInteger(statusCode) || statusCode < 200 || statusCode > 599)
    return undefined;
  if (body !== null && typeof body !== 'string') return undefined;
  const given = isMultiValue ? multiValueHeaders : headers;
  if (typeof given !== 'object' || Array.isArray(given)) return undefined;
  const sent: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(given ?? {})) {
    const values = isMultiValue ? value : [value];
    if (!Array.isArray(values) || values.some((one) => typeof one === 'object')) return undefined;
    const key = name.toLowerCase();
    if (hopByHop.includes(key) || key === 'content-length') continue;
    sent[key] = values.length === 1 ? String(values[0]) : values.map(String);
  }
  return {
    status: statusCode,
    ...(typeof statusDescription === 'string' ? { reason: statusDescription.replace(/^\d{3}\s*/, '') } : {}),
    headers: sent,
    body: Buffer.from(body ?? '', isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}

function parsed(payload: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(payload.toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

export function fixedResponse({ FixedResponseConfig }: Action): HttpResponse {
  const { StatusCode, ContentType = 'text/plain', MessageBody = '' } = FixedResponseConfig ?? { StatusCode: '503' };
  return {
    status: Number(StatusCode),
    headers: { server: 'awselb/2.0', 'content-type': ContentType },
    body: MessageBody,
  };
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html#redirect-actions.
 * `localPort` is where a port of the same load balancer answers on this machine, without TLS. */
export function redirect(
  { RedirectConfig }: Action,
  { listener, host, path, rawQuery, authority }: AlbRequest & { readonly rawQuery: string; readonly authority: string },
  localPort: (port: number) => number | undefined,
): HttpResponse {
  const config = RedirectConfig ?? { StatusCode: undefined };
  const filled = (template: string) =>
    template.replaceAll(/#\{(protocol|host|port|path|query)\}/g, (_, name: string) => {
      if (name === 'protocol') return listener.protocol.toLowerCase();
      if (name === 'host') return host;
      if (name === 'port') return String(listener.port);
      return name === 'path' ? path.replace(/^\//, '') : rawQuery;
    });
  const {
    Protocol = '#{protocol}',
    Host = '#{host}',
    Port = '#{port}',
    Path = '/#{path}',
    Query = '#{query}',
  } = config;
  const port = Number(filled(Port));
  const local = Host === '#{host}' ? localPort(port) : undefined;
  const origin =
    local === undefined
      ? `${filled(Protocol).toLowerCase()}://${filled(Host)}:${port}`
      : `http://${authority.replace(/:\d+$/, '')}:${local}`;
  const query = filled(Query);
  const location = `${origin}${filled(Path)}${query === '' ? '' : `?${query}`}`;
  const status = config.StatusCode === 'HTTP_301' ? 301 : 302;
  return { ...failure(status), headers: { ...failure(status).headers, location } };
}
