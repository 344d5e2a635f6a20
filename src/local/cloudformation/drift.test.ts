// Change sets that revert drift.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Rig, startRig } from './test-rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

it('detects what was changed or deleted outside of the stack', async () => {
  const Resources = {
    A: { Type: 'AWS::SQS::Queue', Properties: { DelaySeconds: 1, QueueName: 'a' } },
    B: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'b' } },
    C: { Type: 'AWS::SQS::Queue' },
  };
  await rig.run('CreateStack', { StackName: 's', TemplateBody: JSON.stringify({ Resources }) });
  const drift = async () => {
    const { Stacks: [stack] = [] } = await rig.call('DescribeStacks', { StackName: 's' });
    return stack?.DriftInformation;
  };
  const detect = async () => {
    const { StackDriftDetectionId } = await rig.call('DetectStackDrift', { StackName: 's' });
    return rig.call('DescribeStackDriftDetectionStatus', { StackDriftDetectionId });
  };
  expect(await drift()).toEqual({ StackDriftStatus: 'NOT_CHECKED' });
  expect(await detect()).toMatchObject({
    DetectionStatus: 'DETECTION_COMPLETE',
    StackDriftStatus: 'IN_SYNC',
    DriftedStackResourceCount: 0,
  });
  const { QueueUrls = [] } = await rig.cloud.call('sqs', 'ListQueues', {});
  const url = (name: string) => QueueUrls.find((each) => each.endsWith(`/${name}`)) ?? '';
  await rig.cloud.call('sqs', 'SetQueueAttributes', { QueueUrl: url('a'), Attributes: { DelaySeconds: '7' } });
  await rig.cloud.call('sqs', 'DeleteQueue', { QueueUrl: url('b') });
  // not before somebody looks
  expect(await drift()).toMatchObject({ StackDriftStatus: 'IN_SYNC', LastCheckTimestamp: expect.any(Date) });
  expect(await detect()).toMatchObject({ StackDriftStatus: 'DRIFTED', DriftedStackResourceCount: 2 });
  expect(await drift()).toMatchObject({ StackDriftStatus: 'DRIFTED' });
  const all = await rig.call('DescribeStackResourceDrifts', { StackName: 's', MaxResults: 2 });
  expect(all.StackResourceDrifts).toMatchObject([
    {
      LogicalResourceId: 'A',
      StackResourceDriftStatus: 'MODIFIED',
      PropertyDifferences: [
        { PropertyPath: '/DelaySeconds', ExpectedValue: '1', ActualValue: '7', DifferenceType: 'NOT_EQUAL' },
      ],
    },
    { LogicalResourceId: 'B', StackResourceDriftStatus: 'DELETED' },
  ]);
  const rest = await rig.call('DescribeStackResourceDrifts', { StackName: 's', NextToken: all.NextToken });
  expect(rest.StackResourceDrifts).toMatchObject([{ LogicalResourceId: 'C', StackResourceDriftStatus: 'IN_SYNC' }]);
  await expect(rig.call('DetectStackDrift', { StackName: 's', LogicalResourceIds: ['X'] })).rejects.toThrow(/X/);
  await expect(
    rig.call('DescribeStackDriftDetectionStatus', { StackDriftDetectionId: 'no-such-detection' }),
  ).rejects.toThrow(/no-such-detection/);
});

describe('a change set that reverts drift', () => {
  const drifted = async (DelaySeconds: number) => {
    const text = JSON.stringify({ Resources: { Q: { Type: 'AWS::SQS::Queue', Properties: { DelaySeconds } } } });
    const input = {
      StackName: 's',
      ChangeSetName: 'drift',
      TemplateBody: text,
      DeploymentMode: 'REVERT_DRIFT',
    } as const;
    const { Id } = await rig.run('CreateChangeSet', input);
    const set = await rig.call('DescribeChangeSet', { ChangeSetName: Id, IncludePropertyValues: true });
    return { set, [Symbol.asyncDispose]: () => rig.run('DeleteChangeSet', { ChangeSetName: Id }).then(() => {}) };
  };

  it('compares the template, the last deployment and the current resources', async () => {
    const text = JSON.stringify({ Resources: { Q: { Type: 'AWS::SQS::Queue', Properties: { DelaySeconds: 1 } } } });
    await rig.run('CreateStack', { StackName: 's', TemplateBody: text });
    {
      await using same = await drifted(1);
      expect(same.set).toMatchObject({
        Status: 'FAILED',
        StatusReason: expect.stringContaining("didn't contain changes"),
      });
    }
    const { QueueUrls: [QueueUrl = ''] = [] } = await rig.cloud.call('sqs', 'ListQueues', {});
    await rig.cloud.call('sqs', 'SetQueueAttributes', { QueueUrl, Attributes: { DelaySeconds: '7' } });
    for (const [written, type] of [
      [1, 'Modify'],
      [7, 'SyncWithActual'],
    ] as const) {
      await using changed = await drifted(written);
      const [{ ResourceChange } = {}] = changed.set.Changes ?? [];
      expect(ResourceChange).toMatchObject({
        Action: 'Modify',
        LogicalResourceId: 'Q',
        ResourceDriftStatus: 'MODIFIED',
      });
      expect(ResourceChange?.Details).toMatchObject([
        {
          Target: {
            Name: 'DelaySeconds',
            BeforeValue: '7',
            AfterValue: String(written),
            BeforeValueFrom: 'ACTUAL_STATE',
            AttributeChangeType: type,
            Drift: { PreviousValue: '1', ActualValue: '7' },
          },
        },
      ]);
      // it would have to read every property, to write it back
      await expect(rig.call('ExecuteChangeSet', { StackName: 's', ChangeSetName: 'drift' })).rejects.toThrow(
        'does not support the execution of a change set that reverts drift',
      );
    }
  });

  it('sees that a resource is gone', async () => {
    const text = JSON.stringify({ Resources: { Q: { Type: 'AWS::SQS::Queue', Properties: { DelaySeconds: 1 } } } });
    await rig.run('CreateStack', { StackName: 's', TemplateBody: text });
    const { QueueUrls: [QueueUrl = ''] = [] } = await rig.cloud.call('sqs', 'ListQueues', {});
    await rig.cloud.call('sqs', 'DeleteQueue', { QueueUrl });
    await using gone = await drifted(1);
    expect(gone.set.Changes).toMatchObject([
      { ResourceChange: { LogicalResourceId: 'Q', ResourceDriftStatus: 'DELETED' } },
    ]);
  });
});
