// What fx metrics asks CloudWatch about a function or an API, and what it makes of the answers.
import type { Series, SeriesQuery } from '../aws/aws.ts';
import type { MetricTimes } from './metric-times.ts';

/** Values of each period; undefined where there is no data. */
export type Values = readonly (number | undefined)[];

/** A sum or maximum by period and over the whole time, or a percentile of both. */
export interface Measure {
  /** Undefined if there is no data. */
  readonly whole: number | undefined;
  readonly values: Values;
}

export type Measures<K extends string> = Readonly<Record<K, Measure>>;

interface Asked {
  readonly metric: string;
  readonly statistic: string;
}

type Table = Readonly<Record<string, Asked>>;

/** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
const ofFunctions = {
  invocations: { metric: 'Invocations', statistic: 'Sum' },
  errors: { metric: 'Errors', statistic: 'Sum' },
  throttles: { metric: 'Throttles', statistic: 'Sum' },
  p50: { metric: 'Duration', statistic: 'p50' },
  p95: { metric: 'Duration', statistic: 'p95' },
  p99: { metric: 'Duration', statistic: 'p99' },
  asyncDropped: { metric: 'AsyncEventsDropped', statistic: 'Sum' },
  deadLetterErrors: { metric: 'DeadLetterErrors', statistic: 'Sum' },
} as const satisfies Table;
/** Only of a function as a whole. */
const ofWholeFunctions = { concurrency: { metric: 'ConcurrentExecutions', statistic: 'Maximum' } } as const;
const ofStreams = { iteratorAge: { metric: 'IteratorAge', statistic: 'Maximum' } } as const;

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html */
const ofHttpApis = {
  requests: { metric: 'Count', statistic: 'Sum' },
  clientErrors: { metric: '4xx', statistic: 'Sum' },
  serverErrors: { metric: '5xx', statistic: 'Sum' },
  p50: { metric: 'Latency', statistic: 'p50' },
  p95: { metric: 'Latency', statistic: 'p95' },
  p99: { metric: 'Latency', statistic: 'p99' },
} as const satisfies Table;
/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html */
const ofRestApis = {
  ...ofHttpApis,
  clientErrors: { metric: '4XXError', statistic: 'Sum' },
  serverErrors: { metric: '5XXError', statistic: 'Sum' },
} as const satisfies Table;

export type FunctionMeasures = Measures<keyof typeof ofFunctions> &
  Partial<Measures<keyof typeof ofWholeFunctions | keyof typeof ofStreams>>;
export type ApiMeasures = Measures<keyof typeof ofHttpApis>;

/** Whose metrics to read: a function, or one alias or version of it. */
export interface MeasuredFunction {
  readonly dimensions: SeriesQuery['dimensions'];
  /** Whether it reads a stream. */
  readonly readsStream: boolean;
}

export interface MeasuredApi {
  readonly dimensions: SeriesQuery['dimensions'];
  readonly kind: 'http' | 'rest';
}

/** Queries, and how to read their answers, which come in the same order. */
export interface Question<M> {
  readonly queries: readonly SeriesQuery[];
  read(answers: readonly Series[]): M;
}

export function askFunction({ dimensions, readsStream }: MeasuredFunction, times: MetricTimes) {
  const isWhole = !('Resource' in dimensions);
  const table: Table = {
    ...ofFunctions,
    ...(isWhole ? ofWholeFunctions : {}),
    ...(readsStream ? ofStreams : {}),
  };
  return ask<FunctionMeasures>('AWS/Lambda', dimensions, table, times);
}

export function askApi({ dimensions, kind }: MeasuredApi, times: MetricTimes) {
  return ask<ApiMeasures>('AWS/ApiGateway', dimensions, kind === 'http' ? ofHttpApis : ofRestApis, times);
}

const isPercentile = (statistic: string): boolean => statistic.startsWith('p');

function ask<M>(
  namespace: SeriesQuery['namespace'],
  dimensions: SeriesQuery['dimensions'],
  table: Table,
  times: MetricTimes,
): Question<M> {
  const { periodSeconds, wholeSeconds } = times;
  const asked = Object.entries(table);
  const query = ({ metric, statistic }: Asked, seconds: number): SeriesQuery => ({
    namespace,
    metric,
    dimensions,
    statistic,
    periodSeconds: seconds,
  });
  // percentiles of periods say nothing of the percentile of all
  const percentiles = asked.filter(([, { statistic }]) => isPercentile(statistic));
  return {
    queries: [
      ...asked.map(([, each]) => query(each, periodSeconds)),
      ...percentiles.map(([, each]) => query(each, wholeSeconds)),
    ],
    read(answers) {
      const measures = asked.map(([name, { statistic }], index) => {
        const values = byPeriod(answers[index] ?? [], times);
        const place = percentiles.findIndex(([percentile]) => percentile === name);
        const wholes = place === -1 ? values : (answers[asked.length + place] ?? []).map(([, value]) => value);
        return [name, { values, whole: wholeOf(wholes, statistic) }] as const;
      });
      // the table has these names
      return Object.fromEntries(measures) as M;
    },
  };
}

/** How many periods the time has. */
export function periodCount({ since, until, periodSeconds }: MetricTimes): number {
  return Math.ceil((until.getTime() - since.getTime()) / 1000 / periodSeconds);
}

function byPeriod(series: Series, times: MetricTimes): Values {
  const values: (number | undefined)[] = Array.from({ length: periodCount(times) }, () => undefined);
  for (const [start, value] of series) {
    const index = Math.floor((start - times.since.getTime()) / 1000 / times.periodSeconds);
    if (index >= 0 && index < values.length) values[index] = value;
  }
  return values;
}

function wholeOf(values: Values, statistic: string): number | undefined {
  const present = values.filter((value) => value !== undefined);
  if (present.length === 0) return undefined;
  return statistic === 'Sum' ? present.reduce((sum, value) => sum + value, 0) : Math.max(...present);
}
