// The state of an alarm: its metric over the last periods, against its threshold.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
import type { ComparisonOperator, PutMetricAlarmInput, StateValue } from '@aws-sdk/client-cloudwatch';
import { dimensionsOf, type Minutes, seriesKey } from './minutes.ts';
import { parseStatistic, statisticOf } from './statistics.ts';

export type AlarmSettings = Omit<PutMetricAlarmInput, 'Tags'>;

export interface Judged {
  readonly value: StateValue;
  readonly reason: string;
}

const comparisons: Partial<
  Record<ComparisonOperator, readonly [words: string, test: (a: number, b: number) => boolean]>
> = {
  GreaterThanOrEqualToThreshold: ['greater than or equal to', (value, threshold) => value >= threshold],
  GreaterThanThreshold: ['greater than', (value, threshold) => value > threshold],
  LessThanThreshold: ['less than', (value, threshold) => value < threshold],
  LessThanOrEqualToThreshold: ['less than or equal to', (value, threshold) => value <= threshold],
};

/** The others compare with a band, which only metric math has. */
export function isSupportedComparison(operator: string | undefined): boolean {
  return operator !== undefined && Object.hasOwn(comparisons, operator);
}

/** Judges the periods before `end`, which is the start of a minute. Undefined if the state stays as it is. */
export function judge(settings: AlarmSettings, minutes: Minutes, end: number): Judged | undefined {
  const { EvaluationPeriods = 1, DatapointsToAlarm = EvaluationPeriods, TreatMissingData = 'missing' } = settings;
  const [words, test] = comparisons[settings.ComparisonOperator ?? 'GreaterThanThreshold'] ?? ['', () => false];
  const threshold = settings.Threshold ?? 0;
  const values = valuesBefore(settings, minutes, end, EvaluationPeriods);
  const present = values.filter((value) => value !== undefined);
  const missing = values.length - present.length;
  if (present.length === 0 && TreatMissingData === 'ignore') return undefined;
  if (present.length === 0 && TreatMissingData === 'missing') {
    return { value: 'INSUFFICIENT_DATA', reason: `Insufficient Data: ${counted(missing)} unknown.` };
  }
  const breaching = present.filter((value) => test(value, threshold)).length;
  // Missing datapoints that count as nothing leave the decision to those that are there.
  const needed = ['breaching', 'notBreaching'].includes(TreatMissingData)
    ? DatapointsToAlarm
    : Math.min(DatapointsToAlarm, present.length);
  const isAlarm = breaching + (TreatMissingData === 'breaching' ? missing : 0) >= needed;
  const shown =
    present.length === 0 ? `no datapoints were received for ${EvaluationPeriods} periods and` : datapoints(present);
  const reason = `Threshold Crossed: ${shown} ${present.length > 1 ? 'were' : 'was'} ${isAlarm ? '' : 'not '}${words} the threshold (${decimal(threshold)}).`;
  return { value: isAlarm ? 'ALARM' : 'OK', reason };
}

/** Of each period, the newest first; undefined where nothing was recorded. */
function valuesBefore(
  { Namespace = '', MetricName = '', Dimensions = [], Period = 60, Statistic, ExtendedStatistic }: AlarmSettings,
  minutes: Minutes,
  end: number,
  periods: number,
): readonly (number | undefined)[] {
  const key = seriesKey({ namespace: Namespace, name: MetricName, dimensions: dimensionsOf(Dimensions) });
  const statistic = parseStatistic(Statistic ?? ExtendedStatistic ?? '');
  return Array.from({ length: periods }, (_, period) => {
    const to = end - period * Period * 1000;
    const sample = minutes.sample(key, { from: to - Period * 1000, to });
    return statistic === undefined ? undefined : statisticOf(sample, statistic);
  });
}

function datapoints(values: readonly number[]): string {
  return `${counted(values.length, '')} [${values.map(decimal).join(', ')}]`;
}

function counted(count: number, verb = count === 1 ? ' was' : ' were'): string {
  return `${count} ${count === 1 ? 'datapoint' : 'datapoints'}${verb}`;
}

const decimal = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value));
