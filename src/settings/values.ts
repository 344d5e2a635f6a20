// Values shared by several settings: names of other resources.
import type { Plain } from '../base/located.ts';
import { byKind, described, object, oneOf, type Schema, text } from '../base/schema.ts';
import { intrinsic } from '../cfn/value-schema.ts';

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
