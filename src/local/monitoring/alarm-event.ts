// What a function that is the action of an alarm receives.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
import { createHash } from 'node:crypto';
import type { Cloud } from '../cloud.ts';
import type { StateChange } from './alarm-actions.ts';

export function alarmEvent({ accountId, region }: Cloud, change: StateChange): object {
  const { settings, arn, from, to, reason, at } = change;
  const { Statistic, ExtendedStatistic, Unit, AlarmDescription: description } = settings;
  return {
    source: 'aws.cloudwatch',
    alarmArn: arn,
    accountId,
    time: timeText(at),
    region,
    alarmData: {
      alarmName: settings.AlarmName,
      state: { value: to, reason, timestamp: timeText(at) },
      previousState: { value: from.value, reason: from.reason, timestamp: timeText(from.since) },
      configuration: {
        ...(description === undefined ? {} : { description }),
        metrics: [
          {
            id: idOf(arn),
            metricStat: {
              metric: {
                namespace: settings.Namespace,
                name: settings.MetricName,
                dimensions: Object.fromEntries((settings.Dimensions ?? []).map(({ Name, Value }) => [Name, Value])),
              },
              period: settings.Period ?? 60,
              stat: Statistic ?? ExtendedStatistic,
              ...(Unit === undefined ? {} : { unit: Unit }),
            },
            returnData: true,
          },
        ],
      },
    },
  };
}

/** CloudWatch writes +0000 in place of Z. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '+0000');
}

/** The same for every event of an alarm. */
function idOf(arn: string): string {
  const digits = createHash('sha256').update(arn).digest('hex');
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20, 32),
  ].join('-');
}
