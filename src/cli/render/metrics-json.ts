// fx metrics for programs, and for its page: the values of each period, with null where there is no data.
import type { ApiMetrics, FunctionMetrics, Metrics } from '../../operate/metrics.ts';

export type Numbers = Readonly<Record<string, number | null>>;
export type Series = Readonly<Record<string, readonly (number | null)[]>>;

export interface Measured {
  /** Over all of the time. */
  readonly whole: Numbers;
  readonly values: Series;
}

export interface MetricsJson extends Omit<Metrics, 'times' | 'functions' | 'apis'> {
  /** ISO 8601: the start of the first period. */
  readonly since: string;
  readonly until: string;
  readonly periodSeconds: number;
  readonly functions: readonly (Omit<FunctionMetrics, 'measures'> & Measured)[];
  readonly apis: readonly (Omit<ApiMetrics, 'measures'> & Measured)[];
}

export function metricsJson({ times, functions, apis, ...rest }: Metrics): MetricsJson {
  const { since, until, periodSeconds } = times;
  return {
    ...rest,
    since: since.toISOString(),
    until: until.toISOString(),
    periodSeconds,
    functions: functions.map(({ measures, ...of }) => ({ ...of, ...measured(measures) })),
    apis: apis.map(({ measures, ...of }) => ({ ...of, ...measured(measures) })),
  };
}

function measured(measures: FunctionMetrics['measures'] | ApiMetrics['measures']): Measured {
  const entries = Object.entries(measures);
  return {
    whole: Object.fromEntries(entries.map(([name, { whole }]) => [name, whole ?? null])),
    values: Object.fromEntries(entries.map(([name, { values }]) => [name, values.map((value) => value ?? null)])),
  };
}
