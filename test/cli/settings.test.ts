// Function settings in effect: deployed to the local AWS by the built command line, and read back.
import { GetFunctionCommand, GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { fx, jsonLines, resultOf, stopAfter } from '../support/fx.ts';
import { folderOf } from '../support/project.ts';

const project = `name: at-work
defaults:
  functionName: \${name}_\${env}_\${function}
  architecture: x86_64
functions:
  open:
    handler: a.open
    url: {authType: NONE, cors: {allowOrigins: ["https://shop.example.com"]}}
    tags: {tier: front}
    tracing: Active
    ephemeralStorage: 1024
    recursiveLoop: Allow
    runtimeManagement: FunctionUpdate
    logging: {logFormat: JSON, applicationLogLevel: WARN, systemLogLevel: WARN, retentionInDays: 1}
    reservedConcurrency: 5
    provisionedConcurrency: 1
  told:
    handler: a.told
    maximumRetryAttempts: 0
    maximumEventAge: 1h
    destinations: {onSuccess: Good, onFailure: Bad}
  silent:
    handler: a.open
    logging: false
    deadLetterQueue: Bad
  elsewhere:
    handler: a.open
    condition: IsNowhere
    url: AWS_IAM
conditions:
  IsNowhere: !Equals [!Ref "AWS::Region", nowhere]
resources:
  Good: {Type: AWS::SQS::Queue}
  Bad: {Type: AWS::SQS::Queue}
outputs:
  GoodUrl: !Ref Good
  BadUrl: !Ref Bad
`;
const code = `
export const open = async () => { console.info('quiet'); console.warn('loud', { a: 1 }); return { ok: true }; };
export const told = async (event) => { if (event.fail) throw new Error('no luck'); return { seen: event }; };
`;

test("URLs, destinations, JSON logs, conditions, names and Lambda's other settings", async () => {
  const folder = await folderOf({ 'project.yml': project, 'a.mjs': code });
  stopAfter(folder);
  const deployed = await fx(folder, ['deploy', '--json']);
  expect(deployed.exitCode, deployed.stdout).toBe(0);
  const { outputs } = resultOf(deployed) as { outputs: Record<string, string> };
  expect(outputs).not.toHaveProperty('ElsewhereUrl');
  expect(outputs).not.toHaveProperty('ElsewhereFunctionArn');
  expect(outputs['OpenFunctionArn']).toMatch(/:function:at-work_local_open:live$/);

  const answer = await fetch(outputs['OpenUrl'] ?? '', { headers: { origin: 'https://shop.example.com' } });
  expect([answer.status, answer.headers.get('access-control-allow-origin'), await answer.json()]).toEqual([
    200,
    'https://shop.example.com',
    { ok: true },
  ]);
  const logged = jsonLines(await fx(folder, ['logs', 'open', '--json'])).flatMap(({ type, message }) =>
    type === 'log' ? [String(message)] : [],
  );
  expect(logged.map((line) => JSON.parse(line) as { level: string; message: unknown })).toEqual([
    expect.objectContaining({ level: 'WARN', message: expect.anything() }),
  ]);

  const { endpoint } = resultOf(await fx(folder, ['local', 'status', '--json'])) as { endpoint: string };
  const client = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'a' } };
  const sqs = new SQSClient(client);
  const received = async (queue: string) => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: outputs[queue], WaitTimeSeconds: 20 }),
    );
    return JSON.parse(Messages[0]?.Body ?? 'null') as unknown;
  };
  await fx(folder, ['invoke', 'told', '--async', '--data', '{"n":1}']);
  expect(await received('GoodUrl')).toMatchObject({
    requestContext: { condition: 'Success' },
    requestPayload: { n: 1 },
    responsePayload: { seen: { n: 1 } },
  });
  await fx(folder, ['invoke', 'told', '--async', '--data', '{"fail":true}']);
  expect(await received('BadUrl')).toMatchObject({
    requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 1 },
    requestPayload: { fail: true },
  });

  const lambda = new LambdaClient(client);
  const open = await lambda.send(new GetFunctionCommand({ FunctionName: 'at-work_local_open', Qualifier: 'live' }));
  expect(open.Configuration).toMatchObject({
    TracingConfig: { Mode: 'Active' },
    EphemeralStorage: { Size: 1024 },
    LoggingConfig: {
      LogFormat: 'JSON',
      ApplicationLogLevel: 'WARN',
      SystemLogLevel: 'WARN',
      LogGroup: '/fx/at-work/local/open',
    },
  });
  expect(open.Tags).toMatchObject({ tier: 'front' });
  expect(open.Concurrency).toEqual({ ReservedConcurrentExecutions: 5 });
  const silent = await lambda.send(
    new GetFunctionConfigurationCommand({ FunctionName: 'at-work_local_silent', Qualifier: 'live' }),
  );
  expect(silent.DeadLetterConfig?.TargetArn).toMatch(/:at-work-local-Bad-/);
  await expect(lambda.send(new GetFunctionCommand({ FunctionName: 'at-work_local_elsewhere' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  sqs.destroy();
  lambda.destroy();

  const again = await fx(folder, ['deploy']);
  expect(again.stdout).toContain('Nothing to change; release 1 is live.');
  expect((await fx(folder, ['remove', '--yes'])).exitCode).toBe(0);
});
