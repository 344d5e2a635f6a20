import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectEvents, type Rig, startRig, template, thing } from './test-rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

const body = template({
  A: thing(),
  B: thing({ Text: { Ref: 'A' } }),
  K: thing({}, { DeletionPolicy: 'Retain' }),
  X: thing({}, { DeletionPolicy: 'RetainExceptOnCreate' }),
});

describe('deleting a stack', () => {
  it('deletes dependents first, retains what it should, and leaves the stack to be found by its id', async () => {
    const { StackId = '' } = await rig.run('CreateStack', { StackName: 's', TemplateBody: body });
    await rig.run('DeleteStack', { StackName: 's' });
    expectEvents(await rig.events(StackId, 'last'), [
      's DELETE_IN_PROGRESS User Initiated',
      ['B DELETE_IN_PROGRESS', 'K DELETE_SKIPPED', 'X DELETE_SKIPPED'],
      'B DELETE_COMPLETE',
      'A DELETE_IN_PROGRESS',
      'A DELETE_COMPLETE',
      's DELETE_COMPLETE',
    ]);
    expect(rig.things.size).toBe(2);
    await expect(rig.call('DescribeStacks', { StackName: 's' })).rejects.toMatchObject({
      code: 'ValidationError',
      message: 'Stack with id s does not exist',
    });
    await expect(rig.call('DescribeStackEvents', { StackName: 's' })).rejects.toThrow('Stack [s] does not exist');
    const { StackSummaries = [] } = await rig.call('ListStacks', { StackStatusFilter: ['DELETE_COMPLETE'] });
    expect(StackSummaries[0]).toMatchObject({ StackId, StackStatus: 'DELETE_COMPLETE' });
    await rig.run('CreateStack', { StackName: 's', TemplateBody: body });
    expect(await rig.status('s')).toBe('CREATE_COMPLETE');
  });

  it('of an absent or deleted stack succeeds', async () => {
    await rig.run('DeleteStack', { StackName: 'nope' });
    const { StackId } = await rig.run('CreateStack', { StackName: 's', TemplateBody: body });
    await rig.run('DeleteStack', { StackName: StackId });
    await rig.run('DeleteStack', { StackName: StackId });
  });

  it('counts a resource that was deleted by hand as deleted', async () => {
    const { StackId = '' } = await rig.run('CreateStack', { StackName: 's', TemplateBody: template({ A: thing() }) });
    rig.things.clear();
    await rig.run('DeleteStack', { StackName: 's' });
    expect(await rig.status(StackId)).toBe('DELETE_COMPLETE');
  });

  it('fails if a resource can’t be deleted, which a second deletion can retain', async () => {
    const { StackId = '' } = await rig.run('CreateStack', { StackName: 's', TemplateBody: body });
    await expect(rig.call('DeleteStack', { StackName: 's', RetainResources: ['A'] })).rejects.toThrow(
      `Invalid operation on stack [${StackId}]. When you delete a stack, specify which resources to retain only when the stack is in the DELETE_FAILED state.`,
    );
    rig.failAt = ({ logicalId }) => (logicalId === 'B' ? 'B stays' : undefined);
    await rig.run('DeleteStack', { StackName: 's' });
    expect(await rig.status('s')).toBe('DELETE_FAILED The following resource(s) failed to delete: [B]. ');
    // A is needed by B, so it is still there.
    expect(rig.things.size).toBe(4);
    await rig.run('DeleteStack', { StackName: 's', RetainResources: ['B'] });
    expect(await rig.status(StackId)).toBe('DELETE_COMPLETE');
    expect(rig.things.size).toBe(3);
  });

  it('that is forced retains whatever can’t be deleted, and only after one that failed', async () => {
    const { StackId = '' } = await rig.run('CreateStack', { StackName: 's', TemplateBody: body });
    const forced = { StackName: 's', DeletionMode: 'FORCE_DELETE_STACK' } as const;
    await expect(rig.call('DeleteStack', forced)).rejects.toThrow('when the stack is in the DELETE_FAILED state');
    rig.failAt = ({ logicalId }) => (logicalId === 'B' ? 'B stays' : undefined);
    await rig.run('DeleteStack', { StackName: 's' });
    await rig.run('DeleteStack', forced);
    expect(await rig.status(StackId)).toBe('DELETE_COMPLETE');
    expect((await rig.events(StackId, 'last')).filter((event) => /^B /.test(event))).toEqual([
      'B DELETE_IN_PROGRESS',
      'B DELETE_FAILED B stays',
      'B DELETE_SKIPPED',
    ]);
    // A was deleted, although B needed it
    expect(rig.things.size).toBe(3);
  });

  it('is refused under termination protection', async () => {
    await rig.run('CreateStack', { StackName: 's', TemplateBody: body, EnableTerminationProtection: true });
    await expect(rig.call('DeleteStack', { StackName: 's' })).rejects.toThrow(
      'Stack [s] cannot be deleted while TerminationProtection is enabled',
    );
    await rig.call('UpdateTerminationProtection', { StackName: 's', EnableTerminationProtection: false });
    await rig.run('DeleteStack', { StackName: 's' });
    expect(rig.things.size).toBe(2);
  });

  it('cancels a creation that is in progress', async () => {
    let reached = () => {};
    const underway = new Promise<void>((resolve) => {
      reached = resolve;
    });
    let release = () => {};
    rig.failAt = ({ action }) =>
      action === 'create'
        ? new Promise((resolve) => {
            release = () => resolve(undefined);
            reached();
          })
        : undefined;
    const { StackId = '' } = await rig.call('CreateStack', {
      StackName: 's',
      TemplateBody: template({ A: thing(), B: thing({}, { DependsOn: 'A' }) }),
    });
    await underway;
    await rig.call('DeleteStack', { StackName: 's' });
    release();
    await rig.service.settled();
    expect(await rig.events(StackId)).toEqual([
      's CREATE_IN_PROGRESS User Initiated',
      'A CREATE_IN_PROGRESS',
      'A CREATE_FAILED Resource creation cancelled',
      's DELETE_IN_PROGRESS User Initiated',
      'A DELETE_IN_PROGRESS',
      'A DELETE_COMPLETE',
      's DELETE_COMPLETE',
    ]);
    expect(rig.things.size).toBe(0);
  });
});
