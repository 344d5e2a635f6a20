// The records of change sets, and finding one by name or id.
import { AwsError, type Cloud } from '../cloud.ts';
import type { Collection } from '../store.ts';
import type { Engine } from './engine.ts';
import type { ParameterValues } from './parameters.ts';
import { invalid } from './problem.ts';
import type { CloudFormation } from './sdk.ts';
import type { Stack } from './stack.ts';

/** A property that early validation refused. */
export interface ValidationFailure {
  readonly logicalId: string;
  readonly type: string;
  readonly path: string;
  readonly message: string;
}

export interface ChangeSet {
  id: string;
  name: string;
  stackId: string;
  type: 'CREATE' | 'UPDATE';
  status: CloudFormation.ChangeSetStatus;
  reason?: string;
  executionStatus: CloudFormation.ExecutionStatus;
  created: number;
  description?: string;
  template: string;
  parameters: ParameterValues;
  tags: CloudFormation.Tag[];
  capabilities: string[];
  roleArn?: string;
  onStackFailure?: CloudFormation.OnStackFailure;
  revertsDrift?: boolean;
  token?: string;
  operationId: string;
  /** As in responses, with and without the values of properties. */
  changes: CloudFormation.ResourceChange[];
  changesWithValues: CloudFormation.ResourceChange[];
  failures: ValidationFailure[];
}

export function changeSets(cloud: Cloud): Collection<ChangeSet> {
  return cloud.collection<ChangeSet>('cloudformation-change-sets');
}

export function changeSetsOf(cloud: Cloud, stack: Stack): ChangeSet[] {
  return changeSets(cloud).filter(({ stackId }) => stackId === stack.id);
}

export function findChangeSet(
  cloud: Cloud,
  engine: Engine,
  nameOrId: string | undefined,
  stackName: string | undefined,
): ChangeSet {
  if (nameOrId?.startsWith('arn:')) {
    const changeSet = changeSets(cloud).get(nameOrId);
    if (changeSet !== undefined) return changeSet;
  } else {
    if (stackName === undefined) {
      throw invalid('StackName must be specified if ChangeSetName is not specified as an ARN.');
    }
    const stack = engine.stacks.find(stackName);
    if (stack === undefined) throw invalid(`Stack [${stackName}] does not exist`);
    const changeSet = changeSetsOf(cloud, stack).find(({ name }) => name === nameOrId);
    if (changeSet !== undefined) return changeSet;
  }
  throw new AwsError('ChangeSetNotFoundException', `ChangeSet [${nameOrId}] does not exist`, 404);
}

export function changeSetTemplate(
  cloud: Cloud,
  engine: Engine,
  nameOrId: string,
  stackName: string | undefined,
): string {
  return findChangeSet(cloud, engine, nameOrId, stackName).template;
}

/** The change sets for an earlier state of the stack. https://github.com/aws/amazon-chime-sdk-js/issues/1089 */
export function markChangeSetsObsolete(cloud: Cloud, stack: Stack): void {
  for (const changeSet of changeSetsOf(cloud, stack)) {
    if (changeSet.executionStatus !== 'AVAILABLE') continue;
    changeSets(cloud).set(changeSet.id, { ...changeSet, executionStatus: 'OBSOLETE' });
  }
}
