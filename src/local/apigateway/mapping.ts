// Evaluates the parameter mappings and templates of integrations.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html
import type { Integration, IntegrationResponse } from '@aws-sdk/client-api-gateway';
import { jsonPath } from '../../cfn/json-path.ts';
import type { HttpResponse } from '../http-servers.ts';
import { acceptsBinary, convertRequest, convertResponse, isBinaryType } from './binary.ts';
import { contextText, templateContext } from './context.ts';
import { configurationError, unsupportedMediaType } from './failure.ts';
import { headerValue, mediaType, type Pair, type RestRequest, requestType } from './request.ts';
import { refusesRequestHeader, responseHeaders } from './response-headers.ts';
import { type Rendered, render } from './vtl.ts';

export interface MappedRequest {
  readonly headers: readonly Pair[];
  readonly query: readonly Pair[];
  readonly path: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What the integration's mappings make of a request. */
export function mapRequest(integration: Integration, request: RestRequest): MappedRequest {
  const contentType = headerValue(request.headers, 'content-type');
  const isBinary = isBinaryType(request.served, contentType);
  const body = convertRequest(request.body, isBinary, integration.contentHandling);
  const template = requestTemplate(integration, requestType(request));
  const context = templateContext(request);
  const rendered =
    template === undefined ? undefined : render(template, { request, body: body.toString('utf8'), context });
  const headers: Pair[] = [];
  const query: Pair[] = [];
  const path: Record<string, string> = {};
  const json = memo(() => parsedOr(body.toString('utf8')));
  for (const [target, source] of Object.entries(integration.requestParameters ?? {})) {
    const [, , place, ...rest] = target.split('.');
    const name = rest.join('.');
    if (place === 'header' && refusesRequestHeader(integration.type ?? '', name)) {
      throw configurationError(`Invalid mapping expression: the header ${name} cannot be set`);
    }
    const values = requestValues(source, request, json);
    if (place === 'header') headers.push(...values.map((value): Pair => [name, value]));
    else if (place === 'querystring') query.push(...values.map((value): Pair => [name, value]));
    else if (values[0] !== undefined) path[name] = values[0];
  }
  const override = rendered?.overrides.requestOverride;
  return {
    headers: overridden(headers, override?.header),
    query: overridden(query, override?.querystring),
    path: { ...path, ...Object.fromEntries(overridden([], override?.path)) },
    body: rendered === undefined ? body : Buffer.from(rendered.text),
  };
}

/** The template for a content type. Undefined if the body passes through. Throws a 415. */
function requestTemplate(
  { requestTemplates = {}, passthroughBehavior }: Integration,
  type: string,
): string | undefined {
  const entries = Object.entries(requestTemplates);
  const found = entries.find(([key]) => key.toLowerCase() === type) ?? entries.find(([key]) => key === '$default');
  if (found !== undefined) return found[1];
  const passes =
    passthroughBehavior === 'WHEN_NO_MATCH' || (passthroughBehavior === 'WHEN_NO_TEMPLATES' && entries.length === 0);
  if (!passes) throw unsupportedMediaType();
  return undefined;
}

function overridden(pairs: readonly Pair[], override: Readonly<Record<string, unknown>> = {}): Pair[] {
  const added = Object.entries(override).map(([name, value]): Pair => [name, String(value ?? '')]);
  const names = new Set(added.map(([name]) => name.toLowerCase()));
  return [...pairs.filter(([name]) => !names.has(name.toLowerCase())), ...added];
}

function requestValues(source: string, request: RestRequest, json: () => unknown): string[] {
  if (!source.startsWith('method.request.')) return listOf(commonValue(source, request));
  const [, , place = '', ...rest] = source.split('.');
  const name = rest.join('.');
  switch (place) {
    case 'header':
      return listOf(headerValue(request.headers, name));
    case 'multivalueheader':
      return request.headers.filter(([key]) => key.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
    case 'querystring':
      return listOf(request.query.findLast(([key]) => key === name)?.[1]);
    case 'multivaluequerystring':
      return request.query.filter(([key]) => key === name).map(([, value]) => value);
    case 'path':
      return listOf(request.pathParameters[name]);
    default:
      return listOf(bodyValue(json(), source.slice('method.request.body'.length)));
  }
}

const listOf = (value: string | undefined): string[] => (value === undefined ? [] : [value]);

/** A literal in quotes, or a variable. */
function commonValue(source: string, request: RestRequest): string | undefined {
  if (source.startsWith("'")) return source.slice(1, -1);
  const [kind = '', ...name] = source.split('.');
  if (kind === 'stageVariables') return request.variables[name.join('.')];
  return contextText(templateContext(request), name.join('.'));
}

function bodyValue(json: unknown, path: string): string | undefined {
  const value = path === '' ? json : jsonPath(json, `$${path}`);
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text === '' ? undefined : text;
  }
}

function memo<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** The integration's answer, before the mappings of its response. */
export interface Answer {
  /** What the selection patterns are compared with. */
  readonly selector: string;
  readonly headers: HttpResponse['headers'];
  readonly body: Buffer;
}

/** What the integration's responses make of its answer. */
export function mapResponse(integration: Integration, answer: Answer, request: RestRequest): HttpResponse {
  const response = chooseResponse(integration, answer.selector);
  const contentType = String(headerOf(answer.headers, 'content-type') ?? 'application/json');
  const converted = convertResponse(answer.body, {
    isBinary: isBinaryType(request.served, contentType),
    accepts: acceptsBinary(request.served, request.headers),
    handling: response.contentHandling,
  });
  const [type, template] = responseTemplate(response, request);
  const context = templateContext(request);
  const rendered: Rendered | undefined = template
    ? render(template, { request, body: answer.body.toString('utf8'), context })
    : undefined;
  const passed = integration.type === 'MOCK' ? Buffer.alloc(0) : converted;
  const headers: Record<string, string | string[]> = {
    // a mock calls nothing that could be traced
    ...(integration.type === 'MOCK' ? {} : { 'X-Amzn-Trace-Id': request.traceId }),
    'Content-Type': type ?? 'application/json',
  };
  const json = memo(() => parsedOr(answer.body.toString('utf8')));
  for (const [target, source] of Object.entries(response.responseParameters ?? {})) {
    const value = responseValue(source, answer, request, json);
    if (value !== undefined) setHeader(headers, target.replace(/^method\.response\.header\./, ''), value);
  }
  const override = rendered?.overrides.responseOverride;
  for (const [name, value] of Object.entries(override?.header ?? {})) setHeader(headers, name, String(value ?? ''));
  const status = Number(override?.status ?? response.statusCode ?? 200);
  if (!Number.isInteger(status) || status < 100 || status > 599) {
    throw configurationError(`Invalid status code ${String(override?.status)}`);
  }
  const body = rendered === undefined ? passed : Buffer.from(rendered.text);
  return { status, headers: responseHeaders(headers, false), body };
}

function setHeader(headers: Record<string, string | string[]>, name: string, value: string | string[]): void {
  for (const other of Object.keys(headers)) if (other.toLowerCase() === name.toLowerCase()) delete headers[other];
  headers[name] = value;
}

/** The first response whose pattern matches the whole text, else the one without a pattern. */
function chooseResponse({ integrationResponses = {} }: Integration, selector: string): IntegrationResponse {
  const responses = Object.values(integrationResponses);
  const matching = responses.find(({ selectionPattern }) => {
    if (!selectionPattern) return false;
    try {
      return new RegExp(`^(?:${selectionPattern})$`).test(selector);
    } catch {
      return false;
    }
  });
  const chosen = matching ?? responses.find(({ selectionPattern }) => !selectionPattern);
  if (chosen === undefined)
    throw configurationError('No match for output mapping and no default output mapping configured');
  return chosen;
}

/** The template for what the client accepts, else the first. */
function responseTemplate(
  { responseTemplates = {} }: IntegrationResponse,
  request: RestRequest,
): readonly [type: string | undefined, template: string | null | undefined] {
  const templates = Object.entries(responseTemplates) as [string, string | null][];
  const accepted = (headerValue(request.headers, 'accept') ?? '').split(',').map(mediaType);
  const fitting = templates.find(([type]) => accepted.includes(type.toLowerCase()));
  return fitting ?? templates.find(([type]) => type === 'application/json') ?? templates[0] ?? [undefined, undefined];
}

function responseValue(
  source: string,
  answer: Answer,
  request: RestRequest,
  json: () => unknown,
): string | string[] | undefined {
  if (!source.startsWith('integration.response.')) return commonValue(source, request);
  const [, , place, ...name] = source.split('.');
  if (place === 'body') return bodyValue(json(), source.slice('integration.response.body'.length));
  const value = headerOf(answer.headers, name.join('.'));
  if (place === 'multivalueheader') return value === undefined ? undefined : [value].flat();
  return value === undefined ? undefined : [value].flat().at(-1);
}

function headerOf(headers: HttpResponse['headers'], name: string): string | string[] | undefined {
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
  return typeof found === 'string' ? found : found && [...found];
}
