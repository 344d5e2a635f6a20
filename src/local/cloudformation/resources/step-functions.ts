// AWS::StepFunctions: state machines, their versions and aliases, and activities.
import type { Cloud, Input } from '../../cloud.ts';
import type { Properties } from '../stack.ts';
import { HandlerError, type Providers, type Provisioned } from './provider.ts';
import { defined, type Tag, tagChanges, tagList, text } from './values.ts';

type Settings = Omit<Input<'states', 'UpdateStateMachine'>, 'stateMachineArn'>;

const tagsOf = (tags: readonly Tag[]) => tags.map(({ Key: key, Value: value }) => ({ key, value }));

async function settingsOf(cloud: Cloud, properties: Properties): Promise<Settings> {
  const { TracingConfiguration } = properties as { TracingConfiguration?: { Enabled?: boolean } };
  return {
    definition: substituted(await definitionOf(cloud, properties), properties['DefinitionSubstitutions']),
    ...defined({ roleArn: text(properties, 'RoleArn') }),
    loggingConfiguration: loggingOf(properties),
    tracingConfiguration: { enabled: TracingConfiguration?.Enabled ?? false },
  };
}

async function definitionOf(cloud: Cloud, properties: Properties): Promise<string> {
  const {
    Definition,
    DefinitionString,
    DefinitionS3Location: location,
  } = properties as {
    Definition?: unknown;
    DefinitionString?: string;
    DefinitionS3Location?: { Bucket: string; Key: string; Version?: string };
  };
  const given = [Definition, DefinitionString, location].filter((value) => value !== undefined);
  if (given.length !== 1) {
    const names = 'DefinitionString, Definition, or DefinitionS3Location';
    throw new HandlerError('InvalidRequest', `Exactly one of ${names} must be specified.`);
  }
  if (DefinitionString !== undefined) return DefinitionString;
  if (location === undefined) return JSON.stringify(Definition);
  const { Bucket, Key, Version } = location;
  const { Body } = await cloud.call('s3', 'GetObject', {
    ...{ Bucket, Key },
    ...(Version === undefined ? {} : { VersionId: Version }),
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of Body as unknown as AsyncIterable<Uint8Array>) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html#cfn-stepfunctions-statemachine-definitionsubstitutions
function substituted(definition: string, substitutions: unknown): string {
  const values = (substitutions ?? {}) as Readonly<Record<string, unknown>>;
  // within a JSON string
  const inText = (value: unknown) => JSON.stringify(String(value)).slice(1, -1);
  return definition.replace(/\$\{([A-Za-z0-9_]+)\}/g, (found, name: string) =>
    Object.hasOwn(values, name) ? inText(values[name]) : found,
  );
}

function loggingOf(properties: Properties): Settings['loggingConfiguration'] {
  const { Level, IncludeExecutionData, Destinations } = (properties['LoggingConfiguration'] ?? {}) as {
    Level?: 'ALL';
    IncludeExecutionData?: boolean;
    Destinations?: readonly { CloudWatchLogsLogGroup?: { LogGroupArn?: string } }[];
  };
  const destinations = Destinations?.map(({ CloudWatchLogsLogGroup: group }) => ({
    cloudWatchLogsLogGroup: { logGroupArn: group?.LogGroupArn },
  }));
  return {
    level: Level ?? 'OFF',
    includeExecutionData: IncludeExecutionData ?? false,
    ...(destinations === undefined ? {} : { destinations }),
  };
}

async function described(cloud: Cloud, stateMachineArn: string): Promise<Provisioned> {
  const { name, revisionId } = await cloud.call('states', 'DescribeStateMachine', { stateMachineArn });
  return {
    physicalId: stateMachineArn,
    attributes: { Arn: stateMachineArn, Name: name, StateMachineRevisionId: revisionId ?? 'INITIAL' },
  };
}

async function updateTags(cloud: Cloud, resourceArn: string, before: Properties, after: Properties): Promise<void> {
  const { remove } = tagChanges(before, after);
  if (remove.length > 0) await cloud.call('states', 'UntagResource', { resourceArn, tagKeys: remove });
  const tags = tagsOf(tagList(after));
  if (tags.length > 0) await cloud.call('states', 'TagResource', { resourceArn, tags });
}

interface Routing {
  readonly StateMachineVersionArn?: string;
  readonly Weight?: number;
}

/** The routes of an alias. A deployment preference moves all traffic at once here. */
function routesOf({ RoutingConfiguration, DeploymentPreference }: Properties) {
  const preference = DeploymentPreference as { StateMachineVersionArn?: string; Type?: string } | undefined;
  if (preference !== undefined && preference.Type !== 'ALL_AT_ONCE') {
    const message = `DeploymentPreference of type ${preference.Type} is not implemented by the fx local AWS`;
    throw new HandlerError('InvalidRequest', message);
  }
  const routes =
    preference === undefined
      ? ((RoutingConfiguration ?? []) as readonly Routing[])
      : [{ StateMachineVersionArn: preference.StateMachineVersionArn, Weight: 100 }];
  return routes.map(({ StateMachineVersionArn, Weight }) => ({
    stateMachineVersionArn: StateMachineVersionArn,
    weight: Number(Weight),
  }));
}

export const stepFunctionsProviders: Providers = {
  'AWS::StepFunctions::Activity': {
    service: 'StepFunctions',
    properties: ['Name', 'Tags'],
    name: { property: 'Name', limit: 80 },
    async create({ cloud, name, properties }) {
      const { activityArn = '' } = await cloud.call('states', 'CreateActivity', {
        ...{ name, tags: tagsOf(tagList(properties)) },
      });
      return { physicalId: activityArn, attributes: { Arn: activityArn, Name: name } };
    },
    async update({ cloud, physicalId, before, after }) {
      await updateTags(cloud, physicalId, before, after);
      return { physicalId, attributes: { Arn: physicalId, Name: physicalId.split(':').at(-1) } };
    },
    async delete({ cloud, physicalId }) {
      await cloud.call('states', 'DeleteActivity', { activityArn: physicalId });
    },
  },
  'AWS::StepFunctions::StateMachine': {
    service: 'StepFunctions',
    properties: [
      ...['Definition', 'DefinitionS3Location', 'DefinitionString', 'DefinitionSubstitutions', 'LoggingConfiguration'],
      ...['RoleArn', 'StateMachineName', 'StateMachineType', 'Tags', 'TracingConfiguration'],
    ],
    name: { property: 'StateMachineName', limit: 80 },
    async create({ cloud, name, properties }) {
      const { stateMachineArn = '' } = await cloud.call('states', 'CreateStateMachine', {
        ...(await settingsOf(cloud, properties)),
        ...{ name, type: (text(properties, 'StateMachineType') ?? 'STANDARD') as 'STANDARD' },
        tags: tagsOf(tagList(properties)),
      } as Input<'states', 'CreateStateMachine'>);
      return described(cloud, stateMachineArn);
    },
    async update({ cloud, physicalId: stateMachineArn, before, after }) {
      await cloud.call('states', 'UpdateStateMachine', { stateMachineArn, ...(await settingsOf(cloud, after)) });
      await updateTags(cloud, stateMachineArn, before, after);
      return described(cloud, stateMachineArn);
    },
    async delete({ cloud, physicalId: stateMachineArn }) {
      await cloud.call('states', 'DeleteStateMachine', { stateMachineArn });
    },
  },
  'AWS::StepFunctions::StateMachineAlias': {
    service: 'StepFunctions',
    properties: ['DeploymentPreference', 'Description', 'Name', 'RoutingConfiguration'],
    name: { property: 'Name', limit: 80 },
    async create({ cloud, name, properties }) {
      const { stateMachineAliasArn = '' } = await cloud.call('states', 'CreateStateMachineAlias', {
        ...{ name, routingConfiguration: routesOf(properties) },
        ...defined({ description: text(properties, 'Description') }),
      } as Input<'states', 'CreateStateMachineAlias'>);
      return { physicalId: stateMachineAliasArn, attributes: { Arn: stateMachineAliasArn } };
    },
    async update({ cloud, physicalId: stateMachineAliasArn, after }) {
      await cloud.call('states', 'UpdateStateMachineAlias', {
        ...{ stateMachineAliasArn, description: text(after, 'Description') ?? '' },
        routingConfiguration: routesOf(after),
      } as Input<'states', 'UpdateStateMachineAlias'>);
      return { physicalId: stateMachineAliasArn, attributes: { Arn: stateMachineAliasArn } };
    },
    async delete({ cloud, physicalId: stateMachineAliasArn }) {
      await cloud.call('states', 'DeleteStateMachineAlias', { stateMachineAliasArn });
    },
  },
  'AWS::StepFunctions::StateMachineVersion': {
    service: 'StepFunctions',
    properties: ['Description', 'StateMachineArn', 'StateMachineRevisionId'],
    async create({ cloud, properties }) {
      const { stateMachineVersionArn = '' } = await cloud.call('states', 'PublishStateMachineVersion', {
        stateMachineArn: text(properties, 'StateMachineArn'),
        ...defined({
          description: text(properties, 'Description'),
          revisionId: text(properties, 'StateMachineRevisionId'),
        }),
      });
      return { physicalId: stateMachineVersionArn, attributes: { Arn: stateMachineVersionArn } };
    },
    async delete({ cloud, physicalId: stateMachineVersionArn }) {
      await cloud.call('states', 'DeleteStateMachineVersion', { stateMachineVersionArn });
    },
  },
};
