import { expect, test } from 'vitest';
import type { ChangeSetChange, ChangeSetDetail } from '../aws/aws.ts';
import { replacedIn } from './replaced.ts';

const change = (logicalId: string, replacement: string, ...details: readonly ChangeSetDetail[]): ChangeSetChange => ({
  action: 'Modify',
  logicalId,
  type: 'AWS::X::Y',
  replacement,
  details,
});
const detail = (recreation: string, cause?: string): ChangeSetDetail => ({ path: '/Properties/A', recreation, cause });
const ids = (changes: readonly ChangeSetChange[]) => replacedIn(changes).map(({ logicalId }) => logicalId);

test('what CloudFormation is sure of is replaced, and what changes in place is not', () => {
  expect(ids([change('A', 'True'), change('B', 'False'), { ...change('C', ''), replacement: undefined }])).toEqual([
    'A',
  ]);
});

test('a reference to a resource that changes in place replaces nothing, one to a replaced resource does', () => {
  const reader = change('Reader', 'Conditional', detail('Always', 'Queue.Arn'));
  expect(ids([change('Queue', 'False'), reader])).toEqual([]);
  expect(ids([reader, change('Queue', 'True')])).toEqual(['Reader', 'Queue']);
  const further = change('Further', 'Conditional', detail('Always', 'Reader'));
  expect(ids([further, reader, change('Queue', 'True')])).toEqual(['Further', 'Reader', 'Queue']);
});

test('a value that decides by itself may replace', () => {
  expect(ids([change('A', 'Conditional', detail('Never'), detail('Conditionally'))])).toEqual(['A']);
  expect(ids([change('A', 'Conditional', detail('Never'))])).toEqual([]);
});
