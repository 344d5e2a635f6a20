// What descriptions of stacks and change sets contain and omit, as AWS answered in September 2025.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Rig, startRig, template, thing } from './test-rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

const describeStack = async (StackName: string) => (await rig.call('DescribeStacks', { StackName })).Stacks?.[0];

describe('a stack', () => {
  it('has empty lists of tags and topics, and no other empty lists', async () => {
    await rig.run('CreateStack', { StackName: 's', TemplateBody: template({ A: thing() }) });
    expect(Object.keys((await describeStack('s')) ?? {}).sort()).toEqual([
      'CreationTime',
      'DisableRollback',
      'DriftInformation',
      'EnableTerminationProtection',
      'LastOperations',
      'NotificationARNs',
      'RollbackConfiguration',
      'StackId',
      'StackName',
      'StackStatus',
      'Tags',
    ]);
  });

  it('that is deleted has no termination protection and no change set', async () => {
    const changeSet = { StackName: 's', ChangeSetName: 'c', TemplateBody: template({ A: thing() }) };
    await rig.run('CreateChangeSet', { ...changeSet, ChangeSetType: 'CREATE' });
    await rig.run('ExecuteChangeSet', { StackName: 's', ChangeSetName: 'c' });
    const { StackId = '', ChangeSetId } = (await describeStack('s')) ?? {};
    expect(ChangeSetId).toBeDefined();
    await rig.run('DeleteStack', { StackName: 's' });
    const deleted = await describeStack(StackId);
    expect(deleted).toMatchObject({ StackStatus: 'DELETE_COMPLETE', DeletionTime: expect.any(Date) });
    expect(deleted).not.toHaveProperty('EnableTerminationProtection');
    expect(deleted).not.toHaveProperty('ChangeSetId');
  });

  it('has a deletion time as soon as its creation is rolled back', async () => {
    rig.failAt = () => 'broken';
    await rig.run('CreateStack', { StackName: 's', TemplateBody: template({ A: thing() }) });
    expect(await describeStack('s')).toMatchObject({
      StackStatus: 'ROLLBACK_COMPLETE',
      DeletionTime: expect.any(Date),
    });
  });

  it('has cleanup events without properties, whose ids are random', async () => {
    await rig.run('CreateStack', { StackName: 's', TemplateBody: template({ A: thing(), B: thing() }) });
    await rig.run('UpdateStack', { StackName: 's', TemplateBody: template({ A: thing() }) });
    const { StackEvents = [] } = await rig.call('DescribeStackEvents', { StackName: 's' });
    const events = StackEvents.filter(({ LogicalResourceId }) => LogicalResourceId === 'B');
    expect(events.map(({ ResourceStatus, ResourceProperties }) => [ResourceStatus, ResourceProperties])).toEqual([
      ['DELETE_COMPLETE', undefined],
      ['DELETE_IN_PROGRESS', undefined],
      ['CREATE_COMPLETE', '{}'],
      ['CREATE_IN_PROGRESS', '{}'],
      ['CREATE_IN_PROGRESS', '{}'],
    ]);
    expect(events[0]?.EventId).toMatch(/^B-[0-9a-f]{8}-[0-9a-f-]{27}$/);
    expect(events[2]?.EventId).toMatch(/^B-CREATE_COMPLETE-\d{4}-/);
  });

  it('shows the metadata of a resource with its references resolved', async () => {
    const resources = { A: thing({}, { Metadata: { Next: { Ref: 'B' }, Size: [1] } }), B: thing({ Name: 'b' }) };
    await rig.run('CreateStack', { StackName: 's', TemplateBody: template(resources) });
    const { StackResourceDetail } = await rig.call('DescribeStackResource', { StackName: 's', LogicalResourceId: 'A' });
    expect(JSON.parse(StackResourceDetail?.Metadata ?? '')).toEqual({ Next: 'b', Size: [1] });
    const withoutMetadata = { StackName: 's', LogicalResourceId: 'B' };
    const { StackResourceDetail: bare } = await rig.call('DescribeStackResource', withoutMetadata);
    expect(bare?.Metadata).toBe('{}');
    const missing = { A: thing({}, { Metadata: { Next: { Ref: 'X' } } }) };
    await expect(rig.call('CreateStack', { StackName: 't', TemplateBody: template(missing) })).rejects.toThrow(
      'Unresolved resource dependencies [X] in the Resources block of the template',
    );
  });
});

describe('a change set', () => {
  const create = (more: object = {}) =>
    rig.run('CreateChangeSet', {
      StackName: 's',
      ChangeSetName: 'c',
      ChangeSetType: 'CREATE',
      TemplateBody: template({ A: thing() }),
      ...more,
    });

  it('has an empty list of capabilities, but not of parameters and tags', async () => {
    await create();
    const described = await rig.call('DescribeChangeSet', { StackName: 's', ChangeSetName: 'c' });
    expect(described).toMatchObject({ Capabilities: [], NotificationARNs: [] });
    expect(described).not.toHaveProperty('Parameters');
    expect(described).not.toHaveProperty('Tags');
  });

  it('is obsolete once its stack is created without it', async () => {
    const { StackId } = await create();
    const created = await rig.run('CreateStack', { StackName: 's', TemplateBody: template({ B: thing() }) });
    expect(created.StackId).toBe(StackId);
    expect(await describeStack('s')).toMatchObject({ StackStatus: 'CREATE_COMPLETE' });
    const { ExecutionStatus } = await rig.call('DescribeChangeSet', { StackName: 's', ChangeSetName: 'c' });
    expect(ExecutionStatus).toBe('OBSOLETE');
  });
});
