// The size of a function: memory, time and storage.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html; the timeout is at most 1,800 s since November 2026.

import { duration } from '../base/duration.ts';
import { described, integer } from '../base/schema.ts';
import type { DefaultedSetting } from './setting.ts';

export const memory: DefaultedSetting<number> = {
  schema: described('Memory in MB. CPU scales with it.', integer({ least: 128, most: 10_240 }), {
    default: 512,
    examples: [256, 1024],
    aws: 'https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html',
  }),
  fallback: 512,
  elsewhere: ['memorySize'],
  compile: (MemorySize) => ({ properties: { MemorySize } }),
};

export const timeout: DefaultedSetting<number> = {
  schema: described(
    'How long a call may take, from 1s to 30m. A plain number is seconds.',
    duration({ least: 1, most: 1800, expected: 'a time from 1s to 30m' }),
    {
      default: '10s',
      examples: ['30s', '5m'],
      aws: 'https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html',
    },
  ),
  fallback: 10,
  elsewhere: ['timeoutInSeconds'],
  compile: (Timeout) => ({ properties: { Timeout } }),
};

export const ephemeralStorage: DefaultedSetting<number> = {
  schema: described('Size of /tmp in MB.', integer({ least: 512, most: 10_240 }), {
    default: 512,
    examples: [2048],
    aws: 'https://docs.aws.amazon.com/lambda/latest/dg/configuration-ephemeral-storage.html',
  }),
  fallback: 512,
  elsewhere: ['ephemeralStorageSize', 'storage'],
  compile: (Size) => ({ properties: { EphemeralStorage: { Size } } }),
};
