// AWS::Events: event buses and their policies, rules together with their targets, archives, connections and API destinations.
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

type Settings = Pick<Input<'events', 'CreateEventBus'>, 'DeadLetterConfig'>;
const busSettings = (properties: Properties) =>
  defined({
    Description: text(properties, 'Description'),
    DeadLetterConfig: properties['DeadLetterConfig'] as Settings['DeadLetterConfig'],
  });

async function putPolicy(cloud: Cloud, properties: Properties): Promise<Provisioned> {
  const StatementId = text(properties, 'StatementId');
  const EventBusName = text(properties, 'EventBusName');
  const statement = properties['Statement'];
  const at = defined({ EventBusName });
  if (statement === undefined) {
    const Condition = properties['Condition'] as Input<'events', 'PutPermission'>['Condition'];
    const { Action, Principal } = { Action: text(properties, 'Action'), Principal: text(properties, 'Principal') };
    await cloud.call('events', 'PutPermission', { ...at, ...defined({ StatementId, Action, Principal, Condition }) });
  } else {
    const { Policy = '{}' } = await cloud.call('events', 'DescribeEventBus', defined({ Name: EventBusName }));
    const { Statement = [] } = JSON.parse(Policy) as { Statement?: { Sid?: string }[] };
    const others = Statement.filter(({ Sid }) => Sid !== StatementId);
    const document = { Version: '2012-10-17', Statement: [...others, { Sid: StatementId, ...(statement as object) }] };
    await cloud.call('events', 'PutPermission', { ...at, Policy: JSON.stringify(document) });
  }
  return { physicalId: `${EventBusName ?? 'default'}|${StatementId}`, attributes: {} };
}

const archiveSettings = (properties: Properties) => {
  const { EventPattern, RetentionDays } = properties;
  return defined({
    Description: text(properties, 'Description'),
    EventPattern: EventPattern === undefined ? undefined : json(EventPattern),
    RetentionDays: RetentionDays === undefined ? undefined : Number(RetentionDays),
  });
};

async function changeTags(cloud: Cloud, ResourceARN: string, before: Properties, after: Properties): Promise<void> {
  const { remove } = tagChanges(before, after);
  if (remove.length > 0) await cloud.call('events', 'UntagResource', { ResourceARN, TagKeys: remove });
  await cloud.call('events', 'TagResource', { ResourceARN, Tags: tagList(after) });
}

const connectionSettings = (properties: Properties) => ({
  AuthorizationType: properties['AuthorizationType'] as Input<'events', 'CreateConnection'>['AuthorizationType'],
  AuthParameters: properties['AuthParameters'] as Input<'events', 'CreateConnection'>['AuthParameters'],
  ...defined({ Description: text(properties, 'Description') }),
});

async function connection(cloud: Cloud, Name: string): Promise<Provisioned> {
  const { ConnectionArn, SecretArn } = await cloud.call('events', 'DescribeConnection', { Name });
  return { physicalId: Name, attributes: { Arn: ConnectionArn, SecretArn } };
}

const destinationSettings = (properties: Properties) => ({
  ConnectionArn: text(properties, 'ConnectionArn'),
  HttpMethod: properties['HttpMethod'] as Input<'events', 'CreateApiDestination'>['HttpMethod'],
  InvocationEndpoint: text(properties, 'InvocationEndpoint'),
  ...defined({
    Description: text(properties, 'Description'),
    InvocationRateLimitPerSecond: properties['InvocationRateLimitPerSecond'] as number | undefined,
  }),
});

export const eventsProviders: Providers = {
  'AWS::Events::ApiDestination': {
    service: 'EventBridge',
    properties: [
      'ConnectionArn',
      'Description',
      'HttpMethod',
      'InvocationEndpoint',
      'InvocationRateLimitPerSecond',
      'Name',
    ],
    name: { property: 'Name', limit: 64 },
    async create({ cloud, name: Name, properties }) {
      const input = { Name, ...destinationSettings(properties) };
      const { ApiDestinationArn } = await cloud.call('events', 'CreateApiDestination', input);
      return { physicalId: Name, attributes: { Arn: ApiDestinationArn } };
    },
    async update({ cloud, physicalId: Name, after }) {
      const input = { Name, ...destinationSettings(after) };
      const { ApiDestinationArn } = await cloud.call('events', 'UpdateApiDestination', input);
      return { physicalId: Name, attributes: { Arn: ApiDestinationArn } };
    },
    async delete({ cloud, physicalId: Name }) {
      await cloud.call('events', 'DeleteApiDestination', { Name });
    },
  },
  'AWS::Events::Connection': {
    service: 'EventBridge',
    properties: ['AuthorizationType', 'AuthParameters', 'Description', 'Name'],
    name: { property: 'Name', limit: 64 },
    async create({ cloud, name: Name, properties }) {
      await cloud.call('events', 'CreateConnection', { Name, ...connectionSettings(properties) });
      return connection(cloud, Name);
    },
    async update({ cloud, physicalId: Name, after }) {
      await cloud.call('events', 'UpdateConnection', { Name, ...connectionSettings(after) });
      return connection(cloud, Name);
    },
    async delete({ cloud, physicalId: Name }) {
      await cloud.call('events', 'DeleteConnection', { Name });
    },
  },
  'AWS::Events::Archive': {
    service: 'EventBridge',
    properties: ['ArchiveName', 'SourceArn', 'Description', 'EventPattern', 'RetentionDays'],
    name: { property: 'ArchiveName', limit: 48 },
    async create({ cloud, name: ArchiveName, properties }) {
      const EventSourceArn = text(properties, 'SourceArn');
      const input = { ArchiveName, EventSourceArn, ...archiveSettings(properties) };
      const { ArchiveArn } = await cloud.call('events', 'CreateArchive', input);
      return { physicalId: ArchiveName, attributes: { Arn: ArchiveArn } };
    },
    async update({ cloud, physicalId: ArchiveName, after }) {
      // a value that is gone is set to its default
      const defaults = { Description: '', EventPattern: '', RetentionDays: 0 };
      const settings = Object.assign(defaults, archiveSettings(after));
      const { ArchiveArn } = await cloud.call('events', 'UpdateArchive', { ArchiveName, ...settings });
      return { physicalId: ArchiveName, attributes: { Arn: ArchiveArn } };
    },
    async delete({ cloud, physicalId: ArchiveName }) {
      await cloud.call('events', 'DeleteArchive', { ArchiveName });
    },
  },
  'AWS::Events::EventBus': {
    service: 'EventBridge',
    properties: ['Name', 'Description', 'DeadLetterConfig', 'Policy', 'Tags'],
    name: { property: 'Name', limit: 256 },
    async create({ cloud, name: Name, properties, initiated }) {
      const Tags = tagList(properties);
      const { EventBusArn } = await cloud.call('events', 'CreateEventBus', { Name, Tags, ...busSettings(properties) });
      initiated(Name);
      const { Policy } = properties;
      if (Policy !== undefined) {
        await cloud.call('events', 'PutPermission', { EventBusName: Name, Policy: json(Policy) });
      }
      return { physicalId: Name, attributes: { Arn: EventBusArn, Name } };
    },
    async update({ cloud, physicalId: Name, before, after, changed }) {
      const { Arn = '' } = await cloud.call('events', 'UpdateEventBus', {
        ...{ Name, Description: '', DeadLetterConfig: {} },
        ...busSettings(after),
      });
      if (changed.has('Policy')) {
        const at = { EventBusName: Name };
        if (after['Policy'] === undefined) {
          await cloud.call('events', 'RemovePermission', { ...at, RemoveAllPermissions: true });
        } else await cloud.call('events', 'PutPermission', { ...at, Policy: json(after['Policy']) });
      }
      if (changed.has('Tags')) await changeTags(cloud, Arn, before, after);
      return { physicalId: Name, attributes: { Arn, Name } };
    },
    async delete({ cloud, physicalId: Name }) {
      await cloud.call('events', 'DeleteEventBus', { Name });
    },
  },
  'AWS::Events::EventBusPolicy': {
    service: 'EventBridge',
    properties: ['EventBusName', 'StatementId', 'Statement', 'Action', 'Principal', 'Condition'],
    create: ({ cloud, properties }) => putPolicy(cloud, properties),
    update: ({ cloud, after }) => putPolicy(cloud, after),
    async delete({ cloud, physicalId }) {
      const [EventBusName, StatementId] = physicalId.split('|');
      await cloud.call('events', 'RemovePermission', { EventBusName, StatementId });
    },
  },
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
      if (changed.has('Tags')) await changeTags(cloud, String(rule.attributes['Arn']), before, after);
      return rule;
    },
    async delete({ cloud, physicalId, properties }) {
      const Name = ruleName(physicalId);
      await removeTargets(cloud, Name, properties, idsOf(properties));
      await cloud.call('events', 'DeleteRule', { Name, ...busOf(properties) });
    },
  },
};
