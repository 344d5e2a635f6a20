// One execution while it runs: its clock, its role, its events, and what its states share.
import { setImmediate } from 'node:timers/promises';
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { QueryLanguage } from '../../cfn/states-fields.ts';
import type { Cloud, Principal } from '../cloud.ts';
import type { ActivityQueues } from './activities.ts';
import type { EventDetails, History } from './history.ts';
import { type Execution, machineArn, type Progress } from './state.ts';
import { type StateError, Stopped } from './state-error.ts';
import type { TaskTokens } from './task-tokens.ts';
import type { Variables } from './variables.ts';

export interface RunParts {
  readonly cloud: Cloud;
  readonly execution: Execution;
  readonly history: History;
  readonly tokens: TaskTokens;
  readonly activities: ActivityQueues;
  /** Resolves with the execution when it has ended. */
  ended(arn: string): Promise<Execution>;
  /** Called before each state of the outermost flow. */
  progressed?(progress: Progress): void;
  /** What TestState shows. */
  inspect?(name: string, value: unknown): void;
  /** Called before a retrier or catcher takes an error: TestState ends with what it throws. */
  handled?(
    failure: StateError,
    by: { readonly retrier: number; readonly delayMs: number } | { readonly catcher: number },
  ): void;
}

export class Run {
  readonly parts: RunParts;
  readonly cloud: Cloud;
  readonly execution: Execution;
  readonly history: History;
  readonly #input: unknown;

  constructor(parts: RunParts) {
    this.parts = parts;
    this.cloud = parts.cloud;
    this.execution = parts.execution;
    this.history = parts.history;
    this.#input = JSON.parse(parts.execution.input);
  }

  get role(): Principal & { readonly kind: 'role' } {
    return { kind: 'role', arn: this.execution.revision.roleArn, session: this.execution.name.slice(0, 64) };
  }

  /** The context object, without its state.
   * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html */
  context(): Record<string, unknown> {
    const { arn, name, machine, machineType, started, revision, redriveCount } = this.execution;
    return {
      Execution: {
        Id: arn,
        Input: this.#input,
        StartTime: new Date(started).toISOString(),
        Name: name,
        RoleArn: revision.roleArn,
        ...(machineType === 'STANDARD' ? { RedriveCount: redriveCount } : {}),
      },
      StateMachine: { Id: machineArn(this.cloud, machine), Name: machine },
    };
  }
}

/** Where states run: the outermost flow, a branch, or an iteration. */
export class Scope {
  readonly variables: Variables;
  readonly signal: AbortSignal;
  readonly language: QueryLanguage;
  readonly isOutermost: boolean;
  /** Of an iteration. */
  readonly item: { readonly Index: number; readonly Value: unknown } | undefined;
  /** The id of the last event here. */
  last: number;
  readonly #history: History;

  constructor(
    history: History,
    fields: Pick<Scope, 'variables' | 'signal' | 'language' | 'last'> & Partial<Pick<Scope, 'item' | 'isOutermost'>>,
  ) {
    this.#history = history;
    this.variables = fields.variables;
    this.signal = fields.signal;
    this.language = fields.language;
    this.isOutermost = fields.isOutermost ?? false;
    this.item = fields.item;
    this.last = fields.last;
  }

  add(type: NonNullable<HistoryEvent['type']>, details: EventDetails = {}): number {
    this.last = this.#history.add(type, this.last, details);
    return this.last;
  }

  inner(fields: Partial<Pick<Scope, 'item' | 'language' | 'last' | 'signal'>>): Scope {
    const { variables, signal, language, item, last } = this;
    const here = { signal, language, last, variables: variables.inner() };
    return new Scope(this.#history, { ...here, ...(item === undefined ? {} : { item }), ...fields });
  }

  /** Lets other work go on; rejects if the run was stopped. */
  async turn(): Promise<void> {
    await setImmediate();
    if (this.signal.aborted) throw new Stopped();
  }

  /** The promise's end, unless the run is stopped before. */
  async until<T>(promise: Promise<T>): Promise<T> {
    const { signal } = this;
    if (signal.aborted) throw new Stopped();
    return new Promise<T>((resolve, reject) => {
      const stop = () => reject(new Stopped());
      signal.addEventListener('abort', stop, { once: true });
      promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
    });
  }

  /** Waits by the local clock. */
  async sleep(cloud: Cloud, ms: number): Promise<void> {
    let cancel = () => {};
    const passed = new Promise<void>((resolve) => {
      cancel = cloud.after(Math.max(0, ms), resolve);
    });
    await this.until(passed).finally(() => cancel());
  }
}
