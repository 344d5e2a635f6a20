// Samples of `schedule`.
import type { ScheduledEvent } from 'aws-lambda';
import type { Sample } from './_sample.ts';

const event = {
  version: '0',
  'detail-type': 'Scheduled Event' as const,
  account: '111122223333',
  time: '2026-11-29T06:00:00Z',
  region: 'us-east-1',
  detail: {},
};

export const schedule: Sample<ScheduledEvent> = {
  about: 'a run of a schedule without `input`',
  aws: 'https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html',
  event: {
    ...event,
    id: 'd32c5kdo0yxvm9',
    source: 'aws.scheduler',
    resources: ['arn:aws:scheduler:us-east-1:111122223333:schedule/default/daily-report'],
    // Scheduler sends the detail as text
    detail: '{}',
  },
};

export const scheduleRule: Sample<ScheduledEvent> = {
  about: 'a run of a schedule with `rule`',
  aws: 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html',
  event: {
    ...event,
    id: '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa',
    source: 'aws.events',
    resources: ['arn:aws:events:us-east-1:111122223333:rule/daily-report'],
  },
};
