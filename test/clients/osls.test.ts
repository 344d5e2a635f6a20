// The Serverless Framework's open fork, unchanged, on the local AWS: everything that its users do in a day.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import { fx, resultOf, stopAfter } from '../support/fx.ts';
import { folderOf } from '../support/project.ts';
import { reasonMissing } from '../support/toolchain.ts';

/** Where `npm install --prefix <folder> osls@4` has put it. */
const bin = resolve(process.env['FX_OSLS'] ?? '', 'node_modules/osls/bin/serverless.js');
const program = process.env['FX_OSLS'] !== undefined && existsSync(bin) ? bin : undefined;
const reason = reasonMissing(
  program,
  'FX_OSLS names no folder with osls 4 installed, to deploy with it to the local AWS',
);

const service = {
  'serverless.yml': `service: peer
provider: {name: aws, runtime: nodejs22.x, region: us-east-1}
functions:
  web:
    handler: index.web
    events: [{httpApi: GET /hello}]
  tick:
    handler: index.tick
    events: [{schedule: rate(1 day)}]
  worker:
    handler: index.worker
    events: [{sqs: {arn: !GetAtt Jobs.Arn}}]
resources:
  Resources:
    Jobs: {Type: 'AWS::SQS::Queue'}
  Outputs:
    JobsUrl: {Value: !Ref Jobs}
`,
  'index.js': `exports.web = async () => ({ statusCode: 200, body: 'first' });
exports.tick = async () => { console.log('tick'); return 'ticked'; };
exports.worker = async (event) => console.log('worked on', event.Records[0].body);
`,
};

/** What its stack has under ids of its own. */
const wide = {
  'serverless.yml': `service: wide
provider: {name: aws, runtime: nodejs22.x, region: us-east-1, logRetentionInDays: 14}
functions:
  my-web:
    handler: index.web
    url: true
    events:
      - httpApi: GET /new
      - http: {path: 'old/{id}', method: get, cors: true, authorizer: guard}
      - websocket: $default
      - schedule: rate(1 day)
      - eventBridge: {eventBus: wide-events, pattern: {source: [wide]}}
      - sns: wide-news
  guard: {handler: index.guard}
  worker:
    handler: index.worker
    name: own-name
    events: [{sqs: {arn: !GetAtt Jobs.Arn}}]
resources:
  Resources:
    Jobs: {Type: 'AWS::SQS::Queue'}
`,
  'index.js': `exports.web = async () => ({ statusCode: 200, body: 'first' });
exports.guard = async (event) => ({principalId: 'a', policyDocument: {Version: '2012-10-17', Statement: [{Effect: 'Allow', Action: 'execute-api:Invoke', Resource: event.methodArn}]}});
exports.worker = async () => {};
`,
};

/** A local AWS that stops after the test. osls has the time of the machine, so the local AWS needs it too. */
async function startHost() {
  const host = await folderOf({ 'project.yml': 'name: host\nfunctions: {}\n' });
  stopAfter(host);
  const now = { FX_LOCAL_TIME: new Date().toISOString() };
  const { endpoint } = resultOf(await fx(host, ['local', 'start', '--json'], { variables: now })) as {
    endpoint: string;
  };
  return { endpoint, now };
}

describe.skipIf(program === undefined)(`osls 4${reason}`, () => {
  test('deploys, invokes, shows logs and metrics, rolls back and removes', async () => {
    const { endpoint } = await startHost();
    const folder = await folderOf(service);
    const osls = async (...words: readonly string[]) => {
      const { exitCode, output } = await run(folder, words, endpoint);
      expect(exitCode, output).toBe(0);
      return output;
    };
    const change = async (from: string, to: string) => {
      const file = join(folder, 'index.js');
      await writeFile(file, (await readFile(file, 'utf8')).replace(from, to));
    };

    expect(await osls('deploy')).toContain('Service deployed to stack peer-dev');
    const info = await osls('info', '--verbose');
    const url = /GET - (\S+)/.exec(info)?.[1] ?? '';
    const answer = async () => (await fetch(url)).text();
    expect(await answer()).toBe('first');
    expect(await osls('invoke', '-f', 'tick')).toContain('"ticked"');
    expect(await osls('logs', '-f', 'tick')).toMatch(/INFO\s+tick/);

    const queue = /JobsUrl: (\S+)/.exec(info)?.[1];
    const sqs = new SQSClient({
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'a' },
    });
    await sqs.send(new SendMessageCommand({ QueueUrl: queue, MessageBody: 'a job' }));
    for (let text = ''; !text.includes('worked on a job'); )
      text = (await run(folder, ['logs', '-f', 'worker'], endpoint)).output;

    expect(await osls('metrics')).toMatch(/invocations: [3-9]/);
    expect(await osls('metrics', '-f', 'tick')).toMatch(/invocations: 1/);

    await change('first', 'second');
    await osls('deploy', 'function', '-f', 'web');
    expect(await answer()).toBe('second');
    await change('second', 'third');
    await osls('deploy');
    expect(await answer()).toBe('third');
    const times = [...(await osls('deploy', 'list')).matchAll(/Timestamp: (\d+)/g)].map(([, time]) => time ?? '');
    expect(times).toHaveLength(2);
    await osls('rollback', '-t', times[0] ?? '');
    expect(await answer()).toBe('first');
    expect(await osls('remove')).toContain('Service peer has been successfully removed');
    expect((await run(folder, ['info'], endpoint)).output).toMatch(/peer-dev.*does not exist/);
  }, 240_000);

  test('its stack is adopted by fx, and taken back by osls', async () => {
    const { endpoint, now } = await startHost();
    const folder = await folderOf(wide);
    const variables = { ...now, AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'a' };
    const own = (...words: readonly string[]) => fx(folder, words, { variables });
    const osls = async (...words: readonly string[]) => {
      const { exitCode, output } = await run(folder, words, endpoint);
      expect(exitCode, output).toBe(0);
      return output;
    };
    await osls('deploy');
    const info = await osls('info');
    const [rest = '', fresh = '', address = ''] = [/(http:\/\/\S+\/dev)\n/, /GET - (\S+)/, /my-web: (http\S+)/].map(
      (pattern) => pattern.exec(info)?.[1] ?? info,
    );
    const answers = async () =>
      Promise.all(
        [`${rest}/old/1`, fresh, address].map(async (url) =>
          (await fetch(url, { headers: { authorization: 'x' } })).text(),
        ),
      );
    expect(await answers()).toEqual(['first', 'first', 'first']);

    const adopted = await own('import', '--adopt');
    expect([adopted.exitCode, adopted.stdout]).toEqual([0, expect.stringContaining('✓ 0 replacements; ')]);
    await writeFile(join(folder, 'index.js'), wide['index.js'].replace('first', 'second'));
    const deployed = await own('deploy', '--env', 'dev');
    expect([deployed.exitCode, deployed.stdout]).toEqual([0, expect.stringContaining('Release 1 is live.')]);
    expect(await answers()).toEqual(['second', 'second', 'second']);

    await osls('deploy', '--force');
    expect(await answers()).toEqual(['second', 'second', 'second']);
    expect((await own('plan', '--env', 'dev')).stdout).toContain('  + MyWebAlias  AWS::Lambda::Alias');
    await osls('remove');
  }, 240_000);
});

function run(folder: string, words: readonly string[], endpoint: string) {
  return new Promise<{ readonly exitCode: number | null; readonly output: string }>((done, fail) => {
    const child = spawn(process.execPath, [bin, ...words], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        AWS_ENDPOINT_URL: endpoint,
        AWS_ACCESS_KEY_ID: 'a',
        AWS_SECRET_ACCESS_KEY: 'a',
        AWS_REGION: 'us-east-1',
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
        SLS_TELEMETRY_DISABLED: '1',
        SLS_NOTIFICATIONS_MODE: 'off',
        NO_COLOR: '1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('error', fail);
    child.once('close', (exitCode) => done({ exitCode, output }));
  });
}
