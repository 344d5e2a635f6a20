// The event of a Lambda proxy integration, and the response that the function's answer means.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
import type { HttpResponse } from '../http-servers.ts';
import { acceptsBinary, isBinaryType } from './binary.ts';
import { requestContext } from './context.ts';
import { malformedAnswer } from './failure.ts';
import { allValues, headerValue, lastValues, type RestRequest } from './request.ts';

export function proxyEvent(request: RestRequest) {
  const { headers, query, pathParameters, variables, body } = request;
  const isBinary = isBinaryType(request.served, headerValue(headers, 'content-type'));
  return {
    resource: request.resource.path,
    // AWS collapses the slashes at the front, and keeps the base path of a domain: https://github.com/localstack/localstack/pull/12296
    path: (request.isMapped ? request.fullPath : request.path).replace(/^\/+/, '/'),
    httpMethod: request.httpMethod,
    headers: lastValues(headers),
    multiValueHeaders: allValues(headers),
    queryStringParameters: query.length === 0 ? null : lastValues(query),
    multiValueQueryStringParameters: query.length === 0 ? null : allValues(query),
    pathParameters: Object.keys(pathParameters).length === 0 ? null : pathParameters,
    stageVariables: Object.keys(variables).length === 0 ? null : variables,
    requestContext: requestContext(request),
    body: body.length === 0 ? null : body.toString(isBinary ? 'base64' : 'utf8'),
    isBase64Encoded: isBinary && body.length > 0,
  };
}

const members = ['statusCode', 'headers', 'multiValueHeaders', 'body', 'isBase64Encoded'];

/** Throws a 502 if the answer does not have the form that API Gateway needs. */
export function proxyResponse(payload: Buffer, request: RestRequest): HttpResponse {
  let answer: unknown;
  try {
    answer = JSON.parse(payload.toString('utf8'));
  } catch {
    throw malformedAnswer('Malformed Lambda proxy response');
  }
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) {
    throw malformedAnswer('Malformed Lambda proxy response');
  }
  const given = answer as Readonly<Record<string, unknown>>;
  // an answer with other members is malformed too
  if (Object.keys(given).some((name) => !members.includes(name))) {
    throw malformedAnswer('Malformed Lambda proxy response');
  }
  const head = proxyHead(given);
  const { body } = given;
  if (body !== undefined && body !== null && typeof body !== 'string') {
    throw malformedAnswer('Malformed Lambda proxy response');
  }
  const decodes = given['isBase64Encoded'] === true && acceptsBinary(request.served, request.headers);
  return { ...head, body: decodes ? Buffer.from(body ?? '', 'base64') : (body ?? '') };
}

/** The status and headers of an answer. */
export function proxyHead(answer: Readonly<Record<string, unknown>>): Omit<HttpResponse, 'body'> {
  const status = answer['statusCode'] === undefined ? 200 : Number(answer['statusCode']);
  if (!Number.isInteger(status) || status < 100 || status > 999) {
    throw malformedAnswer('Malformed Lambda proxy response');
  }
  const headers: Record<string, string | string[]> = {};
  const many = record(answer['multiValueHeaders']);
  for (const [name, values] of Object.entries(many)) {
    if (!Array.isArray(values)) throw malformedAnswer('Malformed Lambda proxy response');
    headers[name] = values.map(String);
  }
  for (const [name, value] of Object.entries(record(answer['headers']))) {
    if (typeof value === 'object' && value !== null) throw malformedAnswer('Malformed Lambda proxy response');
    const others = Object.keys(headers).find((other) => other.toLowerCase() === name.toLowerCase());
    // AWS merges both, and sends a value that is in both only once
    const before = others === undefined ? [] : [headers[others] ?? []].flat();
    if (others !== undefined && others !== name) delete headers[others];
    if (value === null || before.includes(String(value))) headers[name] = before;
    else headers[name] = before.length === 0 ? String(value) : [...before, String(value)];
  }
  return { status, headers };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw malformedAnswer('Malformed Lambda proxy response');
  return value as Record<string, unknown>;
}
