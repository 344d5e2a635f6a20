// Queries of CloudWatch Logs Insights.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
import { randomUUID } from 'node:crypto';
import type { QueryStatus } from '@aws-sdk/client-cloudwatch-logs';
import { AwsError, type Input, type Operations, type Request } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { pageByName, pageFrom } from '../paging.ts';
import { fieldsOf, type StoredEvent } from './insights/fields.ts';
import { parseQuery } from './insights/parse.ts';
import { type Outcome, runQuery } from './insights/run.ts';
import type { Command } from './insights/syntax.ts';
import { eventsOf } from './reading.ts';
import { groupArn, invalidToken, type LogGroup, type LogState, streamsOf } from './state.ts';

const mostGroups = 50;
const mostItems = 10_000;
/** The oldest are forgotten; AWS keeps results for seven days. */
const mostQueries = 100;
const runAfterMs = 20;
const eventOverheadBytes = 26;

interface Query {
  readonly id: string;
  /** As AWS lists it, with its groups and times. */
  readonly text: string;
  readonly groups: readonly LogGroup[];
  readonly createTime: number;
  status: QueryStatus;
  outcome: (Outcome & { readonly scanned: number; readonly bytes: number }) | undefined;
  cancel(): void;
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}

/** The part of AWS that runs queries signs its errors. */
function signed({ code, message, status, fields }: AwsError, { requestId }: Request): AwsError {
  const by = `(Service: AWSLogs; Status Code: ${status}; Error Code: ${code}; Request ID: ${requestId}; Proxy: null)`;
  return new AwsError(code, `${message} ${by}`, status, fields);
}

export function queryOperations(state: LogState, stopping: AbortSignal): Operations<'logs'> {
  const { cloud } = state;
  const queries = new Map<string, Query>();
  stopping.addEventListener('abort', () => {
    for (const query of queries.values()) query.cancel();
  });
  const existing = (id: string | undefined): Query => {
    const query = queries.get(id ?? '');
    if (query !== undefined) return query;
    throw new AwsError('ResourceNotFoundException', 'The specified query does not exist.');
  };
  return {
    StartQuery: {
      members: [
        'queryLanguage',
        'logGroupName',
        'logGroupNames',
        'logGroupIdentifiers',
        'startTime',
        'endTime',
        'queryString',
        'limit',
      ],
      run(input, request) {
        const { startTime = 0, endTime = 0, queryString = '', limit } = input;
        checkConstraints('InvalidParameterException', [
          ['queryString', queryString, { max: 10_000 }],
          ['limit', limit, { min: 1, max: 100_000 }],
          ['queryLanguage', input.queryLanguage, { oneOf: ['CWLI', 'SQL', 'PPL'] }],
        ]);
        if ((input.queryLanguage ?? 'CWLI') !== 'CWLI') {
          throw new AwsError('NotImplemented', `the local AWS has no queries in ${input.queryLanguage}`, 501);
        }
        const groups = groupsOf(state, input, request);
        if (endTime < startTime) throw invalid('End time should not be before start time.');
        const commands = commandsOf(queryString, request);
        const id = randomUUID();
        const names = groups.map(({ name }) => `"${name}"`).join(', ');
        const query: Query = {
          id,
          text: `SOURCE ${names} START=${startTime}000 END=${endTime}999 | ${queryString}`,
          groups,
          createTime: cloud.now(),
          status: 'Running',
          outcome: undefined,
          cancel: cloud.after(runAfterMs, () => {
            query.outcome = outcomeOf(state, groups, { startTime, endTime, commands, limit });
            query.status = 'Complete';
          }),
        };
        queries.set(id, query);
        if (queries.size > mostQueries) queries.delete(queries.keys().next().value ?? '');
        return { queryId: id };
      },
    },
    GetQueryResults: {
      members: ['queryId', 'nextToken', 'maxItems'],
      run({ queryId, nextToken, maxItems }) {
        checkConstraints('InvalidParameterException', [['maxItems', maxItems, { min: 1, max: mostItems }]]);
        const { status, outcome } = existing(queryId);
        const page = pageFrom(outcome?.rows ?? [], { token: nextToken, most: maxItems ?? mostItems });
        if (page === undefined) throw invalidToken();
        return {
          queryLanguage: 'CWLI' as const,
          status,
          results: page.items.map((row) => row.map(([field, value]) => ({ field, value }))),
          statistics: {
            recordsMatched: outcome?.matched ?? 0,
            recordsScanned: outcome?.scanned ?? 0,
            estimatedRecordsSkipped: 0,
            bytesScanned: outcome?.bytes ?? 0,
            estimatedBytesSkipped: 0,
            logGroupsScanned: outcome === undefined ? 0 : existing(queryId).groups.length,
            resultCount: outcome?.rows.length ?? 0,
          },
          ...(page.nextToken === undefined ? {} : { nextToken: page.nextToken }),
        };
      },
    },
    StopQuery: {
      members: ['queryId'],
      run({ queryId }) {
        const query = existing(queryId);
        if (query.status !== 'Running') throw invalid('The specified query is not running.');
        query.cancel();
        query.status = 'Cancelled';
        return { success: true };
      },
    },
    DescribeQueries: {
      members: ['logGroupName', 'status', 'maxResults', 'nextToken', 'queryLanguage'],
      run({ logGroupName, status, maxResults = 1000, nextToken, queryLanguage = 'CWLI' }) {
        checkConstraints('InvalidParameterException', [['maxResults', maxResults, { min: 1, max: 1000 }]]);
        const matching = [...queries.values()]
          .filter(({ groups }) => logGroupName === undefined || groups.some(({ name }) => name === logGroupName))
          .filter((query) => (status ?? query.status) === query.status && queryLanguage === 'CWLI')
          .sort((left, right) => (left.id < right.id ? -1 : 1));
        const page = pageByName(matching, ({ id }) => id, { token: nextToken, most: maxResults });
        return {
          queries: page.items.map(({ id, text, status: now, createTime, groups: [first] }) => ({
            queryLanguage: 'CWLI' as const,
            queryId: id,
            queryString: text,
            status: now,
            createTime,
            logGroupName: first?.name,
          })),
          ...(page.nextToken === undefined ? {} : { nextToken: page.nextToken }),
        };
      },
    },
  };
}

function groupsOf(
  state: LogState,
  { logGroupName, logGroupNames, logGroupIdentifiers }: Input<'logs', 'StartQuery'>,
  request: Request,
): readonly LogGroup[] {
  const given = [logGroupName && [logGroupName], logGroupNames, logGroupIdentifiers].filter((names) => names?.length);
  if (given.length !== 1) {
    throw invalid(
      'The request must include exactly one of the parameters logGroupName, logGroupNames, or logGroupIdentifiers.',
    );
  }
  const names = [...new Set(given.flatMap((each) => each || []))];
  if (names.length > mostGroups) throw invalid(`A query can have at most ${mostGroups} log groups.`);
  const prefix = groupArn(state, '');
  return names.map((named) => {
    const name = named.startsWith(prefix) ? named.slice(prefix.length) : named;
    const group = state.groups.get(name);
    if (group !== undefined) return group;
    const account = state.cloud.accountId;
    const missing = `Log group '${name}' does not exist for account ID '${account}'`;
    throw signed(new AwsError('ResourceNotFoundException', missing), request);
  });
}

function commandsOf(text: string, request: Request): readonly Command[] {
  try {
    return parseQuery(text);
  } catch (error) {
    throw error instanceof AwsError ? signed(error, request) : error;
  }
}

interface Run {
  /** Seconds, both inclusive. */
  readonly startTime: number;
  readonly endTime: number;
  readonly commands: readonly Command[];
  readonly limit: number | undefined;
}

function outcomeOf(state: LogState, groups: readonly LogGroup[], { startTime, endTime, commands, limit }: Run) {
  const [from, to] = [startTime * 1000, endTime * 1000 + 999];
  const events = groups.flatMap((group): StoredEvent[] =>
    streamsOf(state, group.name).flatMap(({ name: stream }) =>
      eventsOf(state, group, stream)
        .filter(({ timestamp }) => timestamp >= from && timestamp <= to)
        .map((event) => ({ ...event, group: group.name, stream })),
    ),
  );
  const rows = events.map((event) => fieldsOf(event, state.cloud.accountId));
  const bytes = events.reduce((sum, { message }) => sum + Buffer.byteLength(message) + eventOverheadBytes, 0);
  return { ...runQuery(commands, rows, limit), scanned: events.length, bytes };
}
