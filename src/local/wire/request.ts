// Turns an HTTP request into an operation and its input, for the protocol of each local service.
import type { IncomingHttpHeaders } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../cloud.ts';
import { readJson, readXml } from './body.ts';
import { members, type OperationModel, requiredMembers, type ServiceModel } from './model.ts';
import { readForm } from './query.ts';
import { findRoute } from './routes.ts';
import { readScalar } from './scalar.ts';

export interface WireRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A request of PutMetricData has at most 1 MB. */
const mostUnzippedBytes = 16 * 1024 * 1024;

export interface ParsedRequest {
  readonly operation: OperationModel;
  readonly input: Record<string, unknown>;
}

/** Reads the request. Throws AwsError if the operation is unknown or a required member is missing. */
export async function parseRequest(model: ServiceModel, request: WireRequest): Promise<ParsedRequest> {
  const parsed = await read(model, request);
  const missing = requiredMembers(parsed.operation.input).filter((name) => parsed.input[name] === undefined);
  if (missing.length > 0) throw missingMembers(model, missing);
  return parsed;
}

async function read(model: ServiceModel, request: WireRequest): Promise<ParsedRequest> {
  switch (model.protocol) {
    case 'awsJson1_0':
    case 'awsJson1_1':
      return readRpcJson(model, unzipped(request));
    case 'awsQuery':
      return readQuery(model, unzipped(request));
    case 'restJson1':
    case 'restXml':
      return readRest(model, request);
  }
}

/** SDKs compress requests from 10 KB on: PutMetricData's, of those that the local AWS has.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-compression.html */
function unzipped(request: WireRequest): WireRequest {
  if (request.headers['content-encoding'] !== 'gzip') return request;
  try {
    return { ...request, body: gunzipSync(request.body, { maxOutputLength: mostUnzippedBytes }) };
  } catch (error) {
    throw new AwsError('SerializationException', `the body is not a gzip stream: ${(error as Error).message}`);
  }
}

async function readRpcJson(model: ServiceModel, request: WireRequest): Promise<ParsedRequest> {
  const target = String(request.headers['x-amz-target'] ?? '');
  const operation = named(model, target.slice(target.lastIndexOf('.') + 1), 'UnknownOperationException');
  return {
    operation,
    input: operation.input.isUnitSchema() ? {} : await readJson(model, operation.input, request.body),
  };
}

function readQuery(model: ServiceModel, request: WireRequest): ParsedRequest {
  const form = request.body.length > 0 ? new URLSearchParams(request.body.toString('utf8')) : request.url.searchParams;
  const operation = named(model, form.get('Action') ?? '', 'InvalidAction');
  const input = readForm(operation.input, form);
  // a form cannot tell an empty batch from none
  for (const [name, member] of model.queryCompatible ? members(operation.input) : []) {
    if (member.isListSchema() && member.getValueSchema().isStructSchema()) input[name] ??= [];
  }
  const { pathMember } = model;
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-xml.html: a queue's URL
  // is where its requests go
  if (pathMember !== undefined && input[pathMember] === undefined && request.url.pathname.length > 1) {
    const isMember = members(operation.input).some(([name]) => name === pathMember);
    if (isMember) input[pathMember] = request.url.pathname.replace(/\/$/, '');
  }
  return { operation, input };
}

function named(model: ServiceModel, name: string, code: string): OperationModel {
  const operation = model.operations.get(name);
  if (operation === undefined)
    throw new AwsError(code, `Could not find operation ${name} for version ${model.version}`);
  return operation;
}

// SDKs percent-encode an ARN in a label, hand-written requests may not; routes match both.
function decodePath(path: string): string {
  return path.replace(/%3A/gi, ':');
}

/** The path to match with routes, and the part before it: see `leadingMember`. */
function splitPath(model: ServiceModel, pathname: string): { path: string; leading: string | undefined } {
  if (model.leadingMember === undefined) return { path: decodePath(pathname), leading: undefined };
  const [, leading = '', path = '/'] = /^\/([^/]*)(\/.*)?$/.exec(pathname) ?? [];
  return { path, leading: decodeURIComponent(leading) };
}

async function readRest(model: ServiceModel, request: WireRequest): Promise<ParsedRequest> {
  const { path, leading } = splitPath(model, request.url.pathname);
  const match = findRoute(model.routes, {
    method: request.method,
    path,
    query: request.url.searchParams,
    headers: request.headers,
    ...(leading === undefined ? {} : { hasLeading: leading !== '' }),
  });
  if (match === undefined) {
    throw new AwsError('UnknownOperationException', `${model.service} has no operation ${request.method} ${path}`, 404);
  }
  const { operation } = match.route;
  const input: Record<string, unknown> = leading ? { [model.leadingMember ?? '']: leading } : {};
  const inBody: string[] = [];
  for (const [name, member] of members(operation.input)) {
    if (leading && name === model.leadingMember) continue;
    const bound = readBound(name, member, { ...request, labels: match.labels });
    if (bound === 'body') inBody.push(name);
    else if (bound === 'payload') input[name] = await readPayload(model, member, request.body);
    else if (bound.value !== undefined) input[name] = bound.value;
  }
  if (inBody.length > 0 && request.body.length > 0 && model.protocol === 'restJson1') {
    const body = await readJson(model, operation.input, request.body);
    for (const name of inBody) if (body[name] !== undefined) input[name] = body[name];
  }
  return { operation, input };
}

type Bound = 'body' | 'payload' | { readonly value: unknown };

function readBound(
  name: string,
  schema: NormalizedSchema,
  request: WireRequest & { labels: Record<string, string> },
): Bound {
  const traits = schema.getMergedTraits();
  if (traits.httpLabel) return { value: readScalar(schema, request.labels[name] ?? '') };
  if (traits.httpQuery) {
    const texts = request.url.searchParams.getAll(traits.httpQuery);
    if (texts.length === 0) return { value: undefined };
    if (schema.isListSchema()) return { value: texts.map((text) => readScalar(schema.getValueSchema(), text)) };
    return { value: readScalar(schema, texts[0] ?? '') };
  }
  if (traits.httpQueryParams !== undefined) return { value: Object.fromEntries(request.url.searchParams) };
  if (traits.httpHeader) {
    const text = request.headers[traits.httpHeader.toLowerCase()];
    if (text === undefined) return { value: undefined };
    if (schema.isListSchema())
      return {
        value: String(text)
          .split(',')
          .map((part) => part.trim()),
      };
    return { value: readScalar(schema, String(text)) };
  }
  if (traits.httpPrefixHeaders !== undefined) {
    const prefix = String(traits.httpPrefixHeaders).toLowerCase();
    const prefixed = Object.entries(request.headers).filter(([header]) => header.startsWith(prefix));
    return {
      value: Object.fromEntries(prefixed.map(([header, value]) => [header.slice(prefix.length), String(value)])),
    };
  }
  return traits.httpPayload ? 'payload' : 'body';
}

async function readPayload(model: ServiceModel, schema: NormalizedSchema, body: Buffer): Promise<unknown> {
  if (schema.isStructSchema() && !schema.isStreaming()) {
    if (body.length === 0) return undefined;
    return model.protocol === 'restXml' ? readXml(model, schema, body) : readJson(model, schema, body);
  }
  return schema.isBlobSchema() ? body : body.toString('utf8');
}

// The message of the validation that Lambda, IAM, CloudFormation and others share.
function missingMembers(model: ServiceModel, missing: readonly string[]): AwsError {
  // services that once used the query protocol keep its message
  if (model.queryCompatible) {
    return new AwsError('MissingParameter', `The request must contain the parameter ${missing[0]}.`);
  }
  const parts = missing.map((name) => {
    const path = name.charAt(0).toLowerCase() + name.slice(1);
    return `Value null at '${path}' failed to satisfy constraint: Member must not be null`;
  });
  const count = `${parts.length} validation error${parts.length === 1 ? '' : 's'} detected: `;
  const code = model.protocol === 'awsQuery' ? 'ValidationError' : 'ValidationException';
  return new AwsError(code, count + parts.join('; '));
}
