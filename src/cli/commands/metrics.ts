// fx metrics
import { FxError } from '../../base/error.ts';
import { pause } from '../../base/interrupt.ts';
import type { MetricOptions, Metrics } from '../../operate/metrics.ts';
import type { Environment } from '../../project/environment.ts';
import { command } from '../command.ts';
import { metricsText } from '../render/metrics-text.ts';
import { openSession } from '../session.ts';
import { durationMs, pointInTime } from '../values.ts';

/** CloudWatch has new values once a minute; the local AWS at once. */
const watchMs = { aws: 60_000, local: 5_000 } as const;
const clearScreen = '\u001b[H\u001b[2J\u001b[3J';

export const metrics = command({
  needs: 'environment',
  inEachRegion: (_, { watch }) => !watch,
  args: {
    functions: { about: 'names in project.yml, or patterns with * (default: all, and the APIs)', kind: 'variadic' },
  },
  options: {
    since: {
      kind: 'text',
      short: 's',
      value: 'time',
      about: 'from then on: 30m, 3h, 7d, or a date',
      default: '3h',
    },
    until: { kind: 'text', value: 'time', about: 'up to then (default: now)' },
    period: { kind: 'text', value: 'time', about: 'the time of one point: 1m, 5m, 1h (default: chosen)' },
    by: { kind: 'text', value: 'what', about: 'a row for each alias or version: alias, version' },
    watch: { kind: 'flag', short: 'w', about: 'show them again every minute until interrupted' },
  },
  examples: [
    ['fx metrics --env prod', 'The last three hours of all functions and APIs'],
    ['fx metrics orders --since 7d', 'A week of one function, with its releases'],
    ["fx metrics 'user-*' --watch", 'Some functions, as they work'],
    ['fx metrics orders --by version --since 1d', 'Whether the new version is slower'],
    ['fx metrics --since 2026-11-20 --until 2026-11-21 --json', 'A day, for a program'],
  ],
  async run(invocation) {
    const { io, common, options } = invocation;
    const wanted: MetricOptions = {
      names: invocation.args.functions,
      by: byOf(options.by),
      times: timesOf(options),
    };
    const { environment, context } = await openSession(invocation);
    if (options.watch) checkOneRegion(environment, common.region);
    const operate = await import('../../operate/metrics.ts');
    const read = () => operate.metrics(environment, wanted, context);
    const text = (of: Metrics) =>
      metricsText(of, {
        color: io.color && io.stdoutIsTerminal,
        columns: io.stdoutIsTerminal ? io.columns() : undefined,
      });
    if (!options.watch) {
      const result = await read();
      invocation.print(text(result));
      invocation.result(jsonOf(result));
      return 0;
    }
    const clear = io.stdoutIsTerminal && !common.json ? clearScreen : '';
    try {
      for (;;) {
        const result = await read();
        invocation.item('metrics', jsonOf(result), `${clear}${text(result)}`);
        await pause(context.aws.endpoint === undefined ? watchMs.aws : watchMs.local, invocation.signal);
      }
    } catch (error) {
      // to interrupt --watch is to end it
      if (invocation.signal.aborted) return 0;
      throw error;
    }
  },
});

function checkOneRegion({ name, regions }: Environment, chosen: string | undefined): void {
  if (regions === undefined || regions.names.length < 2 || chosen !== undefined) return;
  throw new FxError('USAGE', `fx metrics --watch shows one region, and "${name}" has ${regions.names.length}`, {
    hint: `choose it with --region: ${regions.names.join(', ')}`,
  });
}

function byOf(text: string | undefined): MetricOptions['by'] {
  if (text === undefined) return 'function';
  if (text === 'alias' || text === 'version') return text;
  throw new FxError('USAGE', `--by takes alias or version, not ${JSON.stringify(text)}`);
}

interface TimeTexts {
  readonly since: string;
  readonly until: string | undefined;
  readonly period: string | undefined;
}

function timesOf({ since, until, period }: TimeTexts): MetricOptions['times'] {
  const from = pointInTime(since, '--since');
  const to = until === undefined ? (now: number) => new Date(now) : pointInTime(until, '--until');
  const periodMs = period === undefined ? undefined : durationMs(period);
  if (period !== undefined && (periodMs === undefined || periodMs === 0 || periodMs % 60_000 !== 0)) {
    throw new FxError('USAGE', `--period takes whole minutes such as 1m, 5m or 1h, not ${JSON.stringify(period)}`);
  }
  const periodSeconds = periodMs === undefined ? undefined : periodMs / 1000;
  return (now) => ({ since: from(now), until: to(now), periodSeconds });
}

/** The series have null where there is no data. */
function jsonOf({ times, functions, apis, ...rest }: Metrics) {
  const { since, until, periodSeconds } = times;
  const plain = <M extends { readonly measures: object }>({ measures, ...of }: M) => {
    const entries = Object.entries(measures as Readonly<Record<string, Metrics['apis'][number]['measures']['p50']>>);
    return {
      ...of,
      whole: Object.fromEntries(entries.map(([name, { whole }]) => [name, whole ?? null])),
      values: Object.fromEntries(entries.map(([name, { values }]) => [name, values.map((value) => value ?? null)])),
    };
  };
  return {
    ...rest,
    since: since.toISOString(),
    until: until.toISOString(),
    periodSeconds,
    functions: functions.map(plain),
    apis: apis.map(plain),
  };
}
