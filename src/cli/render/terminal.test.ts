import { describe, expect, test, vi } from 'vitest';
import { terminalRenderer } from './terminal.ts';

/** What a terminal shows in the end: a carriage return and "erase to the end" clear the current line. */
function screen(columns = 20) {
  let written = '';
  const write = (text: string) => {
    written += text;
  };
  const renderer = terminalRenderer({ write, columns: () => columns, color: false });
  const lines = () => written.split('\n').map((line) => line.slice(line.lastIndexOf('\u001b[K') + 1).replace('[K', ''));
  return { ...renderer, lines, written: () => written };
}

describe('a terminal', () => {
  test('shows the current stage in one line, no wider than the window', () => {
    const shown = screen();
    shown.report({ kind: 'stage', stage: 'comparing' });
    expect(shown.lines().at(-1)).toMatch(/^. Comparing with wh$/);
    shown.end('done');
  });

  test('marks a stage as done when the next begins, and as failed when the command fails', () => {
    const shown = screen();
    shown.report({ kind: 'stage', stage: 'building' });
    shown.report({ kind: 'stage', stage: 'updating-stack' });
    shown.end('failed');
    expect(shown.lines()).toEqual(['✓ Building 0.0s', '✗ Updating the stack 0.0s', '']);
  });

  test('leaves the screen alone after its end, until the next stage', () => {
    vi.useFakeTimers();
    try {
      const shown = screen();
      shown.report({ kind: 'stage', stage: 'building' });
      shown.end('done');
      const before = shown.written();
      vi.advanceTimersByTime(1_000);
      shown.end('done');
      expect(shown.written()).toBe(before);
      shown.report({ kind: 'stage', stage: 'uploading' });
      vi.advanceTimersByTime(1_000);
      expect(shown.lines().at(-1)).toMatch(/Uploading · 1s$/);
      shown.end('done');
    } finally {
      vi.useRealTimers();
    }
  });

  test('names the slowest resource with its seconds', () => {
    vi.useFakeTimers();
    try {
      const shown = screen(80);
      shown.report({ kind: 'stage', stage: 'updating-stack' });
      const slowest = { logicalId: 'Cdn', type: 'AWS::CloudFront::Distribution', began: Date.now() };
      const resource = { kind: 'resource', logicalId: 'Jobs', type: 'AWS::SQS::Queue', reason: undefined } as const;
      shown.report({ ...resource, status: 'UPDATE_COMPLETE', done: 1, total: 2, slowest });
      vi.advanceTimersByTime(9_000);
      expect(shown.lines().at(-1)).toMatch(/^. Updating the stack · 1\/2 · Cdn 9s · 9s$/);
      shown.report({ ...resource, logicalId: 'Cdn', status: 'UPDATE_COMPLETE', done: 2, total: 2, slowest: undefined });
      expect(shown.lines().at(-1)).toMatch(/^. Updating the stack · 2\/2 · 9s$/);
      shown.end('done');
    } finally {
      vi.useRealTimers();
    }
  });

  test('shows what there is to know about logs', () => {
    const shown = screen();
    shown.report({ kind: 'logs-delayed', reason: 'throttled', seconds: 4 });
    shown.report({ kind: 'logs-missing', functions: ['mail'], awaited: true });
    shown.report({ kind: 'logs-live' });
    shown.report({ kind: 'logs-polling', reason: 'it takes 10 log groups, not 11' });
    expect(shown.lines()).toEqual([
      'CloudWatch Logs throttles the searches: lines are delayed by 4 s',
      '"mail" has no log group yet: waiting for the first deploy',
      'Live Tail costs about $0.01 a minute, after 1,800 free minutes a month',
      'Polling instead of Live Tail: it takes 10 log groups, not 11',
      '',
    ]);
  });

  test('without a stage gets plain lines only', () => {
    const shown = screen();
    shown.report({ kind: 'rolling-back' });
    shown.end('done');
    expect(shown.lines()).toEqual(['CloudFormation is rolling back:', '']);
  });
});
