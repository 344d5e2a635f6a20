// The operations that create, change and delete stacks. Each returns at once; the engine does the work.
import { AwsError, type Cloud, type Input, type Operations, type Principal } from '../cloud.ts';
import { changeSets, changeSetsOf, markChangeSetsObsolete } from './change-set-records.ts';
import { changesOf, hasChanges } from './changes.ts';
import { deleteStack, isHeldByImporters } from './delete.ts';
import type { Engine } from './engine.ts';
import { compileModel } from './model.ts';
import {
  beginCreation,
  beginUpdate,
  newOperation,
  newStack,
  preserved,
  refuseTypeChanges,
  refuseUnlessUpdatable,
} from './operation-start.ts';
import { policyText } from './policy-operations.ts';
import { invalid } from './problem.ts';
import {
  checkResourceTypes,
  checkServiceRole,
  checkStackName,
  checkTags,
  isRepeated,
  parametersOf,
  refuseUnsupported,
  settingsOf,
  templateText,
} from './request.ts';
import { rollBackUpdate } from './rollback.ts';
import type { Stack } from './stack.ts';

export function stackOperations(cloud: Cloud, engine: Engine): Operations<'cloudformation'> {
  const { stacks, events } = engine;

  return {
    CreateStack: {
      members: [
        'StackName',
        'TemplateBody',
        'TemplateURL',
        'Parameters',
        'DisableRollback',
        'RollbackConfiguration',
        'Capabilities',
        'RoleARN',
        'NotificationARNs',
        'OnFailure',
        'Tags',
        'ClientRequestToken',
        'EnableTerminationProtection',
        'RetainExceptOnCreate',
        'DeploymentConfig',
        'ResourceTypes',
        'StackPolicyBody',
        'StackPolicyURL',
      ],
      async run(input, { principal }) {
        refuseUnsupported(input);
        const name = checkStackName(input.StackName);
        const token = input.ClientRequestToken;
        if (input.OnFailure !== undefined && input.DisableRollback !== undefined) {
          throw invalid('Only one of DisableRollback or OnFailure may be specified.');
        }
        const text = await templateText(cloud, input);
        const policy = await policyText(cloud, 'StackPolicy', input.StackPolicyBody, input.StackPolicyURL);
        await checkServiceRole(cloud, input.RoleARN);
        const existing = stacks.find(name);
        // A stack that waits for the review of a change set can be created without it.
        if (existing !== undefined && existing.status !== 'REVIEW_IN_PROGRESS') {
          if (isRepeated(existing, 'CREATE_STACK', token)) {
            return { StackId: existing.id, OperationId: existing.operation.id };
          }
          throw new AwsError('AlreadyExistsException', `Stack [${name}] already exists`);
        }
        checkResourceTypes(text, input.ResourceTypes);
        const parameters = parametersOf(text, input.Parameters, {});
        const tags = checkTags(input.Tags ?? []);
        const capabilities = [...(input.Capabilities ?? [])];
        const stack = existing ?? newStack(engine, name);
        Object.assign(stack, nestingOf(principal, stacks));
        if (policy !== undefined) stack.policy = policy;
        stack.terminationProtection = input.EnableTerminationProtection === true;
        const model = compileModel({ text, parameters, tags, capabilities }, engine.contextOf(stack));
        markChangeSetsObsolete(cloud, stack);
        const { OnFailure, RoleARN: roleArn } = input;
        beginCreation(engine, stack, model, {
          token,
          onFailure: OnFailure ?? 'ROLLBACK',
          disableRollback: isRollbackDisabled(input),
          retainExceptOnCreate: input.RetainExceptOnCreate === true,
          roleArn,
          ...settingsOf(input),
        });
        return { StackId: stack.id, OperationId: stack.operation.id };
      },
    },

    UpdateStack: {
      members: [
        'StackName',
        'TemplateBody',
        'TemplateURL',
        'UsePreviousTemplate',
        'Parameters',
        'Capabilities',
        'RoleARN',
        'NotificationARNs',
        'RollbackConfiguration',
        'Tags',
        'DisableRollback',
        'ClientRequestToken',
        'RetainExceptOnCreate',
        'DeploymentConfig',
        'ResourceTypes',
        'StackPolicyBody',
        'StackPolicyURL',
        'StackPolicyDuringUpdateBody',
        'StackPolicyDuringUpdateURL',
      ],
      async run(input) {
        refuseUnsupported(input);
        const stack = stacks.get(input.StackName, 'change');
        const text = await templateText(cloud, input, stack.template);
        const policyAfter = await policyText(cloud, 'StackPolicy', input.StackPolicyBody, input.StackPolicyURL);
        const policyDuring = await policyText(
          cloud,
          'StackPolicyDuringUpdate',
          input.StackPolicyDuringUpdateBody,
          input.StackPolicyDuringUpdateURL,
        );
        await checkServiceRole(cloud, input.RoleARN);
        const token = input.ClientRequestToken;
        if (isRepeated(stack, 'UPDATE_STACK', token)) return { StackId: stack.id, OperationId: stack.operation.id };
        const disableRollback = isRollbackDisabled(input);
        refuseUnlessUpdatable(stack, disableRollback);
        checkResourceTypes(text, input.ResourceTypes);
        const parameters = parametersOf(text, input.Parameters, stack.parameters);
        const tags = input.Tags === undefined ? stack.tags : checkTags(input.Tags);
        const capabilities = [...(input.Capabilities ?? [])];
        const model = compileModel({ text, parameters, tags, capabilities }, engine.contextOf(stack));
        refuseTypeChanges(stack, model);
        // A new stack policy is an update by itself. https://github.com/Kotaimen/awscfncli
        // A new role counts as one too here; AWS does not document it.
        const isOther = policyAfter !== undefined || hasOtherSettings(stack, input);
        if (!isOther && !hasChanges(stack, model, changesOf(engine, stack, model))) {
          throw invalid('No updates are to be performed.');
        }
        markChangeSetsObsolete(cloud, stack);
        beginUpdate(engine, stack, model, {
          token,
          disableRollback,
          retainExceptOnCreate: input.RetainExceptOnCreate === true,
          roleArn: input.RoleARN,
          ...settingsOf(input),
          policyDuring,
          policyAfter,
        });
        return { StackId: stack.id, OperationId: stack.operation.id };
      },
    },

    DeleteStack: {
      members: ['StackName', 'RetainResources', 'ClientRequestToken', 'DeletionMode'],
      run(input) {
        const stack = stacks.find(input.StackName);
        const isOver =
          stack === undefined || stack.status === 'DELETE_COMPLETE' || stack.status === 'DELETE_IN_PROGRESS';
        if (isOver || isRepeated(stack, 'DELETE_STACK', input.ClientRequestToken)) return {};
        // https://github.com/rackspace/runway/pull/199
        if (stack.terminationProtection) {
          throw invalid(`Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`);
        }
        const retain = [...(input.RetainResources ?? [])];
        if (retain.length > 0 && stack.status !== 'DELETE_FAILED') {
          throw invalid(
            `Invalid operation on stack [${stack.id}]. When you delete a stack, specify which resources to retain only when the stack is in the DELETE_FAILED state.`,
          );
        }
        const isForced = input.DeletionMode === 'FORCE_DELETE_STACK';
        // Only for a stack that is stuck in DELETE_FAILED. https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html
        if (isForced && stack.status !== 'DELETE_FAILED') {
          throw invalid(
            `Invalid operation on stack [${stack.id}]. You can only use FORCE_DELETE_STACK when the stack is in the DELETE_FAILED state.`,
          );
        }
        if (
          stack.status.endsWith('_IN_PROGRESS') &&
          !['CREATE_IN_PROGRESS', 'REVIEW_IN_PROGRESS'].includes(stack.status)
        ) {
          throw invalid(`Stack [${stack.id}] cannot be deleted while in status ${stack.status}`);
        }
        if (isHeldByImporters(engine, stack)) return {};
        stack.operation = newOperation('DELETE_STACK', input.ClientRequestToken);
        if (retain.length > 0) stack.operation.retain = retain;
        if (isForced) stack.operation.force = true;
        for (const changeSet of changeSetsOf(cloud, stack)) changeSets(cloud).delete(changeSet.id);
        engine.cancel(stack);
        events.stack(stack, 'DELETE_IN_PROGRESS', 'User Initiated');
        engine.begin(stack, deleteStack);
        return {};
      },
    },

    ContinueUpdateRollback: {
      members: ['StackName', 'ResourcesToSkip', 'ClientRequestToken', 'ForceRollback'],
      run(input) {
        const stack = stacks.get(input.StackName, 'change');
        if (isRepeated(stack, 'CONTINUE_ROLLBACK', input.ClientRequestToken)) return {};
        if (stack.status !== 'UPDATE_ROLLBACK_FAILED') {
          throw invalid(`Stack:${stack.id} is in ${stack.status} state and can not continue update rollback.`);
        }
        if (input.ForceRollback === true && input.ResourcesToSkip !== undefined) {
          throw invalid('ForceRollback and ResourcesToSkip cannot be specified together.');
        }
        const skip = [...(input.ResourcesToSkip ?? [])];
        const failed = Object.values(stack.resources)
          .filter(({ status, reason }) => status === 'UPDATE_FAILED' && reason !== 'Resource update cancelled')
          .map(({ logicalId }) => logicalId);
        const wrong = skip.filter((id) => !failed.includes(id));
        if (wrong.length > 0) {
          throw invalid(
            `Resources [${wrong.join(', ')}] cannot be skipped. Only resources in UPDATE_FAILED state because a rollback failed can be skipped.`,
          );
        }
        stack.operation = newOperation('CONTINUE_ROLLBACK', input.ClientRequestToken);
        stack.operation.skip = input.ForceRollback === true ? failed : skip;
        events.stack(stack, 'UPDATE_ROLLBACK_IN_PROGRESS', 'User Initiated');
        engine.begin(stack, rollBackUpdate);
        return {};
      },
    },

    CancelUpdateStack: {
      members: ['StackName', 'ClientRequestToken'],
      run(input) {
        const stack = stacks.get(input.StackName, 'change');
        if (stack.status !== 'UPDATE_IN_PROGRESS') {
          throw invalid('CancelUpdateStack cannot be called from current stack status');
        }
        engine.cancel(stack);
        return {};
      },
    },

    RollbackStack: {
      members: ['StackName', 'ClientRequestToken', 'RetainExceptOnCreate'],
      run(input) {
        const stack = stacks.get(input.StackName, 'change');
        if (isRepeated(stack, 'ROLLBACK', input.ClientRequestToken)) return { StackId: stack.id };
        if (!preserved.includes(stack.status)) {
          throw invalid(`Stack:${stack.id} is in ${stack.status} state and can not be rolled back.`);
        }
        stack.retainExceptOnCreate = input.RetainExceptOnCreate === true;
        stack.operation = newOperation('ROLLBACK', input.ClientRequestToken);
        if (stack.stable === undefined) {
          events.stack(stack, 'DELETE_IN_PROGRESS', 'User Initiated');
          engine.begin(stack, deleteStack);
        } else {
          events.stack(stack, 'UPDATE_ROLLBACK_IN_PROGRESS', 'User Initiated');
          engine.begin(stack, rollBackUpdate);
        }
        return { StackId: stack.id, OperationId: stack.operation.id };
      },
    },

    UpdateTerminationProtection: {
      members: ['EnableTerminationProtection', 'StackName'],
      run(input) {
        const stack = stacks.get(input.StackName, 'change');
        stack.terminationProtection = input.EnableTerminationProtection === true;
        stacks.save(stack);
        return { StackId: stack.id };
      },
    },
  };
}

/** A stack that CloudFormation creates for another one is nested in it. */
function nestingOf(principal: Principal, stacks: Engine['stacks']): Pick<Stack, 'parentId' | 'rootId'> {
  if (principal.kind !== 'service' || principal.service !== 'cloudformation.amazonaws.com') return {};
  const parentId = principal.sourceArn;
  return { parentId, rootId: stacks.find(parentId)?.rootId ?? parentId };
}

function isRollbackDisabled(input: {
  readonly DisableRollback?: boolean | undefined;
  readonly DeploymentConfig?: { readonly DisableRollback?: boolean | undefined } | undefined;
}): boolean {
  return input.DisableRollback === true || input.DeploymentConfig?.DisableRollback === true;
}

function hasOtherSettings(
  { roleArn, monitoringMinutes = 0 }: Stack,
  { RoleARN, RollbackConfiguration }: Input<'cloudformation', 'UpdateStack'>,
): boolean {
  const minutes = RollbackConfiguration?.MonitoringTimeInMinutes;
  return (RoleARN !== undefined && RoleARN !== roleArn) || (minutes !== undefined && minutes !== monitoringMinutes);
}
