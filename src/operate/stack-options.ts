// The stack settings of project.yml as CloudFormation takes them, and whether the stack has them.
import type { StackDescription, StackOptions } from '../aws/aws.ts';
import { canonicalJson } from '../cfn/resource.ts';
import type { Environment } from '../project/environment.ts';
import type { Release } from '../release/record.ts';

/** A stack keeps what no request mentions, and a policy cannot be deleted.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html */
const cleared = {
  notifications: [],
  rollbackAlarms: { alarms: [], minutes: 0 },
  policy: JSON.stringify({
    Statement: [{ Effect: 'Allow', Action: 'Update:*', Principal: '*', Resource: '*' }],
  }),
} as const;

export type ClearedKey = keyof typeof cleared;
const clearedKeys = Object.keys(cleared) as ClearedKey[];

/** The keys that project.yml has: once they are gone from it, they are cleared. */
export function recordedSettings({ stack }: Environment): readonly ClearedKey[] {
  return clearedKeys.filter((key) => stack[key] !== undefined);
}

/** What project.yml says, and clears what it said in the last release but no longer does. What it never said stays. */
export function stackOptionsOf(
  { stack }: Environment,
  recorded: Pick<Release, 'stackSettings'> | undefined,
): StackOptions {
  const { mode, role, notifications, rollbackAlarms, policy } = stack;
  const gone = <K extends ClearedKey>(key: K) =>
    recorded?.stackSettings?.includes(key) === true ? cleared[key] : undefined;
  return {
    express: mode === 'express',
    role,
    notifications: notifications ?? gone('notifications'),
    rollbackAlarms: rollbackAlarms ?? gone('rollbackAlarms'),
    policy: policy === undefined ? gone('policy') : JSON.stringify(policy),
  };
}

/** Whether the stack has these settings. The mode is not one of the stack. */
export function hasOptions(
  { stack, policy }: { readonly stack: StackDescription; readonly policy: string | undefined },
  options: StackOptions,
): boolean {
  const { role, notifications, rollbackAlarms } = options;
  return (
    (role === undefined || stack.role === role) &&
    (notifications === undefined || isSameSet(stack.notifications, notifications)) &&
    (rollbackAlarms === undefined ||
      (stack.rollbackAlarms.minutes === rollbackAlarms.minutes &&
        isSameSet(stack.rollbackAlarms.alarms, rollbackAlarms.alarms))) &&
    hasPolicy(policy, options)
  );
}

/** Whether the stack has the policy of the options, or these have none. */
export function hasPolicy(live: string | undefined, { policy }: Pick<StackOptions, 'policy'>): boolean {
  return policy === undefined || (live !== undefined && isSameJson(live, policy));
}

function isSameSet(left: readonly string[], right: readonly string[]): boolean {
  return JSON.stringify([...left].sort()) === JSON.stringify([...right].sort());
}

function isSameJson(left: string, right: string): boolean {
  try {
    return canonicalJson(JSON.parse(left)) === canonicalJson(JSON.parse(right));
  } catch {
    // AWS takes comments in a policy: whatever it is, it is not the one that fx wrote
    return false;
  }
}
