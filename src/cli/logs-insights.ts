// fx logs --insights: a query of CloudWatch Logs Insights, its rows and its name.
import { type ExitCode, FxError } from '../base/error.ts';
import type { Invocation } from './command.ts';
import { statisticsText, queryText as tableText } from './render/query-text.ts';
import { style } from './render/style.ts';
import { checkQueryName, queryText, saveQuery } from './saved-queries.ts';
import { openSession } from './session.ts';
import { pointInTime, wholeNumber } from './values.ts';

interface Wishes {
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly number: string | undefined;
  readonly save: string | undefined;
  readonly format: string | undefined;
  readonly [other: string]: unknown;
}

/** What a query says itself. */
const others = ['follow', 'live', 'filter', 'grep', 'errors', 'request', 'release'] as const;

type Given = Omit<Invocation<'environment'>, 'args' | 'options'> & {
  readonly args: { readonly functions: readonly string[] };
  readonly options: Wishes;
};

export async function runInsights(invocation: Given, written: string): Promise<ExitCode> {
  const { io, common, options } = invocation;
  const other = others.find((name) => options[name] !== undefined && options[name] !== false);
  if (other !== undefined) {
    throw new FxError('USAGE', `--${other} is not for --insights`, { hint: 'the query itself says what it finds' });
  }
  const { format, save } = options;
  if (format !== undefined && format !== 'pretty' && format !== 'json') {
    throw new FxError('USAGE', `--format takes pretty or json with --insights, not ${JSON.stringify(format)}`);
  }
  const since = pointInTime(options.since ?? '1h', '--since');
  const until = options.until === undefined ? undefined : pointInTime(options.until, '--until');
  const limit = options.number === undefined ? undefined : wholeNumber(options.number, '-n');
  const { environment, context } = await openSession({ ...invocation, args: {}, options: {} });
  const text = await queryText(written, environment.folder);
  if (save !== undefined) await checkQueryName(save, text, environment.folder);
  const now = context.now();
  const span = { since: since(now), until: until?.(now) ?? new Date(now) };
  if (span.since >= span.until) throw new FxError('USAGE', '--since is not before --until');
  const { logQuery } = await import('../operate/log-query.ts');
  const result = await logQuery(environment, { names: invocation.args.functions, text, limit, ...span }, context);
  const { rows, statistics } = result;
  if (common.json || format === 'json') {
    for (const row of rows) invocation.item('row', row, JSON.stringify(row));
  } else if (rows.length > 0) {
    const isTerminal = io.stdoutIsTerminal;
    const columns = isTerminal ? io.columns() : undefined;
    invocation.print(tableText(result, { styles: style(io.color && isTerminal), columns }));
  }
  invocation.aside(`${rows.length === 0 ? 'No rows: ' : ''}${statisticsText(statistics)}`);
  if (save !== undefined) {
    const file = await saveQuery(save, text, environment.folder);
    invocation.aside(`Saved as ${file}: fx logs --insights @${save}`);
  }
  invocation.result({ rows: rows.length, statistics });
  return 0;
}
