// The actions of an alarm: messages to topics, and calls of functions, when its state changes.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
import type { StateValue } from '@aws-sdk/client-cloudwatch';
import type { Cloud } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';
import { deliver, targetKind } from '../deliver.ts';
import { alarmEvent, timeText } from './alarm-event.ts';
import type { AlarmSettings } from './alarm-state.ts';

export interface StateChange {
  readonly arn: string;
  readonly settings: AlarmSettings;
  readonly configured: number;
  readonly from: { readonly value: StateValue; readonly reason: string; readonly since: number };
  readonly to: StateValue;
  readonly reason: string;
  readonly at: number;
}

const members = { ALARM: 'AlarmActions', OK: 'OKActions', INSUFFICIENT_DATA: 'InsufficientDataActions' } as const;

function actionsOf(settings: AlarmSettings, state: StateValue): readonly string[] {
  return settings[members[state]] ?? [];
}

export function hasActions(settings: AlarmSettings): boolean {
  if (settings.ActionsEnabled === false) return false;
  return (Object.keys(members) as StateValue[]).some((state) => actionsOf(settings, state).length > 0);
}

const supported = ['sns:Publish', 'lambda:InvokeFunction'];

/** Only topics and functions are told here: AWS also scales, stops instances and opens tickets. */
export function checkActions(cloud: Cloud, settings: AlarmSettings): void {
  const actions = (Object.keys(members) as StateValue[]).flatMap((state) => actionsOf(settings, state));
  const other = actions.find((arn) => !supported.includes(targetKind(cloud, arn)?.action ?? ''));
  if (other !== undefined) throw notImplemented(`cloudwatch:PutMetricAlarm with the action ${other}`);
}

/** Tells the topics and functions of the new state. */
export async function announce(cloud: Cloud, change: StateChange): Promise<void> {
  const { settings, arn: sourceArn, to } = change;
  if (settings.ActionsEnabled === false) return;
  const region = regionNames[cloud.region] ?? cloud.region;
  const subject = `${to}: "${settings.AlarmName}" in ${region}`.slice(0, 100);
  const what = `the state of the alarm ${settings.AlarmName}`;
  await Promise.all(
    actionsOf(settings, to).map((arn) => {
      if (arn.includes(':lambda:')) {
        const body = JSON.stringify(alarmEvent(cloud, change));
        const service = 'lambda.alarms.cloudwatch.amazonaws.com';
        return deliver(cloud, arn, { body }, { sender: { kind: 'service', service, sourceArn }, what });
      }
      const message = { body: JSON.stringify(messageOf(cloud, region, change)), subject };
      const sender = { kind: 'service', service: 'cloudwatch.amazonaws.com', sourceArn } as const;
      return deliver(cloud, arn, message, { sender, what });
    }),
  );
}

function messageOf({ accountId }: Cloud, region: string, change: StateChange): object {
  const { settings, arn, from, to, reason } = change;
  const { Statistic, ExtendedStatistic } = settings;
  const statistic =
    Statistic === undefined
      ? { StatisticType: 'ExtendedStatistic', ExtendedStatistic }
      : { StatisticType: 'Statistic', Statistic: statisticNames[Statistic] ?? Statistic };
  return {
    AlarmName: settings.AlarmName,
    AlarmDescription: settings.AlarmDescription ?? null,
    AWSAccountId: accountId,
    AlarmConfigurationUpdatedTimestamp: timeText(change.configured),
    NewStateValue: to,
    NewStateReason: reason,
    StateChangeTime: timeText(change.at),
    Region: region,
    AlarmArn: arn,
    OldStateValue: from.value,
    OKActions: settings.OKActions ?? [],
    AlarmActions: settings.AlarmActions ?? [],
    InsufficientDataActions: settings.InsufficientDataActions ?? [],
    Trigger: {
      MetricName: settings.MetricName,
      Namespace: settings.Namespace,
      ...statistic,
      Unit: null,
      Dimensions: (settings.Dimensions ?? []).map(({ Name, Value }) => ({ value: Value, name: Name })),
      Period: settings.Period ?? 60,
      EvaluationPeriods: settings.EvaluationPeriods,
      ...(settings.DatapointsToAlarm === undefined ? {} : { DatapointsToAlarm: settings.DatapointsToAlarm }),
      ComparisonOperator: settings.ComparisonOperator,
      Threshold: settings.Threshold,
      TreatMissingData: settings.TreatMissingData ?? 'missing',
      EvaluateLowSampleCountPercentile: '',
    },
  };
}

const statisticNames: Readonly<Record<string, string>> = {
  Average: 'AVERAGE',
  Maximum: 'MAXIMUM',
  Minimum: 'MINIMUM',
  SampleCount: 'SAMPLE_COUNT',
  Sum: 'SUM',
};

/** https://docs.aws.amazon.com/general/latest/gr/cw_region.html */
const regionNames: Readonly<Record<string, string>> = {
  'ap-northeast-1': 'Asia Pacific (Tokyo)',
  'ap-northeast-2': 'Asia Pacific (Seoul)',
  'ap-south-1': 'Asia Pacific (Mumbai)',
  'ap-southeast-1': 'Asia Pacific (Singapore)',
  'ap-southeast-2': 'Asia Pacific (Sydney)',
  'ca-central-1': 'Canada (Central)',
  'eu-central-1': 'EU (Frankfurt)',
  'eu-north-1': 'EU (Stockholm)',
  'eu-west-1': 'EU (Ireland)',
  'eu-west-2': 'EU (London)',
  'eu-west-3': 'EU (Paris)',
  'sa-east-1': 'South America (Sao Paulo)',
  'us-east-1': 'US East (N. Virginia)',
  'us-east-2': 'US East (Ohio)',
  'us-west-1': 'US West (N. California)',
  'us-west-2': 'US West (Oregon)',
};
