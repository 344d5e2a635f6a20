// Queries where the local AWS has none to show: interrupted, failed, and of groups that do not exist.
import { expect, test } from 'vitest';
import type { Aws, LogQuery, QueryPage, StartedQuery } from '../aws/aws.ts';
import { interruption } from '../base/interrupt.ts';
import type { Report } from '../base/report.ts';
import type { Environment } from '../project/environment.ts';
import type { Context } from './context.ts';
import { logQuery } from './log-query.ts';

const functions = [
  { name: 'in', physicalName: 'shop-in', logGroup: '/auth' },
  { name: 'out', physicalName: 'shop-out', logGroup: '/auth' },
  { name: 'mail', physicalName: 'shop-mail', logGroup: '/mail' },
];
const page = (more: Partial<QueryPage>): QueryPage => ({
  status: 'complete',
  said: 'Complete',
  rows: [],
  statistics: { matched: 1, scanned: 2, bytes: 3 },
  next: undefined,
  ...more,
});

function setting(start: (query: LogQuery) => StartedQuery, results: (next: string | undefined) => QueryPage) {
  const reports: Report[] = [];
  const queries: LogQuery[] = [];
  const stopped: string[] = [];
  const stop = new AbortController();
  const logs = {
    startQuery: async (query: LogQuery) => {
      queries.push(query);
      return start(query);
    },
    queryResults: async (_: string, next?: string) => results(next),
    stopQuery: async (id: string) => void stopped.push(id),
  };
  // the verb makes no other call
  const aws = {
    logs,
    identity: async () => ({ account: '111122223333', arn: '' }),
    stacks: { describe: async () => undefined },
    uninterrupted: () => aws,
  } as unknown as Aws;
  const context = { aws, signal: stop.signal, pollMs: 0, report: (report: Report) => void reports.push(report) };
  const environment = { name: 'prod', project: 'shop', region: 'eu-west-1', stackName: 'shop-prod', functions };
  const options = { text: 'fields a', since: new Date(0), until: new Date(1000), limit: undefined };
  const run = (...names: string[]) =>
    logQuery(environment as unknown as Environment, { ...options, names }, context as unknown as Context);
  return { run, reports, queries, stopped, stop };
}

test('the rows of all pages, and a group that does not exist is left out and said', async () => {
  const { run, reports, queries } = setting(
    ({ groups }) => (groups.includes('/mail') ? { missing: '/mail' } : { id: '1' }),
    (next) =>
      page(
        next === undefined
          ? {
              rows: [
                [
                  ['a', '1'],
                  ['@ptr', 'x'],
                ],
              ],
              next: 'more',
            }
          : {
              rows: [
                [
                  ['a', '2'],
                  ['b', '3'],
                ],
              ],
            },
      ),
  );
  expect(await run()).toEqual({
    columns: ['a', 'b'],
    rows: [{ a: '1' }, { a: '2', b: '3' }],
    statistics: { matched: 1, scanned: 2, bytes: 3 },
  });
  expect(queries.map(({ groups, text }) => [groups, text])).toEqual([
    [['/auth', '/mail'], 'fields a'],
    [['/auth'], 'fields a'],
  ]);
  expect(reports).toContainEqual({ kind: 'logs-missing', functions: ['mail'], awaited: false });
});

test('a part of the functions of a group is told by the names of the streams', async () => {
  const { run, queries } = setting(
    () => ({ id: '1' }),
    () => page({}),
  );
  await run('in', 'mail');
  expect(queries[0]?.text).toBe(
    'filter (@log != "111122223333:/auth") or @logStream like /\\/(shop-in)\\[/\n| fields a',
  );
});

test('an interrupted query is stopped; one that failed says how', async () => {
  const { run, stop, stopped } = setting(
    () => ({ id: '7' }),
    () => {
      stop.abort(interruption());
      return page({ status: 'running', said: 'Running' });
    },
  );
  await expect(run()).rejects.toMatchObject({ code: 'INTERRUPTED' });
  expect(stopped).toEqual(['7']);
  const failed = setting(
    () => ({ id: '1' }),
    () => page({ status: 'failed', said: 'Timeout' }),
  );
  await expect(failed.run()).rejects.toMatchObject({ message: 'the query ended with the status Timeout' });
  expect(failed.stopped).toEqual([]);
});

test('without any group, the environment is not deployed', async () => {
  const { run } = setting(
    ({ groups }) => ({ missing: groups[0] ?? '' }),
    () => page({}),
  );
  await expect(run()).rejects.toMatchObject({ code: 'NOT_DEPLOYED' });
});

test('an error in the query is shown where it is, whatever fx puts before it', async () => {
  const { run } = setting(
    ({ text }) => ({ malformed: 'unexpected symbol', at: text.indexOf('a', text.indexOf('fields')) }),
    () => page({}),
  );
  await expect(run('in')).rejects.toMatchObject({
    code: 'USAGE',
    message: 'CloudWatch Logs Insights cannot read the query: unexpected symbol',
    hint: 'at "a"',
  });
});
