// Writes a line for each request into the log group of a stage, with the $context variables of its format.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
import { AwsError, type Cloud } from '../cloud.ts';
import { randomHex } from '../random.ts';
import type { Stage } from './state.ts';

/** Values by the name after `$context.`; absent ones are written as `-`. */
export type LogContext = Readonly<Record<string, string | number | undefined>>;

export function formatLine(format: string, context: LogContext): string {
  return format.replace(/\$context\.([A-Za-z0-9_.]+)/g, (_, name: string) => {
    // a sentence may end after a variable
    const exact = name.replace(/\.+$/, '');
    const value = context[exact];
    return `${value === undefined || value === '' ? '-' : value}${name.slice(exact.length)}`;
  });
}

/** The log streams that are open, of all stages. */
export class AccessLogs {
  readonly #cloud: Cloud;
  /** By log group. */
  readonly #streams = new Map<string, Promise<string>>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  /** Logs a request. Without its group the line is lost, with a warning, as no client on AWS is told either. */
  async write({ accessLog }: Pick<Stage, 'accessLog'>, context: LogContext): Promise<void> {
    if (accessLog === undefined) return;
    const logGroupName = accessLog.destinationArn.split(':log-group:')[1] ?? '';
    const logEvents = [{ timestamp: this.#cloud.now(), message: formatLine(accessLog.format, context) }];
    try {
      const logStreamName = await this.#streamOf(logGroupName);
      await this.#cloud.call('logs', 'PutLogEvents', { logGroupName, logStreamName, logEvents });
    } catch (error) {
      this.#streams.delete(logGroupName);
      if (!(error instanceof AwsError)) throw error;
      process.emitWarning(`the access log to ${logGroupName} was lost: ${error.message}`);
    }
  }

  #streamOf(logGroupName: string): Promise<string> {
    let stream = this.#streams.get(logGroupName);
    if (stream === undefined) {
      const logStreamName = randomHex(16);
      stream = this.#cloud.call('logs', 'CreateLogStream', { logGroupName, logStreamName }).then(() => logStreamName);
      this.#streams.set(logGroupName, stream);
    }
    return stream;
  }
}
