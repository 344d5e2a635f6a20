// The gateway responses: what an API answers itself, when it refuses a request or an integration fails.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
import type { HttpResponse } from '../http-servers.ts';
import { type ContextError, contextText, templateContext } from './context.ts';
import { gatewayResponse, type ResponseType } from './gateway-responses.ts';
import { headerValue, mediaType, type Received, type RestRequest } from './request.ts';
import type { Served } from './state.ts';

/** A refusal, which the API's gateway response of that type puts into words. */
export class GatewayFailure extends Error {
  readonly type: ResponseType;
  /** What the client sees as the message; AWS has none for a broken authorizer. */
  readonly text: string | null;
  /** The status, if it is not the type's. */
  readonly status: number | undefined;
  /** The header `x-amzn-ErrorType`. */
  readonly errorType: string;
  readonly detail: string | undefined;
  constructor(
    type: ResponseType,
    text: string | null,
    options: { readonly status?: number; readonly errorType?: string; readonly detail?: string } = {},
  ) {
    super(text ?? type);
    this.type = type;
    this.text = text;
    this.status = options.status;
    this.errorType = options.errorType ?? errorTypes[type] ?? 'InternalServerErrorException';
    this.detail = options.detail;
  }
}

const errorTypes: Readonly<Partial<Record<ResponseType, string>>> = {
  ACCESS_DENIED: 'AccessDeniedException',
  AUTHORIZER_CONFIGURATION_ERROR: 'AuthorizerConfigurationException',
  AUTHORIZER_FAILURE: 'AuthorizerConfigurationException',
  BAD_REQUEST_BODY: 'BadRequestException',
  BAD_REQUEST_PARAMETERS: 'BadRequestException',
  EXPIRED_TOKEN: 'ExpiredTokenException',
  INVALID_API_KEY: 'ForbiddenException',
  INVALID_SIGNATURE: 'InvalidSignatureException',
  MISSING_AUTHENTICATION_TOKEN: 'MissingAuthenticationTokenException',
  QUOTA_EXCEEDED: 'LimitExceededException',
  REQUEST_TOO_LARGE: 'RequestTooLargeException',
  RESOURCE_NOT_FOUND: 'NotFoundException',
  THROTTLED: 'TooManyRequestsException',
  UNAUTHORIZED: 'UnauthorizedException',
  UNSUPPORTED_MEDIA_TYPE: 'BadRequestException',
};

const internal = 'Internal server error';

/** The integration or its mappings are wrong. */
export const configurationError = (detail: string) =>
  new GatewayFailure('API_CONFIGURATION_ERROR', internal, { detail });
/** The integration's answer is wrong. */
export const malformedAnswer = (detail: string) => new GatewayFailure('DEFAULT_5XX', internal, { status: 502, detail });
export const timedOut = () => new GatewayFailure('INTEGRATION_TIMEOUT', 'Endpoint request timed out');
export const unsupportedMediaType = () => new GatewayFailure('UNSUPPORTED_MEDIA_TYPE', 'Unsupported Media Type');
/** Without a stage there are no gateway responses. */
export const forbidden = () => new GatewayFailure('ACCESS_DENIED', 'Forbidden', { errorType: 'ForbiddenException' });

/** The response for a refusal. `request` has whatever was known when it was refused. */
export function failureResponse(
  failure: GatewayFailure,
  request: Received & Partial<RestRequest>,
  served: Pick<Served, 'gatewayResponses'>,
): HttpResponse {
  const { type, text } = failure;
  const own = gatewayResponse(served, type);
  const fallback = gatewayResponse(served, defaultTypeOf(failure));
  const chosen = own.defaultResponse ? { ...fallback, defaultResponse: false } : own;
  const status = own.defaultResponse
    ? (fallback.statusCode ?? failure.status ?? own.statusCode)
    : (chosen.statusCode ?? failure.status);
  const error: ContextError = {
    message: text,
    responseType: type,
    ...(failure.detail === undefined ? {} : { validationErrorString: failure.detail }),
  };
  const context = templateContext(request, error);
  const templates = Object.entries(chosen.responseTemplates ?? {});
  const accepted = mediaType(headerValue(request.headers, 'accept')?.split(',')[0]);
  const [contentType, template] = templates.find(([name]) => name.toLowerCase() === accepted) ??
    templates.find(([name]) => name === 'application/json') ??
    templates[0] ?? ['application/json', '{"message":$context.error.messageString}'];
  const headers: Record<string, string> = { 'Content-Type': contentType, 'x-amzn-ErrorType': failure.errorType };
  for (const [target, source] of Object.entries(chosen.responseParameters ?? {})) {
    const name = target.replace(/^gatewayresponse\.header\./, '');
    const value = parameterValue(source, request, context);
    if (value === undefined) continue;
    for (const other of Object.keys(headers)) if (other.toLowerCase() === name.toLowerCase()) delete headers[other];
    headers[name] = value;
  }
  return { status: Number(status), headers, body: substitute(template, request, context) };
}

function defaultTypeOf({ type, status }: GatewayFailure): ResponseType {
  const code = status ?? Number(gatewayResponse({ gatewayResponses: {} }, type).statusCode ?? 500);
  return code < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX';
}

/** Gateway responses know only variables, no other VTL. Those without a value are empty. */
function substitute(
  template: string,
  request: Received & Partial<RestRequest>,
  context: Readonly<Record<string, unknown>>,
): string {
  const variable =
    /\$!?(?:\{(context|stageVariables|method)\.([\w.-]+)\}|(context|stageVariables|method)\.([\w.-]*\w))/g;
  return template.replace(variable, (_, inBraces?: string, bracedName?: string, bare?: string, bareName?: string) => {
    const kind = inBraces ?? bare;
    const name = bracedName ?? bareName ?? '';
    if (kind === 'context') return contextText(context, name) ?? '';
    if (kind === 'stageVariables') return request.variables?.[name] ?? '';
    return parameterValue(`method.${name}`, request, context) ?? '';
  });
}

function parameterValue(
  source: string,
  request: Received & Partial<RestRequest>,
  context: Readonly<Record<string, unknown>>,
): string | undefined {
  if (source.startsWith("'")) return source.slice(1, -1);
  const [kind = '', ...rest] = source.split('.');
  if (kind === 'context') return contextText(context, rest.join('.'));
  if (kind === 'stageVariables') return request.variables?.[rest.join('.')];
  const [, place, ...name] = rest;
  const key = name.join('.');
  if (place === 'header') return headerValue(request.headers, key);
  if (place === 'querystring') return request.query.findLast(([other]) => other === key)?.[1];
  return place === 'path' ? request.pathParameters?.[key] : undefined;
}
