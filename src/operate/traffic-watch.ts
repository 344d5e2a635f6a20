// Watches the metrics of new versions while they get a share of the traffic.
import type { MetricQuery, Metrics } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import { liveAlias } from '../cfn/names.ts';
import type { AbortCondition, MetricCondition } from '../project/deployment.ts';

export type WatchedMetrics = Pick<Metrics, 'byMinute' | 'alarms'>;

export interface WatchedVersion {
  /** The function's name in project.yml. */
  readonly name: string;
  readonly physicalName: string;
  readonly version: string;
}

export interface Measured {
  readonly invocations: number;
  readonly errors: number;
  /** The first condition that is true: `errors>1% in orders (12 of 340 calls)`. */
  readonly broken: string | undefined;
}

/** What the new versions did since then. Sums are over all the time; a duration counts if it was over the limit in any minute. */
export async function measure(
  metrics: WatchedMetrics,
  versions: readonly WatchedVersion[],
  {
    conditions: all,
    since,
    until,
  }: { readonly conditions: readonly AbortCondition[]; readonly since: Date; readonly until: Date },
): Promise<Measured> {
  const conditions = all.filter((condition) => 'metric' in condition);
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
  const [values, ringing] = await Promise.all([metrics.byMinute(queries, since, until), brokenAlarm(metrics, all)]);
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
    broken: broken[0] ?? ringing,
  };
}

const alarmsIn = (conditions: readonly AbortCondition[]): readonly string[] =>
  conditions.flatMap((condition) => ('alarm' in condition ? [condition.alarm] : []));

async function brokenAlarm(
  metrics: WatchedMetrics,
  conditions: readonly AbortCondition[],
): Promise<string | undefined> {
  const names = alarmsIn(conditions);
  if (names.length === 0) return undefined;
  const states = await metrics.alarms(names);
  const missing = names.find((name) => !states.has(name));
  if (missing !== undefined) return `there is no alarm "${missing}"`;
  const ringing = names.find((name) => states.get(name) === 'ALARM');
  return ringing === undefined ? undefined : `the alarm "${ringing}" went off`;
}

/** Before anything is written: an alarm that is off already would abort the deploy, and a name with a mistake would end it half way.
 * `addsAlarms`: a missing alarm may be one of those that the deploy adds. Throws USAGE or DEPLOY_ABORTED. */
export async function checkAlarms(
  metrics: WatchedMetrics,
  conditions: readonly AbortCondition[],
  addsAlarms: boolean,
): Promise<void> {
  const names = alarmsIn(conditions);
  if (names.length === 0) return;
  const states = await metrics.alarms(names);
  const missing = names.find((name) => !states.has(name));
  if (missing !== undefined && !addsAlarms) {
    throw new FxError('USAGE', `there is no CloudWatch alarm "${missing}" in this account and region`, {
      hint: 'abortOn and --abort-on name alarms as CloudWatch does: aws cloudwatch describe-alarms lists them',
    });
  }
  const ringing = names.find((name) => states.get(name) === 'ALARM');
  if (ringing === undefined) return;
  throw new FxError('DEPLOY_ABORTED', `the alarm "${ringing}" is in the state ALARM before the deploy begins`, {
    hint: 'nothing was changed. Repair what it is about; or name other conditions with --abort-on, or use --all-at-once',
  });
}

function statisticOf(metric: MetricCondition['metric']): 'Average' | `p${number}` | undefined {
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
function overLimit({ metric, limit }: MetricCondition, counted: Counted): string | undefined {
  const { invocations, errors, throttles } = counted;
  if (metric === 'errors') return errors > limit ? `${errors} errors` : undefined;
  if (metric === 'throttles') return throttles > limit ? `${throttles} throttles` : undefined;
  if (metric === 'errorRate') {
    return invocations > 0 && (errors / invocations) * 100 > limit ? `${errors} of ${invocations} calls` : undefined;
  }
  const longest = counted.most(statisticOf(metric) ?? '');
  return longest > limit ? `${Math.round(longest)} ms` : undefined;
}
