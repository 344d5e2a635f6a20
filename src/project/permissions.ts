// A function's permissions besides its log and events: `dynamodb:GetItem,PutItem on Orders`, or a raw IAM statement.
import type { Plain } from '../base/located.ts';
import { byKind, converted, described, object, oneOf, type Schema, text, verbatim } from '../base/schema.ts';

/** Actions on targets: logical ids of the project's resources, or ARNs. */
export interface Grants {
  readonly kind: 'grant';
  readonly actions: readonly string[];
  readonly targets: readonly string[];
}
/** A statement passed to IAM unchanged. */
export interface Statement {
  readonly kind: 'statement';
  readonly statement: Readonly<Record<string, Plain>>;
}
export type Permission = Grants | Statement;

const expected = 'a permission such as "dynamodb:GetItem,PutItem on Orders"';

const short: Schema<Permission> = converted(text({ expected }), (written) => {
  const match = /^(\S.*?)\s+on\s+(\S.*)$/.exec(written.trim());
  if (match === null) return { wrong: `expected ${expected}, found ${JSON.stringify(written)}` };
  const [, actionText = '', targetText = ''] = match;
  const actions: string[] = [];
  let service = '';
  for (const part of actionText.split(',').map((action) => action.trim())) {
    const [, prefix, name = ''] = /^(?:([a-z0-9-]+):)?([A-Za-z0-9*?]+)$/.exec(part) ?? [];
    service = prefix ?? service;
    if (name === '' || service === '') {
      return {
        wrong: `${JSON.stringify(part)} is not an IAM action`,
        hint: 'an action is service:Name, such as s3:GetObject',
      };
    }
    actions.push(`${service}:${name}`);
  }
  const targets = targetText.split(',').map((target) => target.trim());
  const bad = targets.find((target) => !/^([A-Za-z0-9]+|arn:\S+|\*)$/.test(target));
  if (bad !== undefined) {
    return { wrong: `${JSON.stringify(bad)} is neither the logical id of a resource nor an ARN` };
  }
  return { value: { kind: 'grant', actions, targets } };
});

const raw: Schema<Permission> = converted(
  object({
    required: {},
    optional: {
      Sid: described('The name of the statement.', text(), { examples: ['ReadReceipts'] }),
      Effect: oneOf(['Allow', 'Deny'], 'Whether the statement allows or denies.', { default: 'Allow' }),
      Action: described('What is allowed or denied, such as s3:GetObject.', verbatim, { examples: [['s3:GetObject']] }),
      NotAction: described('Instead of Action: all actions except these.', verbatim, { examples: [['s3:Delete*']] }),
      Resource: described('The ARNs of the resources.', verbatim, { examples: ['arn:aws:s3:::shop-receipts/*'] }),
      NotResource: described('Instead of Resource: all resources except these.', verbatim, {
        examples: ['arn:aws:s3:::shop-audit/*'],
      }),
      Condition: described("When the statement applies, by IAM's condition operators.", verbatim, {
        examples: [{ StringLike: { 's3:prefix': 'orders/*' } }],
      }),
    },
  }),
  (statement) => {
    if (statement.Action === undefined && statement.NotAction === undefined)
      return { wrong: 'a statement needs Action' };
    if (statement.Resource === undefined && statement.NotResource === undefined) {
      return { wrong: 'a statement needs Resource' };
    }
    return { value: { kind: 'statement', statement: { Effect: 'Allow', ...statement } as Record<string, Plain> } };
  },
);

export const permission: Schema<Permission> = byKind({ scalar: short, map: raw, expected });
