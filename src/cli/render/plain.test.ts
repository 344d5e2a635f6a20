import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ResourceReport } from '../../base/report.ts';
import { plainRenderer } from './plain.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const resource = (status: string, slowest?: ResourceReport['slowest']): ResourceReport => ({
  kind: 'resource',
  logicalId: 'Jobs',
  resourceType: 'AWS::SQS::Queue',
  status,
  reason: undefined,
  done: 12,
  total: 14,
  slowest,
});

describe('in a pipe', () => {
  test('a long wait has a line every half minute, with the slowest resource and how far the change is', () => {
    const lines: string[] = [];
    const { report, end } = plainRenderer((text) => void lines.push(text.trimEnd()));
    report({ kind: 'stage', stage: 'updating-stack' });
    const began = Date.now();
    report(resource('CREATE_COMPLETE', { logicalId: 'Cdn', resourceType: 'AWS::CloudFront::Distribution', began }));
    vi.advanceTimersByTime(29_000);
    expect(lines).toEqual(['Updating the stack', '  12/14 Jobs CREATE_COMPLETE']);
    // this has no line: it does not put the heartbeat off
    report(resource('UPDATE_IN_PROGRESS', { logicalId: 'Cdn', resourceType: 'AWS::CloudFront::Distribution', began }));
    vi.advanceTimersByTime(66_000);
    expect(lines.slice(2)).toEqual([
      '… still updating: Cdn (AWS::CloudFront::Distribution) for 30 s, 12/14 done',
      '… still updating: Cdn (AWS::CloudFront::Distribution) for 60 s, 12/14 done',
      '… still updating: Cdn (AWS::CloudFront::Distribution) for 90 s, 12/14 done',
    ]);
    report(resource('UPDATE_COMPLETE'));
    vi.advanceTimersByTime(30_000);
    expect(lines.slice(-2)).toEqual(['  12/14 Jobs UPDATE_COMPLETE', '… waiting for the stack, 12/14 done']);
    end('done');
    vi.advanceTimersByTime(60_000);
    expect(lines).toHaveLength(7);
  });

  test('other stages say how long the command has taken', () => {
    const lines: string[] = [];
    const { report, end } = plainRenderer((text) => void lines.push(text.trimEnd()));
    report({ kind: 'stage', stage: 'building' });
    vi.advanceTimersByTime(30_000);
    expect(lines).toEqual(['Building', '… Building, 30 s']);
    end('done');
  });
});
