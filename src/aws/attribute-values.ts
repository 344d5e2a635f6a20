// Values of JSON as attribute values of DynamoDB.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
import type { AttributeValue } from '@aws-sdk/client-dynamodb';

export function attributeValues(item: Readonly<Record<string, unknown>>): Record<string, AttributeValue> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, attributeValue(value)]));
}

function attributeValue(value: unknown): AttributeValue {
  switch (typeof value) {
    case 'string':
      return { S: value };
    case 'number':
      return { N: String(value) };
    case 'boolean':
      return { BOOL: value };
    default:
      if (Array.isArray(value)) return { L: value.map(attributeValue) };
      return value === null ? { NULL: true } : { M: attributeValues(value as Readonly<Record<string, unknown>>) };
  }
}
