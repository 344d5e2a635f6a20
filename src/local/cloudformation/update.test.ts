import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectEvents, type Rig, startRig, template, thing } from './test-rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

async function created(resources: object, sections: object = {}): Promise<string> {
  const { StackId = '' } = await rig.run('CreateStack', {
    StackName: 's',
    TemplateBody: template(resources, sections),
  });
  expect(await rig.status('s')).toBe('CREATE_COMPLETE');
  rig.log.length = 0;
  return StackId;
}
const update = (resources: object, sections: object = {}, options: object = {}) =>
  rig.run('UpdateStack', { StackName: 's', TemplateBody: template(resources, sections), ...options });
async function physicalId(logicalId: string): Promise<string> {
  const { StackResourceDetail } = await rig.call('DescribeStackResource', {
    StackName: 's',
    LogicalResourceId: logicalId,
  });
  return StackResourceDetail?.PhysicalResourceId ?? '';
}
const last = () => rig.events('s', 'last');

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

describe('an update that fails', () => {
  const before = { A: thing({ Size: 1 }), B: thing({ Kind: 'x' }), C: thing({ Size: 1 }), Gone: thing() };
  const after = {
    A: thing({ Size: 2 }),
    B: thing({ Kind: 'y' }),
    C: thing({ Size: 2 }, { DependsOn: ['A', 'B', 'New'] }),
    New: thing(),
  };
  const breakC = () => {
    rig.failAt = ({ logicalId, rollingBack }) => (logicalId === 'C' && !rollingBack ? 'C is broken' : undefined);
  };

  it('restores changed resources, keeps the old one of a replacement, and deletes new ones', async () => {
    await created(before, { Outputs: { O: { Value: 'old' } } });
    const old = new Map(rig.things);
    breakC();
    await update(after, { Outputs: { O: { Value: 'new' } } });
    const events = await last();
    expectEvents(events.slice(events.indexOf('C UPDATE_FAILED C is broken')), [
      'C UPDATE_FAILED C is broken',
      's UPDATE_ROLLBACK_IN_PROGRESS The following resource(s) failed to update: [C]. ',
      ['A UPDATE_IN_PROGRESS', 'A UPDATE_COMPLETE', 'B UPDATE_COMPLETE', 'C UPDATE_IN_PROGRESS', 'C UPDATE_COMPLETE'],
      's UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
      ['New DELETE_IN_PROGRESS', 'New DELETE_COMPLETE', 'B DELETE_IN_PROGRESS', 'B DELETE_COMPLETE'],
      's UPDATE_ROLLBACK_COMPLETE',
    ]);
    expect(rig.things).toEqual(old);
    const { TemplateBody } = await rig.call('GetTemplate', { StackName: 's' });
    expect(TemplateBody).toContain('Gone');
    const { Stacks } = await rig.call('DescribeStacks', { StackName: 's' });
    expect(Stacks?.[0]?.Outputs?.[0]?.OutputValue).toBe('old');
    rig.failAt = undefined;
    await update(after);
    expect(await rig.status('s')).toBe('UPDATE_COMPLETE');
    expect(rig.things.size).toBe(4);
  });

  it('cancels both creations and updates of other resources', async () => {
    await created({ A: thing({ Size: 1 }), B: thing({ Size: 1 }) });
    let release = () => {};
    const held = new Promise<undefined>((resolve) => {
      release = () => resolve(undefined);
    });
    rig.failAt = async ({ logicalId, rollingBack }) => {
      if (rollingBack) return undefined;
      if (logicalId !== 'A') return held;
      setImmediate(release);
      return 'A is broken';
    };
    await update({ A: thing({ Size: 2 }), B: thing({ Size: 2 }), N: thing() });
    expect(await last()).toEqual(
      expect.arrayContaining([
        'B UPDATE_FAILED Resource update cancelled',
        'N CREATE_FAILED Resource creation cancelled',
        's UPDATE_ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [N]. The following resource(s) failed to update: [A, B]. ',
      ]),
    );
    expect(await rig.status('s')).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect([...rig.things.values()]).toEqual([{ Size: 1 }, { Size: 1 }]);
  });

  it('keeps a new resource that has DeletionPolicy Retain, unless asked not to', async () => {
    await created({ A: thing({ Size: 1 }) });
    rig.failAt = ({ logicalId, rollingBack }) => (logicalId === 'A' && !rollingBack ? 'broken' : undefined);
    const next = { A: thing({ Size: 2 }, { DependsOn: 'N' }), N: thing({}, { DeletionPolicy: 'Retain' }) };
    await update(next);
    expect(await last()).toContain('N DELETE_SKIPPED');
    await update(next, {}, { RetainExceptOnCreate: true });
    expect(await last()).toContain('N DELETE_COMPLETE');
    expect(rig.things.size).toBe(2);
  });

  it('goes to UPDATE_ROLLBACK_FAILED if the rollback fails, and continues from there', async () => {
    const id = await created(before);
    rig.failAt = ({ logicalId, action }) => {
      if (logicalId === 'C' && action === 'update') return 'C is broken';
      return undefined;
    };
    await update(after);
    expect(await rig.status('s')).toMatch(
      /^UPDATE_ROLLBACK_FAILED The following resource\(s\) failed to update: \[C\b/,
    );
    await expect(update(after)).rejects.toThrow(
      `Stack:${id} is in UPDATE_ROLLBACK_FAILED state and can not be updated.`,
    );
    await expect(rig.call('ContinueUpdateRollback', { StackName: 's', ResourcesToSkip: ['B'] })).rejects.toThrow(
      'cannot be skipped',
    );
    await rig.run('ContinueUpdateRollback', { StackName: 's' });
    expect(await rig.status('s')).toContain('UPDATE_ROLLBACK_FAILED');
    await rig.run('ContinueUpdateRollback', { StackName: 's', ResourcesToSkip: ['C'] });
    expectEvents(await last(), [
      's UPDATE_ROLLBACK_IN_PROGRESS User Initiated',
      'C UPDATE_COMPLETE',
      's UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
      ['New DELETE_IN_PROGRESS', 'New DELETE_COMPLETE', 'B DELETE_IN_PROGRESS', 'B DELETE_COMPLETE'],
      's UPDATE_ROLLBACK_COMPLETE',
    ]);
    await expect(rig.call('ContinueUpdateRollback', { StackName: 's' })).rejects.toThrow(
      'is in UPDATE_ROLLBACK_COMPLETE state',
    );
  });

  it('continues a rollback once the cause is gone', async () => {
    await created(before);
    const old = new Map(rig.things);
    rig.failAt = ({ logicalId, action }) => (logicalId === 'C' && action === 'update' ? 'C is broken' : undefined);
    await update(after);
    rig.failAt = undefined;
    await rig.run('ContinueUpdateRollback', { StackName: 's' });
    expect(await rig.status('s')).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(rig.things).toEqual(old);
  });

  it('keeps everything with DisableRollback, and can then be updated again or rolled back', async () => {
    await created(before);
    const old = new Map(rig.things);
    breakC();
    await update(after, {}, { DisableRollback: true });
    expect(await rig.status('s')).toBe('UPDATE_FAILED The following resource(s) failed to update: [C]. ');
    await expect(update(after)).rejects.toThrow(
      'This stack is currently in a non-terminal [UPDATE_FAILED] state. To update the stack from this state, please use the disable-rollback parameter with update-stack API. To rollback to the last known good state, use the rollback-stack API',
    );
    await update({ ...after, B: thing({ Kind: 'z' }) }, {}, { DisableRollback: true });
    expect(await rig.status('s')).toContain('UPDATE_FAILED');
    await rig.run('RollbackStack', { StackName: 's' });
    expect(await rig.status('s')).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(rig.things).toEqual(old);
    await update(after, {}, { DisableRollback: true });
    rig.failAt = undefined;
    await update(after, {}, { DisableRollback: true });
    expect(await rig.status('s')).toBe('UPDATE_COMPLETE');
    expect(rig.things.size).toBe(4);
  });

  it('can be cancelled while it is in progress', async () => {
    await created({ A: thing({ Size: 1 }), B: thing({ Size: 1 }, { DependsOn: 'A' }) });
    let reached = () => {};
    const underway = new Promise<void>((resolve) => {
      reached = resolve;
    });
    let release = () => {};
    const held = new Promise<undefined>((resolve) => {
      release = () => resolve(undefined);
    });
    rig.failAt = ({ logicalId, rollingBack }) => {
      if (logicalId !== 'A' || rollingBack) return undefined;
      reached();
      return held;
    };
    await rig.call('UpdateStack', {
      StackName: 's',
      TemplateBody: template({ A: thing({ Size: 2 }), B: thing({ Size: 2 }, { DependsOn: 'A' }) }),
    });
    await underway;
    await rig.call('CancelUpdateStack', { StackName: 's' });
    release();
    await rig.service.settled();
    expect(await last()).toEqual([
      's UPDATE_IN_PROGRESS User Initiated',
      'A UPDATE_IN_PROGRESS',
      'A UPDATE_FAILED Resource update cancelled',
      's UPDATE_ROLLBACK_IN_PROGRESS User Initiated',
      'A UPDATE_IN_PROGRESS',
      'A UPDATE_COMPLETE',
      's UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
      's UPDATE_ROLLBACK_COMPLETE',
    ]);
    await expect(rig.call('CancelUpdateStack', { StackName: 's' })).rejects.toThrow(
      'CancelUpdateStack cannot be called from current stack status',
    );
  });

  it('rolls back if an export that another stack uses would change or disappear', async () => {
    const exporting = (value: string) => ({ Outputs: { O: { Value: value, Export: { Name: 'net' } } } });
    await created({ A: thing() }, exporting('1'));
    await rig.run('CreateStack', {
      StackName: 'user',
      TemplateBody: template({ U: thing({ Text: { 'Fn::ImportValue': 'net' } }) }),
    });
    await update({ A: thing() }, exporting('2'));
    expect(await last()).toContain(
      's UPDATE_ROLLBACK_IN_PROGRESS Export net cannot be updated as it is in use by user',
    );
    await update({ A: thing({ Size: 1 }) });
    expect(await last()).toContain(
      's UPDATE_ROLLBACK_IN_PROGRESS Export net cannot be deleted as it is in use by user',
    );
    expect(await rig.call('ListImports', { ExportName: 'net' })).toEqual({ Imports: ['user'] });
    await rig.run('DeleteStack', { StackName: 's' });
    expect(await rig.status('s')).toBe('UPDATE_ROLLBACK_COMPLETE Export net cannot be deleted as it is in use by user');
    await rig.run('DeleteStack', { StackName: 'user' });
    await rig.run('DeleteStack', { StackName: 's' });
    expect(rig.things.size).toBe(0);
    await expect(rig.call('ListImports', { ExportName: 'net' })).rejects.toThrow(
      "Export 'net' is not imported by any stack.",
    );
  });
});
