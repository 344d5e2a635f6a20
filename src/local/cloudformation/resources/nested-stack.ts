// AWS::CloudFormation::Stack: a stack that CloudFormation creates, updates and deletes with its parent.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stack.html
import type { Capability, Stack } from '@aws-sdk/client-cloudformation';
import { AwsError, type Cloud, type Principal } from '../../cloud.ts';
import { EngineError } from '../failure.ts';
import type { Properties } from '../stack.ts';
import type { Context, Provider, Provisioned } from './provider.ts';
import { pause, text } from './values.ts';

/** The child learns its parent from the caller. */
const parent = ({ stackId }: Pick<Context, 'stackId'>): Principal => ({
  kind: 'service',
  service: 'cloudformation.amazonaws.com',
  sourceArn: stackId,
});

async function described(cloud: Cloud, StackName: string): Promise<Stack> {
  const { Stacks: [stack] = [] } = await cloud.call('cloudformation', 'DescribeStacks', { StackName });
  if (stack === undefined) throw new Error(`no stack ${StackName}`);
  return stack;
}

/** Its status at rest. */
async function settled({ cloud, signal }: Context, id: string): Promise<Stack> {
  for (;;) {
    const stack = await described(cloud, id);
    if (signal.aborted || !/_IN_PROGRESS$/.test(stack.StackStatus ?? '')) return stack;
    await pause(signal);
  }
}

/** A child may do what its parent may. */
async function inputOf(context: Context, properties: Properties) {
  const { Capabilities, RoleARN } = await described(context.cloud, context.stackId);
  const parameters = (properties['Parameters'] ?? {}) as Readonly<Record<string, unknown>>;
  return {
    TemplateURL: text(properties, 'TemplateURL'),
    Parameters: Object.entries(parameters).map(([ParameterKey, value]) => ({
      ParameterKey,
      ParameterValue: Array.isArray(value) ? value.join(',') : String(value),
    })),
    Tags: properties['Tags'] as Stack['Tags'],
    NotificationARNs: properties['NotificationARNs'] as string[] | undefined,
    Capabilities: Capabilities as Capability[] | undefined,
    RoleARN,
  };
}

function provisioned({ StackId = '', Outputs = [] }: Stack): Provisioned {
  const outputs = Outputs.map(({ OutputKey, OutputValue }) => [`Outputs.${OutputKey}`, OutputValue]);
  return { physicalId: StackId, attributes: Object.fromEntries(outputs) };
}

/** The child's own failures have reasons of their own, so the trailing space of its reason stays. */
const failed = ({ StackId }: Stack, what: string, reason = '') =>
  new EngineError(`Embedded stack ${StackId} was not successfully ${what}${reason}`);

/** Why its last update was rolled back: at rest, the stack no longer says. */
async function rollbackReason(cloud: Cloud, id: string): Promise<string | undefined> {
  const { StackEvents = [] } = await cloud.call('cloudformation', 'DescribeStackEvents', { StackName: id });
  const began = StackEvents.find(
    ({ PhysicalResourceId, ResourceStatus }) =>
      PhysicalResourceId === id && ResourceStatus === 'UPDATE_ROLLBACK_IN_PROGRESS',
  );
  return began?.ResourceStatusReason;
}

export const nestedStack: Provider = {
  service: 'CloudFormation',
  properties: ['TemplateURL', 'Parameters', 'Tags', 'NotificationARNs'],
  name: { property: 'StackName', limit: 128 },

  async create(request) {
    const { cloud, name, properties, initiated } = request;
    const input = { ...(await inputOf(request, properties)), StackName: name, OnFailure: 'DO_NOTHING' as const };
    const { StackId = '' } = await cloud.call('cloudformation', 'CreateStack', input, parent(request));
    initiated(StackId);
    const stack = await settled(request, StackId);
    if (stack.StackStatus !== 'CREATE_COMPLETE') throw failed(stack, 'created: ', stack.StackStatusReason);
    return provisioned(stack);
  },

  async update(request) {
    const { cloud, physicalId: StackName, after } = request;
    const input = { ...(await inputOf(request, after)), StackName };
    try {
      await cloud.call('cloudformation', 'UpdateStack', input, parent(request));
    } catch (error) {
      // it is as it should be: also when its parent rolls back, after it rolled back by itself
      if (!(error instanceof AwsError) || error.message !== 'No updates are to be performed.') throw error;
      return provisioned(await described(cloud, StackName));
    }
    const stack = await settled(request, StackName);
    if (/^UPDATE_ROLLBACK/.test(stack.StackStatus ?? '')) {
      const reason = await rollbackReason(cloud, StackName);
      throw failed(stack, 'updated. Currently in UPDATE_ROLLBACK_IN_PROGRESS with reason: ', reason);
    }
    return provisioned(stack);
  },

  async delete(request) {
    const { cloud, physicalId: StackName } = request;
    await cloud.call('cloudformation', 'DeleteStack', { StackName }, parent(request));
    const stack = await settled(request, StackName);
    if (stack.StackStatus === 'DELETE_FAILED') throw failed(stack, 'deleted: ', stack.StackStatusReason);
  },
};
