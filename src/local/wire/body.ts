// Request and response bodies: AWS's chunked transfer, JSON and XML.
import { XmlShapeDeserializer, XmlShapeSerializer } from '@aws-sdk/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../cloud.ts';
import { type ServiceModel, serdeContext } from './model.ts';

/** Decodes `aws-chunked`, the encoding in which SDKs send S3 bodies, so that a checksum can follow as a trailer.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html */
export function decodeChunked(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  let position = 0;
  for (;;) {
    const lineEnd = body.indexOf('\r\n', position);
    const size = Number.parseInt(body.toString('latin1', position, lineEnd), 16);
    if (lineEnd < 0 || Number.isNaN(size))
      throw new AwsError('IncompleteBody', 'The request body terminated unexpectedly');
    if (size === 0) return Buffer.concat(parts);
    parts.push(body.subarray(lineEnd + 2, lineEnd + 2 + size));
    position = lineEnd + 2 + size + 2;
  }
}

/** Reads a JSON body. Throws SerializationException, as AWS does, if it is not a JSON object. */
export async function readJson(
  model: ServiceModel,
  schema: NormalizedSchema,
  body: Buffer,
): Promise<Record<string, unknown>> {
  const text = body.length === 0 ? '{}' : body.toString('utf8');
  const reader = jsonCodec(model).createDeserializer();
  reader.setSerdeContext(serdeContext);
  try {
    JSON.parse(text);
    return (await reader.read(schema, text)) as Record<string, unknown>;
  } catch (error) {
    throw new AwsError(
      'SerializationException',
      `the body is not valid JSON for ${schema.getName()}: ${(error as Error).message}`,
    );
  }
}

export function writeJson(model: ServiceModel, schema: NormalizedSchema, value: unknown): string {
  const writer = jsonCodec(model).createSerializer();
  writer.setSerdeContext(serdeContext);
  writer.write(schema, value);
  const written = writer.flush();
  return typeof written === 'string'
    ? written
    : Buffer.from(written.buffer, written.byteOffset, written.byteLength).toString('utf8');
}

function jsonCodec(model: ServiceModel) {
  if (model.codec === undefined)
    throw new Error(`${model.service} uses ${model.protocol}, which is not a JSON protocol`);
  return model.codec;
}

export async function readXml(model: ServiceModel, schema: NormalizedSchema, body: Buffer): Promise<unknown> {
  const reader = new XmlShapeDeserializer(xmlSettings(model, ''));
  reader.setSerdeContext(serdeContext as never);
  try {
    return await reader.read(schema as never, body);
  } catch {
    throw new AwsError(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
    );
  }
}

/** Writes one element, named after the schema, with the namespace on the root. */
export function writeXml(model: ServiceModel, schema: NormalizedSchema, value: unknown, xmlNamespace: string): string {
  const writer = new XmlShapeSerializer(xmlSettings(model, xmlNamespace));
  writer.setSerdeContext(serdeContext as never);
  writer.write(schema as never, value);
  return writer.flush().toString();
}

const dateTimeFormat = 5; // SCHEMA.TIMESTAMP_DATE_TIME of @smithy/core/schema

function xmlSettings(model: ServiceModel, xmlNamespace: string) {
  return {
    timestampFormat: { useTrait: true as const, default: dateTimeFormat as never },
    httpBindings: true,
    serviceNamespace: model.namespace,
    xmlNamespace,
  };
}
