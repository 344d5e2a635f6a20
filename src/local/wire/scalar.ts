// Text in a label, a query parameter, a header or a form, and the value that its schema says it is.
import type { NormalizedSchema } from '@smithy/core/schema';

/** Reads one value; a timestamp may be written as seconds, ISO 8601 or an HTTP date, since clients differ by position. */
export function readScalar(schema: NormalizedSchema, text: string): unknown {
  if (schema.isNumericSchema()) return Number(text);
  if (schema.isBooleanSchema()) return text === 'true';
  if (schema.isTimestampSchema()) return new Date(/^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : text);
  if (schema.isBlobSchema()) return Buffer.from(text, 'base64');
  return text;
}

/** Writes one value for a header. Timestamps in headers are HTTP dates (RFC 9110) where no trait says otherwise. */
export function headerText(value: unknown): string {
  return value instanceof Date ? value.toUTCString() : String(value);
}
