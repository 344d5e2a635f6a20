// Switches event sources off and on through the SDK.
import type { SourceState, Sources, SwitchedSource } from './aws.ts';
import { retryStrategy } from './retry.ts';
import { type Ask, type Config, once } from './sdk-call.ts';

interface Switch {
  state(source: SwitchedSource): Promise<SourceState | undefined>;
  turn(source: SwitchedSource, state: 'on' | 'off'): Promise<void>;
}

export function sdkSources(config: Config, ask: Ask): Sources {
  const retrying = async () => ({ ...config, retryStrategy: await retryStrategy() });
  const lambda = once(async () => {
    const sdk = await import('./clients/lambda.ts');
    return { sdk, client: new sdk.LambdaClient(await retrying()) };
  });
  const scheduler = once(async () => {
    const sdk = await import('./clients/scheduler.ts');
    return { sdk, client: new sdk.SchedulerClient(await retrying()) };
  });
  const events = once(async () => {
    const sdk = await import('./clients/eventbridge.ts');
    return { sdk, client: new sdk.EventBridgeClient(await retrying()) };
  });
  const pipes = once(async () => {
    const sdk = await import('./clients/pipes.ts');
    return { sdk, client: new sdk.PipesClient(await retrying()) };
  });
  const gone = { ResourceNotFoundException: () => undefined };

  // https://docs.aws.amazon.com/lambda/latest/api/API_EventSourceMappingConfiguration.html
  const mapping: Switch = {
    state: ({ physicalId: UUID }) =>
      ask<SourceState | undefined>(
        'lambda:GetEventSourceMapping',
        async () => {
          const { sdk, client } = await lambda();
          const { State } = await client.send(new sdk.GetEventSourceMappingCommand({ UUID }));
          return State === 'Enabled' ? 'on' : State === 'Disabled' ? 'off' : 'changing';
        },
        gone,
      ),
    turn: ({ physicalId: UUID }, state) =>
      ask('lambda:UpdateEventSourceMapping', async () => {
        const { sdk, client } = await lambda();
        await client.send(new sdk.UpdateEventSourceMappingCommand({ UUID, Enabled: state === 'on' }));
      }),
  };
  const schedule: Switch = {
    state: (source) =>
      ask<SourceState | undefined>(
        'scheduler:GetSchedule',
        async () => {
          const { sdk, client } = await scheduler();
          const { State } = await client.send(new sdk.GetScheduleCommand(nameOf(source)));
          return State === 'DISABLED' ? 'off' : 'on';
        },
        gone,
      ),
    turn: (source, state) =>
      ask('scheduler:UpdateSchedule', async () => {
        const { sdk, client } = await scheduler();
        // an update replaces all settings: https://docs.aws.amazon.com/scheduler/latest/APIReference/API_UpdateSchedule.html
        const found = await client.send(new sdk.GetScheduleCommand(nameOf(source)));
        const { $metadata: _, Arn: __, CreationDate: ___, LastModificationDate: ____, ...settings } = found;
        const { Name, ScheduleExpression, Target, FlexibleTimeWindow } = settings;
        const State = state === 'on' ? ('ENABLED' as const) : ('DISABLED' as const);
        await client.send(
          new sdk.UpdateScheduleCommand({ ...settings, Name, ScheduleExpression, Target, FlexibleTimeWindow, State }),
        );
      }),
  };
  const rule: Switch = {
    state: (source) =>
      ask<SourceState | undefined>(
        'events:DescribeRule',
        async () => {
          const { sdk, client } = await events();
          const { State } = await client.send(new sdk.DescribeRuleCommand(ruleOf(source)));
          return State === 'DISABLED' ? 'off' : 'on';
        },
        gone,
      ),
    turn: (source, state) =>
      ask(`events:${state === 'on' ? 'Enable' : 'Disable'}Rule`, async () => {
        const { sdk, client } = await events();
        const input = ruleOf(source);
        await (state === 'on'
          ? client.send(new sdk.EnableRuleCommand(input))
          : client.send(new sdk.DisableRuleCommand(input)));
      }),
  };
  // https://docs.aws.amazon.com/eventbridge/latest/pipes-reference/API_DescribePipe.html
  const pipe: Switch = {
    state: ({ physicalId: Name }) =>
      ask<SourceState | undefined>(
        'pipes:DescribePipe',
        async () => {
          const { sdk, client } = await pipes();
          const { CurrentState } = await client.send(new sdk.DescribePipeCommand({ Name }));
          return CurrentState === 'RUNNING' ? 'on' : CurrentState === 'STOPPED' ? 'off' : 'changing';
        },
        { NotFoundException: () => undefined },
      ),
    turn: ({ physicalId: Name }, state) =>
      ask(`pipes:${state === 'on' ? 'Start' : 'Stop'}Pipe`, async () => {
        const { sdk, client } = await pipes();
        await (state === 'on'
          ? client.send(new sdk.StartPipeCommand({ Name }))
          : client.send(new sdk.StopPipeCommand({ Name })));
      }),
  };
  const switches = { mapping, schedule, rule, pipe };
  return {
    state: (source) => switches[source.type].state(source),
    turn: (source, state) => switches[source.type].turn(source, state),
  };
}

const nameOf = ({ physicalId: Name, group }: SwitchedSource) => ({
  Name,
  ...(group === undefined ? {} : { GroupName: group }),
});

/** CloudFormation's id of a rule on another bus than the default one is `bus|rule`.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-rule.html */
function ruleOf({ physicalId }: SwitchedSource) {
  const [bus, name] = physicalId.split('|');
  return name === undefined ? { Name: bus } : { Name: name, EventBusName: bus };
}
