// Runs the operations of stacks in the background, one at a time per stack, and resumes those that a restart interrupted.
import type { StackStatus } from '@aws-sdk/client-cloudformation';
import type { ResourceSchema, ResourceSchemas } from '../../cfn/resource-schema.ts';
import type { Cloud } from '../cloud.ts';
import { failCreation, rollBackCreation } from './create.ts';
import { deleteStack } from './delete.ts';
import { Events } from './events.ts';
import { checkTypes, type ModelContext } from './model.ts';
import type { Step } from './physical-resource.ts';
import { Run } from './provision.ts';
import { checkReferences } from './references.ts';
import type { Provider, Providers } from './resources/provider.ts';
import { cleanUpRollback, rollBackUpdate } from './rollback.ts';
import { exportsOf, type Stack, Stacks } from './stack.ts';
import type { Template } from './template.ts';
import { cleanUpUpdate, failUpdate } from './update.ts';

export interface EngineOptions {
  readonly providers: Providers;
  readonly schemas: ResourceSchemas;
  /** Called before each step; if it returns a reason, the step fails with it. */
  readonly failAt: (step: Step) => string | undefined | Promise<string | undefined>;
}

/** The reason, after a restart, for steps that were interrupted when the local AWS stopped. */
const stoppedReason = 'The fx local AWS was stopped while this was under way.';

export class Engine {
  readonly cloud: Cloud;
  readonly stacks: Stacks;
  readonly events: Events;
  readonly failAt: EngineOptions['failAt'];
  readonly #options: EngineOptions;
  readonly #stop = new AbortController();
  readonly #runs = new Map<string, Run>();
  readonly #tasks = new Set<Promise<void>>();

  constructor(cloud: Cloud, options: EngineOptions) {
    this.cloud = cloud;
    this.stacks = new Stacks(cloud);
    this.events = new Events(cloud, this.stacks);
    this.failAt = options.failAt;
    this.#options = options;
  }

  /** Aborted when the local AWS ends. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }
  get stopping(): boolean {
    return this.signal.aborted;
  }

  schemaOf(type: string): ResourceSchema | undefined {
    return this.#options.providers[type]?.schema ?? this.#options.schemas(type);
  }

  typeOf(type: string): { provider: Provider; schema: ResourceSchema } {
    const provider = this.#options.providers[type];
    const schema = this.schemaOf(type);
    if (provider === undefined || schema === undefined) throw new Error(`${type} is not provisioned here`);
    return { provider, schema };
  }

  /** What compiling a template for this stack needs. */
  contextOf(stack: Pick<Stack, 'id' | 'name' | 'notificationArns'>): ModelContext {
    const { providers } = this.#options;
    return {
      cloud: this.cloud,
      providers,
      schemas: (type) => this.schemaOf(type),
      stackId: stack.id,
      stackName: stack.name,
      notificationArns: stack.notificationArns,
      importValue: (name) => exportsOf(this.stacks).find((exported) => exported.name === name)?.value,
    };
  }

  /** Checks what can be checked without the template's parameters. */
  checkTemplate(template: Template): void {
    checkTypes(template, this.contextOf({ id: '', name: '', notificationArns: [] }));
    checkReferences(template, (type) => this.#options.schemas(type)?.attributes);
  }

  /** Runs a small task after the response to the current request. */
  later(work: () => void | Promise<void>): void {
    const task = new Promise<void>((resolve) => setImmediate(resolve))
      .then(work)
      .finally(() => this.#tasks.delete(task));
    this.#tasks.add(task);
  }

  /** Begins after the response to the current request. */
  begin(stack: Stack, work: (run: Run) => Promise<void>, finished?: () => void): void {
    const previous = this.#runs.get(stack.id);
    const run = new Run(this, stack);
    this.#runs.set(stack.id, run);
    const task = new Promise<void>((resolve) => setImmediate(resolve))
      .then(async () => {
        // A deletion waits for the creation that it cancels.
        while (previous !== undefined && this.#underway.has(previous)) await this.#underway.get(previous);
        if (!this.stopping) await work(run);
      })
      .catch((error: unknown) => this.#fault(stack, error))
      .finally(() => {
        this.#tasks.delete(task);
        this.#underway.delete(run);
        if (this.#runs.get(stack.id) === run) this.#runs.delete(stack.id);
        if (!this.stopping) finished?.();
      });
    this.#tasks.add(task);
    this.#underway.set(run, task);
  }

  readonly #underway = new Map<Run, Promise<void>>();

  /** Cancels the operation that is in progress on this stack. */
  cancel(stack: Stack): void {
    this.#runs.get(stack.id)?.cancel();
  }

  /** An internal error is not hidden: it becomes the reason of the stack's final status. */
  #fault(stack: Stack, error: unknown): void {
    const rest: Partial<Record<StackStatus, StackStatus>> = {
      CREATE_IN_PROGRESS: 'CREATE_FAILED',
      ROLLBACK_IN_PROGRESS: 'ROLLBACK_FAILED',
      DELETE_IN_PROGRESS: 'DELETE_FAILED',
      UPDATE_IN_PROGRESS: 'UPDATE_ROLLBACK_FAILED',
      UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: 'UPDATE_COMPLETE',
      UPDATE_ROLLBACK_IN_PROGRESS: 'UPDATE_ROLLBACK_FAILED',
      UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: 'UPDATE_ROLLBACK_COMPLETE',
    };
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const status = rest[stack.status] ?? stack.status;
    this.events.stack(stack, status, `Internal Failure (fault in the fx local AWS: ${detail})`);
  }

  /** Resumes the operations that were in progress when the local AWS ended. */
  resume(): void {
    for (const stack of this.stacks.living()) {
      const work = resumptions[stack.status];
      if (work !== undefined) this.begin(stack, work);
    }
  }

  /** Resolves when no operation is in progress. */
  async settled(): Promise<void> {
    while (this.#tasks.size > 0) await Promise.all(this.#tasks);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.settled();
  }
}

/** How to resume from each status of a running operation. */
const resumptions: Partial<Record<StackStatus, (run: Run) => Promise<void>>> = {
  CREATE_IN_PROGRESS: async (run) => {
    reportStopped(run);
    await failCreation(run, stoppedReason);
  },
  ROLLBACK_IN_PROGRESS: rollBackCreation,
  DELETE_IN_PROGRESS: deleteStack,
  UPDATE_IN_PROGRESS: async (run) => {
    reportStopped(run);
    await failUpdate(run, stoppedReason);
  },
  UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: cleanUpUpdate,
  UPDATE_ROLLBACK_IN_PROGRESS: rollBackUpdate,
  UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: cleanUpRollback,
};

function reportStopped({ engine, stack }: Run): void {
  for (const resource of Object.values(stack.resources)) {
    if (resource.status === 'CREATE_IN_PROGRESS')
      engine.events.resource(stack, resource, 'CREATE_FAILED', stoppedReason);
    if (resource.status === 'UPDATE_IN_PROGRESS')
      engine.events.resource(stack, resource, 'UPDATE_FAILED', stoppedReason);
  }
}
