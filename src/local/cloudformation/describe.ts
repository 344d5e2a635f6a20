// The operations that describe stacks, their resources, events and exports.

import type { Cloud, Operations } from '../cloud.ts';
import { stackDriftStatus } from './drift-operations.ts';
import type { Engine } from './engine.ts';
import { shownEvent } from './events.ts';
import { describeEvents } from './operation-events.ts';
import { page } from './paging.ts';
import { invalid } from './problem.ts';
import type { CloudFormation } from './sdk.ts';
import { exportsOf, importers, type Resource, type Stack } from './stack.ts';
import { readTemplate } from './template.ts';

const pageSize = 100;

export function describeOperations(cloud: Cloud, engine: Engine): Operations<'cloudformation'> {
  const { stacks, events } = engine;
  const newestFirst = (left: Stack, right: Stack) => right.created - left.created;

  return {
    DescribeStacks: {
      members: ['StackName', 'NextToken'],
      run(input) {
        const described =
          input.StackName === undefined ? stacks.living().sort(newestFirst) : [stacks.get(input.StackName, 'read')];
        const { items, next } = page(described, input.NextToken, pageSize);
        return { Stacks: items.map(shownStack), ...nextToken(next) };
      },
    },
    ListStacks: {
      members: ['NextToken', 'StackStatusFilter'],
      run(input) {
        const statuses = new Set<string>(input.StackStatusFilter ?? []);
        const listed = stacks
          .all()
          .filter(({ status }) => statuses.size === 0 || statuses.has(status))
          .sort(newestFirst);
        const { items, next } = page(listed, input.NextToken, pageSize);
        return { StackSummaries: items.map(summary), ...nextToken(next) };
      },
    },
    DescribeStackEvents: {
      members: ['StackName', 'NextToken'],
      run(input) {
        const stack = stacks.get(input.StackName, 'change');
        const { items, next } = page(events.of(stack.id).toReversed(), input.NextToken, pageSize);
        return { StackEvents: items.map((event) => shownEvent(stack, event)), ...nextToken(next) };
      },
    },
    DescribeEvents: {
      members: ['StackName', 'ChangeSetName', 'OperationId', 'Filters', 'NextToken'],
      run(input) {
        return describeEvents(cloud, engine, input);
      },
    },
    DescribeStackResources: {
      members: ['StackName', 'LogicalResourceId', 'PhysicalResourceId'],
      run(input) {
        const { StackName, PhysicalResourceId, LogicalResourceId } = input;
        if ((StackName === undefined) === (PhysicalResourceId === undefined)) {
          throw invalid('Either StackName or PhysicalResourceId must be specified, but not both.');
        }
        const stack =
          StackName !== undefined
            ? stacks.get(StackName, 'read')
            : stacks.living().find(({ resources }) => {
                return Object.values(resources).some(({ physicalId }) => physicalId === PhysicalResourceId);
              });
        if (stack === undefined) throw invalid(`Stack for ${PhysicalResourceId} does not exist`);
        return {
          StackResources: resourcesOf(stack)
            .filter(({ logicalId }) => LogicalResourceId === undefined || logicalId === LogicalResourceId)
            .slice(0, pageSize)
            .map((resource) => ({
              ...shownResource(resource),
              Timestamp: new Date(resource.updated),
              ...stackMembers(stack),
            })),
        };
      },
    },
    DescribeStackResource: {
      members: ['StackName', 'LogicalResourceId'],
      run(input) {
        const stack = stacks.get(input.StackName, 'change');
        const resource = stack.resources[input.LogicalResourceId ?? ''];
        if (resource === undefined) {
          throw invalid(`Resource ${input.LogicalResourceId} does not exist for stack ${stack.name}`);
        }
        return {
          StackResourceDetail: {
            ...shownResource(resource),
            ...stackMembers(stack),
            LastUpdatedTimestamp: new Date(resource.updated),
            Metadata: JSON.stringify(resource.metadata ?? {}),
          },
        };
      },
    },
    ListStackResources: {
      members: ['StackName', 'NextToken'],
      run(input) {
        const stack = stacks.get(input.StackName, 'read');
        const { items, next } = page(resourcesOf(stack), input.NextToken, pageSize);
        return {
          StackResourceSummaries: items.map((resource) => ({
            ...shownResource(resource),
            LastUpdatedTimestamp: new Date(resource.updated),
          })),
          ...nextToken(next),
        };
      },
    },
    ListExports: {
      members: ['NextToken'],
      run(input) {
        const { items, next } = page(exportsOf(stacks), input.NextToken, pageSize);
        return {
          Exports: items.map(({ name, value, stack }) => ({ ExportingStackId: stack.id, Name: name, Value: value })),
          ...nextToken(next),
        };
      },
    },
    ListImports: {
      members: ['ExportName', 'NextToken'],
      run(input) {
        const names = importers(stacks, input.ExportName ?? '').map(({ name }) => name);
        if (names.length === 0) throw invalid(`Export '${input.ExportName}' is not imported by any stack.`);
        const { items, next } = page(names, input.NextToken, pageSize);
        return { Imports: items, ...nextToken(next) };
      },
    },
  };
}

export function nextToken(next: string | undefined): { NextToken?: string } {
  return next === undefined ? {} : { NextToken: next };
}

function resourcesOf(stack: Stack): Resource[] {
  return Object.values(stack.resources).sort((left, right) => (left.logicalId < right.logicalId ? -1 : 1));
}

function stackMembers(stack: Stack) {
  return { StackId: stack.id, StackName: stack.name };
}

function shownResource(resource: Resource) {
  return {
    LogicalResourceId: resource.logicalId,
    ResourceType: resource.type,
    ResourceStatus: resource.status,
    DriftInformation: { StackResourceDriftStatus: 'NOT_CHECKED' as const },
    ...(resource.physicalId === undefined ? {} : { PhysicalResourceId: resource.physicalId }),
    ...(resource.reason === undefined ? {} : { ResourceStatusReason: resource.reason }),
  };
}

function summary(stack: Stack): CloudFormation.StackSummary {
  return { ...common(stack), ...descriptionOf(stack, 'TemplateDescription') };
}

function common(stack: Stack) {
  return {
    StackId: stack.id,
    StackName: stack.name,
    ...(stack.parentId === undefined ? {} : { ParentId: stack.parentId, RootId: stack.rootId }),
    CreationTime: new Date(stack.created),
    StackStatus: stack.status,
    DriftInformation: {
      StackDriftStatus: stackDriftStatus(stack),
      ...(stack.drift === undefined ? {} : { LastCheckTimestamp: new Date(stack.drift.checked) }),
    },
    ...(stack.reason === undefined ? {} : { StackStatusReason: stack.reason }),
    ...(stack.updated === undefined ? {} : { LastUpdatedTime: new Date(stack.updated) }),
    ...(stack.deleted === undefined ? {} : { DeletionTime: new Date(stack.deleted) }),
  };
}

function descriptionOf<K extends string>(stack: Stack, key: K): Partial<Record<K, string>> {
  const description = stack.template === '' ? undefined : readTemplate(stack.template).description;
  return (description === undefined ? {} : { [key]: description }) as Partial<Record<K, string>>;
}

export function shownParameters(deployment: Pick<Stack, 'template' | 'parameters'>): CloudFormation.Parameter[] {
  const definitions = deployment.template === '' ? {} : readTemplate(deployment.template).parameters;
  return Object.entries(deployment.parameters).map(([ParameterKey, value]) => ({
    ParameterKey,
    ParameterValue: definitions[ParameterKey]?.noEcho === true ? '****' : value,
  }));
}

/** Empty lists are left out, except for Tags and NotificationARNs. */
function shownStack(stack: Stack): CloudFormation.Stack {
  const outputs = stack.outputs.map(({ key, value, description, exportName }) => ({
    OutputKey: key,
    OutputValue: value,
    ...(description === undefined ? {} : { Description: description }),
    ...(exportName === undefined ? {} : { ExportName: exportName }),
  }));
  const isDeleted = stack.status === 'DELETE_COMPLETE';
  return {
    ...common(stack),
    DisableRollback: stack.disableRollback || stack.onFailure === 'DO_NOTHING',
    RollbackConfiguration:
      stack.monitoringMinutes === undefined ? {} : { MonitoringTimeInMinutes: stack.monitoringMinutes },
    ...(stack.mode === undefined
      ? {}
      : { DeploymentConfig: { Mode: stack.mode, DisableRollback: stack.disableRollback } }),
    ...(isDeleted ? {} : { EnableTerminationProtection: stack.terminationProtection }),
    NotificationARNs: stack.notificationArns,
    ...unlessEmpty('Capabilities', stack.capabilities as CloudFormation.Capability[]),
    ...unlessEmpty('Parameters', shownParameters(stack)),
    Tags: stack.tags,
    ...unlessEmpty('Outputs', outputs),
    LastOperations: [{ OperationType: stack.operation.kind, OperationId: stack.operation.id }],
    ...(stack.changeSetId === undefined || isDeleted ? {} : { ChangeSetId: stack.changeSetId }),
    ...(stack.roleArn === undefined ? {} : { RoleARN: stack.roleArn }),
    ...descriptionOf(stack, 'Description'),
  };
}

export function unlessEmpty<K extends string, T>(member: K, list: T[]): Partial<Record<K, T[]>> {
  return (list.length === 0 ? {} : { [member]: list }) as Partial<Record<K, T[]>>;
}
