// Values shared by several settings: intrinsics, and names of other resources.
import type { Plain } from '../base/located.ts';
import { byKind, converted, described, object, oneOf, type Schema, text, verbatim } from '../base/schema.ts';

/** A map with one key, `Ref`, `Condition` or `Fn::…`, which CloudFormation resolves. */
export function intrinsic(expected: string): Schema<Plain> {
  return {
    ...converted(verbatim, (value) =>
      typeof value === 'object' && value !== null && !Array.isArray(value) && isOneIntrinsic(Object.keys(value))
        ? { value }
        : { wrong: `expected ${expected}` },
    ),
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

function isOneIntrinsic([key, ...more]: readonly string[]): boolean {
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

const targetTypes = ['sqs', 'sns', 'lambda', 'events', 's3'] as const;
export type TargetType = (typeof targetTypes)[number];

/** A target of calls: a logical id, a function, an ARN, an intrinsic that refers to a resource of the project, or `{type, arn}` if
 * fx cannot derive the type. */
export function target(types: readonly TargetType[], expected: string): Schema<Plain> {
  const named = text({ pattern: /^([A-Za-z][A-Za-z0-9_-]*|arn:\S+)$/, expected });
  const explicit = object({
    required: {
      type: oneOf(types, 'The service of the ARN.'),
      arn: described(
        'The ARN, or an intrinsic.',
        byKind<Plain>({
          scalar: text({ pattern: /^arn:\S+$/, expected: 'an ARN' }),
          map: intrinsic('an ARN'),
          expected: 'an ARN',
        }),
        { examples: ['arn:aws:sqs:eu-west-1:111122223333:failed-orders'] },
      ),
    },
    optional: {},
  });
  const mapped: Schema<Plain> = {
    expected,
    json: { anyOf: [explicit.json, intrinsic(expected).json] },
    read(value, reading) {
      const isExplicit = value.kind === 'map' && (value.entries.has('arn') || value.entries.has('type'));
      return isExplicit
        ? (explicit.read(value, reading) as Plain | undefined)
        : intrinsic(expected).read(value, reading);
    },
  };
  return byKind<Plain>({ scalar: named, map: mapped, expected });
}
