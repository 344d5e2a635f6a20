// Items as they are on the wire, with binary values in base64, and as SDKs give them.
import type { AttributeValue, TableDescription } from '@aws-sdk/client-dynamodb';

/** One attribute: `{S: 'text'}`, `{B: 'base64'}`, `{M: {…}}`. */
export type Attribute = Readonly<Record<string, unknown>>;
export type Item = Readonly<Record<string, Attribute>>;

/** What dynalite reads of a table. */
export type TableShape = Pick<
  TableDescription,
  | 'TableName'
  | 'KeySchema'
  | 'AttributeDefinitions'
  | 'GlobalSecondaryIndexes'
  | 'LocalSecondaryIndexes'
  | 'TableStatus'
>;

/** A request as dynalite reads it: plain data that it may change, with binary values in base64. */
export function toWire(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(toWire);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toWire(inner)]));
}

export function fromItem(item: Item): Record<string, AttributeValue> {
  return Object.fromEntries(Object.entries(item).map(([name, attribute]) => [name, fromAttribute(attribute)]));
}

function fromAttribute(attribute: Attribute): AttributeValue {
  const [[type = '', value] = []] = Object.entries(attribute);
  return { [type]: fromValue(type, value) } as unknown as AttributeValue;
}

function fromValue(type: string, value: unknown): unknown {
  if (type === 'B') return Buffer.from(value as string, 'base64');
  if (type === 'BS') return (value as string[]).map((one) => Buffer.from(one, 'base64'));
  if (type === 'L') return (value as Attribute[]).map(fromAttribute);
  return type === 'M' ? fromItem(value as Item) : value;
}
