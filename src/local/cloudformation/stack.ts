// The stored records of stacks.

import type { ResourceStatus, StackStatus, Tag } from '@aws-sdk/client-cloudformation';
import type { Cloud } from '../cloud.ts';
import type { Collection } from '../store.ts';
import type { DetectedDrift } from './drift-operations.ts';
import type { ParameterValues } from './parameters.ts';
import { invalid } from './problem.ts';
import type { DeletionPolicy } from './template.ts';

export type Properties = Readonly<Record<string, unknown>>;

/** One resource as it was last provisioned. */
export interface Resource {
  logicalId: string;
  type: string;
  /** Absent until the resource exists. */
  physicalId?: string;
  status: ResourceStatus;
  reason?: string;
  updated: number;
  /** With every function resolved; what the next update is compared with. */
  properties: Properties;
  /** What `Fn::GetAtt` returns. */
  attributes: Properties;
  /** The logical ids that it refers to, so that it is deleted before them. */
  needs: string[];
  deletionPolicy: DeletionPolicy;
  updateReplacePolicy: 'Delete' | 'Retain';
  metadata?: unknown;
  /** The target of an update that is in progress or has failed. */
  attempted?: Properties;
}

/** A physical resource that is no longer in the stack's template. */
export interface Leftover extends Resource {
  keep: boolean;
}

export interface Output {
  key: string;
  value: string;
  description?: string;
  exportName?: string;
}

/** A deployment, with everything that a rollback to it needs. */
export interface Deployment {
  template: string;
  parameters: ParameterValues;
  tags: Tag[];
  capabilities: string[];
  resources: Record<string, Resource>;
  outputs: Output[];
  /** The exports that it imports. */
  imports: string[];
}

export interface Stack extends Deployment {
  id: string;
  name: string;
  /** The ids of the stack that it is nested in, and of the outermost one. */
  parentId?: string;
  rootId?: string;
  status: StackStatus;
  reason?: string;
  created: number;
  updated?: number;
  deleted?: number;
  /** What happens if the creation fails. */
  onFailure: 'ROLLBACK' | 'DELETE' | 'DO_NOTHING';
  /** For the current operation: no rollback if it fails. */
  disableRollback: boolean;
  retainExceptOnCreate: boolean;
  terminationProtection: boolean;
  notificationArns: string[];
  /** From RollbackConfiguration, of which alarms are refused. */
  monitoringMinutes?: number;
  /** Of DeploymentConfig. Resources are stable at once here, so the mode changes nothing. */
  mode?: 'EXPRESS' | 'STANDARD';
  timeoutInMinutes?: number;
  roleArn?: string;
  /** The text of its stack policy. */
  policy?: string;
  changeSetId?: string;
  /** The deployment that a failed update rolls back to; present until the next one is complete. */
  stable?: Deployment;
  /** Physical resources no longer in `resources`: the cleanup deletes them. */
  leftovers: Leftover[];
  /** Since the last detection; an update keeps it. */
  drift?: DetectedDrift;
  operation: Operation;
}

/** The last operation, whose token all its events carry. */
export interface Operation {
  id: string;
  kind: 'CREATE_STACK' | 'UPDATE_STACK' | 'DELETE_STACK' | 'CONTINUE_ROLLBACK' | 'ROLLBACK' | 'CREATE_CHANGESET';
  token?: string;
  /** For ContinueUpdateRollback: the resources to skip. */
  skip?: string[];
  /** For DeleteStack: the resources to retain. */
  retain?: string[];
  /** For DeleteStack: whatever cannot be deleted stays. */
  force?: true;
  /** For UpdateStack: the stack policy that overrides the stack's during the update. */
  policyDuring?: string;
  /** For UpdateStack: the stack's policy after success. */
  policyAfter?: string;
}

export class Stacks {
  readonly #records: Collection<Stack>;

  constructor(cloud: Cloud) {
    this.#records = cloud.collection<Stack>('cloudformation-stacks');
  }

  save(stack: Stack): void {
    this.#records.set(stack.id, stack);
  }

  all(): Stack[] {
    return [...this.#records.values()];
  }

  /** Those that are not deleted. */
  living(): Stack[] {
    return this.all().filter((stack) => stack.status !== 'DELETE_COMPLETE');
  }

  /** Finds an existing stack by name or id, a deleted one by id. */
  find(nameOrId: string | undefined): Stack | undefined {
    if (nameOrId === undefined) return undefined;
    if (nameOrId.startsWith('arn:')) return this.#records.get(nameOrId);
    return this.living().find((stack) => stack.name === nameOrId);
  }

  /** Operations that read and operations that change have different messages. */
  get(nameOrId: string | undefined, words: 'read' | 'change'): Stack {
    const stack = this.find(nameOrId);
    if (stack !== undefined) return stack;
    throw invalid(words === 'read' ? `Stack with id ${nameOrId} does not exist` : `Stack [${nameOrId}] does not exist`);
  }
}

/** A copy that is independent of later changes of the stack. */
export function deploymentOf(stack: Stack): Deployment {
  const { template, parameters, tags, capabilities, resources, outputs, imports } = stack;
  return structuredClone({ template, parameters, tags, capabilities, resources, outputs, imports });
}

export interface Export {
  readonly name: string;
  readonly value: string;
  readonly stack: Stack;
}

/** The region's exports, each from the stack that has it. */
export function exportsOf(stacks: Stacks): Export[] {
  return stacks
    .living()
    .flatMap((stack) =>
      stack.outputs.flatMap(({ exportName, value }) =>
        exportName === undefined ? [] : [{ name: exportName, value, stack }],
      ),
    );
}

export function importers(stacks: Stacks, exportName: string): Stack[] {
  return stacks.living().filter((stack) => stack.imports.includes(exportName));
}
