// Updates of a stack that succeed or are refused.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectEvents, type Rig, startRig, template, thing } from './test-rig.ts';
import { updatesOf } from './test-updates.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});
const { created, last, physicalId, update } = updatesOf(() => rig);

describe('updating a stack', () => {
  it('touches only what differs once resolved, and then what depends on it', async () => {
    await created({
      A: thing({ Size: 1 }),
      B: thing({ Text: { 'Fn::GetAtt': ['A', 'Size'] } }),
      C: thing({ Size: '7' }),
    });
    await update({ A: thing({ Size: 2 }), B: thing({ Text: { 'Fn::GetAtt': ['A', 'Size'] } }), C: thing({ Size: 7 }) });
    expect(await last()).toEqual([
      's UPDATE_IN_PROGRESS User Initiated',
      'A UPDATE_IN_PROGRESS',
      'A UPDATE_COMPLETE',
      'B UPDATE_IN_PROGRESS',
      'B UPDATE_COMPLETE',
      's UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      's UPDATE_COMPLETE',
    ]);
    expect(rig.log).toEqual(['update A Size', 'update B Text']);
  });

  it('replaces if a property requires it: creates the new one, updates references, then deletes the old one', async () => {
    await created({ A: thing({ Kind: 'x' }), B: thing({ Text: { Ref: 'A' } }) });
    const [old, b] = [await physicalId('A'), await physicalId('B')];
    await update({ A: thing({ Kind: 'y' }), B: thing({ Text: { Ref: 'A' } }) });
    expect(await last()).toEqual([
      's UPDATE_IN_PROGRESS User Initiated',
      'A UPDATE_IN_PROGRESS Requested update requires the creation of a new physical resource; hence creating one.',
      'A UPDATE_IN_PROGRESS Resource creation Initiated',
      'A UPDATE_COMPLETE',
      'B UPDATE_IN_PROGRESS',
      'B UPDATE_COMPLETE',
      's UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      'A DELETE_IN_PROGRESS',
      'A DELETE_COMPLETE',
      's UPDATE_COMPLETE',
    ]);
    const current = await physicalId('A');
    expect(current).not.toBe(old);
    expect(rig.things.has(old)).toBe(false);
    expect(rig.things.get(b)).toEqual({ Text: current });
    const { StackEvents = [] } = await rig.call('DescribeStackEvents', { StackName: 's' });
    expect(StackEvents.find(({ ResourceStatus }) => ResourceStatus === 'DELETE_COMPLETE')?.PhysicalResourceId).toBe(
      old,
    );
  });

  it('keeps the replaced resource with UpdateReplacePolicy Retain', async () => {
    const kept = { UpdateReplacePolicy: 'Retain' };
    await created({ A: thing({ Kind: 'x' }, kept) });
    await update({ A: thing({ Kind: 'y' }, kept) });
    expect(await last()).toContain('A DELETE_SKIPPED');
    expect(rig.things.size).toBe(2);
  });

  it('refuses to replace what the user named, under the same name', async () => {
    await created({ A: thing({ Name: 'mine', Kind: 'x' }) });
    await update({ A: thing({ Name: 'mine', Kind: 'y' }) });
    expect(await last()).toContain(
      'A UPDATE_FAILED CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename mine and update the stack again.',
    );
    expect(await rig.status('s')).toBe('UPDATE_ROLLBACK_COMPLETE');
    await update({ A: thing({ Name: 'other', Kind: 'y' }) });
    expect([...rig.things.keys()]).toEqual(['other']);
  });

  it('deletes resources that the template lacks, dependents first, after everything else succeeded', async () => {
    await created({
      A: thing(),
      B: thing({ Text: { Ref: 'A' } }),
      K: thing({}, { DeletionPolicy: 'Retain' }),
      C: thing(),
    });
    await update({ C: thing({ Size: 1 }), D: thing() });
    const events = await last();
    expectEvents(events.slice(events.indexOf('s UPDATE_COMPLETE_CLEANUP_IN_PROGRESS') + 1), [
      ['B DELETE_IN_PROGRESS', 'K DELETE_SKIPPED'],
      'B DELETE_COMPLETE',
      'A DELETE_IN_PROGRESS',
      'A DELETE_COMPLETE',
      's UPDATE_COMPLETE',
    ]);
    expect(rig.things.size).toBe(3);
    const { StackResourceSummaries = [] } = await rig.call('ListStackResources', { StackName: 's' });
    expect(StackResourceSummaries.map(({ LogicalResourceId }) => LogicalResourceId)).toEqual(['C', 'D']);
  });

  it('is complete even if something could not be deleted', async () => {
    await created({ A: thing(), B: thing() });
    rig.failAt = ({ action }) => (action === 'delete' ? 'stays' : undefined);
    await update({ A: thing() });
    expect(await rig.status('s')).toBe(
      'UPDATE_COMPLETE Update successful. One or more resources could not be deleted.',
    );
  });

  it('is refused if nothing changes, even if the template is written differently', async () => {
    await created({ A: thing({ Size: 1 }) }, { Description: 'one', Outputs: { O: { Value: { Ref: 'A' } } } });
    const same = { Description: 'two', Outputs: { O: { Value: { 'Fn::Sub': '${A}' } } } };
    await expect(update({ A: thing({ Size: { 'Fn::Select': [0, ['1']] } }) }, same)).rejects.toMatchObject({
      code: 'ValidationError',
      message: 'No updates are to be performed.',
    });
    await update({ A: thing({ Size: 1 }) }, { Outputs: { O: { Value: 'else' } } });
    expect(await last()).toHaveLength(3);
  });

  it('takes the previous template and parameters, the stack’s tags and metadata', async () => {
    const sections = { Parameters: { Size: { Type: 'Number' } } };
    await rig.run('CreateStack', {
      StackName: 's',
      TemplateBody: template({ A: thing({ Size: { Ref: 'Size' } }) }, sections),
      Parameters: [{ ParameterKey: 'Size', ParameterValue: '3' }],
    });
    const previous = { StackName: 's', UsePreviousTemplate: true };
    const kept = { Parameters: [{ ParameterKey: 'Size', UsePreviousValue: true }] };
    await expect(rig.call('UpdateStack', { ...previous, ...kept })).rejects.toThrow('No updates are to be performed.');
    await rig.run('UpdateStack', { ...previous, ...kept, Tags: [{ Key: 'a', Value: 'b' }] });
    expect(rig.log.at(-1)).toBe('update A Tags');
    await rig.run('UpdateStack', { ...previous, Parameters: [{ ParameterKey: 'Size', ParameterValue: '4' }] });
    expect(rig.log.at(-1)).toBe('update A Size');
    const { Stacks } = await rig.call('DescribeStacks', { StackName: 's' });
    expect(Stacks?.[0]).toMatchObject({
      Parameters: [{ ParameterKey: 'Size', ParameterValue: '4' }],
      Tags: [{ Key: 'a', Value: 'b' }],
    });
  });

  it('is refused for another type under the same logical id, and while another is in progress', async () => {
    const id = await created({ A: thing() });
    await expect(update({ A: { Type: 'AWS::CloudFormation::WaitConditionHandle' } })).rejects.toThrow(
      'Update of resource type is not permitted. The new template modifies resource type of the following resources: [A]',
    );
    await rig.call('UpdateStack', { StackName: 's', TemplateBody: template({ A: thing({ Size: 1 }) }) });
    await expect(update({ A: thing({ Size: 2 }) })).rejects.toThrow(
      `Stack:${id} is in UPDATE_IN_PROGRESS state and can not be updated.`,
    );
    await expect(rig.call('DeleteStack', { StackName: 's' })).rejects.toThrow(
      'cannot be deleted while in status UPDATE_IN_PROGRESS',
    );
  });
});
