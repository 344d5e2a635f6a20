import { expect, test } from 'vitest';
import { reportIn } from './invocation-report.ts';

const text =
  'REPORT RequestId: 8f5\tDuration: 3.10 ms\tBilled Duration: 160 ms\tMemory Size: 512 MB\tMax Memory Used: 71 MB\t';
const json = (metrics: object) =>
  JSON.stringify({ time: 't', type: 'platform.report', record: { requestId: '8f5', metrics } });

test.each([
  [
    `START RequestId: 8f5\nhello\nEND RequestId: 8f5\n${text}\n`,
    { duration: 3.1, billed: 160, memoryUsed: 71, initialization: undefined },
  ],
  [`${text}Init Duration: 156.42 ms\t`, { duration: 3.1, billed: 160, memoryUsed: 71, initialization: 156.42 }],
  [
    `${text}Restore Duration: 99 ms\tBilled Restore Duration: 10 ms\t`,
    { duration: 3.1, billed: 160, memoryUsed: 71, initialization: 99 },
  ],
  [
    json({ durationMs: 2, billedDurationMs: 3, maxMemoryUsedMB: 60 }),
    { duration: 2, billed: 3, memoryUsed: 60, initialization: undefined },
  ],
  [
    json({ durationMs: 2, billedDurationMs: 3, maxMemoryUsedMB: 60, initDurationMs: 7 }),
    { duration: 2, billed: 3, memoryUsed: 60, initialization: 7 },
  ],
  ['hello\n', undefined],
  ['_report","type":"platform.report"}', undefined],
])('%s', (log, report) => {
  expect(reportIn(log)).toEqual(report);
});
