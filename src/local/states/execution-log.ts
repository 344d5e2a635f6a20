// Writes the events of executions to the log group of the state machine's logging configuration.
// https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
import { randomBytes } from 'node:crypto';
import type { LoggingConfiguration } from '@aws-sdk/client-sfn';
import { AwsError, type Cloud } from '../cloud.ts';
import { withoutKeys } from '../without-keys.ts';
import type { StoredEvent } from './state.ts';

// https://docs.aws.amazon.com/step-functions/latest/dg/cloudwatch-log-level.html
const fatal = /^Execution(Aborted|Failed|TimedOut)$/;
const failures = /(Aborted|Failed|TimedOut)$/;

/** The events of one execution, in order, in one stream. */
export class ExecutionLog {
  readonly #cloud: Cloud;
  readonly #arn: string;
  readonly #logging: LoggingConfiguration;
  readonly #group: string;
  readonly #stream: string;
  #waiting: { timestamp: number; message: string }[] = [];
  #writing: Promise<void> | undefined;

  constructor(cloud: Cloud, execution: { arn: string; machine: string }, logging: LoggingConfiguration, group: string) {
    this.#cloud = cloud;
    this.#arn = execution.arn;
    this.#logging = logging;
    this.#group = group;
    const minute = new Date(cloud.now()).toISOString().slice(0, 16).replace(/[T:]/g, '-');
    this.#stream = `states/${execution.machine}/${minute}/${randomBytes(4).toString('hex')}`;
  }

  write(event: StoredEvent): void {
    const { level, includeExecutionData } = this.#logging;
    const { type = '', id, previousEventId, timestamp, ...details } = event;
    if (level === 'FATAL' && !fatal.test(type)) return;
    if (level === 'ERROR' && !failures.test(type)) return;
    const message = JSON.stringify({
      id: String(id),
      type,
      details: includeExecutionData ? shown(details) : withoutData(shown(details)),
      previous_event_id: String(previousEventId),
      event_timestamp: String(timestamp),
      execution_arn: this.#arn,
    });
    this.#waiting.push({ timestamp, message });
    this.#writing ??= this.#flush();
  }

  /** Resolves when everything is written. */
  async end(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  async #flush(): Promise<void> {
    const names = { logGroupName: this.#group, logStreamName: this.#stream };
    try {
      while (this.#waiting.length > 0) {
        const logEvents = this.#waiting;
        this.#waiting = [];
        await ignoring('ResourceAlreadyExistsException', this.#cloud.call('logs', 'CreateLogStream', names));
        await this.#cloud.call('logs', 'PutLogEvents', { ...names, logEvents });
      }
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      process.emitWarning(`the log of ${this.#arn} was not written: ${error.message}`);
    } finally {
      this.#writing = undefined;
    }
  }
}

async function ignoring(code: string, call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof AwsError && error.code === code)) throw error;
  }
}

/** The only member of the event's details is what the log calls details. */
function shown(details: object): object {
  return (Object.values(details)[0] as object | undefined) ?? {};
}

function withoutData(details: object): object {
  const data = ['input', 'output', 'inputDetails', 'outputDetails', 'cause', 'error', 'parameters'];
  return withoutKeys({ ...details }, data);
}
