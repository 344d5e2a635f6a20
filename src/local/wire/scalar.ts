// Converts between the text of a label, query parameter, header or form field and a value, by its schema.
import type { NormalizedSchema } from '@smithy/core/schema';

/** Reads one value. Clients write timestamps as seconds, ISO 8601 or HTTP dates, depending on the position. */
export function readScalar(schema: NormalizedSchema, text: string): unknown {
  if (schema.isNumericSchema()) return Number(text);
  if (schema.isBooleanSchema()) return text === 'true';
  if (schema.isTimestampSchema()) return new Date(/^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : text);
  if (schema.isBlobSchema()) return Buffer.from(text, 'base64');
  return text;
}

/** Writes one value for a header. Timestamps in headers are HTTP dates (RFC 9110) unless a trait sets another format. */
export function headerText(value: unknown): string {
  return value instanceof Date ? value.toUTCString() : String(value);
}
