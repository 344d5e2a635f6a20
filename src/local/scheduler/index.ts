// EventBridge Scheduler: schedules, their groups, and the calls to their targets.
// https://docs.aws.amazon.com/scheduler/latest/APIReference/Welcome.html
import type { Cloud, Service } from '../cloud.ts';
import { groupOperations } from './groups.ts';
import { Runs } from './runs.ts';
import { scheduleOperations } from './schedules.ts';
import { type Schedule, type SchedulerContext, scheduleKey } from './state.ts';

export function createScheduler(cloud: Cloud): Service<'scheduler'> {
  const schedules = cloud.collection<Schedule>('scheduler.schedules');
  const context: SchedulerContext = {
    cloud,
    groups: cloud.collection('scheduler.groups'),
    schedules,
    change(schedule) {
      schedules.set(scheduleKey(schedule), schedule);
      runs.time(scheduleKey(schedule));
    },
    delete(schedule) {
      schedules.delete(scheduleKey(schedule));
      runs.time(scheduleKey(schedule));
    },
  };
  const runs = new Runs(context);
  return {
    name: 'scheduler',
    operations: { ...scheduleOperations(context), ...groupOperations(context) },
    async start() {
      for (const key of schedules.keys()) runs.time(key);
    },
    async stop() {
      runs.stop();
    },
  };
}
