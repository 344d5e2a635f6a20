// Turns an operation's output or error into an HTTP response in the service's protocol.
import { Readable } from 'node:stream';
import { AwsError } from '../cloud.ts';
import { writeJson, writeXml } from './body.ts';
import { queryMessage } from './compatible.ts';
import { eventStreamType, writeEvents } from './event-stream.ts';
import { members, type OperationModel, type Protocol, type ServiceModel } from './model.ts';
import { headerText } from './scalar.ts';

export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | Readable;
}

const contentTypes: Record<Protocol, string> = {
  awsJson1_0: 'application/x-amz-json-1.0',
  awsJson1_1: 'application/x-amz-json-1.1',
  awsQuery: 'text/xml',
  restJson1: 'application/json',
  restXml: 'application/xml',
};

export function writeOutput(
  model: ServiceModel,
  operation: OperationModel,
  output: Record<string, unknown>,
  requestId: string,
): WireResponse {
  const headers = { 'x-amzn-requestid': requestId, 'content-type': contentTypes[model.protocol] };
  switch (model.protocol) {
    case 'awsJson1_0':
    case 'awsJson1_1': {
      const [name = '', events] =
        members(operation.output).find(([, member]) => member.isStructSchema() && member.isStreaming()) ?? [];
      if (events !== undefined) {
        const written = writeEvents(model, events, output[name] as AsyncIterable<Record<string, unknown>>);
        return { status: 200, headers: { ...headers, 'content-type': eventStreamType }, body: written };
      }
      const body = operation.output.isUnitSchema() ? '{}' : writeJson(model, operation.output, output);
      return { status: 200, headers, body };
    }
    case 'awsQuery':
      return { status: 200, headers, body: queryEnvelope(model, operation, output, requestId) };
    default:
      return writeRest(model, operation, output, headers);
  }
}

// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#response-serialization
function queryEnvelope(model: ServiceModel, operation: OperationModel, output: object, requestId: string): string {
  const { name } = operation;
  const result = operation.output.isUnitSchema()
    ? ''
    : `<${name}Result>${innerXml(writeXml(model, operation.output, output, ''))}</${name}Result>`;
  const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
  return `<${name}Response xmlns="${model.xmlNamespace}">${result}${metadata}</${name}Response>`;
}

function innerXml(element: string): string {
  if (/^<[^>]*\/>$/.test(element)) return '';
  return element.slice(element.indexOf('>') + 1, element.lastIndexOf('</'));
}

function writeRest(
  model: ServiceModel,
  operation: OperationModel,
  output: Record<string, unknown>,
  common: Record<string, string>,
): WireResponse {
  let status = operation.http?.[2] ?? 200;
  const headers: Record<string, string> = { ...common };
  const body: Record<string, unknown> = {};
  let payload: WireResponse['body'] | undefined;
  let hasBody = false;
  for (const [name, member] of members(operation.output)) {
    const traits = member.getMergedTraits();
    const value = output[name];
    if (traits.httpPayload) {
      payload = '';
      if (member.isStructSchema() && member.isStreaming()) {
        headers['content-type'] = eventStreamType;
        if (value !== undefined) payload = writeEvents(model, member, value as AsyncIterable<Record<string, unknown>>);
      } else if (member.isStructSchema()) {
        if (value !== undefined) payload = writeDocument(model, member, value);
      } else if (value !== undefined) {
        payload = value instanceof Readable || value instanceof Uint8Array ? value : String(value);
      }
    } else if (traits.httpResponseCode) status = (value as number | undefined) ?? status;
    else if (traits.httpHeader) {
      if (value !== undefined) headers[traits.httpHeader.toLowerCase()] = headerText(value);
    } else if (traits.httpPrefixHeaders !== undefined) {
      for (const [key, text] of Object.entries((value as object | undefined) ?? {})) {
        headers[`${traits.httpPrefixHeaders}${key}`] = String(text);
      }
    } else {
      hasBody = true;
      if (value !== undefined) body[name] = value;
    }
  }
  // a part of a representation: https://www.rfc-editor.org/rfc/rfc9110#section-15.3.7
  if (headers['content-range'] !== undefined) status = 206;
  if (payload !== undefined) return { status, headers, body: payload };
  return { status, headers, body: hasBody ? writeDocument(model, operation.output, body) : '' };
}

function writeDocument(model: ServiceModel, schema: OperationModel['output'], value: unknown): string {
  if (model.protocol !== 'restXml') return writeJson(model, schema, value);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${writeXml(model, schema, value, model.xmlNamespace ?? '')}`;
}

/** An error that is not an AwsError is a bug in the local AWS: status 500, with its message. */
export function writeError(model: ServiceModel | undefined, error: unknown, requestId: string): WireResponse {
  const failure = error instanceof AwsError ? error : new AwsError('InternalFailure', faultMessage(error), 500);
  if (model?.protocol === 'awsQuery') return queryError(model, failure, requestId);
  if (model?.protocol === 'restXml') return xmlError(failure, requestId);
  return jsonError(model, failure, requestId);
}

function faultMessage(error: unknown): string {
  return `fault in the fx local AWS: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

function queryError(model: ServiceModel, error: AwsError, requestId: string): WireResponse {
  const [code, status] = model.errors.get(error.code)?.query ?? [error.code, error.status];
  const type = status < 500 ? 'Sender' : 'Receiver';
  const message = escapeXml(queryMessage(code, error.message));
  const detail = model.queryCompatible ? '<Detail/>' : '';
  const inner = `<Type>${type}</Type><Code>${escapeXml(code)}</Code><Message>${message}</Message>${detail}`;
  const body = `<ErrorResponse xmlns="${model.xmlNamespace}"><Error>${inner}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
  return { status, headers: { 'x-amzn-requestid': requestId, 'content-type': 'text/xml' }, body };
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
function xmlError(error: AwsError, requestId: string): WireResponse {
  const fields = Object.entries(error.fields).map(([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`);
  const inner = `<Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message>${fields.join('')}`;
  return {
    status: error.status,
    headers: { 'x-amz-request-id': requestId, 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${inner}<RequestId>${requestId}</RequestId></Error>`,
  };
}

function jsonError(model: ServiceModel | undefined, error: AwsError, requestId: string): WireResponse {
  const known = model?.errors.get(error.code);
  const headers: Record<string, string> = {
    'x-amzn-requestid': requestId,
    'content-type': contentTypes[model?.protocol ?? 'restJson1'],
    'x-amzn-errortype': error.code,
  };
  // SQS moved from the query protocol to JSON and returns the old codes in a header:
  // https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#aws-protocols-awsquerycompatible-trait
  if (model?.queryCompatible) headers['x-amzn-query-error'] = `${known?.query?.[0] ?? error.code};Sender`;
  // only the query protocol's header omits the suffix from these codes
  const shape = model?.queryCompatible && known === undefined ? `${error.code}Exception` : error.code;
  const type = known === undefined ? shape : `${known.namespace}#${shape}`;
  return {
    status: error.status === 400 ? (known?.status ?? 400) : error.status,
    headers,
    body: JSON.stringify({ __type: type, message: error.message, Message: error.message, ...error.fields }),
  };
}

function escapeXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
