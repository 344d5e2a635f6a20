// fx logs --insights: runs a query of CloudWatch Logs Insights over the functions' log groups.
import type { QueryPage, StartedQuery } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import { pause } from '../base/interrupt.ts';
import type { Environment } from '../project/environment.ts';
import { type Context, identify, notDeployed } from './context.ts';
import { chosenSources, type LogSource } from './log-source.ts';

export interface LogQueryOptions {
  /** Names and patterns such as `auth*`. Empty: all functions. */
  readonly names: readonly string[];
  readonly text: string;
  readonly since: Date;
  readonly until: Date;
  /** Rows of a query without limit. */
  readonly limit: number | undefined;
}

export interface QueryResult {
  /** The columns, in order. */
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, string>>[];
  readonly statistics: QueryPage['statistics'];
}

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html */
const mostGroups = 50;
/** GetQueryResults is paced, too. */
const pollMs = 500;
const throttledMs = 4_000;

/** Throws USAGE for a query that AWS cannot read, and NOT_DEPLOYED. */
export async function logQuery(
  environment: Environment,
  options: LogQueryOptions,
  context: Context,
): Promise<QueryResult> {
  const sources = chosenSources(environment, options.names);
  const { account } = await identify(environment, context);
  if (sources.length > mostGroups) {
    throw new FxError('USAGE', `a query takes ${mostGroups} log groups, not ${sources.length}`, {
      hint: 'name some functions, or let them share a log group: logging.logGroup',
    });
  }
  const scope = scopeOf(environment, sources, account);
  context.report({ kind: 'stage', stage: 'querying-logs' });
  const patient = patientOf(context);
  const id = await started(environment, { ...options, scope, sources, patient }, context);
  try {
    return await results(id, context, patient);
  } catch (error) {
    // a query goes on, and costs, without anybody who waits for it
    if (context.signal.aborted) await context.aws.uninterrupted().logs.stopQuery(id);
    throw error;
  }
}

/** A filter on the streams of the chosen functions, where others write to the same group; undefined where nobody does. */
function scopeOf({ functions }: Environment, sources: readonly LogSource[], account: string): string | undefined {
  const partly = sources.filter(
    ({ group, functions: chosen }) => functions.filter(({ logGroup }) => logGroup === group).length > chosen.length,
  );
  if (partly.length === 0) return undefined;
  const physical = new Map(functions.map(({ name, physicalName }) => [name, physicalName]));
  const streams = partly.flatMap((source) => source.functions.map((name) => physical.get(name) ?? name));
  const groups = partly.map(({ group }) => `@log != "${account}:${group}"`);
  return `filter (${groups.join(' and ')}) or @logStream like /\\/(${streams.join('|')})\\[/`;
}

interface Start extends LogQueryOptions {
  readonly scope: string | undefined;
  readonly sources: readonly LogSource[];
  readonly patient: Patient;
}

async function started(environment: Environment, start: Start, context: Context): Promise<string> {
  const { scope, sources, text, since, until, limit, patient } = start;
  const prefix = scope === undefined ? '' : `${scope}\n| `;
  let groups = sources.map(({ group }) => group);
  const missing: string[] = [];
  while (groups.length > 0) {
    const answer = await patient<StartedQuery>(() =>
      context.aws.logs.startQuery({ groups, text: `${prefix}${text}`, since, until, limit }),
    );
    if ('id' in answer) {
      const functions = sources.filter(({ group }) => missing.includes(group)).flatMap((source) => source.functions);
      if (functions.length > 0) context.report({ kind: 'logs-missing', functions, awaited: false });
      return answer.id;
    }
    if ('malformed' in answer) throw malformed(text, answer, prefix.length);
    const { missing: absent } = answer;
    const left = groups.filter((group) => group !== absent);
    // a name that fx does not know, or none: nothing can be left out
    if (left.length === groups.length) throw new FxError('AWS_REFUSED', `there is no log group ${absent}`);
    missing.push(absent);
    groups = left;
  }
  throw notDeployed(environment);
}

function malformed(
  text: string,
  { malformed: said, at }: Extract<StartedQuery, { readonly malformed: string }>,
  offset: number,
): FxError {
  const near = at === undefined || at < offset ? '' : text.slice(at - offset, at - offset + 30).trim();
  return new FxError('USAGE', `CloudWatch Logs Insights cannot read the query: ${said}`, {
    hint:
      near === ''
        ? 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html'
        : `at ${JSON.stringify(near)}`,
  });
}

async function results(id: string, context: Context, patient: Patient): Promise<QueryResult> {
  const page = await ended(id, context, patient);
  const rows = [...page.rows];
  for (let next = page.next; next !== undefined; ) {
    const token: string = next;
    const more = await patient(() => context.aws.logs.queryResults(id, token));
    rows.push(...more.rows);
    next = more.next;
  }
  // @ptr is for GetLogRecord, not for people
  const shown = rows.map((row) => Object.fromEntries(row.filter(([name]) => name !== '@ptr')));
  const columns = [...new Set(shown.flatMap((row) => Object.keys(row)))];
  return { columns, rows: shown, statistics: page.statistics };
}

async function ended(id: string, context: Context, patient: Patient): Promise<QueryPage> {
  for (;;) {
    const page = await patient(() => context.aws.logs.queryResults(id));
    if (page.status === 'complete') return page;
    if (page.status === 'failed') {
      throw new FxError('AWS_REFUSED', `the query ended with the status ${page.said}`, {
        hint: 'a shorter time, with --since and --until, is less to read',
      });
    }
    context.report({ kind: 'logs-query', scanned: page.statistics.scanned });
    await pause(Math.min(pollMs, context.pollMs), context.signal);
  }
}

type Patient = <T>(call: () => Promise<T | 'throttled'>) => Promise<Exclude<T, 'throttled'>>;

/** Waits as long as AWS takes no more calls, and says so once. */
function patientOf({ report, signal }: Context): Patient {
  let hasSaid = false;
  return async <T>(call: () => Promise<T | 'throttled'>) => {
    for (;;) {
      const answer = await call();
      if (answer !== 'throttled') return answer as Exclude<T, 'throttled'>;
      if (!hasSaid) report({ kind: 'logs-delayed', reason: 'throttled', seconds: throttledMs / 1000 });
      hasSaid = true;
      await pause(throttledMs, signal);
    }
  };
}
