// Runs schedules when they are due: timers, flexible windows, retries, dead letter queues, and the end of a schedule.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule.html
import { randomInt, randomUUID } from 'node:crypto';
import { parseSchedule } from '../../cfn/schedule-expression.ts';
import { nextRun } from '../../cfn/schedule-times.ts';
import type { Cancel } from '../clock.ts';
import { AwsError, type Principal } from '../cloud.ts';
import { deliver } from '../deliver.ts';
import { trusts } from '../role-trust.ts';
import { groupArn, type Schedule, type SchedulerContext, scheduleArn, scheduleKey } from './state.ts';
import { invokeTarget } from './target.ts';

const minuteMs = 60_000;
const longestWaitSeconds = 600;

export class Runs {
  readonly #context: SchedulerContext;
  readonly #timers = new Map<string, Cancel>();
  readonly #retries = new Set<Cancel>();

  constructor(context: SchedulerContext) {
    this.#context = context;
  }

  /** Sets the timer for the schedule's next time; replaces an earlier timer. */
  time(key: string): void {
    this.#timers.get(key)?.();
    this.#timers.delete(key);
    const { cloud, schedules } = this.#context;
    const schedule = schedules.get(key);
    if (schedule === undefined || schedule.state === 'DISABLED') return;
    const now = cloud.now();
    const due = nextDue(schedule, now);
    if (due === undefined) return;
    const windowMs = (schedule.window.MaximumWindowInMinutes ?? 0) * minuteMs;
    const delayMs = windowMs === 0 ? 0 : randomInt(windowMs);
    const cancel = cloud.after(Math.max(0, due + delayMs - now), () => this.#due(key, due));
    this.#timers.set(key, cancel);
  }

  stop(): void {
    for (const cancel of [...this.#timers.values(), ...this.#retries]) cancel();
  }

  #due(key: string, due: number): void {
    const { schedules, cloud } = this.#context;
    const schedule = schedules.get(key);
    if (schedule === undefined) return;
    const ran: Schedule = { ...schedule, lastDue: due };
    schedules.set(key, ran);
    const isLast = nextDue(ran, Math.max(due, cloud.now())) === undefined;
    const run = { schedule: ran, due, id: randomUUID(), since: cloud.now() };
    void this.#attempt(run, 1).finally(() => {
      // unless it was changed in the meantime
      if (isLast && ran.afterCompletion === 'DELETE' && schedules.get(key) === ran) this.#context.delete(ran);
    });
    this.time(key);
  }

  async #attempt(run: Run, attempt: number): Promise<void> {
    const { cloud } = this.#context;
    const { schedule, since } = run;
    const { target } = schedule;
    try {
      await invokeTarget(cloud, target, this.#body(run, attempt), await this.#sender(schedule));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const { MaximumRetryAttempts = 185, MaximumEventAgeInSeconds = 86_400 } = target.RetryPolicy ?? {};
      const waitMs = Math.min(longestWaitSeconds, 2 ** (attempt - 1)) * 1000;
      const isTooOld = cloud.now() + waitMs - since > MaximumEventAgeInSeconds * 1000;
      if (!isRetriable(error) || attempt > MaximumRetryAttempts || isTooOld) {
        await this.#giveUp(run, error, { attempt, isTooOld });
        return;
      }
      const cancel = cloud.after(waitMs, () => {
        this.#retries.delete(cancel);
        void this.#attempt(run, attempt + 1);
      });
      this.#retries.add(cancel);
    }
  }

  async #sender({ group, name, target }: Schedule): Promise<Principal> {
    const { cloud } = this.#context;
    const { RoleArn = '' } = target;
    if (!(await trusts(cloud, RoleArn, 'scheduler.amazonaws.com', groupArn(this.#context, group)))) {
      throw new AwsError('AccessDeniedException', `scheduler.amazonaws.com may not assume the role ${RoleArn}`, 403);
    }
    return { kind: 'role', arn: RoleArn, session: name };
  }

  /** The input with its context attributes, or the event that schedules send without one.
   * https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html */
  #body({ schedule, due, id }: Run, attempt: number): string {
    const { cloud } = this.#context;
    const arn = scheduleArn(this.#context, schedule);
    const time = `${new Date(due).toISOString().slice(0, 19)}Z`;
    if (schedule.target.Input === undefined) {
      const event = {
        ...{ version: '0', id, 'detail-type': 'Scheduled Event', source: 'aws.scheduler' },
        ...{ account: cloud.accountId, time, region: cloud.region, resources: [arn], detail: '{}' },
      };
      return JSON.stringify(event);
    }
    const values: Readonly<Record<string, string>> = {
      'schedule-arn': arn,
      'scheduled-time': time,
      'execution-id': id,
      'attempt-number': String(attempt),
    };
    return schedule.target.Input.replace(
      /<aws\.scheduler\.([a-z-]+)>/g,
      (found, name: string) => values[name] ?? found,
    );
  }

  // https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html: with the permissions of the role
  async #giveUp(
    run: Run,
    error: AwsError,
    end: { readonly attempt: number; readonly isTooOld: boolean },
  ): Promise<void> {
    const { schedule } = run;
    const { Arn = '', RoleArn = '', DeadLetterConfig } = schedule.target;
    const what = `the invocation of schedule ${scheduleKey(schedule)}`;
    if (DeadLetterConfig?.Arn === undefined) {
      process.emitWarning(`${what} for ${Arn} was dropped: ${error.message}`);
      return;
    }
    const attribute = (StringValue: string) => ({ DataType: 'String', StringValue });
    const attributes = {
      ERROR_CODE: attribute(error.code),
      ERROR_MESSAGE: attribute(error.message || error.code),
      EXECUTION_ID: attribute(run.id),
      RETRY_ATTEMPTS: attribute(String(end.attempt - 1)),
      SCHEDULE_ARN: attribute(scheduleArn(this.#context, schedule)),
      SCHEDULED_TIME: attribute(new Date(run.due).toISOString()),
      TARGET_ARN: attribute(Arn),
      IS_PAYLOAD_TRUNCATED: attribute('false'),
      ...(isRetriable(error)
        ? { EXHAUSTED_RETRY_CONDITION: attribute(end.isTooOld ? 'MaximumEventAgeInSeconds' : 'MaximumRetryAttempts') }
        : {}),
    };
    const sender: Principal = { kind: 'role', arn: RoleArn, session: schedule.name };
    const body = this.#body(run, end.attempt);
    await deliver(this.#context.cloud, DeadLetterConfig.Arn, { body, attributes }, { sender, what });
  }
}

interface Run {
  readonly schedule: Schedule;
  readonly due: number;
  readonly id: string;
  readonly since: number;
}

function isRetriable({ status, code }: AwsError): boolean {
  return status === 429 || (status >= 500 && status !== 501) || /Throttl|TooManyRequests/.test(code);
}

/** When the schedule is due next; undefined if never again. A rate begins at the start date, or at once. */
export function nextDue(schedule: Schedule, now: number): number | undefined {
  const { expression, timezone, start, end, created, lastDue } = schedule;
  // a start date does not move a one-time schedule
  const isOnce = parseSchedule(expression).kind === 'at';
  const since = start ?? schedule.modified ?? created;
  const isFirst = lastDue === undefined || lastDue < since;
  const isRate = parseSchedule(expression).kind === 'rate';
  if (isRate && isFirst) return end !== undefined && since >= end ? undefined : Math.max(since, now);
  const from = isOnce || start === undefined ? now : Math.max(now, start - 1);
  const due = nextRun(expression, since, from, timezone);
  return due === undefined || (!isOnce && end !== undefined && due >= end) ? undefined : due;
}
