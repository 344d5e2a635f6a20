// Change sets: created in the background, reviewed, and executed once.
import { randomUUID } from 'node:crypto';
import { propertiesMessage, validateProperties } from '../../cfn/resource-schema.ts';
import { AwsError, type Cloud, type Input, type Operations } from '../cloud.ts';
import {
  type ChangeSet,
  changeSets,
  changeSetsOf,
  findChangeSet,
  type ValidationFailure,
} from './change-set-records.ts';
import { changesOf, hasChanges, withContexts } from './changes.ts';
import { nextToken, shownParameters, unlessEmpty } from './describe.ts';
import { withDrift } from './drift.ts';
import type { Engine } from './engine.ts';
import { compileModel, type Model, nothingKnown } from './model.ts';
import { beginCreation, beginUpdate, newStack, refuseTypeChanges, refuseUnlessUpdatable } from './operation-start.ts';
import { page } from './paging.ts';
import { invalid, unsupported } from './problem.ts';
import {
  checkChangeSetName,
  checkResourceTypes,
  checkServiceRole,
  checkStackName,
  checkTags,
  parametersOf,
  refuseUnsupported,
  templateText,
} from './request.ts';
import type { CloudFormation } from './sdk.ts';
import type { Stack } from './stack.ts';

const pageSize = 100;
// https://github.com/ministackorg/ministack/issues/1418, and the CDK's own check for these words
const noChangesReason =
  "The submitted information didn't contain changes. Submit different information to create a change set.";
// https://github.com/aws/aws-cdk-cli/issues/1000
const validationReason =
  'The following hook(s)/validation failed: [AWS::EarlyValidation::PropertyValidation]. To troubleshoot Early Validation errors, use the DescribeEvents API for detailed failure information.';

export function changeSetOperations(cloud: Cloud, engine: Engine): Operations<'cloudformation'> {
  const records = changeSets(cloud);
  const { stacks } = engine;

  return {
    CreateChangeSet: {
      members: [
        'StackName',
        'ChangeSetName',
        'TemplateBody',
        'TemplateURL',
        'UsePreviousTemplate',
        'Parameters',
        'Capabilities',
        'RoleARN',
        'RollbackConfiguration',
        'Tags',
        'ClientToken',
        'Description',
        'ChangeSetType',
        'OnStackFailure',
        'DeploymentConfig',
        'DeploymentMode',
        'DisableValidation',
        'ResourceTypes',
      ],
      async run(input) {
        refuseUnsupported(input);
        const name = checkChangeSetName(input.ChangeSetName);
        const type = input.ChangeSetType ?? 'UPDATE';
        if (type === 'IMPORT') throw invalid('The fx local AWS does not support change sets that import.');
        const previous = stacks.find(input.StackName)?.template;
        const text = await templateText(cloud, input, previous === '' ? undefined : previous);
        await checkServiceRole(cloud, input.RoleARN);
        const { stack, isNew } = stackFor(engine, type, input);
        const same = changeSetsOf(cloud, stack).find((other) => other.name === name);
        if (same !== undefined) {
          if (input.ClientToken !== undefined && same.token === input.ClientToken)
            return { Id: same.id, StackId: stack.id };
          throw new AwsError(
            'AlreadyExistsException',
            `ChangeSet ${name} cannot be created due to a mismatch with existing attribute Template`,
            400,
          );
        }
        checkResourceTypes(text, input.ResourceTypes);
        const parameters = parametersOf(text, input.Parameters, stack.parameters);
        const tags = input.Tags === undefined ? stack.tags : checkTags(input.Tags);
        const capabilities = [...(input.Capabilities ?? [])];
        const model = compileModel({ text, parameters, tags, capabilities }, engine.contextOf(stack));
        if (type === 'UPDATE') refuseTypeChanges(stack, model);
        if (isNew) engine.events.stack(stack, 'REVIEW_IN_PROGRESS', 'User Initiated');
        const changeSet: ChangeSet = {
          id: `arn:aws:cloudformation:${cloud.region}:${cloud.accountId}:changeSet/${name}/${randomUUID()}`,
          name,
          stackId: stack.id,
          type,
          status: 'CREATE_PENDING',
          executionStatus: 'UNAVAILABLE',
          created: cloud.now(),
          template: text,
          parameters,
          tags,
          capabilities,
          operationId: randomUUID(),
          changes: [],
          changesWithValues: [],
          failures: [],
          ...(input.Description === undefined ? {} : { description: input.Description }),
          ...(input.ClientToken === undefined ? {} : { token: input.ClientToken }),
          ...(input.RoleARN === undefined ? {} : { roleArn: input.RoleARN }),
          ...(input.OnStackFailure === undefined ? {} : { onStackFailure: input.OnStackFailure }),
          ...(input.DeploymentMode === undefined ? {} : { revertsDrift: true }),
        };
        records.set(changeSet.id, changeSet);
        engine.later(() => fill(changeSet, stack, model, input.DisableValidation === true));
        return { Id: changeSet.id, StackId: stack.id };
      },
    },
    DescribeChangeSet: {
      members: ['ChangeSetName', 'StackName', 'NextToken', 'IncludePropertyValues'],
      run(input) {
        const changeSet = findChangeSet(cloud, engine, input.ChangeSetName, input.StackName);
        const stack = stacks.get(changeSet.stackId, 'read');
        const all = input.IncludePropertyValues === true ? changeSet.changesWithValues : changeSet.changes;
        const { items, next } = page(all, input.NextToken, pageSize);
        return {
          ...summary(changeSet, stack),
          ...unlessEmpty('Parameters', shownParameters(changeSet)),
          ...unlessEmpty('Tags', [...changeSet.tags]),
          Capabilities: changeSet.capabilities as CloudFormation.Capability[],
          NotificationARNs: stack.notificationArns,
          RollbackConfiguration: {},
          IncludeNestedStacks: false,
          Changes: items.map((ResourceChange) => ({ Type: 'Resource' as const, ResourceChange })),
          ...(changeSet.onStackFailure === undefined ? {} : { OnStackFailure: changeSet.onStackFailure }),
          ...nextToken(next),
        };
      },
    },
    ListChangeSets: {
      members: ['StackName', 'NextToken'],
      run(input) {
        const stack = stacks.get(input.StackName, 'change');
        const { items, next } = page(changeSetsOf(cloud, stack), input.NextToken, pageSize);
        return { Summaries: items.map((changeSet) => summary(changeSet, stack)), ...nextToken(next) };
      },
    },
    DeleteChangeSet: {
      members: ['ChangeSetName', 'StackName'],
      run(input) {
        const changeSet = findForDeletion(input);
        if (changeSet === undefined) return {};
        if (changeSet.executionStatus === 'EXECUTE_IN_PROGRESS' || changeSet.status.endsWith('_PENDING')) {
          throw new AwsError(
            'InvalidChangeSetStatusException',
            `An operation on this ChangeSet is currently in progress. ChangeSet [${changeSet.id}] cannot be deleted.`,
          );
        }
        records.delete(changeSet.id);
        return {};
      },
    },
    ExecuteChangeSet: {
      members: ['ChangeSetName', 'StackName', 'ClientRequestToken', 'DisableRollback', 'RetainExceptOnCreate'],
      run(input) {
        const changeSet = findChangeSet(cloud, engine, input.ChangeSetName, input.StackName);
        const stack = stacks.get(changeSet.stackId, 'change');
        if (changeSet.status !== 'CREATE_COMPLETE') throw cannotExecute(changeSet, 'status', changeSet.status);
        if (changeSet.executionStatus !== 'AVAILABLE')
          throw cannotExecute(changeSet, 'execution status', changeSet.executionStatus);
        if (input.DisableRollback !== undefined && changeSet.onStackFailure !== undefined) {
          throw invalid('Cannot specify DisableRollback when the change set was created with OnStackFailure.');
        }
        if (changeSet.revertsDrift) throw unsupported('the execution of a change set that reverts drift');
        const isReview = stack.status === 'REVIEW_IN_PROGRESS' && changeSet.type === 'CREATE';
        if (!isReview) refuseUnlessUpdatable(stack, true);
        const model = compileModel({ ...changeSet, text: changeSet.template }, engine.contextOf(stack));
        changeSet.executionStatus = 'EXECUTE_IN_PROGRESS';
        for (const other of changeSetsOf(cloud, stack)) if (other.id !== changeSet.id) records.delete(other.id);
        records.set(changeSet.id, changeSet);
        const settings = {
          token: input.ClientRequestToken,
          disableRollback: input.DisableRollback === true || changeSet.onStackFailure === 'DO_NOTHING',
          retainExceptOnCreate: input.RetainExceptOnCreate === true,
          changeSetId: changeSet.id,
          roleArn: changeSet.roleArn,
          finished: () => {
            const failed = !['CREATE_COMPLETE', 'UPDATE_COMPLETE'].includes(stack.status);
            changeSet.executionStatus = failed ? 'EXECUTE_FAILED' : 'EXECUTE_COMPLETE';
            if (records.has(changeSet.id)) records.set(changeSet.id, changeSet);
          },
        };
        if (changeSet.type === 'CREATE') {
          beginCreation(engine, stack, model, { ...settings, onFailure: changeSet.onStackFailure ?? 'ROLLBACK' });
        } else beginUpdate(engine, stack, model, settings);
        return {};
      },
    },
  };

  async function fill(changeSet: ChangeSet, stack: Stack, model: Model, validationDisabled: boolean): Promise<void> {
    // Deleted before it was created.
    if (!records.has(changeSet.id)) return;
    const planned = changesOf(engine, stack, model);
    const changes = changeSet.revertsDrift ? await withDrift(engine, { stack, model }, planned) : planned;
    changeSet.changes = changes.map(({ change }) => change);
    changeSet.changesWithValues = changes.map(withContexts);
    changeSet.failures = validationDisabled ? [] : failuresOf(engine, model);
    const [missing] = model.missingImports;
    const reason =
      changeSet.failures.length > 0
        ? validationReason
        : missing !== undefined
          ? `No export named ${missing} found.`
          : changeSet.type === 'UPDATE' && !hasChanges(stack, model, changes)
            ? noChangesReason
            : undefined;
    changeSet.status = reason === undefined ? 'CREATE_COMPLETE' : 'FAILED';
    changeSet.executionStatus = reason === undefined ? 'AVAILABLE' : 'UNAVAILABLE';
    if (reason !== undefined) changeSet.reason = reason;
    records.set(changeSet.id, changeSet);
  }

  /** Deleting a missing change set succeeds. */
  function findForDeletion(input: CloudFormation.DeleteChangeSetCommandInput): ChangeSet | undefined {
    try {
      return findChangeSet(cloud, engine, input.ChangeSetName, input.StackName);
    } catch (error) {
      if (error instanceof AwsError && error.code === 'ChangeSetNotFoundException') return undefined;
      throw error;
    }
  }
}

// https://github.com/aws/amazon-chime-sdk-js/issues/1089
function cannotExecute(changeSet: ChangeSet, what: string, status: string): AwsError {
  return new AwsError(
    'InvalidChangeSetStatusException',
    `ChangeSet [${changeSet.id}] cannot be executed in its current ${what} of [${status}]`,
  );
}

function summary(changeSet: ChangeSet, stack: Stack) {
  return {
    ChangeSetId: changeSet.id,
    ChangeSetName: changeSet.name,
    StackId: stack.id,
    StackName: stack.name,
    Status: changeSet.status,
    ExecutionStatus: changeSet.executionStatus,
    CreationTime: new Date(changeSet.created),
    IncludeNestedStacks: false,
    ...(changeSet.reason === undefined ? {} : { StatusReason: changeSet.reason }),
    ...(changeSet.description === undefined ? {} : { Description: changeSet.description }),
  };
}

/** A change set of type CREATE also creates its stack, which then waits for review. */
function stackFor(
  engine: Engine,
  type: 'CREATE' | 'UPDATE',
  { StackName: nameOrId, ChangeSetName }: Input<'cloudformation', 'CreateChangeSet'>,
): { stack: Stack; isNew: boolean } {
  const stack = engine.stacks.find(nameOrId);
  if (type === 'UPDATE') {
    const stack = engine.stacks.get(nameOrId, 'change');
    refuseUnlessUpdatable(stack, true);
    return { stack, isNew: false };
  }
  if (stack === undefined) return { stack: newStack(engine, checkStackName(nameOrId)), isNew: true };
  if (stack.status === 'REVIEW_IN_PROGRESS') return { stack, isNew: false };
  throw invalid(
    `Stack [${stack.name}] already exists and cannot be created again with the changeSet [${ChangeSetName}].`,
  );
}

function failuresOf(engine: Engine, model: Model): ValidationFailure[] {
  return [...model.resources].flatMap(([logicalId, { type }]) => {
    const properties = known(model.properties(logicalId, nothingKnown)) as Record<string, unknown>;
    return validateProperties(type, properties, engine.typeOf(type).schema).map((problem) => ({
      logicalId,
      type,
      path: `/Resources/${[logicalId, 'Properties', ...problem.path].join('/')}`,
      message: propertiesMessage(logicalId, [problem]).split('\n').slice(1).join('\n'),
    }));
  });
}

/** Unknown values count as valid: they become references, which validation ignores. */
function known(value: unknown): unknown {
  if (typeof value === 'symbol') return { Ref: 'unknown' };
  if (Array.isArray(value)) return value.map(known);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, known(item)]));
}
