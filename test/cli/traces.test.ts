// fx traces on the local AWS: functions that call one another by AWS's SDK are one trace, without a line of tracing code.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Run, resultOf } from '../support/fx.ts';
import { sharedFolder, writeFiles } from '../support/project.ts';
import { startRecordedAws } from '../support/recorded-aws.ts';

const aws = await startRecordedAws();
afterAll(() => aws.stop());
const cloud = await aws.local.cloud('us-east-1');

const folder = sharedFolder();
const run = (...words: string[]): Promise<Run> => aws.fx(folder, [...words, '--env', 'staging']);
const call = (name: string, event: object = {}) =>
  cloud.call('lambda', 'Invoke', {
    FunctionName: `shop-staging-${name}:live`,
    Payload: Buffer.from(JSON.stringify(event)),
  });

/** Calls the function OTHER as AWS's SDK does, which passes the trace on. */
const caller = `import { request } from 'node:http';
export const handler = (event: object) => new Promise((done) => {
  const { AWS_ENDPOINT_URL: url, AWS_ACCESS_KEY_ID: key, OTHER, _X_AMZN_TRACE_ID: trace } = process.env;
  const authorization = 'AWS4-HMAC-SHA256 Credential=' + key + '/20261126/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0a';
  const headers = { authorization, 'x-amzn-trace-id': trace };
  request(url + '/2015-03-31/functions/' + OTHER + '/invocations', { method: 'POST', headers }, (answer) => {
    answer.resume().on('end', () => done(1));
  }).end(JSON.stringify(event));
});
`;
const callee = `export const handler = async (event: any) => { if (event.fail) throw new Error('no'); return 1; };\n`;

interface Result {
  readonly found: number;
  readonly services: readonly {
    readonly name: string;
    readonly type: string;
    readonly to: readonly { name: string; calls: number }[];
  }[];
  readonly starts: readonly { readonly name: string; readonly calls: number; readonly cold: number }[];
  readonly traces: readonly { readonly failed: boolean; readonly spans: readonly { name: string; depth: number }[] }[];
  readonly untraced: readonly string[];
}
const traced = async (...words: string[]) => resultOf(await run('traces', ...words, '--json')) as Result;

beforeAll(async () => {
  await writeFiles(folder, {
    'project.yml': `name: shop
environments: {staging: {}}
defaults: {tracing: Active}
functions:
  orders:
    handler: caller.handler
    variables: {OTHER: shop-staging-mailer}
    permissions: [{Effect: Allow, Action: 'lambda:InvokeFunction', Resource: '*'}]
  mailer: {handler: callee.handler}
  quiet: {handler: callee.handler, tracing: PassThrough}
`,
    'caller.ts': caller,
    'callee.ts': callee,
  });
});

describe('from the first deploy on', { shuffle: false }, () => {
  test('it has an answer before a deploy, and before a call', async () => {
    const before = await run('traces');
    expect([before.exitCode, before.stderr]).toEqual([3, expect.stringContaining('"staging" is not deployed')]);
    expect((await run('deploy')).exitCode).toBe(0);
    const { exitCode, stdout } = await run('traces');
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/, 0 traces\n\nquiet is not traced: /)]);
  });

  test('the map has the calls between functions, and the starts tell cold ones', async () => {
    for (const event of [{}, {}, { fail: true }]) await call('orders', event);
    await call('mailer');
    await call('quiet');
    await expect.poll(async () => (await traced()).found).toBe(4);
    const { services, starts, untraced } = await traced();
    const edges = services.flatMap(({ name, type, to }) =>
      to.map((target) => `${type} ${name} → ${target.name} ${target.calls}`),
    );
    expect(edges.sort()).toEqual([
      'client mailer → mailer 1',
      'client orders → orders 3',
      'function orders → mailer 3',
    ]);
    expect(starts).toMatchObject([
      { name: 'orders', calls: 3, cold: 1 },
      { name: 'mailer', calls: 4 },
    ]);
    expect(untraced).toEqual(['quiet']);
    const { stdout } = await run('traces');
    expect(stdout).toMatch(/\norders {2}3 calls, .* each\n {2}→ mailer {2}3 calls, /);
    expect(stdout).toMatch(/\nmailer {2}4 calls, 1 \(25%\) failed, /);
    expect(stdout).toMatch(/\n1-[0-9a-f]{8}-[0-9a-f]{24} {2}.*\norders \(Lambda\) .*#\n {2}orders /);
  });

  test('the slowest, or the slowest that failed, are shown with their parts', async () => {
    expect((await traced('-n', '2')).traces).toHaveLength(2);
    const failed = await traced('mailer', '--failed');
    expect(failed.traces).toMatchObject([{ failed: true }]);
    const [trace] = failed.traces;
    const path = trace?.spans
      .filter(({ name }) => ['orders', 'mailer'].includes(name))
      .map(({ name, depth }) => [name, depth]);
    expect(path).toEqual([
      ['orders', 0],
      ['orders', 1],
      ['mailer', 2],
      ['mailer', 3],
    ]);
    expect(failed.starts.map(({ name }) => name)).toEqual(['mailer']);
  });

  test('what X-Ray cannot answer is refused', async () => {
    const refused = await run('traces', '--since', '7h');
    expect([refused.exitCode, refused.stderr]).toEqual([
      4,
      expect.stringContaining('--since is more than 6 hours ago; X-Ray maps at most 6 hours at once'),
    ]);
    expect((await run('traces', 'none')).exitCode).toBe(4);
  });
});
