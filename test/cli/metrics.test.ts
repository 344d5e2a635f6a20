// fx metrics on the local AWS: what functions and APIs did, as a table and for programs, and one clear answer when there is nothing.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startFaultyAws } from '../support/faulty-aws.ts';
import { jsonLines, type Run, resultOf } from '../support/fx.ts';
import { sharedFolder, writeFiles } from '../support/project.ts';
import { startRecordedAws } from '../support/recorded-aws.ts';

const aws = await startRecordedAws();
afterAll(() => aws.stop());
const cloud = await aws.local.cloud('us-east-1');

const project = (more = '') => `name: shop
environments: {staging: {}}
functions:
  orders: {handler: a.handler, events: [{http: 'GET /orders/{id}'}]}
  mailer: {handler: a.handler}
${more}`;
const handler = (more = '') =>
  `export const handler = async (event: any) => { ${more} if (event.fail) throw new Error('no'); return { statusCode: 200, body: '1' }; };\n`;

const folder = sharedFolder();
beforeAll(async () => {
  await writeFiles(folder, { 'project.yml': project(), 'a.ts': handler() });
});
const run = (...words: string[]): Promise<Run> => aws.fx(folder, [...words, '--env', 'staging']);
const call = (name: string, event: object = {}) =>
  cloud.call('lambda', 'Invoke', {
    FunctionName: `shop-staging-${name}:live`,
    Payload: Buffer.from(JSON.stringify(event)),
  });

interface Part {
  readonly name: string;
  readonly of?: string;
  readonly release?: number;
  readonly whole: Readonly<Record<string, number | null>>;
  readonly values: Readonly<Record<string, readonly (number | null)[]>>;
}
interface Result {
  readonly since: string;
  readonly until: string;
  readonly periodSeconds: number;
  readonly functions: readonly Part[];
  readonly apis: readonly Part[];
  readonly releases: readonly { readonly number: number }[];
}
const measured = async (...words: string[]) => resultOf(await run('metrics', ...words, '--json')) as Result;

describe('from the first deploy to the second version', { shuffle: false }, () => {
  test('it has an answer before the first deploy, and before the first call', async () => {
    const before = await run('metrics');
    expect([before.exitCode, before.stdout, before.stderr]).toEqual([
      3,
      '',
      expect.stringContaining('error "staging" is not deployed [NOT_DEPLOYED]\n→ fx deploy --env staging\n'),
    ]);
    expect((await run('deploy')).exitCode).toBe(0);
    const { exitCode, stdout } = await run('metrics');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:00 to .* UTC, by minute\n\nfunction +calls +errors/);
    expect(stdout).toMatch(/\norders +- +- /);
    expect(stdout).toContain('\n\nNothing was called in that time. CloudWatch shows calls after a minute or two.\n\n');
    expect(stdout).toMatch(/\n▲ release 1 {2}[\d :-]+ {2}deploy\n$/);
  });

  test('calls, errors, durations and requests are counted, in one call for functions and one for APIs', async () => {
    for (const event of [{}, {}, {}, { fail: true }]) await call('orders', event);
    const { HttpApiUrl = '' } = (resultOf(await run('info', '--json')) as { outputs: Record<string, string> }).outputs;
    for (const path of ['orders/1', 'orders/2', 'none']) await fetch(`${HttpApiUrl.replace(/\/$/, '')}/${path}`);
    aws.calls();
    const { functions, apis, releases, periodSeconds, since, until } = await measured();
    expect(
      aws
        .calls()
        .filter(({ name }) => name.startsWith('monitoring:'))
        .map(({ name }) => name),
    ).toEqual(['monitoring:GetMetricData', 'monitoring:GetMetricData']);
    expect(functions.map(({ name }) => name)).toEqual(['orders', 'mailer']);
    const [orders, mailer] = functions;
    expect(orders?.whole).toMatchObject({ invocations: 6, errors: 1, throttles: 0, concurrency: 1 });
    expect(orders?.whole['p50']).toBeLessThanOrEqual(orders?.whole['p99'] ?? 0);
    expect(mailer?.whole).toMatchObject({ invocations: null, errors: null });
    expect(orders?.values['invocations']).toHaveLength(
      Math.ceil((Date.parse(until) - Date.parse(since)) / 1000 / periodSeconds),
    );
    expect(apis).toMatchObject([
      { name: 'HttpApi', kind: 'http', whole: { requests: 3, clientErrors: 1, serverErrors: 0 } },
    ]);
    expect(releases.map(({ number }) => number)).toEqual([1]);
    const { stdout } = await run('metrics');
    expect(stdout).toMatch(/\norders +6 +1 \(16.7%\) +0 /);
    expect(stdout).toMatch(/\nHttpApi +3 +1 \(33.3%\) +0 /);
  });

  test('patterns choose functions, and a name that is not deployed is told apart from one that is nowhere', async () => {
    expect((await measured('*s')).functions.map(({ name }) => name)).toEqual(['orders']);
    expect((await measured('mailer')).apis).toEqual([]);
    const nowhere = await run('metrics', 'oders');
    expect([nowhere.exitCode, nowhere.stderr]).toEqual([4, expect.stringContaining('did you mean "orders"?')]);
    await writeFiles(folder, { 'project.yml': project('  later: {handler: a.handler}\n') });
    const later = await run('metrics', 'later');
    expect([later.exitCode, later.stderr]).toEqual([
      3,
      expect.stringContaining('error "later" is in project.yml, but not in the live release [NOT_DEPLOYED]'),
    ]);
    await writeFiles(folder, { 'project.yml': project() });
  });

  test('versions are rows with their release, aliases with their name', async () => {
    await writeFiles(folder, { 'a.ts': handler('event.more = 1;') });
    expect((await run('deploy')).exitCode).toBe(0);
    await call('orders');
    await cloud.call('lambda', 'Invoke', { FunctionName: 'shop-staging-orders', Payload: Buffer.from('{}') });
    const parts = async (by: string) =>
      (await measured('orders', '--by', by)).functions.map(({ of, release, whole }) => [
        of,
        release,
        whole['invocations'],
      ]);
    expect(await parts('version')).toEqual([
      ['$LATEST', undefined, 1],
      ['live@1', 1, 6],
      ['live@2', 2, 1],
    ]);
    expect(await parts('alias')).toEqual([
      ['$LATEST', undefined, 1],
      ['live', undefined, 7],
    ]);
    expect((await run('metrics', 'orders', '--by', 'version')).stdout).toMatch(/\norders +live@2, release 2 +1 /);
  });
  test('times that CloudWatch cannot answer are refused', async () => {
    const refused = async (...words: string[]) => {
      const { exitCode, stderr } = await run('metrics', ...words);
      return [exitCode, /error (.*) \[USAGE\]/.exec(stderr)?.[1]];
    };
    expect(await refused('--since', '500d')).toEqual([
      4,
      '--since is 500 days ago; CloudWatch keeps metrics for 455 days',
    ]);
    expect(await refused('--period', '90s')).toEqual([
      4,
      '--period takes whole minutes such as 1m, 5m or 1h, not "90s"',
    ]);
    expect(await refused('--since', '1h', '--until', '2h')).toEqual([4, '--since is not before --until']);
    expect(await refused('--by', 'region')).toEqual([4, '--by takes alias or version, not "region"']);
  });

  test('--html writes one page with the same values, which names no other address', async () => {
    const { exitCode, stdout } = await run('metrics', 'orders', '--html', 'page.html');
    expect([exitCode, stdout]).toEqual([0, 'Wrote page.html: open it in a browser.\n']);
    const page = await readFile(join(folder, 'page.html'), 'utf8');
    const [, json = ''] = /<script type="application\/json" id="data">(.*)<\/script>/.exec(page) ?? [];
    expect(JSON.parse(json)).toMatchObject({
      project: 'shop',
      functions: [{ name: 'orders', whole: { invocations: 8 } }],
    });
    expect(page).toContain('<title>shop · staging · metrics</title>');
    expect(page).toContain('Leon Sorokin');
    expect(page.match(/(src|href)="(?!data:)[^"]*"|url\([^)]*\)|@import/g)).toBeNull();
    const both = await run('metrics', '--html', 'page.html', '--watch');
    expect([both.exitCode, both.stderr]).toEqual([4, expect.stringContaining('--watch and --html exclude each other')]);
    const nowhere = await run('metrics', '--html', 'none/page.html');
    expect([nowhere.exitCode, nowhere.stderr]).toEqual([4, expect.stringContaining('error --html: ENOENT')]);
  });

  test('--watch shows them until it is interrupted, which is no failure', async () => {
    const watching = aws.startFx(folder, ['metrics', '--watch', '--json', '--env', 'staging']);
    await watching.saying(/"type":"metrics"/);
    watching.interrupt();
    const ended = await watching.ended;
    expect(ended.exitCode).toBe(0);
    expect(jsonLines(ended).at(-1)).toMatchObject({ type: 'metrics', environment: 'staging' });
  });

  test.each([
    ['expired', 'AWS does not accept the credentials for cloudwatch:GetMetricData', 'AWS_CREDENTIALS', 'sign in'],
    ['denied', 'cloudwatch:GetMetricData was refused', 'AWS_REFUSED', 'the credentials need cloudwatch:GetMetricData'],
  ] as const)('%s credentials are one clear error', async (fault, said, code, hint) => {
    const proxy = await startFaultyAws(aws.local.endpoint, ({ operation }) =>
      operation === 'GetMetricData' ? fault : undefined,
    );
    try {
      const variables = { AWS_ENDPOINT_URL: proxy.endpoint };
      const { exitCode, stdout, stderr } = await aws.fx(folder, ['metrics', '--env', 'staging'], { variables });
      expect([exitCode, stdout]).toEqual([3, '']);
      expect(stderr).toContain(`error ${said}`);
      expect(stderr).toContain(`[${code}]\n→ ${hint}`);
    } finally {
      await proxy.stop();
    }
  });
});
