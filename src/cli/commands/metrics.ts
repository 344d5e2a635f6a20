// fx metrics
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { durationMs } from '../../base/duration.ts';
import { FxError } from '../../base/error.ts';
import { pause } from '../../base/interrupt.ts';
import type { MetricOptions, Metrics } from '../../operate/metrics.ts';
import type { Environment } from '../../project/environment.ts';
import { command, type Invocation } from '../command.ts';
import { type MetricsJson, metricsJson } from '../render/metrics-json.ts';
import { metricsText } from '../render/metrics-text.ts';
import { openSession } from '../session.ts';
import { pointInTime } from '../values.ts';

/** CloudWatch has new values once a minute; the local AWS at once. */
const watchMs = { aws: 60_000, local: 5_000 } as const;
const clearScreen = '\u001b[H\u001b[J';

export const metrics = command({
  output: 'metrics',
  needs: 'environment',
  inEachRegion: (_, { watch, html }) => !watch && html === undefined,
  args: {
    functions: {
      about: 'names in project.yml, or patterns with * (default: all, and the APIs)',
      kind: 'variadic',
      names: 'function',
    },
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
    html: { kind: 'text', value: 'file', about: 'write one page with plots to zoom into, for a browser' },
    watch: { kind: 'flag', short: 'w', about: 'show them again every minute until interrupted' },
  },
  examples: [
    ['fx metrics --env prod', 'The last three hours of all functions and APIs'],
    ['fx metrics orders --since 7d', 'A week of one function, with its releases'],
    ['fx metrics --since 7d --html week.html', 'A page with plots, to look at or to send'],
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
    const alone = options.watch ? '--watch' : options.html === undefined ? undefined : '--html';
    if (options.watch && options.html !== undefined)
      throw new FxError('USAGE', '--watch and --html exclude each other');
    if (alone !== undefined) checkOneRegion(environment, alone, common.region);
    const operate = await import('../../operate/metrics.ts');
    const read = () => operate.metrics(environment, wanted, context);
    const text = (of: Metrics) =>
      metricsText(of, {
        color: io.color && io.stdoutIsTerminal,
        columns: io.stdoutIsTerminal ? io.columns() : undefined,
      });
    if (!options.watch) {
      const result = await read();
      if (options.html !== undefined) await writePage(invocation, options.html, metricsJson(result));
      else invocation.print(text(result));
      invocation.result(metricsJson(result));
      return 0;
    }
    const clear = io.stdoutIsTerminal && !common.json ? clearScreen : '';
    try {
      for (;;) {
        const result = await read();
        invocation.item('metrics', metricsJson(result), `${clear}${text(result)}`);
        await pause(context.aws.endpoint === undefined ? watchMs.aws : watchMs.local, invocation.signal);
      }
    } catch (error) {
      // to interrupt --watch is to end it
      if (invocation.signal.aborted) return 0;
      throw error;
    }
  },
});

async function writePage({ io, print }: Invocation, file: string, result: MetricsJson): Promise<void> {
  const { metricsPage } = await import('../render/metrics-page.ts');
  const path = resolve(io.workingFolder, file);
  const page = await metricsPage(result);
  try {
    await writeFile(path, page);
  } catch (error) {
    throw new FxError('USAGE', `--html: ${(error as Error).message}`);
  }
  print(`Wrote ${file}: open it in a browser.`);
}

function checkOneRegion({ name, regions }: Environment, option: string, chosen: string | undefined): void {
  if (regions === undefined || regions.names.length < 2 || chosen !== undefined) return;
  throw new FxError('USAGE', `fx metrics ${option} shows one region, and "${name}" has ${regions.names.length}`, {
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
