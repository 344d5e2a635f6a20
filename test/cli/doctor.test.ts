// fx doctor.
import { writeFile } from 'node:fs/promises';
import { LambdaClient, UpdateAliasCommand } from '@aws-sdk/client-lambda';
import { SendMessageCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import type { Diagnosis } from '../../src/operate/doctor/index.ts';
import { fx, resultOf, stopAfter } from '../support/fx.ts';
import { folderOf } from '../support/project.ts';
import { startRecordedAws } from '../support/recorded-aws.ts';

const handler = { 'a.ts': 'export const handler = async () => 1;\n' };
const lines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.trim());

test('before a deploy, it names what project.yml lets go wrong, with lines and remedies', async () => {
  const folder = await folderOf({
    'project.yml': `name: shop
environments:
  local: {}
  prod: {protected: true}
functions:
  orders:
    handler: a.handler
    events: [{sns: {topic: {make: News}}}]
  nightly:
    handler: a.handler
    deadLetterQueue: Dead
    events: [{schedule: cron(0 3 * * ? *)}]
  old:
    runtime: python3.10
    artifact: a.ts
    handler: a.handler
    vpc: {subnetIds: [subnet-1], securityGroupIds: [sg-1]}
    permissions: ["s3:GetObject on arn:aws:s3:::x/*"]
resources:
  Dead: {Type: AWS::SQS::Queue}
  Audit: {Type: AWS::Logs::LogGroup}
`,
    ...handler,
  });
  stopAfter(folder);
  const done = await fx(folder, ['doctor']);
  expect(done.exitCode, done.stderr).toBe(3);
  const shown = lines(done.stdout);
  expect(done.stderr.match(/account 000000000000/g)).toHaveLength(1);
  const expected = [
    '✓ clock          the clock of this machine',
    '✓ permissions    what you may do, as IAM simulates it',
    /^- stack .* skipped: nothing is deployed$/,
    /^! orders: events of sns that still fail after all retries are lost {2}project\.yml:8:5$/,
    '→ deadLetterQueue: Name, or destinations: {onFailure: Name}, keeps it; fx redrive gives it back',
    /^✗ old: AWS stopped supporting python3\.10 on 2026-10-31 {2}project\.yml:14:5$/,
    /^! the log group Audit keeps everything for ever {2}project\.yml:21:3$/,
    /^! old is in one subnet: it stops when that Availability Zone does {2}project\.yml:17:5$/,
    /^i old calls AWS from a VPC: /,
    /^1 problem, \d warnings$/,
  ];
  for (const line of expected) {
    expect(
      shown.some((each) => (typeof line === 'string' ? each === line : line.test(each))),
      `${line}\n${done.stdout}`,
    ).toBe(true);
  }
  expect(done.stdout).not.toContain('nightly:');
  const some = resultOf(await fx(folder, ['doctor', 'ret*', '--json'])) as Diagnosis;
  expect(some.checks.map(({ check }) => check)).toEqual(['retention']);
  expect(await fx(folder, ['doctor', 'qeues'])).toMatchObject({
    exitCode: 4,
    stderr: expect.stringMatching(/there is no check "qeues".*\n→ checks are clock, permissions, /),
  });
});

test('after it, what is wrong with the stack, its queues and its traffic', async () => {
  const folder = await folderOf({
    'project.yml': `name: shop
functions:
  worker:
    handler: a.handler
    timeout: 20s
    events: [{sqs: {queue: {make: Jobs, deadLetters: true}}}]
`,
    ...handler,
  });
  stopAfter(folder);
  const deploy = async () => {
    const done = await fx(folder, ['deploy', '--json']);
    expect(done.exitCode, done.stderr).toBe(0);
  };
  await deploy();
  expect(await fx(folder, ['doctor'])).toMatchObject({
    exitCode: 0,
    stderr: expect.stringMatching(/^shop · local · .*\n$/),
    stdout: expect.stringMatching(/\n0 problems, 0 warnings\n$/),
  });

  const { endpoint } = resultOf(await fx(folder, ['local', 'status', '--json'])) as { endpoint: string };
  const client = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'a' } };
  const sqs = new SQSClient(client);
  const { queues } = resultOf(await fx(folder, ['redrive', 'worker', '--json'])) as { queues: { url: string }[] };
  await sqs.send(new SendMessageCommand({ QueueUrl: queues[0]?.url, MessageBody: 'dead' }));
  const info = resultOf(await fx(folder, ['info', '--json'])) as { outputs: { JobsUrl: string } };
  const Attributes = { VisibilityTimeout: '25' };
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: info.outputs.JobsUrl, Attributes }));
  expect((await fx(folder, ['pause', 'worker'])).exitCode).toBe(0);
  await writeFile(`${folder}/a.ts`, 'export const handler = async () => 2;\n');
  await deploy();
  await new LambdaClient(client).send(
    new UpdateAliasCommand({
      FunctionName: 'shop-local-worker',
      Name: 'live',
      RoutingConfig: { AdditionalVersionWeights: { 1: 0.1 } },
    }),
  );
  const done = await fx(folder, ['doctor', '--json']);
  expect(done.exitCode).toBe(0);
  const { checks } = resultOf(done) as Diagnosis;
  const found = checks.flatMap(({ findings }) => findings);
  expect(found).toEqual([
    expect.objectContaining({
      level: 'warning',
      message: 'worker still sends 10% of the calls to version 1: a canary that nobody ended',
    }),
    expect.objectContaining({
      message: expect.stringMatching(/^\w+ \(Jobs\) of worker is paused$/),
      hint: expect.stringMatching(/^fx resume \w+ /),
    }),
    expect.objectContaining({
      message: expect.stringMatching(
        /^worker may take 20 s, and \S+ shows a message again after 25 s: it may be handled twice$/,
      ),
      at: expect.objectContaining({ line: 6 }),
    }),
    expect.objectContaining({ message: expect.stringMatching(/^\S+ has 1 dead letters of worker$/) }),
  ]);
});

test('rights that name the resources of the environment are enough', async () => {
  const aws = await startRecordedAws();
  try {
    const cloud = await aws.local.cloud('us-east-1');
    const statements = [
      { Effect: 'Allow', NotAction: ['iam:*', 'lambda:*'], Resource: '*' },
      { Effect: 'Allow', Action: 'lambda:*', Resource: 'arn:aws:lambda:*:*:function:shop-prod-*' },
      { Effect: 'Allow', Action: 'lambda:GetAccountSettings', Resource: '*' },
      { Effect: 'Allow', Action: ['iam:SimulatePrincipalPolicy'], Resource: '*' },
      { Effect: 'Allow', Action: ['iam:CreateRole', 'iam:PassRole'], Resource: 'arn:aws:iam::*:role/shop-prod-*' },
    ];
    const trust = { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::000000000000:root' }, Action: 'sts:AssumeRole' };
    const document = (...Statement: readonly object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
    const role = { RoleName: 'deployer' };
    await cloud.call('iam', 'CreateRole', { ...role, AssumeRolePolicyDocument: document(trust) });
    await cloud.call('iam', 'PutRolePolicy', { ...role, PolicyName: 'p', PolicyDocument: document(...statements) });
    const folder = await folderOf({
      'project.yml':
        'name: shop\nenvironments: {prod: {assumeRole: "arn:aws:iam::000000000000:role/deployer"}}\nfunctions: {a: {handler: a.handler}}\n',
      ...handler,
    });
    const { exitCode, stdout, stderr } = await aws.fx(folder, ['doctor', 'permissions', '--env', 'prod', '--json']);
    const { checks } = resultOf({ exitCode, stdout, stderr }) as Diagnosis;
    expect(checks[0]?.findings, stderr).toEqual([
      expect.objectContaining({
        level: 'problem',
        message: 'arn:aws:iam::000000000000:role/deployer may not iam:PutRolePolicy, which a deploy needs',
      }),
    ]);
    expect(exitCode).toBe(3);
  } finally {
    await aws.stop();
  }
});
