// Message move tasks: they take the messages of a dead-letter queue back to where they came from, or to another queue.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
import type { ListMessageMoveTasksResultEntry } from '@aws-sdk/client-sqs';
import type { Cancel } from '../clock.ts';
import { AwsError, type Input, type Operations } from '../cloud.ts';
import { randomHex } from '../random.ts';
import { redrivePolicy } from './attributes.ts';
import { invalid, type StoredMessage } from './message.ts';
import { isFifoQueue, type Queue, type Queues } from './queues.ts';

interface Task {
  readonly handle: string;
  readonly source: string;
  readonly destination: string | undefined;
  readonly perSecond: number | undefined;
  readonly startedAt: number;
  readonly toMove: number;
  moved: number;
  status: 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'FAILED';
  failure?: string;
  cancel?: Cancel;
}

/** A queue's recent tasks are remembered for as long as the local AWS runs. */
const remembered = 10;
const mostPerSecond = 500;
/** Without a rate, AWS decides it: here, all messages move in one step. */
const stepMs = 1000;
const firstStepMs = 25;

export class MoveTasks {
  readonly #queues: Queues;
  /** By the ARN of the source, newest first. */
  readonly #tasks = new Map<string, Task[]>();

  constructor(queues: Queues) {
    this.#queues = queues;
  }

  stop(): void {
    for (const tasks of this.#tasks.values()) for (const { cancel } of tasks) cancel?.();
  }

  operations(): Operations<'sqs'> {
    return {
      StartMessageMoveTask: {
        members: ['SourceArn', 'DestinationArn', 'MaxNumberOfMessagesPerSecond'],
        authorize: { resource: ({ SourceArn }) => SourceArn },
        run: (input) => this.#start(input),
      },
      CancelMessageMoveTask: {
        members: ['TaskHandle'],
        authorize: { resource: ({ TaskHandle }) => this.#byHandle(TaskHandle)?.source },
        run: ({ TaskHandle }) => this.#cancel(TaskHandle),
      },
      ListMessageMoveTasks: {
        members: ['SourceArn', 'MaxResults'],
        authorize: { resource: ({ SourceArn }) => SourceArn },
        run: ({ SourceArn, MaxResults = 1 }) => {
          const source = this.#queueOf(SourceArn, 'SourceArn');
          if (MaxResults < 1 || MaxResults > remembered) {
            throw invalid(
              `Value ${MaxResults} for parameter MaxResults is invalid. Reason: Must be between 1 and ${remembered}, if provided.`,
            );
          }
          const tasks = this.#tasks.get(this.#queues.arn(source.name)) ?? [];
          return { Results: tasks.slice(0, MaxResults).map(describe) };
        },
      },
    };
  }

  #queueOf(arn: string | undefined, parameter: 'SourceArn' | 'DestinationArn'): Queue {
    const queue = this.#queues.byArn(arn ?? '');
    if (queue !== undefined) return queue;
    throw new AwsError(
      'ResourceNotFoundException',
      `The resource that you specified for the ${parameter} parameter doesn't exist.`,
      404,
    );
  }

  #start({ SourceArn, DestinationArn, MaxNumberOfMessagesPerSecond: perSecond }: Input<'sqs', 'StartMessageMoveTask'>) {
    const queues = this.#queues;
    const source = this.#queueOf(SourceArn, 'SourceArn');
    const arn = queues.arn(source.name);
    const isDeadLetterQueue = queues.records.filter(
      ({ attributes }) => redrivePolicy(attributes)?.deadLetterTargetArn === arn,
    ).length;
    if (!isDeadLetterQueue) throw invalid('Source queue must be configured as a Dead Letter Queue.');
    if (DestinationArn !== undefined) {
      const destination = this.#queueOf(DestinationArn, 'DestinationArn');
      if (isFifoQueue(destination) !== isFifoQueue(source)) {
        throw invalid('The source and destination queues must be of the same type.');
      }
    }
    if (perSecond !== undefined && (perSecond < 1 || perSecond > mostPerSecond)) {
      throw invalid(
        `Value ${perSecond} for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: Must be between 1 and ${mostPerSecond}, if provided.`,
      );
    }
    const before = this.#tasks.get(arn) ?? [];
    if (before.some(({ status }) => status === 'RUNNING')) {
      throw invalid(
        'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
      );
    }
    const task: Task = {
      handle: Buffer.from(JSON.stringify({ taskId: randomHex(16), sourceArn: arn })).toString('base64'),
      source: arn,
      destination: DestinationArn,
      perSecond,
      startedAt: queues.cloud.now(),
      toMove: queues.visibleMessages(source),
      moved: 0,
      status: 'RUNNING',
    };
    this.#tasks.set(arn, [task, ...before].slice(0, remembered));
    task.cancel = queues.cloud.after(firstStepMs, () => this.#step(task));
    return { TaskHandle: task.handle };
  }

  #step(task: Task): void {
    const queues = this.#queues;
    const source = queues.byArn(task.source);
    if (source === undefined) {
      end(task, 'FAILED', 'AWS.SimpleQueueService.NonExistentQueue');
      return;
    }
    const limit = Math.min(task.perSecond ?? Number.POSITIVE_INFINITY, task.toMove - task.moved);
    let failure: string | undefined;
    const moved = queues.messages(source.name).take(limit, (message) => {
      failure ??= this.#move(task, message);
      return failure === undefined;
    });
    task.moved += moved;
    if (failure !== undefined) end(task, 'FAILED', failure);
    else if (task.moved >= task.toMove || moved === 0) end(task, 'COMPLETED');
    else task.cancel = queues.cloud.after(stepMs, () => this.#step(task));
  }

  /** The reason, if the message cannot be moved. */
  #move(task: Task, message: StoredMessage): string | undefined {
    const arn = task.destination ?? message.deadLetterSource;
    if (arn === undefined) return 'CouldNotDetermineMessageSource';
    const destination = this.#queues.byArn(arn);
    if (destination === undefined) return 'AWS.SimpleQueueService.NonExistentQueue';
    this.#queues.messages(destination.name).moveBack(message);
    return undefined;
  }

  #byHandle(handle: string | undefined): Task | undefined {
    return [...this.#tasks.values()].flat().find((task) => task.handle === handle);
  }

  #cancel(handle: string | undefined) {
    const task = this.#byHandle(handle);
    if (task === undefined) throw invalid('Value for parameter TaskHandle is invalid.');
    if (task.status !== 'RUNNING') throw invalid('Only active tasks can be cancelled.');
    end(task, 'CANCELLED');
    return { ApproximateNumberOfMessagesMoved: task.moved };
  }
}

function end(task: Task, status: Task['status'], failure?: string): void {
  task.cancel?.();
  task.status = status;
  if (failure !== undefined) task.failure = failure;
}

function describe(task: Task): ListMessageMoveTasksResultEntry {
  return {
    ...(task.status === 'RUNNING' ? { TaskHandle: task.handle } : {}),
    Status: task.status,
    SourceArn: task.source,
    ...(task.destination === undefined ? {} : { DestinationArn: task.destination }),
    ...(task.perSecond === undefined ? {} : { MaxNumberOfMessagesPerSecond: task.perSecond }),
    ApproximateNumberOfMessagesMoved: task.moved,
    ApproximateNumberOfMessagesToMove: task.toMove,
    ...(task.failure === undefined ? {} : { FailureReason: task.failure }),
    StartedTimestamp: task.startedAt,
  };
}
