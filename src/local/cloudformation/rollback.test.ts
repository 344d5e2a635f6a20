// Updates that fail, and their rollback.
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
const { created, last, update } = updatesOf(() => rig);

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
