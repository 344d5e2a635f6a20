// The operations that detect drift: compare the resources of a stack with what its template says, for types whose providers can read them.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html
import { randomUUID } from 'node:crypto';
import type { Cloud, Operations } from '../cloud.ts';
import { changedNames, compareWithActual } from './drift.ts';
import type { Engine } from './engine.ts';
import { page } from './paging.ts';
import { invalid } from './problem.ts';
import type { CloudFormation } from './sdk.ts';
import type { Properties, Resource, Stack } from './stack.ts';

const pageSize = 100;
/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/detect-drift-stack.html */
const detectable = new Set([
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'UPDATE_ROLLBACK_FAILED',
  'IMPORT_COMPLETE',
  'IMPORT_ROLLBACK_COMPLETE',
]);

/** The result of the last detection. Resources that cannot be read are not in it. */
export interface DetectedDrift {
  id: string;
  checked: number;
  resources: Record<string, { status: 'IN_SYNC' | 'MODIFIED' | 'DELETED'; actual?: Properties }>;
}

export function driftOperations(cloud: Cloud, engine: Engine): Operations<'cloudformation'> {
  const { stacks } = engine;
  return {
    DetectStackDrift: {
      members: ['StackName', 'LogicalResourceIds'],
      async run({ StackName, LogicalResourceIds = [] }) {
        const stack = stacks.get(StackName, 'change');
        if (!detectable.has(stack.status)) {
          throw invalid(`Drift detection cannot be performed on stack ${stack.id} in ${stack.status} state`);
        }
        for (const id of LogicalResourceIds) {
          if (stack.resources[id] === undefined) throw invalid(`Resource ${id} does not exist for stack ${stack.name}`);
        }
        const resources: DetectedDrift['resources'] = { ...stack.drift?.resources };
        for (const resource of Object.values(stack.resources)) {
          const { logicalId, physicalId } = resource;
          if (LogicalResourceIds.length > 0 && !LogicalResourceIds.includes(logicalId)) continue;
          if (physicalId === undefined) continue;
          const { status, actual } = await compareWithActual(engine, resource, physicalId);
          if (status !== 'UNSUPPORTED') resources[logicalId] = { status, ...(actual === undefined ? {} : { actual }) };
        }
        stack.drift = { id: randomUUID(), checked: cloud.now(), resources };
        stacks.save(stack);
        return { StackDriftDetectionId: stack.drift.id };
      },
    },
    DescribeStackDriftDetectionStatus: {
      members: ['StackDriftDetectionId'],
      run({ StackDriftDetectionId }) {
        const stack = stacks.all().find(({ drift }) => drift?.id === StackDriftDetectionId);
        if (stack?.drift === undefined) {
          throw invalid(`Drift detection ${StackDriftDetectionId} does not exist`);
        }
        return {
          StackId: stack.id,
          StackDriftDetectionId: stack.drift.id,
          StackDriftStatus: stackDriftStatus(stack),
          DetectionStatus: 'DETECTION_COMPLETE',
          DriftedStackResourceCount: drifted(stack).length,
          Timestamp: new Date(stack.drift.checked),
        };
      },
    },
    DescribeStackResourceDrifts: {
      members: ['StackName', 'StackResourceDriftStatusFilters', 'NextToken', 'MaxResults'],
      run({ StackName, StackResourceDriftStatusFilters = [], NextToken, MaxResults = pageSize }) {
        const stack = stacks.get(StackName, 'change');
        const filters = new Set<string>(StackResourceDriftStatusFilters);
        const found = Object.values(stack.resources)
          .sort((left, right) => (left.logicalId < right.logicalId ? -1 : 1))
          .flatMap((resource) => shownDrift(stack, resource) ?? [])
          .filter(({ StackResourceDriftStatus: status = '' }) => filters.size === 0 || filters.has(status));
        const { items, next } = page(found, NextToken, MaxResults);
        return { StackResourceDrifts: items, ...(next === undefined ? {} : { NextToken: next }) };
      },
    },
  };
}

const drifted = ({ drift }: Stack) =>
  Object.values(drift?.resources ?? {}).filter(({ status }) => status !== 'IN_SYNC');

/** As DescribeStacks shows it, too. */
export function stackDriftStatus(stack: Stack): CloudFormation.StackDriftStatus {
  if (stack.drift === undefined) return 'NOT_CHECKED';
  return drifted(stack).length > 0 ? 'DRIFTED' : 'IN_SYNC';
}

function shownDrift(stack: Stack, resource: Resource): CloudFormation.StackResourceDrift | undefined {
  const { logicalId, physicalId, type, properties } = resource;
  const found = stack.drift?.resources[logicalId];
  if (stack.drift === undefined || found === undefined) return undefined;
  const { status, actual } = found;
  return {
    StackId: stack.id,
    LogicalResourceId: logicalId,
    ...(physicalId === undefined ? {} : { PhysicalResourceId: physicalId }),
    ResourceType: type,
    StackResourceDriftStatus: status,
    Timestamp: new Date(stack.drift.checked),
    ExpectedProperties: JSON.stringify(properties),
    ...(actual === undefined
      ? {}
      : { ActualProperties: JSON.stringify(actual), PropertyDifferences: differences(properties, actual) }),
  };
}

function differences(expected: Properties, actual: Properties): CloudFormation.PropertyDifference[] {
  return changedNames(expected, actual).map((name) => ({
    PropertyPath: `/${name}`,
    ExpectedValue: text(expected[name]),
    ActualValue: text(actual[name]),
    DifferenceType: expected[name] === undefined ? 'ADD' : actual[name] === undefined ? 'REMOVE' : 'NOT_EQUAL',
  }));
}

function text(value: unknown): string {
  if (value === undefined) return 'null';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
