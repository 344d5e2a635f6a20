// CloudFormation through the SDK.
import type { DescribeEventsCommandOutput } from '@aws-sdk/client-cloudformation';
import { FxError } from '../base/error.ts';
import { pause } from '../base/interrupt.ts';
import type {
  DriftedResource,
  OperationFailure,
  StackDescription,
  StackEvent,
  StackInput,
  StackOperation,
  Stacks,
} from './aws.ts';
import { toFxError } from './failure.ts';
import { retryStrategy } from './retry.ts';
import { type Ask, type Config, once } from './sdk-call.ts';
import { readEvent, readFailure } from './stack-events.ts';
import { stackOptions } from './stack-options.ts';

/** Detection takes seconds to minutes. */
const driftPollMs = 2000;

// CloudFormation answers ValidationError for nearly everything; its text is the only way to tell these two apart.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
const isMissing = (error: Error) => /does not exist/.test(error.message);
const isUnchanged = (error: Error) => /No updates are to be performed/.test(error.message);
const isBusy = (error: Error) => /is in \w+_IN_PROGRESS state and can ?not be updated/.test(error.message);

function busy(name: string, cause: Error): FxError {
  return new FxError('BUSY', `another change of ${name} has begun in the meantime`, {
    hint: 'run the same command again: it waits for the change in progress',
    cause,
  });
}

/** The parameters of every call that submits a template. */
export function stackParameters({ name, template, parameters, tags }: StackInput) {
  return {
    StackName: name,
    ...('body' in template ? { TemplateBody: template.body } : { TemplateURL: template.url }),
    Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    // the template contains role names
    Capabilities: ['CAPABILITY_NAMED_IAM' as const],
  };
}

export function sdkStacks(config: Config, ask: Ask): Stacks {
  const load = once(async () => {
    const sdk = await import('./clients/cloudformation.ts');
    return { sdk, client: new sdk.CloudFormationClient({ ...config, retryStrategy: await retryStrategy() }) };
  });
  const absent =
    <T>(call: string, answer: T) =>
    (error: Error): T => {
      if (isMissing(error)) return answer;
      throw toFxError(error, call, config.endpoint);
    };
  const changes = (input: StackInput) => ({
    ...stackParameters(input),
    ClientRequestToken: input.token,
    ...(input.options === undefined ? {} : stackOptions(input.options)),
  });

  return {
    describe: (name) =>
      ask<StackDescription | undefined>(
        'cloudformation:DescribeStacks',
        async () => {
          const { sdk, client } = await load();
          const { Stacks: [stack] = [] } = await client.send(new sdk.DescribeStacksCommand({ StackName: name }));
          if (stack === undefined) return undefined;
          return {
            id: stack.StackId ?? '',
            name: stack.StackName ?? name,
            status: stack.StackStatus ?? '',
            statusReason: stack.StackStatusReason,
            parameters: Object.fromEntries(
              (stack.Parameters ?? []).map((parameter) => [parameter.ParameterKey, parameter.ParameterValue ?? '']),
            ),
            outputs: Object.fromEntries(
              (stack.Outputs ?? []).map((output) => [output.OutputKey, output.OutputValue ?? '']),
            ),
            tags: Object.fromEntries((stack.Tags ?? []).map((tag) => [tag.Key, tag.Value ?? ''])),
            detailedStatus: stack.DetailedStatus,
            updated: stack.LastUpdatedTime ?? stack.CreationTime,
            drift: {
              status: stack.DriftInformation?.StackDriftStatus ?? 'NOT_CHECKED',
              checked: stack.DriftInformation?.LastCheckTimestamp,
            },
            terminationProtection: stack.EnableTerminationProtection ?? false,
            role: stack.RoleARN,
            notifications: stack.NotificationARNs ?? [],
            rollbackAlarms: {
              alarms: (stack.RollbackConfiguration?.RollbackTriggers ?? []).map(({ Arn }) => Arn ?? ''),
              minutes: stack.RollbackConfiguration?.MonitoringTimeInMinutes ?? 0,
            },
          };
        },
        { ValidationError: absent('cloudformation:DescribeStacks', undefined) },
      ),
    template: (name, stage = 'submitted') =>
      ask('cloudformation:GetTemplate', async () => {
        const { sdk, client } = await load();
        const TemplateStage = stage === 'submitted' ? 'Original' : 'Processed';
        const { TemplateBody } = await client.send(new sdk.GetTemplateCommand({ StackName: name, TemplateStage }));
        return TemplateBody ?? '';
      }),
    policy: (name) =>
      ask('cloudformation:GetStackPolicy', async () => {
        const { sdk, client } = await load();
        const { StackPolicyBody } = await client.send(new sdk.GetStackPolicyCommand({ StackName: name }));
        return StackPolicyBody;
      }),
    resources: (name) =>
      ask('cloudformation:ListStackResources', async () => {
        const { sdk, client } = await load();
        const resources = [];
        for await (const page of sdk.paginateListStackResources({ client }, { StackName: name })) {
          for (const summary of page.StackResourceSummaries ?? []) {
            resources.push({
              logicalId: summary.LogicalResourceId ?? '',
              physicalId: summary.PhysicalResourceId,
              type: summary.ResourceType ?? '',
              status: summary.ResourceStatus ?? '',
            });
          }
        }
        return resources;
      }),
    detectDrift: (name, signal) =>
      ask('cloudformation:DetectStackDrift', async () => {
        const { sdk, client } = await load();
        const { StackDriftDetectionId } = await client.send(new sdk.DetectStackDriftCommand({ StackName: name }));
        for (;;) {
          const command = new sdk.DescribeStackDriftDetectionStatusCommand({ StackDriftDetectionId });
          const { DetectionStatus, DetectionStatusReason = '' } = await client.send(command);
          if (DetectionStatus === 'DETECTION_COMPLETE') break;
          if (DetectionStatus === 'DETECTION_FAILED') {
            throw new FxError('AWS_REFUSED', `CloudFormation could not detect drift: ${DetectionStatusReason}`);
          }
          await pause(driftPollMs, signal);
        }
        const drifted: DriftedResource[] = [];
        const input = {
          StackName: name,
          StackResourceDriftStatusFilters: ['MODIFIED' as const, 'DELETED' as const],
        };
        for await (const page of sdk.paginateDescribeStackResourceDrifts({ client }, input)) {
          for (const drift of page.StackResourceDrifts ?? []) {
            drifted.push({
              logicalId: drift.LogicalResourceId ?? '',
              type: drift.ResourceType ?? '',
              status: drift.StackResourceDriftStatus === 'DELETED' ? 'DELETED' : 'MODIFIED',
              differences: (drift.PropertyDifferences ?? []).map(
                ({ PropertyPath = '', ExpectedValue = '', ActualValue = '' }) => ({
                  path: PropertyPath,
                  expected: ExpectedValue,
                  actual: ActualValue,
                }),
              ),
            });
          }
        }
        return drifted;
      }),
    newestEvent: (name) =>
      ask('cloudformation:DescribeStackEvents', async () => {
        const { sdk, client } = await load();
        // the first page is enough: a stack's history grows with every deploy
        const { StackEvents: [newest] = [] } = await client.send(
          new sdk.DescribeStackEventsCommand({ StackName: name }),
        );
        return newest === undefined ? undefined : readEvent(newest);
      }),
    events: (name, downTo) =>
      ask('cloudformation:DescribeStackEvents', async () => {
        const { sdk, client } = await load();
        const events: StackEvent[] = [];
        for await (const page of sdk.paginateDescribeStackEvents({ client }, { StackName: name })) {
          for (const event of page.StackEvents ?? []) {
            if (event.EventId === downTo) return events;
            events.push(readEvent(event));
          }
        }
        return events;
      }),
    failures: async (operation) => {
      try {
        return await ask('cloudformation:DescribeEvents', async () => {
          const { sdk, client } = await load();
          const failures: OperationFailure[] = [];
          let NextToken: string | undefined;
          do {
            const input = { OperationId: operation, Filters: { FailedEvents: true }, NextToken };
            const page: DescribeEventsCommandOutput = await client.send(new sdk.DescribeEventsCommand(input));
            failures.push(...(page.OperationEvents ?? []).map(readFailure));
            NextToken = page.NextToken;
          } while (NextToken !== undefined);
          return failures;
        });
      } catch (error) {
        // it would only say more about a failure, which must not hide behind this one
        if (error instanceof FxError && error.code.startsWith('AWS_')) return undefined;
        throw error;
      }
    },
    create: (input) =>
      ask<StackOperation>(
        'cloudformation:CreateStack',
        async () => {
          const { sdk, client } = await load();
          const { StackId, OperationId } = await client.send(new sdk.CreateStackCommand(changes(input)));
          return { stackId: StackId ?? input.name, operation: OperationId };
        },
        {
          AlreadyExistsException: (error) => {
            throw busy(input.name, error);
          },
        },
      ),
    update: (input) =>
      ask<StackOperation | 'unchanged'>(
        'cloudformation:UpdateStack',
        async () => {
          const { sdk, client } = await load();
          const { StackId, OperationId } = await client.send(new sdk.UpdateStackCommand(changes(input)));
          return { stackId: StackId ?? input.name, operation: OperationId };
        },
        {
          ValidationError: (error) => {
            if (isUnchanged(error)) return 'unchanged';
            if (isBusy(error)) throw busy(input.name, error);
            throw toFxError(error, 'cloudformation:UpdateStack', config.endpoint);
          },
        },
      ),
    delete: (name, token, { retain = [], force = false } = {}) =>
      ask('cloudformation:DeleteStack', async () => {
        const { sdk, client } = await load();
        const input = {
          StackName: name,
          ClientRequestToken: token,
          ...(retain.length === 0 ? {} : { RetainResources: [...retain] }),
          ...(force ? { DeletionMode: 'FORCE_DELETE_STACK' as const } : {}),
        };
        await client.send(new sdk.DeleteStackCommand(input));
      }),
    continueRollback: (name, { skip, force, token }) =>
      ask('cloudformation:ContinueUpdateRollback', async () => {
        const { sdk, client } = await load();
        const input = {
          StackName: name,
          ClientRequestToken: token,
          ...(skip.length === 0 ? {} : { ResourcesToSkip: [...skip] }),
          ...(force ? { ForceRollback: true } : {}),
        };
        await client.send(new sdk.ContinueUpdateRollbackCommand(input));
      }),
    rollBack: (name, token) =>
      ask('cloudformation:RollbackStack', async () => {
        const { sdk, client } = await load();
        const input = { StackName: name, ClientRequestToken: token };
        const { StackId, OperationId } = await client.send(new sdk.RollbackStackCommand(input));
        return { stackId: StackId ?? name, operation: OperationId };
      }),
    protect: (name, on) =>
      ask('cloudformation:UpdateTerminationProtection', async () => {
        const { sdk, client } = await load();
        const input = { StackName: name, EnableTerminationProtection: on };
        await client.send(new sdk.UpdateTerminationProtectionCommand(input));
      }),
  };
}
