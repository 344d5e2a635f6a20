// CloudWatch's alarms on metrics. They have no actions here; CodeDeploy and programs read their state.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
import type { MetricAlarm, StateValue } from '@aws-sdk/client-cloudwatch';
import { AwsError, type Cloud, type Operations } from '../cloud.ts';
import { checkConstraints, notImplemented } from '../constraint.ts';
import { pageByName } from '../paging.ts';
import type { Collection } from '../store.ts';
import { type AlarmSettings, isSupportedComparison, judge } from './alarm-state.ts';
import { type Minute, minuteOf, parseStatistic } from './minutes.ts';

interface Alarm {
  readonly settings: AlarmSettings;
  readonly tags: Readonly<Record<string, string>>;
  readonly configured: number;
  readonly state: StateValue;
  readonly reason: string;
  readonly stateSince: number;
  /** The minute up to which the state counts; later ones are judged when somebody asks. */
  readonly judgedTo: number;
}

const minuteMs = 60_000;
const states = ['OK', 'ALARM', 'INSUFFICIENT_DATA'];

export function alarmOperations(cloud: Cloud, minutes: Collection<Minute>): Operations<'monitoring'> {
  const alarms = cloud.collection<Alarm>('monitoring.alarms');
  const arnOf = (name: string) => `arn:aws:cloudwatch:${cloud.region}:${cloud.accountId}:alarm:${name}`;

  /** CloudWatch judges an alarm once a minute. */
  const current = (name: string, alarm: Alarm): Alarm => {
    const end = minuteOf(cloud.now());
    if (alarm.judgedTo >= end) return alarm;
    const { value, reason } = judge(alarm.settings, minutes, end) ?? { value: alarm.state, reason: alarm.reason };
    const isSame = value === alarm.state;
    const judged: Alarm = {
      ...alarm,
      state: value,
      reason: isSame ? alarm.reason : reason,
      stateSince: isSame ? alarm.stateSince : cloud.now(),
      judgedTo: end,
    };
    alarms.set(name, judged);
    return judged;
  };

  const shown = (name: string): MetricAlarm => {
    const { settings, configured, state, reason, stateSince } = current(name, existing(name));
    return {
      ...settings,
      AlarmArn: arnOf(name),
      AlarmConfigurationUpdatedTimestamp: new Date(configured),
      ActionsEnabled: settings.ActionsEnabled ?? true,
      OKActions: [],
      AlarmActions: [],
      InsufficientDataActions: [],
      Dimensions: settings.Dimensions ?? [],
      StateValue: state,
      StateReason: reason,
      StateUpdatedTimestamp: new Date(stateSince),
      StateTransitionedTimestamp: new Date(stateSince),
    };
  };

  const existing = (name: string, code = 'ResourceNotFound'): Alarm => {
    const alarm = alarms.get(name);
    if (alarm !== undefined) return alarm;
    throw new AwsError(code, `Alarm ${name} does not exist`, 404);
  };

  const ofArn = (arn = ''): [name: string, alarm: Alarm] => {
    const name = arn.split(':alarm:')[1] ?? '';
    return [name, existing(name, 'ResourceNotFoundException')];
  };

  return {
    PutMetricAlarm: {
      members: [
        'ActionsEnabled',
        'AlarmDescription',
        'AlarmName',
        'ComparisonOperator',
        'DatapointsToAlarm',
        'Dimensions',
        'EvaluationPeriods',
        'ExtendedStatistic',
        'MetricName',
        'Namespace',
        'Period',
        'Statistic',
        'Tags',
        'Threshold',
        'TreatMissingData',
      ],
      run({ Tags = [], ...settings }) {
        checkSettings(settings);
        const name = settings.AlarmName ?? '';
        const old = alarms.get(name);
        const now = cloud.now();
        // An update keeps state and tags.
        alarms.set(name, {
          state: 'INSUFFICIENT_DATA',
          reason: 'Unchecked: Initial alarm creation',
          stateSince: now,
          judgedTo: minuteOf(now),
          tags: Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value])),
          ...old,
          settings,
          configured: now,
        });
        return {};
      },
    },

    DescribeAlarms: {
      members: ['AlarmNamePrefix', 'AlarmNames', 'AlarmTypes', 'MaxRecords', 'NextToken', 'StateValue'],
      run({ AlarmNamePrefix = '', AlarmNames, AlarmTypes = ['MetricAlarm'], MaxRecords = 50, NextToken, StateValue }) {
        if (!AlarmTypes.includes('MetricAlarm')) return { MetricAlarms: [], CompositeAlarms: [] };
        const found = [...alarms.keys()]
          .filter((name) => (AlarmNames ?? [name]).includes(name) && name.startsWith(AlarmNamePrefix))
          .sort()
          .map(shown)
          .filter((alarm) => (StateValue ?? alarm.StateValue) === alarm.StateValue);
        const nameOf = ({ AlarmName = '' }: MetricAlarm) => AlarmName;
        const { items, nextToken } = pageByName(found, nameOf, { token: NextToken, most: MaxRecords });
        return {
          MetricAlarms: items,
          CompositeAlarms: [],
          ...(nextToken === undefined ? {} : { NextToken: nextToken }),
        };
      },
    },

    SetAlarmState: {
      members: ['AlarmName', 'StateReason', 'StateReasonData', 'StateValue'],
      run({ AlarmName = '', StateReason = '', StateValue }) {
        checkConstraints('ValidationError', [['stateValue', StateValue, { oneOf: states }]]);
        const now = cloud.now();
        const alarm = existing(AlarmName);
        const state = StateValue ?? alarm.state;
        // The state counts until CloudWatch judges the metric again: here, after one to two minutes.
        const judgedTo = minuteOf(now) + minuteMs;
        alarms.set(AlarmName, { ...alarm, state, reason: StateReason, stateSince: now, judgedTo });
        return {};
      },
    },

    DeleteAlarms: {
      members: ['AlarmNames'],
      run({ AlarmNames = [] }) {
        for (const name of AlarmNames) existing(name);
        for (const name of AlarmNames) alarms.delete(name);
        return {};
      },
    },

    TagResource: {
      members: ['ResourceARN', 'Tags'],
      run({ ResourceARN, Tags = [] }) {
        const [name, alarm] = ofArn(ResourceARN);
        const added = Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value]));
        alarms.set(name, { ...alarm, tags: { ...alarm.tags, ...added } });
        return {};
      },
    },
    UntagResource: {
      members: ['ResourceARN', 'TagKeys'],
      run({ ResourceARN, TagKeys = [] }) {
        const [name, alarm] = ofArn(ResourceARN);
        const left = Object.entries(alarm.tags).filter(([key]) => !TagKeys.includes(key));
        alarms.set(name, { ...alarm, tags: Object.fromEntries(left) });
        return {};
      },
    },
    ListTagsForResource: {
      members: ['ResourceARN'],
      run({ ResourceARN }) {
        const [, { tags }] = ofArn(ResourceARN);
        return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
      },
    },
  };
}

function checkSettings(settings: AlarmSettings): void {
  const { AlarmName, ComparisonOperator, EvaluationPeriods, Period = 60, Statistic, ExtendedStatistic } = settings;
  checkConstraints('ValidationError', [
    ['alarmName', AlarmName ?? '', { min: 1, max: 255 }],
    ['evaluationPeriods', EvaluationPeriods, { min: 1 }],
    ['datapointsToAlarm', settings.DatapointsToAlarm, { min: 1 }],
    ['treatMissingData', settings.TreatMissingData, { oneOf: ['breaching', 'notBreaching', 'ignore', 'missing'] }],
  ]);
  if (settings.MetricName === undefined || settings.Namespace === undefined || settings.Threshold === undefined) {
    throw new AwsError('ValidationError', 'MetricName, Namespace and Threshold are required for a metric alarm.');
  }
  if ((Statistic === undefined) === (ExtendedStatistic === undefined)) {
    throw new AwsError('ValidationError', 'Exactly one of Statistic and ExtendedStatistic is required.');
  }
  if (!isSupportedComparison(ComparisonOperator)) {
    throw notImplemented(`cloudwatch:PutMetricAlarm with the ComparisonOperator ${ComparisonOperator}`);
  }
  if (parseStatistic(Statistic ?? ExtendedStatistic ?? '') === undefined) {
    throw notImplemented(`cloudwatch:PutMetricAlarm with the statistic ${Statistic ?? ExtendedStatistic}`);
  }
  if (Period % 60 !== 0) {
    throw notImplemented('cloudwatch:PutMetricAlarm with a period that is not a multiple of a minute');
  }
}
