// The verbs that read and steer, where something stands in the way: nothing deployed, expired credentials, throttling.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inPool } from '../../src/base/pool.ts';
import { type LocalAws, startLocalAws } from '../../src/local/host.ts';
import { type Fault, type FaultyAws, type FaultyCall, startFaultyAws } from '../support/faulty-aws.ts';
import { clock, fx, type Run } from '../support/fx.ts';
import { folderOf } from '../support/project.ts';

const verbs: readonly (readonly string[])[] = [
  ['info'],
  ['releases'],
  ['plan'],
  ['logs'],
  ['logs', '--insights', 'fields @message'],
  ['metrics'],
  ['traces'],
  ['cost', '--measured'],
  ['doctor', 'stack', 'queues'],
  ['env', 'worker'],
  ['exec', '--print'],
  ['open', '--print'],
  ['pause'],
  ['redrive', 'worker', '--dry-run'],
  ['invoke', 'worker'],
];
/** What answers without a deployment. */
const answering = ['plan', 'releases', 'doctor'];
const project = {
  'project.yml': `name: shop
environments: {staging: {}}
functions:
  worker:
    handler: a.handler
    events: [{http: GET /}, {sqs: {queue: {make: Jobs, deadLetters: true}}}]
`,
  'a.ts': 'export const handler = async () => ({ statusCode: 200 });\n',
};

let local: LocalAws;
let aws: FaultyAws;
let faultOf: (call: FaultyCall) => Fault | undefined = () => undefined;
beforeAll(async () => {
  local = await startLocalAws({ clock });
  aws = await startFaultyAws(local.endpoint, (call) => faultOf(call));
});
afterAll(async () => {
  await aws.stop();
  await local.stop();
});

test('each says what stands in its way, once, and waits out what passes', async () => {
  const folder = await folderOf(project);
  const run = (words: readonly string[]): Promise<Run> =>
    fx(folder, [...words, '--env', 'staging'], {
      variables: {
        AWS_ENDPOINT_URL: aws.endpoint,
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_EC2_METADATA_DISABLED: 'true',
      },
    });
  const all = async (check: (words: readonly string[], done: Run) => void) => {
    const ended = await inPool(verbs, 5, async (words) => ({ words, done: await run(words) }));
    for (const { words, done } of ended) check(words, done);
  };
  const isOneError = (words: readonly string[], { stderr }: Run) => {
    const errors = stderr.split('\n').filter((line) => line.startsWith('error'));
    expect(errors, `${words}\n${stderr}`).toHaveLength(1);
    expect(stderr).not.toMatch(/^\s+at |bug in fx/m);
  };

  await all((words, done) => {
    const answers = answering.includes(words[0] ?? '');
    expect(done.exitCode, `${words}\n${done.stderr}`).toBe(answers ? 0 : 3);
    if (answers) return;
    isOneError(words, done);
    expect(done.stderr).toContain('error "staging" is not deployed [NOT_DEPLOYED]\n→ fx deploy --env staging\n');
  });

  const deployed = await run(['deploy']);
  expect(deployed.exitCode, deployed.stderr).toBe(0);

  faultOf = () => 'expired';
  await all((words, done) => {
    expect(done.exitCode, `${words}\n${done.stderr}`).toBe(3);
    isOneError(words, done);
    expect(done.stderr).toContain('[AWS_CREDENTIALS]');
  });

  let calls = 0;
  faultOf = () => (++calls % 4 === 0 ? 'throttled' : undefined);
  await all((words, done) => {
    expect(done.exitCode, `${words}\n${done.stderr}`).toBe(0);
  });
}, 240_000);
