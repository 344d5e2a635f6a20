// AWS::Logs: log groups, resource policies and subscription filters.
import { AwsError, type Cloud } from '../../cloud.ts';
import type { Properties } from '../stack.ts';
import { HandlerError, type Providers, type Provisioned } from './provider.ts';
import { defined, json, tagChanges, tagMap, text } from './values.ts';

export const logsProviders: Providers = {
  'AWS::Logs::LogGroup': {
    service: 'CloudWatchLogs',
    properties: ['DeletionProtectionEnabled', 'LogGroupClass', 'LogGroupName', 'RetentionInDays', 'Tags'],
    name: { property: 'LogGroupName', limit: 512 },
    async create({ cloud, name, properties, initiated }) {
      try {
        await cloud.call('logs', 'CreateLogGroup', {
          logGroupName: name,
          ...defined({
            logGroupClass: properties['LogGroupClass'] as 'STANDARD' | undefined,
            deletionProtectionEnabled: properties['DeletionProtectionEnabled'] as boolean | undefined,
          }),
          tags: tagMap(properties),
        });
      } catch (error) {
        if (!(error instanceof AwsError) || error.code !== 'ResourceAlreadyExistsException') throw error;
        // As the handler words it: https://github.com/serverless/serverless/issues/3168
        const identifier = JSON.stringify({ '/properties/LogGroupName': name });
        throw new HandlerError(
          'AlreadyExists',
          `Resource of type 'AWS::Logs::LogGroup' with identifier '${identifier}' already exists.`,
        );
      }
      initiated(name);
      await updateRetention(cloud, name, properties['RetentionInDays'] as number | undefined);
      return described(cloud, name);
    },
    async update({ cloud, physicalId: name, before, after, changed }) {
      if (changed.has('LogGroupClass')) {
        throw new HandlerError('NotUpdatable', 'The class of a log group cannot be changed once it is created.');
      }
      if (changed.has('RetentionInDays')) {
        await updateRetention(cloud, name, after['RetentionInDays'] as number | undefined);
      }
      if (changed.has('DeletionProtectionEnabled')) {
        await cloud.call('logs', 'PutLogGroupDeletionProtection', {
          logGroupIdentifier: name,
          deletionProtectionEnabled: after['DeletionProtectionEnabled'] === true,
        });
      }
      if (changed.has('Tags')) {
        const { set, remove } = tagChanges(before, after);
        const resourceArn = arnOf(cloud, name);
        if (remove.length > 0) await cloud.call('logs', 'UntagResource', { resourceArn, tagKeys: remove });
        if (Object.keys(set).length > 0) await cloud.call('logs', 'TagResource', { resourceArn, tags: set });
      }
      return described(cloud, name);
    },
    async delete({ cloud, physicalId }) {
      await cloud.call('logs', 'DeleteLogGroup', { logGroupName: physicalId });
    },
  },
  'AWS::Logs::ResourcePolicy': {
    service: 'CloudWatchLogs',
    properties: ['PolicyName', 'PolicyDocument'],
    name: { property: 'PolicyName', limit: 255 },
    create: ({ cloud, name, properties }) => putPolicy(cloud, name, properties),
    update: ({ cloud, physicalId, after }) => putPolicy(cloud, physicalId, after),
    async delete({ cloud, physicalId }) {
      await cloud.call('logs', 'DeleteResourcePolicy', { policyName: physicalId });
    },
  },
  'AWS::Logs::SubscriptionFilter': {
    service: 'CloudWatchLogs',
    properties: ['DestinationArn', 'Distribution', 'FilterName', 'FilterPattern', 'LogGroupName', 'RoleArn'],
    name: { property: 'FilterName', limit: 512 },
    create: ({ cloud, name, properties }) => putFilter(cloud, name, properties),
    update: ({ cloud, physicalId, after }) => putFilter(cloud, physicalId, after),
    async delete({ cloud, physicalId, properties }) {
      const logGroupName = text(properties, 'LogGroupName') ?? '';
      await cloud.call('logs', 'DeleteSubscriptionFilter', { logGroupName, filterName: physicalId });
    },
  },
};

async function putFilter(cloud: Cloud, filterName: string, properties: Properties): Promise<Provisioned> {
  await cloud.call('logs', 'PutSubscriptionFilter', {
    filterName,
    logGroupName: text(properties, 'LogGroupName'),
    filterPattern: text(properties, 'FilterPattern'),
    destinationArn: text(properties, 'DestinationArn'),
    ...defined({
      roleArn: text(properties, 'RoleArn'),
      distribution: properties['Distribution'] as 'Random' | 'ByLogStream' | undefined,
    }),
  });
  return { physicalId: filterName, attributes: {} };
}

async function putPolicy(cloud: Cloud, policyName: string, properties: Properties): Promise<Provisioned> {
  const policyDocument = json(properties['PolicyDocument']);
  await cloud.call('logs', 'PutResourcePolicy', { policyName, policyDocument });
  return { physicalId: policyName, attributes: {} };
}

async function updateRetention(cloud: Cloud, logGroupName: string, retentionInDays: number | undefined): Promise<void> {
  if (retentionInDays === undefined) await cloud.call('logs', 'DeleteRetentionPolicy', { logGroupName });
  else await cloud.call('logs', 'PutRetentionPolicy', { logGroupName, retentionInDays });
}

function arnOf(cloud: Cloud, name: string): string {
  return `arn:aws:logs:${cloud.region}:${cloud.accountId}:log-group:${name}`;
}

function described(cloud: Cloud, name: string) {
  return { physicalId: name, attributes: { Arn: `${arnOf(cloud, name)}:*` } };
}
