// What AWS tells of a failed operation, over the wire, and the deploy that asks for it.
import { afterAll, expect, test } from 'vitest';
import { sdkAws } from '../../src/aws/sdk.ts';
import { startFaultyAws } from '../support/faulty-aws.ts';
import { folderOf, writeFiles } from '../support/project.ts';
import { startRecordedAws } from '../support/recorded-aws.ts';

const aws = await startRecordedAws();
afterAll(() => aws.stop());
const cloud = await aws.local.cloud('us-east-1');

test('what a validation found wrong comes with its path', async () => {
  const template = { Resources: { Jobs: { Type: 'AWS::SQS::Queue', Properties: { DelaySeconds: 'soon' } } } };
  await cloud.call('cloudformation', 'CreateChangeSet', {
    StackName: 'wrong',
    ChangeSetName: 'first',
    ChangeSetType: 'CREATE',
    TemplateBody: JSON.stringify(template),
  });
  const operations = async () =>
    (
      await cloud.call('cloudformation', 'DescribeEvents', { StackName: 'wrong', ChangeSetName: 'first' })
    ).OperationEvents?.map(({ OperationId }) => OperationId);
  await expect.poll(operations).toHaveLength(1);
  const [operation = ''] = (await operations()) ?? [];
  const { stacks } = sdkAws({
    region: 'us-east-1',
    endpoint: aws.local.endpoint,
    paced: false,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    signal: new AbortController().signal,
  });
  expect(await stacks.failures(operation)).toMatchObject([
    { logicalId: 'Jobs', status: 'VALIDATION_FAILED', path: '/Resources/Jobs/Properties/DelaySeconds', operation },
  ]);
});

const project = (more: string) =>
  `name: operation\nenvironments: {staging: {}}\nfunctions: {a: {handler: a.handler}}\n${more}`;
const brokenQueue =
  'resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n    Properties: {QueueName: jobs, FifoQueue: true}\n';

test('a failed deploy asks once for the failures of its operation, and has the same cause without the permission', async () => {
  const folder = await folderOf({ 'project.yml': project(''), 'a.ts': 'export const handler = async () => 1;\n' });
  expect(await aws.fx(folder, ['deploy', '--env', 'staging'])).toMatchObject({ exitCode: 0 });
  await writeFiles(folder, { 'project.yml': project(brokenQueue) });
  let denied = false;
  await using between = await proxied(({ operation }) =>
    denied && operation === 'DescribeEvents' ? 'denied' : undefined,
  );
  const errors: string[] = [];
  for (denied of [false, true]) {
    const before = between.calls.length;
    const failed = await aws.fx(folder, ['deploy', '--env', 'staging'], {
      variables: { AWS_ENDPOINT_URL: between.endpoint },
    });
    expect(failed.exitCode).toBe(3);
    const asked = between.calls.slice(before).filter(({ operation }) => operation === 'DescribeEvents');
    expect(asked).toHaveLength(1);
    errors.push(failed.stderr.slice(failed.stderr.indexOf('error ')));
  }
  expect(errors[0]).toContain('error the deploy failed: Jobs (AWS::SQS::Queue) [STACK_FAILED]\n');
  expect(errors[1]).toBe(errors[0]);
});

// The local AWS has no validation before an update; this is what AWS answers after one.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_OperationEvent.html
test('what a validation before the operation found is shown at its lines of project.yml', async () => {
  const folder = await folderOf({
    'project.yml': project('').replace('operation', 'validated'),
    'a.ts': 'export const handler = async () => 1;\n',
  });
  expect(await aws.fx(folder, ['deploy', '--env', 'staging'])).toMatchObject({ exitCode: 0 });
  const { Stacks = [] } = await cloud.call('cloudformation', 'DescribeStacks', { StackName: 'validated-staging' });
  const found = (path: string, reason: string) =>
    `<member><StackId>${Stacks[0]?.StackId}</StackId><EventType>VALIDATION_ERROR</EventType><LogicalResourceId>Jobs</LogicalResourceId><ResourceType>AWS::SQS::Queue</ResourceType><Timestamp>2026-01-01T00:00:00Z</Timestamp><ValidationFailureMode>FAIL</ValidationFailureMode><ValidationStatus>FAILED</ValidationStatus><ValidationStatusReason>${reason}</ValidationStatusReason><ValidationPath>${path}</ValidationPath></member>`;
  const events = [
    found(
      '/Resources/Jobs/Properties/QueueName',
      'Resource of type AWS::SQS::Queue with identifier jobs already exists.',
    ),
    found('/Resources/Jobs/Properties/FifoQueue', 'not with this name'),
  ];
  const xml = `<DescribeEventsResponse><DescribeEventsResult><OperationEvents>${events.join('')}</OperationEvents></DescribeEventsResult></DescribeEventsResponse>`;
  await using between = await proxied(({ operation }) =>
    operation === 'DescribeEvents' ? { status: 200, xml } : undefined,
  );
  const broken = `${project('').replace('operation', 'validated')}resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n    Properties:\n      QueueName: jobs\n      FifoQueue: true\n`;
  await writeFiles(folder, { 'project.yml': broken });
  const failed = await aws.fx(folder, ['deploy', '--env', 'staging'], {
    variables: { AWS_ENDPOINT_URL: between.endpoint },
  });
  expect(failed.stderr).toContain('error the deploy failed: Jobs (AWS::SQS::Queue) [STACK_FAILED]\n');
  expect(failed.stderr).toContain(
    'project.yml:8:7 Resource of type AWS::SQS::Queue with identifier jobs already exists.\n',
  );
  expect(failed.stderr).toContain('  → something with this name is there already');
  expect(failed.stderr).toContain('project.yml:9:7 not with this name\n');
});

async function proxied(faultOf: Parameters<typeof startFaultyAws>[1]) {
  const faulty = await startFaultyAws(aws.local.endpoint, faultOf);
  return { ...faulty, [Symbol.asyncDispose]: () => faulty.stop() };
}
