// Watches the metrics of new versions while they get a share of the traffic.
import type { MetricQuery, Metrics } from '../aws/aws.ts';
import { liveAlias } from '../cfn/names.ts';
import type { AbortCondition } from '../project/deployment.ts';

export interface WatchedVersion {
  /** The function's name in project.yml. */
  readonly name: string;
  readonly physicalName: string;
  readonly version: string;
}

export interface Measured {
  readonly invocations: number;
  readonly errors: number;
  /** The first condition that is true of a function: `errors>1% in orders (12 of 340 calls)`. */
  readonly broken: string | undefined;
}

/** What the new versions did since then. Sums are over all the time; a duration counts if it was over the limit in any minute. */
export async function measure(
  metrics: Metrics,
  versions: readonly WatchedVersion[],
  {
    conditions,
    since,
    until,
  }: { readonly conditions: readonly AbortCondition[]; readonly since: Date; readonly until: Date },
): Promise<Measured> {
  const durations = [...new Set(conditions.flatMap(({ metric }) => statisticOf(metric) ?? []))];
  const queries = versions.flatMap(({ name, physicalName, version }): MetricQuery[] => {
    const of = { functionName: physicalName, alias: liveAlias, version };
    return [
      { ...of, id: `${name} Invocations`, metric: 'Invocations', statistic: 'Sum' },
      { ...of, id: `${name} Errors`, metric: 'Errors', statistic: 'Sum' },
      { ...of, id: `${name} Throttles`, metric: 'Throttles', statistic: 'Sum' },
      ...durations.map((statistic) => ({ ...of, id: `${name} ${statistic}`, metric: 'Duration', statistic }) as const),
    ];
  });
  const values = await metrics.byMinute(queries, since, until);
  const sum = (id: string) => (values.get(id) ?? []).reduce((total, value) => total + value, 0);
  const most = (id: string) => Math.max(0, ...(values.get(id) ?? []));
  const broken = versions.flatMap(({ name }) => {
    const counts = { invocations: sum(`${name} Invocations`), errors: sum(`${name} Errors`) };
    return conditions.flatMap((condition) => {
      const found = overLimit(condition, {
        ...counts,
        throttles: sum(`${name} Throttles`),
        most: (id) => most(`${name} ${id}`),
      });
      return found === undefined ? [] : [`${condition.text} in ${name} (${found})`];
    });
  });
  return {
    invocations: versions.reduce((total, { name }) => total + sum(`${name} Invocations`), 0),
    errors: versions.reduce((total, { name }) => total + sum(`${name} Errors`), 0),
    broken: broken[0],
  };
}

function statisticOf(metric: AbortCondition['metric']): 'Average' | `p${number}` | undefined {
  if (metric === 'duration') return 'Average';
  return /^p\d/.test(metric) ? (metric as `p${number}`) : undefined;
}

interface Counted {
  readonly invocations: number;
  readonly errors: number;
  readonly throttles: number;
  most(statistic: string): number;
}

/** What is over the limit, for people; undefined if nothing is. */
function overLimit({ metric, limit }: AbortCondition, counted: Counted): string | undefined {
  const { invocations, errors, throttles } = counted;
  if (metric === 'errors') return errors > limit ? `${errors} errors` : undefined;
  if (metric === 'throttles') return throttles > limit ? `${throttles} throttles` : undefined;
  if (metric === 'errorRate') {
    return invocations > 0 && (errors / invocations) * 100 > limit ? `${errors} of ${invocations} calls` : undefined;
  }
  const longest = counted.most(statisticOf(metric) ?? '');
  return longest > limit ? `${Math.round(longest)} ms` : undefined;
}
