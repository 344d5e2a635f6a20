// Provisions one resource: creates, updates, replaces or deletes it, and reports each step as an event.
import { AwsError } from '../cloud.ts';
import { differences, needsReplacement } from './diff.ts';
import type { Engine } from './engine.ts';
import { EngineError, failureReason, isNotFound } from './failure.ts';
import type { Model, ResourceValues } from './model.ts';
import { createPhysical, deletePhysical, updatePhysical } from './physical-resource.ts';
import { isSamePhysicalResource, newResource, refuseSameName } from './resource-rules.ts';
import type { Leftover, Properties, Resource, Stack } from './stack.ts';
import { denialOf } from './stack-policy.ts';
import { presentValues } from './stack-values.ts';

interface Underway {
  readonly resource: Resource;
  readonly action: 'create' | 'update';
  /** The time of the last event before this step. */
  readonly reported: number;
}

/** One operation on one stack, from its first resource to its last. */
export class Run {
  readonly engine: Engine;
  readonly stack: Stack;
  readonly values: ResourceValues;
  readonly failed: { create: string[]; update: string[]; delete: string[] } = { create: [], update: [], delete: [] };
  rollingBack = false;
  /** Set from outside: begin no further steps. */
  cancelled = false;
  readonly #underway = new Map<string, Underway>();

  constructor(engine: Engine, stack: Stack) {
    this.engine = engine;
    this.stack = stack;
    this.values = presentValues(stack);
  }

  get hasFailed(): boolean {
    return this.failed.create.length + this.failed.update.length > 0;
  }
  /** A failure, a cancellation, or the end of the local AWS. */
  readonly isHalted = (): boolean => this.cancelled || this.hasFailed || this.engine.stopping;

  async create(model: Model, id: string): Promise<boolean> {
    const resource = newResource(model, id);
    this.stack.resources[id] = resource;
    return this.#attempt(resource, 'create', async () => {
      this.#takeMetadata(model, resource);
      resource.properties = this.#properties(model, id);
      this.#event(resource, 'CREATE_IN_PROGRESS');
      const outcome = await createPhysical(this, resource, resource.properties, (physicalId) => {
        resource.physicalId = physicalId;
        this.#event(resource, 'CREATE_IN_PROGRESS', 'Resource creation Initiated');
      });
      Object.assign(resource, outcome);
    });
  }

  /** Creates, updates or replaces a resource; an unchanged one has no event. */
  async provision(model: Model, id: string): Promise<boolean> {
    const resource = this.stack.resources[id];
    // A failed operation may have left no physical resource: create it.
    if (resource?.physicalId === undefined) return this.create(model, id);
    const { deletionPolicy, updateReplacePolicy, needs } = newResource(model, id);
    Object.assign(resource, { deletionPolicy, updateReplacePolicy, needs });
    return this.#attempt(resource, 'update', async () => {
      this.#takeMetadata(model, resource);
      const after = this.#properties(model, id);
      await this.#change(
        resource,
        after,
        this.#resolved(() => model.updatePolicy(id, this.values)),
      );
    });
  }

  async #change(resource: Resource, after: Properties, updatePolicy: Properties | undefined): Promise<void> {
    const { before, changed } = differences(resource, after);
    if (changed.size === 0) return;
    const { provider, schema } = this.engine.typeOf(resource.type);
    const isReplaced = needsReplacement(before, after, changed, schema, provider);
    const denial = denialOf(this.stack, isReplaced ? 'Update:Replace' : 'Update:Modify', resource);
    if (denial !== undefined) throw new EngineError(denial);
    if (!isReplaced) {
      this.#event(resource, 'UPDATE_IN_PROGRESS', undefined, after);
      const course = {
        updatePolicy,
        progress: (reason: string) => this.#event(resource, 'UPDATE_IN_PROGRESS', reason, after),
        isCalledOff: () => this.#isCalledOff(resource, resource.status),
      };
      await updatePhysical(this, resource, { before, after, changed, course });
      return;
    }
    this.#event(
      resource,
      'UPDATE_IN_PROGRESS',
      'Requested update requires the creation of a new physical resource; hence creating one.',
      after,
    );
    refuseSameName(resource, before, after, provider);
    const old: Leftover = { ...structuredClone(resource), keep: resource.updateReplacePolicy === 'Retain' };
    const outcome = await createPhysical(this, resource, after, (physicalId) => {
      this.stack.leftovers.push(old);
      Object.assign(resource, { physicalId, properties: after });
      this.#event(resource, 'UPDATE_IN_PROGRESS', 'Resource creation Initiated');
    });
    Object.assign(resource, outcome);
  }

  /** Fails if the stack policy protects a resource that the new template lacks. */
  checkRemoval(resource: Resource): void {
    const denial = denialOf(this.stack, 'Update:Delete', resource);
    if (denial !== undefined) this.#fail(resource, 'update', denial);
  }

  /** Restores a resource to its state before the update, with its old physical resource. */
  async restore(stable: Resource): Promise<boolean> {
    const resource = this.stack.resources[stable.logicalId];
    if (resource === undefined || resource.physicalId !== stable.physicalId) {
      if (resource?.physicalId !== undefined) this.leaveBehind(resource);
      const restored = structuredClone(stable);
      this.stack.resources[stable.logicalId] = restored;
      this.stack.leftovers = this.stack.leftovers.filter((left) => !isSamePhysicalResource(left, stable));
      this.#event(restored, 'UPDATE_COMPLETE');
      return true;
    }
    const { deletionPolicy, updateReplacePolicy, needs, metadata } = structuredClone(stable);
    Object.assign(resource, { deletionPolicy, updateReplacePolicy, needs, metadata });
    if (resource.updated === stable.updated) return true;
    return this.#attempt(resource, 'update', async () => {
      const { before, changed } = differences(resource, stable.properties);
      if (changed.size > 0) {
        this.#event(resource, 'UPDATE_IN_PROGRESS', undefined, stable.properties);
        // AWS does not document whether a rollback uses the update policy; here, an alias goes back at once.
        const course = { updatePolicy: undefined, progress: () => {}, isCalledOff: () => false };
        await updatePhysical(this, resource, { before, after: stable.properties, changed, course });
      }
    });
  }

  /** Skips a resource in the rollback, as the user asked. */
  skip(stable: Resource): void {
    const resource = this.stack.resources[stable.logicalId] ?? structuredClone(stable);
    delete resource.attempted;
    this.stack.resources[stable.logicalId] = resource;
    this.#event(resource, 'UPDATE_COMPLETE');
  }

  /** Marks a resource that a failed update created for cleanup. */
  leaveBehind(resource: Resource): void {
    const keep = resource.deletionPolicy === 'Retain' && !this.stack.retainExceptOnCreate;
    this.stack.leftovers.push({ ...structuredClone(resource), keep });
    delete this.stack.resources[resource.logicalId];
  }

  /** Begins the rollback: earlier failures no longer stop any step. */
  beginRollback(): void {
    for (const ids of Object.values(this.failed)) ids.length = 0;
    this.cancelled = false;
    this.rollingBack = true;
  }

  /** Deletes the physical resource, unless it is retained. A missing one counts as deleted. */
  async delete(resource: Resource, keep: boolean): Promise<boolean> {
    if (resource.status === 'DELETE_COMPLETE' || resource.status === 'DELETE_SKIPPED') return true;
    const { physicalId } = resource;
    if (physicalId === undefined) {
      this.#event(resource, 'DELETE_COMPLETE');
      return true;
    }
    if (keep) {
      this.#event(resource, 'DELETE_SKIPPED');
      return true;
    }
    this.#event(resource, 'DELETE_IN_PROGRESS');
    try {
      await deletePhysical(this, resource, physicalId);
    } catch (error) {
      if (!isNotFound(error)) {
        this.failed.delete.push(resource.logicalId);
        this.#event(resource, 'DELETE_FAILED', this.#reasonOf(error, resource));
        return false;
      }
    }
    this.#event(resource, 'DELETE_COMPLETE');
    return true;
  }

  /**
   * Runs a step and reports its outcome. The first failure ends the operation: steps in progress are reported as
   * cancelled at once, and their outcome is recorded without an event.
   */
  async #attempt(resource: Resource, action: 'create' | 'update', step: () => Promise<void>): Promise<boolean> {
    const { logicalId } = resource;
    const reported = resource.updated;
    this.#underway.set(logicalId, { resource, action, reported });
    try {
      await step();
    } catch (error) {
      if (this.#underway.delete(logicalId)) {
        this.#fail(resource, action, this.#reasonOf(error, resource));
      }
      this.engine.stacks.save(this.stack);
      return false;
    }
    if (!this.#underway.delete(logicalId)) {
      this.engine.stacks.save(this.stack);
      return false;
    }
    // A resource that failed before it changed is complete again without a change.
    const isReported = resource.updated !== reported || !resource.status.endsWith('_COMPLETE');
    if (isReported) this.#event(resource, action === 'create' ? 'CREATE_COMPLETE' : 'UPDATE_COMPLETE');
    return true;
  }

  #takeMetadata(model: Model, resource: Resource): void {
    const metadata = this.#resolved(() => model.metadata(resource.logicalId, this.values));
    if (metadata === undefined) delete resource.metadata;
    else resource.metadata = metadata;
  }

  #properties(model: Model, id: string): Properties {
    return this.#resolved(() => model.properties(id, this.values));
  }

  #resolved<T>(resolve: () => T): T {
    try {
      return resolve();
    } catch (error) {
      // Not a service's answer: an intrinsic function has no value.
      throw error instanceof AwsError ? new EngineError(error.message) : error;
    }
  }

  #reasonOf(error: unknown, { type }: Resource): string {
    return failureReason(error, this.engine.typeOf(type).provider.service);
  }

  #fail(resource: Resource, action: 'create' | 'update', reason: string): void {
    this.failed[action].push(resource.logicalId);
    this.#event(resource, action === 'create' ? 'CREATE_FAILED' : 'UPDATE_FAILED', reason);
    this.#callOff();
  }

  /** Cancels the steps in progress, as the failure of another resource would. */
  cancel(): void {
    this.cancelled = true;
    this.#callOff();
  }

  #callOff(): void {
    for (const [id, { resource, action, reported }] of this.#underway) {
      // No event has been reported for it, and none will be.
      if (resource.updated === reported) continue;
      this.#underway.delete(id);
      this.failed[action].push(id);
      if (action === 'create') this.#event(resource, 'CREATE_FAILED', 'Resource creation cancelled');
      else this.#event(resource, 'UPDATE_FAILED', 'Resource update cancelled');
    }
  }

  #event(resource: Resource, status: Resource['status'], reason?: string, properties?: Properties): void {
    if (status.endsWith('_IN_PROGRESS') && this.#isCalledOff(resource, status)) return;
    this.engine.events.resource(this.stack, resource, status, reason, properties);
  }

  #isCalledOff(resource: Resource, status: string): boolean {
    return !status.startsWith('DELETE') && !this.#underway.has(resource.logicalId);
  }
}
