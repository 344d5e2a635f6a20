// AWS::StepFunctions: state machines with their versions and aliases, and activities.
import { parse } from 'yaml';
import type { Cloud, Input } from '../../cloud.ts';
import { notImplemented } from '../../constraint.ts';
import type { Properties } from '../stack.ts';
import { HandlerError, type Providers, type Provisioned } from './provider.ts';
import { defined, tagChanges, tagList, text } from './values.ts';

type Settings = Pick<
  Input<'states', 'CreateStateMachine'>,
  'loggingConfiguration' | 'tracingConfiguration' | 'encryptionConfiguration'
>;

const machineProperties = [
  ...['Definition', 'DefinitionS3Location', 'DefinitionString', 'DefinitionSubstitutions', 'EncryptionConfiguration'],
  ...['LoggingConfiguration', 'RoleArn', 'StateMachineName', 'StateMachineType', 'Tags', 'TracingConfiguration'],
];

/** CloudFormation begins names with a capital, the API does not. */
function apiNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(apiNames);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [`${name.charAt(0).toLowerCase()}${name.slice(1)}`, apiNames(item)]),
  );
}

const tagsOf = (properties: Properties) => tagList(properties).map(({ Key, Value }) => ({ key: Key, value: Value }));

const settingsOf = (properties: Properties): Settings =>
  defined({
    loggingConfiguration: apiNames(properties['LoggingConfiguration']) as Settings['loggingConfiguration'],
    tracingConfiguration: apiNames(properties['TracingConfiguration']) as Settings['tracingConfiguration'],
    encryptionConfiguration: apiNames(properties['EncryptionConfiguration']) as Settings['encryptionConfiguration'],
  });

/** A property that is gone has its default again. */
const settingsAfter = (properties: Properties): Settings => ({
  loggingConfiguration: { level: 'OFF', includeExecutionData: false },
  tracingConfiguration: { enabled: false },
  encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
  ...settingsOf(properties),
});

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html
async function definitionOf(cloud: Cloud, properties: Properties): Promise<string> {
  const { Definition, DefinitionString, DefinitionS3Location, DefinitionSubstitutions = {} } = properties;
  const given = [Definition, DefinitionString, DefinitionS3Location].filter((value) => value !== undefined);
  if (given.length !== 1) {
    const message = 'Exactly one of Definition, DefinitionString and DefinitionS3Location must be specified';
    throw new HandlerError('InvalidRequest', message);
  }
  let written = DefinitionString === undefined ? JSON.stringify(Definition) : String(DefinitionString);
  if (DefinitionS3Location !== undefined) written = await fromBucket(cloud, DefinitionS3Location as Properties);
  return Object.entries(DefinitionSubstitutions as Properties).reduce(
    (definition, [name, value]) => definition.replaceAll(`\${${name}}`, String(value)),
    written,
  );
}

async function fromBucket(cloud: Cloud, { Bucket, Key, Version }: Properties): Promise<string> {
  const { Body } = await cloud.call('s3', 'GetObject', {
    ...{ Bucket: String(Bucket), Key: String(Key) },
    ...(Version === undefined ? {} : { VersionId: String(Version) }),
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of Body as unknown as AsyncIterable<Uint8Array>) chunks.push(Buffer.from(chunk));
  const content = Buffer.concat(chunks).toString('utf8');
  return /\.ya?ml$/.test(String(Key)) ? JSON.stringify(parse(content)) : content;
}

async function described(cloud: Cloud, stateMachineArn: string): Promise<Provisioned> {
  const { name, revisionId = 'INITIAL' } = await cloud.call('states', 'DescribeStateMachine', { stateMachineArn });
  const attributes = { Arn: stateMachineArn, Name: name, StateMachineRevisionId: revisionId };
  return { physicalId: stateMachineArn, attributes };
}

async function retag(cloud: Cloud, resourceArn: string, before: Properties, after: Properties): Promise<void> {
  const { remove } = tagChanges(before, after);
  if (remove.length > 0) await cloud.call('states', 'UntagResource', { resourceArn, tagKeys: remove });
  await cloud.call('states', 'TagResource', { resourceArn, tags: tagsOf(after) });
}

export const stepFunctionsProviders: Providers = {
  'AWS::StepFunctions::StateMachine': {
    service: 'StepFunctions',
    properties: machineProperties,
    name: { property: 'StateMachineName', limit: 80 },
    async create({ cloud, name, properties }) {
      const { StateMachineType } = properties;
      const { stateMachineArn = '' } = await cloud.call('states', 'CreateStateMachine', {
        ...{ name, definition: await definitionOf(cloud, properties), roleArn: text(properties, 'RoleArn') },
        ...defined({ type: StateMachineType as 'STANDARD' | undefined }),
        ...settingsOf(properties),
        tags: tagsOf(properties),
      });
      return described(cloud, stateMachineArn);
    },
    async update({ cloud, physicalId: stateMachineArn, before, after }) {
      await cloud.call('states', 'UpdateStateMachine', {
        ...{ stateMachineArn, definition: await definitionOf(cloud, after), roleArn: text(after, 'RoleArn') },
        ...settingsAfter(after),
      });
      await retag(cloud, stateMachineArn, before, after);
      return described(cloud, stateMachineArn);
    },
    async delete({ cloud, physicalId: stateMachineArn }) {
      await cloud.call('states', 'DeleteStateMachine', { stateMachineArn });
    },
  },

  'AWS::StepFunctions::StateMachineVersion': {
    service: 'StepFunctions',
    properties: ['Description', 'StateMachineArn', 'StateMachineRevisionId'],
    async create({ cloud, properties }) {
      const { stateMachineVersionArn: Arn = '' } = await cloud.call('states', 'PublishStateMachineVersion', {
        stateMachineArn: text(properties, 'StateMachineArn'),
        ...defined({
          description: text(properties, 'Description'),
          revisionId: text(properties, 'StateMachineRevisionId'),
        }),
      });
      return { physicalId: Arn, attributes: { Arn } };
    },
    async delete({ cloud, physicalId }) {
      await cloud.call('states', 'DeleteStateMachineVersion', { stateMachineVersionArn: physicalId });
    },
  },

  'AWS::StepFunctions::StateMachineAlias': {
    service: 'StepFunctions',
    properties: ['DeploymentPreference', 'Description', 'Name', 'RoutingConfiguration'],
    name: { property: 'Name', limit: 80 },
    async create({ cloud, name, properties }) {
      const { stateMachineAliasArn: Arn = '' } = await cloud.call('states', 'CreateStateMachineAlias', {
        ...{ name, routingConfiguration: routingOf(properties) },
        ...defined({ description: text(properties, 'Description') }),
      });
      return { physicalId: Arn, attributes: { Arn } };
    },
    async update({ cloud, physicalId: stateMachineAliasArn, after }) {
      await cloud.call('states', 'UpdateStateMachineAlias', {
        ...{ stateMachineAliasArn, routingConfiguration: routingOf(after) },
        description: text(after, 'Description') ?? '',
      });
      return { physicalId: stateMachineAliasArn, attributes: { Arn: stateMachineAliasArn } };
    },
    async delete({ cloud, physicalId: stateMachineAliasArn }) {
      await cloud.call('states', 'DeleteStateMachineAlias', { stateMachineAliasArn });
    },
  },

  'AWS::StepFunctions::Activity': {
    service: 'StepFunctions',
    properties: ['EncryptionConfiguration', 'Name', 'Tags'],
    name: { property: 'Name', limit: 80 },
    async create({ cloud, name, properties }) {
      if (properties['EncryptionConfiguration'] !== undefined) throw notImplemented('an activity with a key');
      const { activityArn = '' } = await cloud.call('states', 'CreateActivity', { name, tags: tagsOf(properties) });
      return { physicalId: activityArn, attributes: { Arn: activityArn, Name: name } };
    },
    async update({ cloud, physicalId, before, after }) {
      await retag(cloud, physicalId, before, after);
      return { physicalId, attributes: { Arn: physicalId, Name: physicalId.split(':').at(-1) } };
    },
    async delete({ cloud, physicalId: activityArn }) {
      await cloud.call('states', 'DeleteActivity', { activityArn });
    },
  },
};

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-stepfunctions-statemachinealias-deploymentpreference.html
function routingOf({ DeploymentPreference, RoutingConfiguration }: Properties) {
  if (DeploymentPreference === undefined) {
    return apiNames(RoutingConfiguration) as { stateMachineVersionArn: string; weight: number }[];
  }
  const { Type, StateMachineVersionArn } = DeploymentPreference as Properties;
  if (Type !== 'ALL_AT_ONCE') throw notImplemented(`the deployment preference ${Type} of a state machine's alias`);
  return [{ stateMachineVersionArn: String(StateMachineVersionArn), weight: 100 }];
}
