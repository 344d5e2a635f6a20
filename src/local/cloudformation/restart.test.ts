import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Rig, startRig, template, thing } from './test-rig.ts';

let folder: string;
let rig: Rig;
const things = new Map<string, Readonly<Record<string, unknown>>>();
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fx-cloudformation-'));
  rig = await startRig(folder, things);
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
  things.clear();
});

/** Stops the local AWS at the first step on that resource, and restarts it. */
async function stopAt(logicalId: string, begin: () => Promise<unknown>): Promise<void> {
  let reached = () => {};
  const underway = new Promise<void>((resolve) => {
    reached = resolve;
  });
  rig.failAt = (step) => {
    if (step.logicalId !== logicalId) return undefined;
    reached();
    // Takes long enough for the stop to come first.
    return new Promise((resolve) => setImmediate(() => resolve(undefined)));
  };
  await begin();
  await underway;
  await rig[Symbol.asyncDispose]();
  rig = await startRig(folder, things);
  await rig.service.settled();
}

const chain = (size: number) =>
  template({
    A: thing({ Size: size }),
    B: thing({ Size: size }, { DependsOn: 'A' }),
    C: thing({ Size: size }, { DependsOn: 'B' }),
  });

describe('a restarted local AWS', () => {
  it('still has its stacks, events and change sets', async () => {
    await rig.run('CreateStack', { StackName: 's', TemplateBody: chain(1) });
    await rig.run('CreateChangeSet', { StackName: 's', ChangeSetName: 'c', TemplateBody: chain(2) });
    const events = await rig.events('s');
    await rig[Symbol.asyncDispose]();
    rig = await startRig(folder, things);
    expect(await rig.events('s')).toEqual(events);
    await rig.run('ExecuteChangeSet', { StackName: 's', ChangeSetName: 'c' });
    expect(await rig.status('s')).toBe('UPDATE_COMPLETE');
  });

  it('rolls back an interrupted creation', async () => {
    await stopAt('B', () => rig.call('CreateStack', { StackName: 's', TemplateBody: chain(1) }));
    expect(await rig.events('s')).toContain(
      's ROLLBACK_IN_PROGRESS The fx local AWS was stopped while this was under way. Rollback requested by user.',
    );
    expect(await rig.status('s')).toBe('ROLLBACK_COMPLETE');
    expect(things.size).toBe(0);
  });

  it('rolls back an interrupted update', async () => {
    await rig.run('CreateStack', { StackName: 's', TemplateBody: chain(1) });
    await stopAt('B', () => rig.call('UpdateStack', { StackName: 's', TemplateBody: chain(2) }));
    expect(await rig.status('s')).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect([...things.values()]).toEqual([{ Size: 1 }, { Size: 1 }, { Size: 1 }]);
  });

  it('resumes a deletion and a cleanup', async () => {
    await rig.run('CreateStack', { StackName: 's', TemplateBody: chain(1) });
    await stopAt('C', () =>
      rig.call('UpdateStack', { StackName: 's', TemplateBody: template({ A: thing({ Size: 1 }) }) }),
    );
    expect(await rig.status('s')).toBe('UPDATE_COMPLETE');
    expect(things.size).toBe(1);
    const { Stacks = [] } = await rig.call('DescribeStacks', { StackName: 's' });
    await stopAt('A', () => rig.call('DeleteStack', { StackName: 's' }));
    expect(await rig.status(Stacks[0]?.StackId ?? '')).toBe('DELETE_COMPLETE');
    expect(things.size).toBe(0);
  });
});
