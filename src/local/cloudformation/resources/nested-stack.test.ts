// Stacks in stacks: made, changed, rolled back and deleted together.
import { afterAll, expect, test } from 'vitest';
import type { Input } from '../../cloud.ts';
import { startTestAws } from '../../fixture.ts';

const aws = await startTestAws();
afterAll(() => aws.stop());
const cloud = await aws.cloud('eu-west-1');
await cloud.call('s3', 'CreateBucket', {
  Bucket: 'templates',
  CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
});

const parameter = (value: unknown) => ({ Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: value } });
/** Fails, after its other resources exist. */
const bad = (after: string) => ({
  Type: 'AWS::SQS::Queue',
  DependsOn: after,
  Properties: { QueueName: 'a', FifoQueue: true },
});

/** The URL of a template in the bucket. */
async function stored(name: string, resources: object, sections: object = {}): Promise<string> {
  const Body = Buffer.from(JSON.stringify({ Resources: resources, ...sections }));
  await cloud.call('s3', 'PutObject', { Bucket: 'templates', Key: name, Body });
  return `https://templates.s3.eu-west-1.amazonaws.com/${name}`;
}

const child = (TemplateURL: string, Parameters: object = {}) => ({
  Type: 'AWS::CloudFormation::Stack',
  Properties: { TemplateURL, Parameters },
});

async function run(
  operation: 'CreateStack' | 'UpdateStack' | 'DeleteStack',
  input: Input<'cloudformation', 'CreateStack'>,
): Promise<string> {
  const before = (await cloud.call('cloudformation', operation, input as never)) as { readonly StackId?: string };
  const id = before.StackId ?? (input.StackName as string);
  for (;;) {
    const { Stacks: [stack] = [] } = await cloud.call('cloudformation', 'DescribeStacks', { StackName: id });
    if (!stack?.StackStatus?.endsWith('_IN_PROGRESS')) return stack?.StackStatus ?? '';
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
const template = (resources: object, outputs: object = {}) =>
  JSON.stringify({ Resources: resources, Outputs: outputs });

async function described(StackName: string) {
  const { Stacks: [stack] = [] } = await cloud.call('cloudformation', 'DescribeStacks', { StackName });
  return stack;
}
async function childOf(StackName: string, LogicalResourceId = 'Child'): Promise<string> {
  const { StackResourceDetail } = await cloud.call('cloudformation', 'DescribeStackResource', {
    StackName,
    LogicalResourceId,
  });
  return StackResourceDetail?.PhysicalResourceId ?? '';
}
async function failuresOf(StackName: string): Promise<readonly (string | undefined)[]> {
  const { StackEvents = [] } = await cloud.call('cloudformation', 'DescribeStackEvents', { StackName });
  return StackEvents.filter(({ ResourceStatus }) => ResourceStatus?.endsWith('_FAILED')).map(
    ({ LogicalResourceId, ResourceStatusReason }) => `${LogicalResourceId}: ${ResourceStatusReason}`,
  );
}

test('a stack in a stack in a stack gets parameters, gives outputs, and knows its parents', async () => {
  const leaf = await stored(
    'leaf.json',
    { P: parameter({ Ref: 'Level' }) },
    { Parameters: { Level: { Type: 'String' } }, Outputs: { Name: { Value: { Ref: 'P' } } } },
  );
  const middle = await stored(
    'middle.json',
    { Leaf: child(leaf, { Level: { Ref: 'Level' } }) },
    {
      Parameters: { Level: { Type: 'String' } },
      Outputs: { Name: { Value: { 'Fn::GetAtt': ['Leaf', 'Outputs.Name'] } } },
    },
  );
  const outputs = { Name: { Value: { 'Fn::GetAtt': ['Child', 'Outputs.Name'] } } };
  const body = (level: string) => template({ Child: child(middle, { Level: level }) }, outputs);
  expect(await run('CreateStack', { StackName: 'tree', TemplateBody: body('one') })).toBe('CREATE_COMPLETE');
  const root = await described('tree');
  const middleId = await childOf('tree');
  const leafId = await childOf(middleId, 'Leaf');
  expect(middleId).toMatch(/:stack\/tree-Child-[A-Z0-9]{12,13}\//);
  expect(await described(leafId)).toMatchObject({ ParentId: middleId, RootId: root?.StackId });
  const value = async () => {
    const Name = (await described('tree'))?.Outputs?.[0]?.OutputValue;
    return (await cloud.call('ssm', 'GetParameter', { Name })).Parameter?.Value;
  };
  expect(await value()).toBe('one');
  expect(await run('UpdateStack', { StackName: 'tree', TemplateBody: body('two') })).toBe('UPDATE_COMPLETE');
  expect([await value(), await childOf('tree')]).toEqual(['two', middleId]);
  await run('DeleteStack', { StackName: root?.StackId });
  expect([(await described(leafId))?.StackStatus, (await described(middleId))?.StackStatus]).toEqual([
    'DELETE_COMPLETE',
    'DELETE_COMPLETE',
  ]);
});

test('a child that cannot be created fails its parent, and goes with it', async () => {
  const url = await stored('bad.json', { P: parameter('x'), Bad: bad('P') });
  expect(await run('CreateStack', { StackName: 'broken', TemplateBody: template({ Child: child(url) }) })).toBe(
    'ROLLBACK_COMPLETE',
  );
  const childId = await childOf('broken');
  expect(await failuresOf('broken')).toEqual([
    `Child: Embedded stack ${childId} was not successfully created: The following resource(s) failed to create: [Bad]. `,
  ]);
  expect(await failuresOf(childId)).toContainEqual(expect.stringMatching(/^Bad: .*FIFO/i));
  expect((await described(childId))?.StackStatus).toBe('DELETE_COMPLETE');
});

test('a child that cannot be updated is as before, and so is its parent', async () => {
  const good = await stored('good.json', { P: parameter('one') }, { Outputs: { Name: { Value: { Ref: 'P' } } } });
  await run('CreateStack', { StackName: 'kept', TemplateBody: template({ Child: child(good), Q: parameter('one') }) });
  const childId = await childOf('kept');
  const worse = await stored('worse.json', { P: parameter('two'), Bad: bad('P') });
  const resources = { Child: child(worse), Q: { ...parameter('two'), DependsOn: 'Child' } };
  expect(await run('UpdateStack', { StackName: 'kept', TemplateBody: template(resources) })).toBe(
    'UPDATE_ROLLBACK_COMPLETE',
  );
  expect(await failuresOf('kept')).toEqual([
    `Child: Embedded stack ${childId} was not successfully updated. Currently in UPDATE_ROLLBACK_IN_PROGRESS with reason: The following resource(s) failed to create: [Bad]. `,
  ]);
  const Name = (await described(childId))?.Outputs?.[0]?.OutputValue;
  expect((await cloud.call('ssm', 'GetParameter', { Name })).Parameter?.Value).toBe('one');
});

test('a parent that fails after its child takes the child back', async () => {
  const one = await stored('one.json', { P: parameter('one') }, { Outputs: { Name: { Value: { Ref: 'P' } } } });
  await run('CreateStack', { StackName: 'back', TemplateBody: template({ Child: child(one) }) });
  const two = await stored('two.json', { P: parameter('two') }, { Outputs: { Name: { Value: { Ref: 'P' } } } });
  const resources = { Child: child(two), Bad: bad('Child') };
  expect(await run('UpdateStack', { StackName: 'back', TemplateBody: template(resources) })).toBe(
    'UPDATE_ROLLBACK_COMPLETE',
  );
  const Name = (await described(await childOf('back')))?.Outputs?.[0]?.OutputValue;
  expect((await cloud.call('ssm', 'GetParameter', { Name })).Parameter?.Value).toBe('one');
});
