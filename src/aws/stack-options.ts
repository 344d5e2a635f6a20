// The settings of a stack as CreateStack and UpdateStack take them.
import type { CreateStackCommandInput } from '@aws-sdk/client-cloudformation';
import type { StackOptions } from './aws.ts';

type Settings = Pick<
  CreateStackCommandInput,
  'DeploymentConfig' | 'RoleARN' | 'NotificationARNs' | 'RollbackConfiguration' | 'StackPolicyBody'
>;

/** An empty list clears what the stack has; a missing member leaves it. */
export function stackOptions({ express, role, notifications, rollbackAlarms, policy }: StackOptions): Settings {
  return {
    // express mode turns the rollback off by default: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/express-mode.html
    ...(express ? { DeploymentConfig: { Mode: 'EXPRESS', DisableRollback: false } } : {}),
    ...(role === undefined ? {} : { RoleARN: role }),
    ...(notifications === undefined ? {} : { NotificationARNs: [...notifications] }),
    ...(rollbackAlarms === undefined
      ? {}
      : {
          RollbackConfiguration: {
            RollbackTriggers: rollbackAlarms.alarms.map((Arn) => ({ Arn, Type: 'AWS::CloudWatch::Alarm' })),
            MonitoringTimeInMinutes: rollbackAlarms.minutes,
          },
        }),
    ...(policy === undefined ? {} : { StackPolicyBody: policy }),
  };
}
