import { expect, test } from 'vitest';
import type { StackEvent } from '../aws/aws.ts';
import { Progress } from './progress.ts';

const event = (logicalId: string, status: string, detailedStatus?: string): StackEvent => ({
  id: `${logicalId}-${status}`,
  time: new Date(0),
  logicalId,
  physicalId: logicalId,
  type: logicalId === 'Cdn' ? 'AWS::CloudFront::Distribution' : 'AWS::SQS::Queue',
  status,
  reason: undefined,
  token: undefined,
  operation: undefined,
  detailedStatus,
  hookReason: undefined,
});

test('a resource counts once, and only when it is done, however many events it has', () => {
  const progress = new Progress(3);
  const counts = [
    event('Cdn', 'CREATE_IN_PROGRESS'),
    event('Cdn', 'CREATE_IN_PROGRESS', 'CONFIGURATION_COMPLETE'),
    event('Jobs', 'CREATE_IN_PROGRESS'),
    event('Jobs', 'CREATE_COMPLETE'),
    event('Cdn', 'CREATE_COMPLETE'),
    event('Cdn', 'DELETE_COMPLETE'),
  ].map((next) => {
    const { done, total } = progress.add(next, [], 0);
    return `${done}/${total}`;
  });
  expect(counts).toEqual(['0/3', '0/3', '0/3', '1/3', '2/3', '2/3']);
});

test('the slowest resource is the one in progress that began first, and its second event changes nothing', () => {
  const progress = new Progress(0);
  const slowest = (next: StackEvent, now: number, path: readonly string[] = []) => {
    const { slowest } = progress.add(next, path, now);
    return slowest === undefined ? undefined : [slowest.logicalId, slowest.began];
  };
  expect(slowest(event('Jobs', 'CREATE_IN_PROGRESS'), 1)).toEqual(['Jobs', 1]);
  expect(slowest(event('Cdn', 'CREATE_IN_PROGRESS'), 2)).toEqual(['Jobs', 1]);
  expect(slowest(event('Cdn', 'CREATE_IN_PROGRESS', 'CONFIGURATION_COMPLETE'), 3)).toEqual(['Jobs', 1]);
  expect(slowest(event('Jobs', 'CREATE_COMPLETE'), 4)).toEqual(['Cdn', 2]);
  expect(slowest(event('Cdn', 'CREATE_FAILED'), 5)).toBeUndefined();
});

test('resources of nested stacks have their path, and count; the stack around them is not the slowest', () => {
  const progress = new Progress(2);
  progress.add(event('Child', 'CREATE_IN_PROGRESS'), [], 1);
  expect(progress.add(event('Jobs', 'CREATE_IN_PROGRESS'), ['Child'], 2)).toMatchObject({
    logicalId: 'Child/Jobs',
    done: 0,
    total: 3,
    slowest: { logicalId: 'Child/Jobs', began: 2 },
  });
  expect(progress.add(event('Jobs', 'CREATE_COMPLETE'), ['Child'], 3)).toMatchObject({
    done: 1,
    total: 3,
    slowest: { logicalId: 'Child', began: 1 },
  });
});
