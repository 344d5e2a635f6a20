// AWS::Events::Rule: a rule together with its targets.
import type { Cloud, Input } from '../../cloud.ts';
import type { Properties } from '../stack.ts';
import { HandlerError, type Providers, type Provisioned } from './provider.ts';
import { defined, json, tagChanges, tagList, text } from './values.ts';

type Target = NonNullable<Input<'events', 'PutTargets'>['Targets']>[number];

const targetsOf = (properties: Properties) => [...((properties['Targets'] as readonly Target[] | undefined) ?? [])];
const busOf = (properties: Properties) => defined({ EventBusName: text(properties, 'EventBusName') });

async function putRule(cloud: Cloud, Name: string, properties: Properties, isNew: boolean): Promise<Provisioned> {
  const { EventPattern } = properties;
  const { RuleArn } = await cloud.call('events', 'PutRule', {
    Name,
    ...busOf(properties),
    ...defined({
      Description: text(properties, 'Description'),
      RoleArn: text(properties, 'RoleArn'),
      ScheduleExpression: text(properties, 'ScheduleExpression'),
      State: properties['State'] as 'ENABLED' | undefined,
      EventPattern: EventPattern === undefined ? undefined : json(EventPattern),
    }),
    // This call does not change the tags of an existing rule.
    ...(isNew ? { Tags: tagList(properties) } : {}),
  });
  const bus = text(properties, 'EventBusName') ?? 'default';
  // On a custom bus the id begins with the bus.
  return { physicalId: bus === 'default' ? Name : `${bus}|${Name}`, attributes: { Arn: RuleArn, RuleName: Name } };
}

async function putTargets(cloud: Cloud, Rule: string, properties: Properties): Promise<void> {
  const Targets = targetsOf(properties);
  if (Targets.length === 0) return;
  const { FailedEntries = [] } = await cloud.call('events', 'PutTargets', { Rule, ...busOf(properties), Targets });
  const [failed] = FailedEntries;
  if (failed !== undefined) throw new HandlerError('GeneralServiceException', failed.ErrorMessage ?? '');
}

async function removeTargets(
  cloud: Cloud,
  Rule: string,
  properties: Properties,
  Ids: readonly string[],
): Promise<void> {
  if (Ids.length > 0) await cloud.call('events', 'RemoveTargets', { Rule, ...busOf(properties), Ids: [...Ids] });
}

const ruleName = (physicalId: string) => physicalId.split('|').at(-1) ?? '';
const idsOf = (properties: Properties) => targetsOf(properties).map(({ Id }) => Id ?? '');

export const eventsProviders: Providers = {
  'AWS::Events::Rule': {
    service: 'EventBridge',
    properties: [
      'Description',
      'EventBusName',
      'EventPattern',
      'Name',
      'RoleArn',
      'ScheduleExpression',
      'State',
      'Tags',
      'Targets',
    ],
    name: { property: 'Name', limit: 64 },
    async create({ cloud, name, properties, initiated }) {
      const rule = await putRule(cloud, name, properties, true);
      initiated(rule.physicalId);
      await putTargets(cloud, name, properties);
      return rule;
    },
    async update({ cloud, physicalId, before, after, changed }) {
      const name = ruleName(physicalId);
      const rule = await putRule(cloud, name, after, false);
      const currentIds = idsOf(after);
      await putTargets(cloud, name, after);
      await removeTargets(
        cloud,
        name,
        after,
        idsOf(before).filter((id) => !currentIds.includes(id)),
      );
      if (changed.has('Tags')) {
        const ResourceARN = String(rule.attributes['Arn']);
        const { remove } = tagChanges(before, after);
        if (remove.length > 0) await cloud.call('events', 'UntagResource', { ResourceARN, TagKeys: remove });
        await cloud.call('events', 'TagResource', { ResourceARN, Tags: tagList(after) });
      }
      return rule;
    },
    async delete({ cloud, physicalId, properties }) {
      const Name = ruleName(physicalId);
      await removeTargets(cloud, Name, properties, idsOf(properties));
      await cloud.call('events', 'DeleteRule', { Name, ...busOf(properties) });
    },
  },
};
