// Schemas of values that CloudFormation may resolve: intrinsics, and text or an intrinsic.
import type { Plain } from '../base/located.ts';
import { byKind, converted, type Schema, text, verbatim } from '../base/schema.ts';

/** A map with one key, `Ref`, `Condition` or `Fn::…`, which CloudFormation resolves. */
export function intrinsic(expected: string): Schema<Plain> {
  return {
    ...converted(verbatim, (value) => (isIntrinsic(value) ? { value } : { wrong: `expected ${expected}` })),
    expected,
    json: {
      type: 'object',
      minProperties: 1,
      maxProperties: 1,
      patternProperties: { '^(Ref|Fn::.+)$': {} },
      additionalProperties: false,
    },
  };
}

/** Whether a value is such a map. */
export function isIntrinsic(value: Plain): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && isOneIntrinsic(Object.keys(value));
}

/** Whether the keys of a map are those of an intrinsic. */
export function isOneIntrinsic([key, ...more]: readonly string[]): boolean {
  return key !== undefined && more.length === 0 && (key === 'Ref' || key.startsWith('Fn::'));
}

/** Text that matches a pattern, or an intrinsic. */
export function textOrIntrinsic(pattern: RegExp, expected: string): Schema<Plain> {
  return byKind<Plain>({ scalar: text({ pattern, expected }), map: intrinsic(expected), expected });
}

/** A KMS key that the role may use. IAM matches a key only by its ARN; with an alias, the permission would match nothing, and the function
 * would never start. https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html */
export const kmsKey: Schema<Plain> = textOrIntrinsic(
  /^arn:[a-z0-9-]+:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/,
  'the ARN of a KMS key such as arn:aws:kms:eu-west-1:111122223333:key/… (of the key, not of an alias), or an intrinsic',
);
