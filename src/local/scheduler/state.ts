// The state of EventBridge Scheduler: groups and schedules.
import type { FlexibleTimeWindow, Target } from '@aws-sdk/client-scheduler';
import { AwsError, type Cloud } from '../cloud.ts';
import type { Collection } from '../store.ts';

export interface Group {
  readonly name: string;
  readonly created: number;
  readonly modified: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly clientToken?: string;
}

export interface Schedule {
  readonly name: string;
  readonly group: string;
  readonly expression: string;
  readonly timezone: string;
  readonly state: 'ENABLED' | 'DISABLED';
  readonly window: FlexibleTimeWindow;
  readonly target: Target;
  readonly afterCompletion: 'NONE' | 'DELETE';
  readonly start?: number;
  readonly end?: number;
  readonly description?: string;
  readonly created: number;
  readonly modified: number;
  readonly clientToken?: string;
  /** The last time at which it was due. */
  readonly lastDue?: number;
}

export interface SchedulerContext {
  readonly cloud: Cloud;
  /** By name, without the default group if nobody changed it. */
  readonly groups: Collection<Group>;
  /** By group and name, as `scheduleKey` writes them. */
  readonly schedules: Collection<Schedule>;
  /** Saves a schedule and sets its timer. */
  change(schedule: Schedule): void;
  delete(schedule: Schedule): void;
}

export const defaultGroup = 'default';

export function scheduleKey({ group, name }: Pick<Schedule, 'group' | 'name'>): string {
  return `${group}/${name}`;
}

export function groupArn({ cloud }: Pick<SchedulerContext, 'cloud'>, name: string): string {
  return `arn:aws:scheduler:${cloud.region}:${cloud.accountId}:schedule-group/${name}`;
}

export function scheduleArn({ cloud }: Pick<SchedulerContext, 'cloud'>, schedule: Pick<Schedule, 'group' | 'name'>) {
  return `arn:aws:scheduler:${cloud.region}:${cloud.accountId}:schedule/${scheduleKey(schedule)}`;
}

export function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

export function notFound(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message, 404);
}

export function conflict(message: string): AwsError {
  return new AwsError('ConflictException', message, 409);
}

/** The default group is in every region. */
export function findGroup({ groups }: SchedulerContext, name: string): Group {
  const group = groups.get(name);
  if (group !== undefined) return group;
  if (name === defaultGroup) return { name, created: 0, modified: 0, tags: {} };
  throw notFound(`Schedule group ${name} does not exist.`);
}
