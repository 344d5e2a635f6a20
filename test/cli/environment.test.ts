// fx env, fx exec and fx open: what is deployed, for people and for other commands.
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { beforeAll, expect, test } from 'vitest';
import { fx, resultOf, stopAfterAll } from '../support/fx.ts';
import { folderOf, sharedFolder, writeFiles } from '../support/project.ts';

const folder = sharedFolder();
await writeFiles(folder, {
  'project.yml': `name: shop
environments:
  prod: {region: eu-west-1}
functions:
  orders:
    handler: src/a.handler
    variables: {LEVEL: debug, GREETING: "it's me", API_TOKEN: abc, DB: "postgres://u:p@db/x", SECRET_ARN: "arn:aws:x"}
    secrets: {KEY: ssm:/shop/key}
    events: [{http: GET /}]
`,
  'src/a.ts': 'export const handler = async () => ({ statusCode: 200 });\n',
});
stopAfterAll(folder);
let url = '';
beforeAll(async () => {
  const { endpoint } = resultOf(await fx(folder, ['local', 'start', '--json'])) as { endpoint: string };
  const ssm = new SSMClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'a' } });
  await ssm.send(new PutParameterCommand({ Name: '/shop/key', Value: 'hidden value', Type: 'SecureString' }));
  const done = await fx(folder, ['deploy']);
  expect(done.exitCode, done.stderr).toBe(0);
  url = (resultOf(await fx(folder, ['info', '--json'])) as { outputs: { HttpApiUrl: string } }).outputs.HttpApiUrl;
});

test('fx env shows the variables of what is live, without secrets and what looks like one', async () => {
  const shown = await fx(folder, ['env', 'orders']);
  expect(shown.stdout).toBe(
    `# API_TOKEN=  # hidden
# DB=  # hidden
GREETING='it'\\''s me'
# KEY=  # from ssm:/shop/key
LEVEL=debug
NODE_OPTIONS=--enable-source-maps
SECRET_ARN=arn:aws:x
`,
  );
  expect(shown.stderr).toContain('--reveal shows what is hidden.\n');
  const revealed = await fx(folder, ['env', 'orders', '--reveal']);
  expect(revealed.stdout).toContain('API_TOKEN=abc\nDB=postgres://u:p@db/x\n');
  expect(revealed.stdout).toContain("KEY='hidden value'\n");
  expect(resultOf(await fx(folder, ['env', 'orders', '--json']))).toContainEqual({
    name: 'KEY',
    from: 'ssm:/shop/key',
  });
});

test('fx exec runs a command with the names and outputs of the environment, and ends as it does', async () => {
  const script = 'console.log(JSON.stringify(process.env)); process.exit(9)';
  const done = await fx(folder, ['exec', '--function', 'orders', '--', process.execPath, '-e', script]);
  expect(done.exitCode).toBe(9);
  expect(done.stderr.match(/account 000000000000/g)).toHaveLength(1);
  expect(JSON.parse(done.stdout)).toMatchObject({
    FX_PROJECT: 'shop',
    FX_ENVIRONMENT: 'local',
    FX_ACCOUNT: '000000000000',
    FX_STACK: 'shop-local',
    FX_FUNCTION_ORDERS: 'shop-local-orders',
    HTTP_API_URL: url,
    AWS_REGION: 'us-east-1',
    // what boto3 and the AWS command line 1 read
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: expect.stringContaining('http://127.0.0.1:'),
    AWS_ACCESS_KEY_ID: 'local',
    LEVEL: 'debug',
    KEY: 'hidden value',
  });
  const printed = await fx(folder, ['exec', '--print']);
  expect(printed.stdout).toContain(`HTTP_API_URL=${url}\n`);
  expect(printed.stdout).not.toContain('KEY=hidden');
  expect(await fx(folder, ['exec', '--', 'no-such-program'])).toMatchObject({
    exitCode: 4,
    stderr: expect.stringContaining('no-such-program cannot be run: there is no such program'),
  });
  expect((await fx(folder, ['exec'])).stderr).toContain(
    'error no command [USAGE]\n→ such as fx exec -- npm run smoke\n',
  );
});

test('fx open prints an address where there is no terminal', async () => {
  expect((await fx(folder, ['open'])).stdout).toBe(`${url}\n`);
  expect((await fx(folder, ['open', 'HttpApiUrl'])).stdout).toBe(`${url}\n`);
  expect(await fx(folder, ['open', 'console'])).toMatchObject({
    exitCode: 4,
    stderr: expect.stringContaining('error only AWS itself has a console [USAGE]'),
  });
  expect((await fx(folder, ['open', 'HttpApiUrk'])).stderr).toContain('did you mean "HttpApiUrl"?');
});

test('before a deploy, all three say so', async () => {
  const other = await folderOf({
    'project.yml': 'name: other\nenvironments: {prod: {}}\nfunctions: {a: {handler: a.handler}}\n',
    'a.ts': 'export const handler = async () => 1;\n',
  });
  const { endpoint } = resultOf(await fx(folder, ['local', 'status', '--json'])) as { endpoint: string };
  const variables = { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'a' };
  for (const words of [['env', 'a'], ['exec', '--print'], ['open']]) {
    const done = await fx(other, [...words, '--env', 'prod', '--region', 'us-east-1'], { variables });
    expect([done.exitCode, done.stderr]).toEqual([3, expect.stringContaining('[NOT_DEPLOYED]')]);
  }
});
