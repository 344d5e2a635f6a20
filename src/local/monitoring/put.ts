// PutMetricData: what programs and services record.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
import type { MetricDatum } from '@aws-sdk/client-cloudwatch';
import { AwsError, type Cloud, type Input, type Operation, type Output } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';
import { dimensionsOf, type Minutes } from './minutes.ts';
import type { Point, Totals } from './statistics.ts';

const mostDatums = 1000;
const mostDimensions = 30;
const mostValues = 150;
const largest = 2 ** 360;
const hourMs = 3_600_000;
const datumMembers = new Set([
  'MetricName',
  'Dimensions',
  'Timestamp',
  'Value',
  'StatisticValues',
  'Values',
  'Counts',
  'Unit',
  'StorageResolution',
]);

export function putMetricData(
  cloud: Cloud,
  minutes: Minutes,
): Operation<Input<'monitoring', 'PutMetricData'>, Output<'monitoring', 'PutMetricData'>> {
  return {
    members: ['Namespace', 'MetricData'],
    run({ Namespace = '', MetricData = [] }, { principal }) {
      if (Namespace.startsWith('AWS/') && principal.kind !== 'service') {
        throw invalid('The value AWS/ for parameter Namespace is invalid.');
      }
      if (MetricData.length > mostDatums) {
        throw invalid(`The collection MetricData must not have a size greater than ${mostDatums}.`);
      }
      // all or nothing
      const checked = MetricData.map((datum, index) => {
        const place = () => `MetricData.member.${index + 1}`;
        // the clock may be set forward while a service works
        if (principal.kind !== 'service') checkTime(cloud, datum, place);
        return read(cloud, datum, place);
      });
      for (const { name, dimensions, recorded } of checked) {
        minutes.record({ namespace: Namespace, name, dimensions }, recorded);
      }
      return {};
    },
  };
}

/** Where in the request a datum is, as messages name it. */
type Place = () => string;

function read(cloud: Cloud, datum: MetricDatum, at: Place) {
  for (const member in datum) {
    if (!datumMembers.has(member)) throw notImplemented(`cloudwatch:PutMetricData with ${member}`);
  }
  const { MetricName = '', Dimensions = [], Unit = 'None' } = datum;
  if (MetricName === '') throw missing(`The parameter ${at()}.MetricName is required.`);
  if (Dimensions.length > mostDimensions) {
    throw invalid(`The collection ${at()}.Dimensions must not have a size greater than ${mostDimensions}.`);
  }
  return {
    name: MetricName,
    dimensions: dimensionsOf(Dimensions),
    recorded: { at: datum.Timestamp?.getTime() ?? cloud.now(), unit: Unit, ...valuesOf(datum, at) },
  };
}

function checkTime(cloud: Cloud, { Timestamp }: MetricDatum, at: Place): void {
  const now = cloud.now();
  const time = Timestamp?.getTime() ?? now;
  if (time < now - 14 * 24 * hourMs) {
    throw invalid(`The parameter ${at()}.Timestamp must specify a time within the past two weeks.`);
  }
  if (time > now + 2 * hourMs) {
    throw invalid(`The parameter ${at()}.Timestamp must specify a time no more than two hours in the future.`);
  }
}

function valuesOf(datum: MetricDatum, at: Place): { readonly values: readonly Point[]; readonly set?: Totals } {
  const { Value, Values, Counts, StatisticValues } = datum;
  if (Value !== undefined && Values === undefined && StatisticValues === undefined && Math.abs(Value) <= largest) {
    return { values: [{ value: Value, count: 1 }] };
  }
  const given = (['Value', 'Values', 'StatisticValues'] as const).filter((member) => datum[member] !== undefined);
  const [first, second] = given;
  if (first === undefined) {
    throw missing(
      `At least one of the parameters ${at()}.Value, ${at()}.Values or ${at()}.StatisticValues must be specified.`,
    );
  }
  if (second !== undefined) {
    throw new AwsError(
      'InvalidParameterCombination',
      `The parameters ${at()}.${first} and ${at()}.${second} are mutually exclusive and you have specified both.`,
    );
  }
  if (StatisticValues !== undefined) {
    const { SampleCount: count = 0, Sum: sum = 0, Minimum: minimum = 0, Maximum: maximum = 0 } = StatisticValues;
    for (const [name, value] of Object.entries(StatisticValues)) checkValue(value, `${at()}.StatisticValues.${name}`);
    if (minimum > maximum) {
      throw invalid(
        `The parameter ${at()}.StatisticValues.Maximum must be greater than ${at()}.StatisticValues.Minimum.`,
      );
    }
    if (count <= 0) throw invalid(`The value ${count} for parameter ${at()}.StatisticValues.SampleCount is invalid.`);
    return { values: [], set: { count, sum, minimum, maximum } };
  }
  const values = Values ?? [Value ?? 0];
  if (values.length > mostValues) {
    throw invalid(`The collection ${at()}.Values must not have a size greater than ${mostValues}.`);
  }
  if (Counts !== undefined && Counts.length !== values.length) {
    throw invalid(`The parameters ${at()}.Values and ${at()}.Counts must be of the same size.`);
  }
  for (const value of values) checkValue(value, `${at()}.${first}`);
  return { values: values.map((value, index) => ({ value, count: Counts?.[index] ?? 1 })) };
}

function checkValue(value: number, parameter: string): void {
  if (!(Math.abs(value) <= largest)) throw invalid(`The value ${value} for parameter ${parameter} is invalid.`);
}

const invalid = (message: string) => new AwsError('InvalidParameterValue', message);
const missing = (message: string) => new AwsError('MissingParameter', message);
