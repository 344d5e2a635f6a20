// The owners of resources in the ledger.
import { expect, test } from 'vitest';
import type { Owner } from '../cfn/part.ts';
import { mergedOwners, ownersById, recordedOwners } from './owners.ts';

test('come back as they were written, without kinds that only a newer fx knows', () => {
  const owners: Record<string, Owner> = {
    A: { kind: 'function', name: 'a:b' },
    B: { kind: 'function', name: 'a:b' },
    L: { kind: 'layer', name: 'l' },
    P: { kind: 'project' },
    U: { kind: 'user' },
  };
  const recorded = recordedOwners(new Map(Object.entries(owners).map(([id, owner]) => [id, { owner }])));
  expect(recorded).toEqual({ 'function:a:b': ['A', 'B'], 'layer:l': ['L'], project: ['P'], user: ['U'] });
  expect(Object.fromEntries(ownersById({ ...recorded, 'team:x': ['T'] }))).toEqual(owners);
  expect(ownersById(undefined).size).toBe(0);
});

test('of a rollback of some functions are those of the stack, and of the release for what it adds', () => {
  const merged = mergedOwners({ 'function:a': ['A'], user: ['Q'] }, { 'function:a': ['A', 'OldA'], project: ['Q'] });
  expect(merged).toEqual({ 'function:a': ['A', 'OldA'], user: ['Q'], project: [] });
  expect(mergedOwners(undefined, undefined)).toBeUndefined();
});
