// The log stream of one execution environment: takes its lines in order and stores them in CloudWatch Logs.
import { randomBytes } from 'node:crypto';
import { AwsError, type Cloud } from '../cloud.ts';
import type { FunctionVersion } from './state.ts';

const flushDelayMs = 20;
/** The part of the log that an invocation with LogType Tail returns. */
const tailBytes = 4096;
/** From this many lines on, those before the last 4 KB are dropped: each line has at least a byte. */
const tailLines = 2 * tailBytes;
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
const batchBytes = 1_048_576;
const batchEvents = 10_000;
const batchMs = 24 * 3_600_000;
const eventBytes = 262_144;
const eventOverheadBytes = 26;

/** `YYYY/MM/DD/[version]<32 hex>`; in a custom group, the function's name comes before the version. */
export function streamName(name: string, { version, settings }: FunctionVersion, now: number): string {
  const day = new Date(now).toISOString().slice(0, 10).replaceAll('-', '/');
  const owner = settings.logGroup === `/aws/lambda/${name}` ? '' : name;
  return `${day}/${owner}[${version}]${randomBytes(16).toString('hex')}`;
}

interface Line {
  readonly timestamp: number;
  readonly message: string;
}

/** Lines are stored in the background; `flush` waits for those received so far. */
export class LogStream {
  readonly #cloud: Cloud;
  readonly #group: string;
  readonly #stream: string;
  #lines: Line[] = [];
  #timer: NodeJS.Timeout | undefined;
  #storing: Promise<void> = Promise.resolve();
  /** What was written since `startTail`. */
  #tail: string[] = [];

  constructor(cloud: Cloud, group: string, stream: string) {
    this.#cloud = cloud;
    this.#group = group;
    this.#stream = stream;
  }

  /** One event; its time is when it arrived unless the runtime says otherwise. */
  write(message: string, timestamp = this.#cloud.now()): void {
    // A JSON event has no trailing newline.
    this.#tail.push(message.endsWith('\n') ? message : `${message}\n`);
    if (this.#tail.length > tailLines) this.#tail.splice(0, tailBytes);
    for (const part of split(message)) this.#lines.push({ timestamp, message: part });
    this.#timer ??= setTimeout(() => void this.flush(), flushDelayMs);
  }

  startTail(): void {
    this.#tail = [];
  }

  /** The last 4 KB since `startTail`. */
  endTail(): () => Buffer {
    const lines = this.#tail;
    this.#tail = [];
    return () => Buffer.from(lines.join('')).subarray(-tailBytes);
  }

  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = this.#lines;
    this.#lines = [];
    if (lines.length > 0) this.#storing = this.#storing.then(() => this.#store(lines));
    return this.#storing;
  }

  async #store(lines: readonly Line[]): Promise<void> {
    // Lines of several pipes may arrive slightly out of order, which PutLogEvents refuses.
    const sorted = [...lines].sort((left, right) => left.timestamp - right.timestamp);
    for (const logEvents of batches(sorted)) {
      const batch = { logGroupName: this.#group, logStreamName: this.#stream, logEvents };
      try {
        await this.#cloud.call('logs', 'PutLogEvents', batch);
      } catch (error) {
        if (!(error instanceof AwsError && error.code === 'ResourceNotFoundException')) throw error;
        await this.#create();
        await this.#cloud.call('logs', 'PutLogEvents', batch);
      }
    }
  }

  async #create(): Promise<void> {
    await ignoringExisting(this.#cloud.call('logs', 'CreateLogGroup', { logGroupName: this.#group }));
    const logStreamName = this.#stream;
    await ignoringExisting(this.#cloud.call('logs', 'CreateLogStream', { logGroupName: this.#group, logStreamName }));
  }
}

async function ignoringExisting(created: Promise<unknown>): Promise<void> {
  try {
    await created;
  } catch (error) {
    if (!(error instanceof AwsError && error.code === 'ResourceAlreadyExistsException')) throw error;
  }
}

// Lambda cuts a longer message into events of 256 KB:
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
function split(message: string): string[] {
  if (message.length * 3 <= eventBytes || Buffer.byteLength(message) <= eventBytes) return [message];
  const parts: string[] = [];
  const step = Math.floor(eventBytes / 3);
  for (let i = 0; i < message.length; i += step) parts.push(message.slice(i, i + step));
  return parts;
}

function* batches(lines: readonly Line[]): Generator<Line[]> {
  let batch: Line[] = [];
  let size = 0;
  for (const line of lines) {
    const bytes = Buffer.byteLength(line.message) + eventOverheadBytes;
    const spanMs = line.timestamp - (batch[0]?.timestamp ?? line.timestamp);
    if (batch.length === batchEvents || size + bytes > batchBytes || spanMs > batchMs) {
      yield batch;
      batch = [];
      size = 0;
    }
    batch.push(line);
    size += bytes;
  }
  if (batch.length > 0) yield batch;
}
