// fx logs
import { FxError } from '../../base/error.ts';
import { command } from '../command.ts';
import type { RegionSession } from '../log-regions.ts';
import { releaseForms, releaseName } from '../release-name.ts';
import { type LogFormat, logFormats, logText, logValue } from '../render/log-text.ts';
import { style } from '../render/style.ts';
import { pointInTime, wholeNumber } from '../values.ts';

export const logs = command({
  output: 'logs',
  needs: 'environment',
  // lines of several regions are one log; the answers of a query are not
  inEachRegion: (_, { insights }) => insights !== undefined,
  args: {
    functions: {
      about: 'names in project.yml, or patterns such as auth* (default: all)',
      kind: 'variadic',
      names: 'function',
    },
  },
  options: {
    follow: { kind: 'flag', short: 'f', about: 'show new lines until interrupted' },
    live: {
      kind: 'flag',
      about: 'follow by Live Tail: within a second, of up to 10 log groups, for about $0.01 a minute',
    },
    since: {
      kind: 'text',
      short: 's',
      value: 'time',
      about: 'lines from then on: 10m, 2h, 3d, or a date (default: 10m; with -n or --request 7d)',
    },
    until: { kind: 'text', value: 'time', about: 'lines up to then' },
    number: { kind: 'text', short: 'n', value: 'count', about: 'only so many lines, the newest' },
    filter: { kind: 'text', value: 'pattern', about: 'a CloudWatch Logs filter pattern' },
    grep: { kind: 'text', value: 'regex', about: 'lines that match a regular expression of JavaScript' },
    errors: {
      kind: 'flag',
      about: 'errors only: by their level, thrown and uncaught, timeouts, memory, exits',
    },
    request: { kind: 'text', value: 'id', about: 'the lines of one invocation' },
    release: { kind: 'text', value: 'release', about: `the lines of the versions of one release: ${releaseForms}` },
    format: {
      kind: 'text',
      value: 'format',
      about: `${logFormats.join(', ')} (default: pretty at a terminal, else short)`,
    },
    insights: {
      kind: 'text',
      value: 'query',
      about: 'run a query of CloudWatch Logs Insights, or @name for a saved one (default of --since: 1h)',
    },
    save: { kind: 'text', value: 'name', about: 'save the query of --insights in queries/' },
  },
  examples: [
    ['fx logs orders', 'The last ten minutes of one function'],
    ["fx logs -f 'auth*' --env staging", 'Follow the functions whose names begin with auth'],
    ['fx logs -n 50 --errors', 'The last fifty lines of errors, of all functions'],
    ['fx logs --since 2h --until 1h --filter ERROR', 'Lines with ERROR of an hour'],
    ['fx logs --request 3a1b0c5e-3d5f-4f0a-9a57-0d8f6d0b1c2e', 'Everything that one invocation wrote'],
    ['fx logs --release 12 --env prod', 'What the versions of release 12 wrote'],
    ['fx logs --format json | jq \'select(.level == "error")\'', 'JSON for other programs'],
  ],
  async run(invocation) {
    const { io, common, options } = invocation;
    if (options.insights !== undefined) {
      const { runInsights } = await import('../logs-insights.ts');
      return runInsights(invocation, options.insights);
    }
    if (options.save !== undefined) throw new FxError('USAGE', '--save needs the query of --insights');
    const wanted = readOptions(options, io.stdoutIsTerminal);
    const { merged, openRegions } = await import('../log-regions.ts');
    const sessions = await openRegions(invocation);
    const [{ environment, context }] = sessions;
    const operate = await import('../../operate/logs.ts');
    const now = context.now();
    const [since, until] = [wanted.since?.(now), wanted.until?.(now)];
    if (since !== undefined && until !== undefined && since >= until) {
      throw new FxError('USAGE', `--since ${options.since} is not before --until ${options.until}`);
    }
    const color = io.color && io.stdoutIsTerminal;
    const text = logText(wanted.format, {
      styles: style(color),
      color,
      columns: io.stdoutIsTerminal ? io.columns() : undefined,
      functions: environment.functions.map(({ name }) => name),
      regions: sessions.length === 1 ? [] : sessions.map((session) => session.environment.region),
    });
    const { format: _, ...conditions } = wanted;
    const search = { ...conditions, names: invocation.args.functions, since, until, release: wanted.release?.(now) };
    let count = 0;
    const read = (session: RegionSession) => operate.logs(session.environment, search, session.context);
    for await (const line of merged(sessions, read, search)) {
      count++;
      const shown = text(line);
      if (common.json || shown !== undefined) invocation.item('log', logValue(line, line.message), shown ?? '');
    }
    if (count === 0 && !search.follow) invocation.aside(nothing(wanted));
    if (common.json) invocation.result({ lines: count });
    return 0;
  },
});

interface Wishes {
  readonly follow: boolean;
  readonly live: boolean;
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly number: string | undefined;
  readonly filter: string | undefined;
  readonly grep: string | undefined;
  readonly errors: boolean;
  readonly request: string | undefined;
  readonly release: string | undefined;
  readonly format: string | undefined;
}

/** Throws USAGE. The current time is only known later: it is that of AWS. */
function readOptions(wishes: Wishes, isTerminal: boolean) {
  const {
    live,
    errors,
    since,
    until,
    number,
    request,
    release,
    filter,
    format = isTerminal ? 'pretty' : 'short',
  } = wishes;
  if (!isFormat(format)) {
    throw new FxError('USAGE', `--format takes ${logFormats.join(', ')}, not ${JSON.stringify(format)}`);
  }
  const follow = wishes.follow || live;
  if (follow && until !== undefined) {
    throw new FxError('USAGE', `--until ends what ${live ? '--live' : '-f'} would follow: give one of them`);
  }
  if (request !== undefined && number !== undefined) {
    throw new FxError('USAGE', '--request shows a whole invocation: leave -n out');
  }
  if (request !== undefined && !/^[\w-]{8,64}$/.test(request)) {
    throw new FxError('USAGE', `--request takes the id of an invocation, not ${JSON.stringify(request)}`, {
      hint: 'it is in the lines START, END and REPORT, and context.awsRequestId in the code',
    });
  }
  return {
    follow,
    live,
    errors,
    format,
    pattern: filter,
    requestId: request,
    since: since === undefined ? undefined : pointInTime(since, '--since'),
    until: until === undefined ? undefined : pointInTime(until, '--until'),
    count: number === undefined ? undefined : wholeNumber(number, '-n'),
    grep: wishes.grep === undefined ? undefined : expression(wishes.grep),
    release: release === undefined ? undefined : releaseName(release, '--release'),
  };
}

function isFormat(text: string): text is LogFormat {
  return logFormats.some((format) => format === text);
}

function expression(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new FxError('USAGE', `--grep ${JSON.stringify(text)} is no regular expression: ${reason}`);
  }
}

function nothing({ requestId, since, count }: ReturnType<typeof readOptions>): string {
  if (requestId !== undefined) return `No lines of the invocation ${requestId} in that time.`;
  return since === undefined && count === undefined
    ? 'No lines in the last ten minutes: --since 1d looks back further.'
    : 'No lines in that time.';
}
