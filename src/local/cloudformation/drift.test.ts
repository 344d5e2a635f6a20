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
