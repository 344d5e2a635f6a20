// Starts, stops and ends executions. Standard ones are recorded, and go on after a restart with the state that they were in.
import { setMaxListeners } from 'node:events';
import { expressionIn } from '../../cfn/states-fields.ts';
import type { Cancel } from '../clock.ts';
import { AwsError } from '../cloud.ts';
import { ActivityQueues } from './activities.ts';
import { ExecutionLog } from './execution-log.ts';
import { type Flow, runFlow } from './flow.ts';
import { dataOf, eventsOf, History } from './history.ts';
import { Run, Scope } from './run.ts';
import type { Execution, Progress, StatesState, Status } from './state.ts';
import { StateError } from './state-error.ts';
import { TaskTokens } from './task-tokens.ts';
import { Variables } from './variables.ts';

// https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html#service-limits-state-machine-executions
const expressSeconds = 300;
/** AWS keeps closed executions for 90 days; here, the newest of a region. */
const keptExecutions = 1000;

interface Under {
  readonly controller: AbortController;
  readonly end: Promise<Execution>;
  /** How the run ends that was stopped from outside. */
  stopAs?: Pick<Execution, 'status' | 'error' | 'cause'>;
}

export class Executions {
  readonly tokens: TaskTokens;
  readonly activities: ActivityQueues;
  readonly #state: StatesState;
  readonly #running = new Map<string, Under>();
  #isStopped = false;

  constructor(state: StatesState) {
    this.#state = state;
    this.tokens = new TaskTokens(state.cloud);
    this.activities = new ActivityQueues(state);
  }

  /** Runs the execution; resolves with it when it has ended. */
  start(execution: Execution): Promise<Execution> {
    this.#save(execution);
    this.#forgetOldest();
    const history = this.#history(execution);
    history.add('ExecutionStarted', 0, {
      executionStartedEventDetails: {
        ...dataOf('input', JSON.parse(execution.input)),
        roleArn: execution.revision.roleArn,
        ...(execution.versionArn === undefined ? {} : { stateMachineVersionArn: execution.versionArn }),
        ...(execution.aliasArn === undefined ? {} : { stateMachineAliasArn: execution.aliasArn }),
      },
    });
    return this.#run(execution, history, 0);
  }

  /** Goes on with what was running when the local AWS ended. */
  resume(): void {
    for (const execution of this.#state.executions.filter(({ status }) => status === 'RUNNING')) {
      void this.#run(execution, this.#history(execution), execution.progress?.entered ?? 0, execution.progress);
    }
  }

  /** Runs the state again in which the execution failed.
   * https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html */
  redrive(closed: Execution): number {
    const { cloud } = this.#state;
    const { stopped, error, cause, output, ...rest } = closed;
    const time = cloud.now();
    const execution: Execution = { ...rest, status: 'RUNNING', redriveCount: closed.redriveCount + 1, redriven: time };
    this.#save(execution);
    const history = this.#history(execution);
    const id = history.add('ExecutionRedriven', 0, {
      executionRedrivenEventDetails: { redriveCount: execution.redriveCount },
    });
    const progress = closed.progress === undefined ? undefined : { ...closed.progress, time };
    void this.#run(execution, history, id, progress);
    return time;
  }

  /** Stops the execution, and resolves when it has stopped. */
  async stop(arn: string, error: string | undefined, cause: string | undefined): Promise<Execution | undefined> {
    const under = this.#running.get(arn);
    if (under === undefined) return undefined;
    this.#stopAs(under, 'ABORTED', error, cause);
    return under.end;
  }

  async stopAll(machine: string): Promise<void> {
    const running = this.#state.executions.filter((one) => one.machine === machine && one.status === 'RUNNING');
    await Promise.all(running.map(({ arn }) => this.stop(arn, undefined, undefined)));
  }

  /** The execution when it has ended. */
  async ended(arn: string): Promise<Execution> {
    const execution = (await this.#running.get(arn)?.end) ?? this.#state.executions.get(arn);
    if (execution === undefined) throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    return execution;
  }

  async close(): Promise<void> {
    this.#isStopped = true;
    this.activities.stop();
    const running = [...this.#running.values()];
    for (const { controller } of running) controller.abort();
    await Promise.all(running.map(({ end }) => end));
  }

  #run(execution: Execution, history: History, last: number, from?: Progress): Promise<Execution> {
    const controller = new AbortController();
    // each branch and each wait listens
    setMaxListeners(0, controller.signal);
    const under: Under = { controller, end: this.#toEnd(execution, history, { last, from, controller }) };
    this.#running.set(execution.arn, under);
    return under.end;
  }

  async #toEnd(
    execution: Execution,
    history: History,
    { last, from, controller }: { last: number; from: Progress | undefined; controller: AbortController },
  ): Promise<Execution> {
    const { cloud } = this.#state;
    const flow = JSON.parse(execution.revision.definition) as Flow & { TimeoutSeconds?: number };
    let progress = execution.progress;
    const save = (fields: Partial<Execution>) => {
      const saved = { ...execution, ...(progress === undefined ? {} : { progress }), events: history.last, ...fields };
      this.#save(saved);
      return saved;
    };
    const run = new Run({
      cloud,
      execution,
      history,
      tokens: this.tokens,
      activities: this.activities,
      ended: (arn) => this.ended(arn),
      progressed: (reached) => {
        progress = reached;
        save({});
      },
    });
    const variables = new Variables(from?.variables);
    const scope = new Scope(history, {
      ...{ variables, signal: controller.signal, language: flow.QueryLanguage ?? 'JSONPath', last },
      isOutermost: true,
    });
    const cancel = this.#timeLimit(execution, flow.TimeoutSeconds);
    let ended: Pick<Execution, 'status' | 'output' | 'error' | 'cause'>;
    try {
      const output = await runFlow(run, flow, JSON.parse(execution.input), scope, from);
      ended = { status: 'SUCCEEDED', output: JSON.stringify(output) };
    } catch (error) {
      const stopAs = this.#running.get(execution.arn)?.stopAs;
      if (stopAs !== undefined) ended = stopAs;
      else if (error instanceof StateError) ended = { status: 'FAILED', ...known(error) };
      // the local AWS ends: the execution goes on when it starts again
      else if (this.#isStopped) return save({});
      else ended = { status: 'FAILED', error: 'States.Runtime', cause: `the fx local AWS failed: ${error}` };
      if (!(error instanceof StateError) && stopAs === undefined) process.emitWarning(error as Error);
    } finally {
      cancel();
      this.#running.get(execution.arn)?.controller.abort();
    }
    addEnd(history, ended, scope.last);
    const record = save({ ...ended, stopped: cloud.now() });
    this.#running.delete(execution.arn);
    await this.#logs.get(execution.arn)?.end();
    this.#logs.delete(execution.arn);
    return record;
  }

  readonly #logs = new Map<string, ExecutionLog>();

  #history(execution: Execution): History {
    const { arn, machineType, revision, events } = execution;
    const group = revision.logging.destinations?.[0]?.cloudWatchLogsLogGroup?.logGroupArn?.split(':')[6];
    const isLogged = group !== undefined && (revision.logging.level ?? 'OFF') !== 'OFF';
    const log = isLogged ? new ExecutionLog(this.#state.cloud, execution, revision.logging, group) : undefined;
    if (log !== undefined) this.#logs.set(arn, log);
    // events that were not counted when the local AWS ended
    let last = events;
    while (this.#state.events.has(`${arn}#${last + 1}`)) last += 1;
    return new History(this.#state, { arn, last, isStored: machineType === 'STANDARD', log });
  }

  #timeLimit(execution: Execution, given: number | undefined): Cancel {
    const limit = execution.machineType === 'EXPRESS' ? Math.min(given ?? expressSeconds, expressSeconds) : given;
    if (limit === undefined || expressionIn(limit) !== undefined) return () => {};
    const { cloud } = this.#state;
    const due = (execution.redriven ?? execution.started) + limit * 1000;
    return cloud.after(Math.max(0, due - cloud.now()), () => {
      const under = this.#running.get(execution.arn);
      if (under !== undefined) this.#stopAs(under, 'TIMED_OUT', 'States.Timeout', undefined);
    });
  }

  #stopAs(under: Under, status: Status, error: string | undefined, cause: string | undefined): void {
    under.stopAs ??= {
      status,
      ...(error === undefined ? {} : { error }),
      ...(cause === undefined ? {} : { cause }),
    };
    under.controller.abort();
  }

  #save(execution: Execution): void {
    if (execution.machineType === 'STANDARD') this.#state.executions.set(execution.arn, execution);
  }

  #forgetOldest(): void {
    const { executions } = this.#state;
    if (executions.size <= keptExecutions) return;
    const oldest = executions.find(({ status }) => status !== 'RUNNING');
    if (oldest !== undefined) this.forget(oldest);
  }

  forget(execution: Execution): void {
    for (const { id } of eventsOf(this.#state, execution)) this.#state.events.delete(`${execution.arn}#${id}`);
    this.#state.executions.delete(execution.arn);
  }
}

function known({ error, cause }: StateError): Pick<Execution, 'error' | 'cause'> {
  return { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
}

function addEnd(history: History, ended: Pick<Execution, 'status' | 'output' | 'error' | 'cause'>, last: number): void {
  const { status, output, error, cause } = ended;
  const details = { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
  switch (status) {
    case 'SUCCEEDED':
      history.add('ExecutionSucceeded', last, {
        executionSucceededEventDetails: dataOf('output', JSON.parse(output ?? 'null')),
      });
      break;
    case 'ABORTED':
      // it follows no event of the states
      history.add('ExecutionAborted', 0, { executionAbortedEventDetails: details });
      break;
    case 'TIMED_OUT':
      history.add('ExecutionTimedOut', 0, { executionTimedOutEventDetails: details });
      break;
    default:
      history.add('ExecutionFailed', last, { executionFailedEventDetails: details });
  }
}
