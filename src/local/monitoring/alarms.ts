// CloudWatch's alarms on metrics. They tell topics; CodeDeploy and programs read their state.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
import type { MetricAlarm, StateValue } from '@aws-sdk/client-cloudwatch';
import type { Cancel } from '../clock.ts';
import { AwsError, type Cloud, type Operations } from '../cloud.ts';
import { checkConstraints, notImplemented } from '../constraint.ts';
import { pageByName } from '../paging.ts';
import { withoutKeys } from '../without-keys.ts';
import { announce, checkActions, hasActions } from './alarm-actions.ts';
import { type AlarmSettings, isSupportedComparison, judge } from './alarm-state.ts';
import { type Minutes, minuteOf } from './minutes.ts';
import { parseStatistic } from './statistics.ts';

interface Alarm {
  readonly settings: AlarmSettings;
  readonly tags: Readonly<Record<string, string>>;
  readonly configured: number;
  readonly state: StateValue;
  readonly reason: string;
  readonly stateSince: number;
  /** The minute up to which the state counts; later ones are judged when somebody asks, or for its actions. */
  readonly judgedTo: number;
}

const minuteMs = 60_000;
const states = ['OK', 'ALARM', 'INSUFFICIENT_DATA'];

export interface Alarms {
  readonly operations: Operations<'monitoring'>;
  /** Begins to judge alarms with actions every minute. */
  start(): void;
  /** Resolves when no action is under way. */
  stop(): Promise<void>;
}

export function createAlarms(cloud: Cloud, minutes: Minutes): Alarms {
  const alarms = cloud.collection<Alarm>('monitoring.alarms');
  const arnOf = (name: string) => `arn:aws:cloudwatch:${cloud.region}:${cloud.accountId}:alarm:${name}`;

  const acting = new Set<Promise<void>>();
  let cancel: Cancel | undefined;
  let isStopped = false;

  /** Tells the alarm's topics and functions, if its state changed. */
  const tell = (name: string, before: Alarm, { settings, configured, state: to, reason }: Alarm): void => {
    if (before.state === to || !hasActions(settings)) return;
    const at = cloud.now();
    const from = { value: before.state, reason: before.reason, since: before.stateSince };
    const action = announce(cloud, { arn: arnOf(name), settings, configured, from, to, reason, at });
    acting.add(action);
    void action.finally(() => acting.delete(action));
  };

  /** Judges the alarms with actions at the next minute, as long as there are any. */
  const arm = (): void => {
    if (cancel !== undefined || isStopped) return;
    if (alarms.find(({ settings }) => hasActions(settings)) === undefined) return;
    cancel = cloud.after(minuteOf(cloud.now()) + minuteMs - cloud.now(), () => {
      cancel = undefined;
      for (const [name, alarm] of [...alarms.entries()]) if (hasActions(alarm.settings)) current(name, alarm);
      arm();
    });
  };

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
    tell(name, alarm, judged);
    return judged;
  };

  const shown = (name: string): MetricAlarm => {
    const { settings, configured, state, reason, stateSince } = current(name, existing(name));
    return {
      ...settings,
      AlarmArn: arnOf(name),
      AlarmConfigurationUpdatedTimestamp: new Date(configured),
      ActionsEnabled: settings.ActionsEnabled ?? true,
      OKActions: settings.OKActions ?? [],
      AlarmActions: settings.AlarmActions ?? [],
      InsufficientDataActions: settings.InsufficientDataActions ?? [],
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

  const operations: Operations<'monitoring'> = {
    PutMetricAlarm: {
      members: [
        'ActionsEnabled',
        'AlarmActions',
        'AlarmDescription',
        'AlarmName',
        'ComparisonOperator',
        'DatapointsToAlarm',
        'Dimensions',
        'EvaluationPeriods',
        'ExtendedStatistic',
        'InsufficientDataActions',
        'MetricName',
        'Namespace',
        'OKActions',
        'Period',
        'Statistic',
        'Tags',
        'Threshold',
        'TreatMissingData',
      ],
      run({ Tags = [], ...settings }) {
        checkSettings(settings);
        checkActions(cloud, settings);
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
        arm();
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
        const changed = { ...alarm, state, reason: StateReason, stateSince: now, judgedTo };
        alarms.set(AlarmName, changed);
        tell(AlarmName, alarm, changed);
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
        alarms.set(name, { ...alarm, tags: withoutKeys(alarm.tags, TagKeys) });
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
  return {
    operations,
    start: arm,
    async stop() {
      isStopped = true;
      cancel?.();
      await Promise.all(acting);
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
