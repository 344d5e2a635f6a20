// `stack` of project.yml: how CloudFormation changes the stack, and what guards it.
import type { Plain } from '../base/located.ts';
import { described, flag, integer, list, mapOf, object, oneOf, type Read, text, verbatim } from '../base/schema.ts';
import { localEnvironment } from './environment.ts';

/** What is undefined stays as the stack has it. */
export interface StackSettings {
  readonly mode: 'standard' | 'express';
  readonly role: string | undefined;
  readonly notifications: readonly string[] | undefined;
  readonly policy: Plain | undefined;
  readonly rollbackAlarms: RollbackAlarms | undefined;
  readonly terminationProtection: boolean | undefined;
  /** Whether a deploy may change a stack that fx did not create. */
  readonly adopt: boolean;
  /** The logical ids of the stack, by those that fx gives. */
  readonly logicalIds: ReadonlyMap<string, string>;
}

export interface RollbackAlarms {
  readonly alarms: readonly string[];
  /** How long CloudFormation watches them after the update. */
  readonly minutes: number;
}

const arn = (service: string, rest: string, example: string) =>
  text({
    pattern: new RegExp(`^arn:[a-z0-9-]+:${service}:[a-z0-9-]*:\\d{12}:${rest}$`),
    expected: `an ARN such as ${example}`,
  });

const logicalId = /^[A-Za-z0-9]{1,255}$/;

const role = 'arn:aws:iam::111122223333:role/cloudformation';
const topic = 'arn:aws:sns:eu-west-1:111122223333:deploys';
const alarm = 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:shop-errors';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStack.html,
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RollbackConfiguration.html */
export const stackSchema = described(
  'How CloudFormation changes the stack, and what guards it. The local environment has no role, notifications and alarms.',
  object({
    required: {},
    optional: {
      mode: described(
        'express: CloudFormation does not wait until resources are stable, and fx waits for the functions itself. A failure rolls back in both modes.',
        oneOf(['standard', 'express']),
        { default: 'standard', examples: ['express'] },
      ),
      role: described(
        'The role that CloudFormation assumes to change the stack, so that who deploys needs no permissions for its resources. A stack keeps the last one for ever.',
        arn('iam', 'role\\/\\S+', role),
        { examples: [role] },
      ),
      notifications: described(
        'SNS topics that get the events of the stack.',
        list(arn('sns', '\\S+', topic), { most: 5 }),
        {
          examples: [[topic]],
        },
      ),
      policy: described(
        'The stack policy: which resources an update may change, replace or delete. From a file: `${file:stack-policy.json}`.',
        mapOf(verbatim),
        {
          examples: [
            {
              Statement: [
                { Effect: 'Deny', Action: 'Update:Delete', Principal: '*', Resource: 'LogicalResourceId/Bills' },
              ],
            },
          ],
        },
      ),
      rollbackAlarms: described(
        'CloudWatch alarms that roll the change back if one goes off during it, or some minutes after it.',
        object({
          required: {
            alarms: described('Their ARNs, at most five.', list(arn('cloudwatch', 'alarm:.+', alarm), { most: 5 }), {
              examples: [[alarm]],
            }),
          },
          optional: {
            minutes: described(
              'How long the alarms are watched after the update; the deploy lasts that much longer.',
              integer({ least: 0, most: 180 }),
              { default: 0, examples: [5] },
            ),
          },
        }),
        { examples: [{ alarms: [alarm], minutes: 5 }] },
      ),
      terminationProtection: described(
        'Whether CloudFormation refuses to delete the stack. true is what `protected` does, too; without the key, fx never turns it off.',
        flag,
        { examples: [true] },
      ),
      adopt: described(
        'Take over a stack of that name which fx did not create: the first deploy changes it, and from then on it is fx’s. `fx import --adopt` writes it.',
        flag,
        { default: false, examples: [true] },
      ),
      logicalIds: described(
        'Logical ids in place of those that fx gives, so that resources which the stack has under another id stay. `fx import --adopt` writes them.',
        mapOf(text({ pattern: logicalId, expected: 'a logical id of letters and digits' }), {
          pattern: logicalId,
          expected: 'a logical id of letters and digits',
        }),
        { examples: [{ OrdersFunction: 'OrdersLambdaFunction' }] },
      ),
    },
    elsewhere: { name: 'stackName', tags: 'tags', protected: 'protected' },
  }),
  { examples: [{ mode: 'express' }] },
);

/** Role, topics and alarms belong to an account: the local AWS has none of them. */
export function toStackSettings(written: Read<typeof stackSchema> | undefined, environment: string): StackSettings {
  const { mode = 'standard', policy, terminationProtection, role, notifications, rollbackAlarms } = written ?? {};
  const { adopt = false, logicalIds = new Map<string, string>() } = written ?? {};
  const isLocal = environment === localEnvironment;
  return {
    mode,
    role: isLocal ? undefined : role,
    notifications: isLocal ? undefined : notifications,
    policy: policy === undefined ? undefined : (Object.fromEntries(policy) as Plain),
    rollbackAlarms:
      isLocal || rollbackAlarms === undefined
        ? undefined
        : { alarms: rollbackAlarms.alarms, minutes: rollbackAlarms.minutes ?? 0 },
    terminationProtection,
    adopt,
    logicalIds,
  };
}
